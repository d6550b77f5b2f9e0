"""The rules of tenants: their unit, and the dates of the lease."""

from datetime import date
from decimal import Decimal
from typing import Any

import pytest
from tests.rentals.judging import codes, completed, problems

UNIT = {
    "id": 1448, "company_no": 3, "division_no": 1, "building_code": "1000PINS ", "unit_code": " 1",
    "active": True,
}  # fmt: skip
OTHER = {**UNIT, "id": 2731, "unit_code": " 2"}
PLACE = {"company_no": 3, "division_no": 1}
CODES = {"building_code": "1000PINS", "unit_code": " 1"}
ROW = {
    **PLACE, "tenant_type": "D", "last_name": "Roy", "rent": Decimal(900),
    "lease_start_date": date(2026, 12, 1), "lease_end_date": date(2027, 11, 30),
}  # fmt: skip
WRITTEN = {
    **ROW, "unit_id": 1448, "building_code": "1000PINS ", "unit_code": " 1",
    "lease_renewable": True,
}  # fmt: skip


def place(row: dict[str, Any]) -> tuple[Any, ...]:
    return row["unit_id"], row["building_code"], row["unit_code"]


def test_a_lease_does_not_end_before_it_starts() -> None:
    row = {**WRITTEN, "lease_end_date": date(2026, 11, 30)}
    (problem,) = problems("Tenant", row, found={"unit_by_id": UNIT})
    assert (problem.code, problem.target) == ("LeaseEndBeforeStart", "LeaseEndDate")
    assert problem.message == "LeaseEndDate 2026-11-30 is before LeaseStartDate 2026-12-01."


def test_a_lease_may_be_for_one_day() -> None:
    row = {**WRITTEN, "lease_end_date": WRITTEN["lease_start_date"]}
    assert codes("Tenant", row, found={"unit_by_id": UNIT}) == []


def test_nobody_departs_before_the_lease() -> None:
    gone = {"departure_date": date(2026, 11, 30)}
    assert codes("Tenant", gone, WRITTEN) == [("DepartureBeforeLease", "DepartureDate")]
    assert codes("Tenant", {"departure_date": date(2026, 12, 1)}, WRITTEN) == []


def test_a_rent_is_not_negative() -> None:
    assert codes("Tenant", {"rent": Decimal("-0.01")}, WRITTEN) == [("NegativeRent", "Rent")]


def test_a_lease_is_renewable_unless_it_is_said_not_to_be() -> None:
    assert completed("Tenant", ROW)["lease_renewable"] is True
    assert completed("Tenant", {**ROW, "lease_renewable": False})["lease_renewable"] is False


@pytest.mark.parametrize("kind", ["D", "C"])
def test_who_rents_a_unit_has_one(kind: str) -> None:
    row = {**ROW, "tenant_type": kind}
    assert codes("Tenant", row) == [("UnitRequired", "UnitId")]
    assert codes("Tenant", {**row, "building_code": "1000PINS"}) == [("UnitRequired", "UnitId")]
    assert codes("Tenant", {**row, "unit_id": 1448}, found={"unit_by_id": UNIT}) == []
    assert codes("Tenant", {**row, **CODES}, found={"unit_by_code": UNIT}) == []


@pytest.mark.parametrize("kind", ["P", "S"])
def test_who_rents_a_parking_or_storage_needs_none(kind: str) -> None:
    row = {**ROW, "tenant_type": kind}
    assert codes("Tenant", row) == []
    assert codes("Tenant", {**row, "building_code": "1000PINS"}) == []


def test_a_unit_is_known_by_its_codes_or_by_its_id() -> None:
    by_code = completed("Tenant", {**ROW, **CODES}, found={"unit_by_code": UNIT})
    by_id = completed("Tenant", {**ROW, "unit_id": 1448}, found={"unit_by_id": UNIT})
    assert place(by_code) == place(by_id) == (1448, "1000PINS ", " 1")


def test_id_and_codes_of_a_unit_agree() -> None:
    found = {"unit_by_id": UNIT, "unit_by_code": OTHER}
    row = {**ROW, "unit_id": 1448, "building_code": "1000PINS", "unit_code": " 2"}
    (problem,) = problems("Tenant", row, found=found)
    assert (problem.code, problem.target) == ("UnitMismatch", "UnitCode")
    assert problem.message == "UnitCode '2' is not that of unit 1448, which is 1000PINS 1."
    assert codes("Tenant", {**row, "unit_code": " 1  "}, found=found) == []


def test_a_tenant_moves_by_either() -> None:
    found = {"unit_by_id": OTHER, "unit_by_code": UNIT}
    assert place(completed("Tenant", {"unit_id": 2731}, WRITTEN, found)) == (
        2731, "1000PINS ", " 2",
    )  # fmt: skip
    assert codes("Tenant", {"unit_id": 2731}, WRITTEN, found) == []
    found = {"unit_by_id": UNIT, "unit_by_code": OTHER}
    assert place(completed("Tenant", {"unit_code": " 2"}, WRITTEN, found)) == (
        2731, "1000PINS ", " 2",
    )  # fmt: skip
    assert codes("Tenant", {"unit_code": " 2"}, WRITTEN, found) == []


@pytest.mark.parametrize("column", ["unit_id", "unit_code"])
def test_who_gives_the_unit_up_has_none(column: str) -> None:
    found = {"unit_by_id": UNIT, "unit_by_code": UNIT}
    parking_only = {"tenant_type": "P", column: None}
    whole = completed("Tenant", parking_only, WRITTEN, found)
    assert (whole["unit_id"], whole["unit_code"]) == (None, None)
    assert codes("Tenant", parking_only, WRITTEN, found) == []
    assert codes("Tenant", {column: None}, WRITTEN, found) == [("UnitRequired", "UnitId")]


def test_a_unit_is_let_by_its_own_division() -> None:
    elsewhere = {**UNIT, "division_no": 2}
    row = {**ROW, "unit_id": 1448}
    (problem,) = problems("Tenant", row, found={"unit_by_id": elsewhere})
    assert (problem.code, problem.target) == ("UnitElsewhere", "UnitId")
    assert problem.message == "Unit 1448 (1000PINS 1) is in division 3-2, the tenant in 3-1."


def test_a_unit_that_is_not_active_is_not_let() -> None:
    closed = {**UNIT, "active": False}
    row = {**ROW, "unit_id": 1448}
    assert codes("Tenant", row, found={"unit_by_id": closed}) == [("UnitInactive", "UnitId")]


def test_who_lives_in_a_unit_that_became_inactive_may_be_written() -> None:
    closed = {**UNIT, "active": False}
    found = {"unit_by_id": closed, "unit_by_code": closed}
    assert codes("Tenant", {"phone": "418 555-0101"}, WRITTEN, found) == []


def test_all_that_is_wrong_is_said_at_once() -> None:
    row = {
        **ROW, "rent": Decimal(-1), "email": "x", "lease_end_date": date(2026, 1, 1),
        "departure_date": date(2026, 1, 1),
    }  # fmt: skip
    assert {code for code, _ in codes("Tenant", row)} == {
        "LeaseEndBeforeStart", "DepartureBeforeLease", "NegativeRent", "UnitRequired",
        "InvalidEmail",
    }  # fmt: skip
