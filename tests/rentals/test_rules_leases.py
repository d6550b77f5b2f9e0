"""The rules of the steps of the rent, and of parkings and storages that are rented."""

from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

import pytest
from tests.rentals.judging import codes, completed, problems

from gerance.rentals.model.rules import RULES

TENANT = {
    "company_no": 3, "division_no": 1, "lease_start_date": date(2026, 7, 1), "departure_date": None,
}  # fmt: skip
LEAVING = {**TENANT, "departure_date": date(2027, 6, 30)}
STEP = {"tenant_id": 1, "effective_date": date(2027, 7, 1), "rent": Decimal(1020)}
APPLIED = {**STEP, "applied_at": datetime(2027, 7, 1, 4, tzinfo=UTC)}


def test_the_rent_does_not_change_before_the_lease() -> None:
    row = {**STEP, "effective_date": date(2026, 6, 30)}
    (problem,) = problems("LeasePriceChange", row, found={"tenant": TENANT})
    assert (problem.code, problem.target) == ("PriceChangeBeforeLease", "EffectiveDate")
    assert problem.message == ("EffectiveDate 2026-06-30 is before the lease starts on 2026-07-01.")
    row = {**STEP, "effective_date": date(2026, 7, 1)}
    assert problems("LeasePriceChange", row, found={"tenant": TENANT}) == []


def test_the_rent_does_not_change_after_the_departure() -> None:
    (problem,) = problems("LeasePriceChange", STEP, found={"tenant": LEAVING})
    assert (problem.code, problem.target) == ("PriceChangeAfterDeparture", "EffectiveDate")
    row = {**STEP, "effective_date": date(2027, 6, 30)}
    assert problems("LeasePriceChange", row, found={"tenant": LEAVING}) == []
    assert problems("LeasePriceChange", STEP, found={"tenant": TENANT}) == []


def test_a_rent_that_changes_is_not_negative() -> None:
    row = {**STEP, "rent": Decimal(-1)}
    told = codes("LeasePriceChange", row, found={"tenant": TENANT})
    assert told == [("NegativeRent", "Rent")]


@pytest.mark.parametrize(
    "changed",
    [{"rent": Decimal(1030)}, {"effective_date": date(2027, 8, 1)}, {"comment": "autre"}],
)
def test_a_step_that_was_applied_stays_as_it_is(changed: dict[str, Any]) -> None:
    (problem,) = problems("LeasePriceChange", changed, APPLIED, {"tenant": TENANT})
    assert (problem.code, problem.target) == ("PriceChangeApplied", "AppliedAt")
    assert "2027-07-01 at 04:00 UTC" in problem.message
    assert problems("LeasePriceChange", changed, STEP, {"tenant": TENANT}) == []


def test_a_step_that_was_applied_is_not_deleted() -> None:
    refuse = RULES["LeasePriceChange"].reject_delete
    assert [each.code for each in refuse(APPLIED)] == ["PriceChangeApplied"]
    assert list(refuse({**STEP, "applied_at": None})) == []


def rental(place: str, **more: Any) -> dict[str, Any]:
    return {
        "tenant_id": 1, f"{place.lower()}_id": 7, "start_date": date(2026, 12, 1),
        "end_date": date(2027, 11, 30), "amount": Decimal(60), **more,
    }  # fmt: skip


def rented(place: str, **more: Any) -> dict[str, Any]:
    kind = place.lower()
    known = {f"{kind}_code": "P01", "company_no": 3, "division_no": 1, "active": True}
    return {"tenant": TENANT, kind: {**known, **more}}


@pytest.mark.parametrize("place", ["Parking", "Storage"])
def test_a_place_that_is_not_active_is_not_rented(place: str) -> None:
    found = rented(place, active=False)
    (problem,) = problems(f"Tenant{place}", rental(place), found=found)
    assert (problem.code, problem.target) == (f"{place}Inactive", f"{place}Id")
    assert problem.message == f"{place} 'P01' is inactive and cannot be rented."
    assert problems(f"Tenant{place}", {"amount": Decimal(70)}, rental(place), found) == []


@pytest.mark.parametrize("place", ["Parking", "Storage"])
def test_a_place_is_rented_by_its_own_division(place: str) -> None:
    found = rented(place, division_no=2)
    (problem,) = problems(f"Tenant{place}", rental(place), found=found)
    assert (problem.code, problem.target) == (f"{place}Elsewhere", f"{place}Id")
    assert problem.message == f"{place} 'P01' is in division 3-2, the tenant in 3-1."
    assert problems(f"Tenant{place}", rental(place), found=rented(place)) == []


@pytest.mark.parametrize("place", ["Parking", "Storage"])
def test_a_place_is_not_paid_for_by_the_landlord(place: str) -> None:
    told = codes(f"Tenant{place}", rental(place, amount=Decimal(-1)), found=rented(place))
    assert told == [("NegativeRent", "Amount")]


@pytest.mark.parametrize("place", ["Parking", "Storage"])
def test_a_new_rental_knows_when_its_tenant_departs(place: str) -> None:
    found = {**rented(place), "tenant": LEAVING}
    whole = completed(f"Tenant{place}", rental(place), found=found)
    assert whole["tenant_departure"] == date(2027, 6, 30)
