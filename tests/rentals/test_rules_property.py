"""The rules of divisions, buildings, units, and of what goes with them."""

from datetime import date
from decimal import Decimal
from typing import Any

import pytest
from tests.rentals.judging import codes, completed, problems

from gerance.rentals.model.rules import RULES


@pytest.mark.parametrize(
    ("name", "column", "value", "code", "target"),
    [
        ("Building", "number_of_floors", -1, "NegativeNumber", "NumberOfFloors"),
        ("Building", "municipal_evaluation", Decimal(-1), "NegativeAmount", "MunicipalEvaluation"),
        ("Unit", "number_of_rooms", Decimal("-0.5"), "NegativeNumber", "NumberOfRooms"),
        ("Unit", "area", Decimal("-0.01"), "NegativeArea", "Area"),
        ("Unit", "base_rent", Decimal("-0.01"), "NegativeRent", "BaseRent"),
        ("Parking", "amount", Decimal(-1), "NegativeRent", "Amount"),
        ("Storage", "amount", Decimal(-1), "NegativeRent", "Amount"),
        ("Storage", "area", Decimal(-1), "NegativeArea", "Area"),
    ],
)
def test_what_cannot_be_negative_is_refused_below_zero(
    name: str, column: str, value: Any, code: str, target: str
) -> None:
    (problem,) = problems(name, {column: value})
    assert (problem.code, problem.target) == (code, target)
    assert problem.message == f"{target} must not be negative (got {value})."
    assert problems(name, {column: value * 0}) == []
    assert problems(name, {column: -value}) == []


@pytest.mark.parametrize(
    ("name", "column", "outside", "inside", "target"),
    [
        ("LedgerDivision", "fiscal_year_start_month", (0, 13), (1, 12), "FiscalYearStartMonth"),
        ("Building", "latitude", (-90.1, 91.0), (-90.0, 46.8), "Latitude"),
        ("Building", "longitude", (-181.0, 180.5), (-71.2, 180.0), "Longitude"),
        ("Building", "construction_year", (0, 20260), (1608, 2026), "ConstructionYear"),
        ("ServiceCall", "priority", (0, 5), (1, 4), "Priority"),
    ],
)
def test_what_has_a_range_is_refused_outside(
    name: str, column: str, outside: tuple[Any, ...], inside: tuple[Any, ...], target: str
) -> None:
    for value in outside:
        assert codes(name, {column: value}) == [("OutOfRange", target)]
    for value in inside:
        assert codes(name, {column: value}) == []


@pytest.mark.parametrize(
    "name", ["UnavailableUnit", "TenantService", "TenantParking", "TenantStorage"]
)
def test_no_time_ends_before_it_starts(name: str) -> None:
    row = {"start_date": date(2026, 12, 2), "end_date": date(2026, 12, 1)}
    (problem,) = problems(name, row)
    assert (problem.code, problem.target) == ("EndBeforeStart", "EndDate")
    assert problem.message == "EndDate 2026-12-01 is before StartDate 2026-12-02."
    assert problems(name, {**row, "end_date": row["start_date"]}) == []
    assert problems(name, {**row, "end_date": None}) == []


def test_a_unit_has_the_code_of_its_housing_type_as_it_is_written_there() -> None:
    row = {"housing_type": "4½"}
    found = {"housing_type": {"code": "4½ "}}
    assert completed("Unit", row, found=found)["housing_type"] == "4½ "


@pytest.mark.parametrize(
    ("name", "columns"),
    [
        ("LedgerDivision", {"company_no", "division_no"}),
        ("Building", {"company_no", "division_no", "building_code"}),
        ("HousingType", {"code"}),
        ("Unit", {"company_no", "division_no", "building_code", "unit_code"}),
        ("Parking", {"company_no", "division_no", "building_code"}),
        ("Storage", {"company_no", "division_no", "building_code"}),
        ("Tenant", {"company_no", "division_no"}),
        ("LeasePriceChange", {"tenant_id"}),
        ("TenantParking", {"tenant_id"}),
        ("TenantStorage", {"tenant_id"}),
        ("TenantService", {"tenant_id"}),
        ("ServiceCall", {"company_no", "division_no"}),
        ("ServiceCallDetail", {"service_call_id"}),
        ("Document", {"tenant_id"}),
    ],
)
def test_what_others_stand_on_is_fixed(name: str, columns: set[str]) -> None:
    assert set(RULES[name].fixed) == columns
