"""The rules of divisions, buildings, units and what goes with them."""

from collections.abc import Iterator, Mapping
from typing import Any

from gerance.rentals.declare.checks import (
    countries,
    country_of,
    currencies,
    emails,
    not_negative,
    phones,
    start_to_end,
    within,
)
from gerance.rentals.declare.rules import Candidate, Problem, Reference, Rules, Slice
from gerance.rentals.property.entity import (
    BUILDING,
    HOUSING_TYPE,
    LEDGER_DIVISION,
    PARKING,
    STORAGE,
    TYPES,
    UNAVAILABLE_UNIT,
    UNIT,
)

_BUILDING_CODE = (
    ("company_no", "company_no"),
    ("division_no", "division_no"),
    ("building_code", "building_code"),
)
_PLACE = (("company_no", "company_no"), ("division_no", "division_no"))

DIVISION = Reference(
    name="division",
    to=LEDGER_DIVISION,
    by=_PLACE,
    columns=("currency",),
    missing=Problem("UnknownDivision", "There is no company and division {values}.", "DivisionNo"),
)
"""The division of what has a CompanyNo and a DivisionNo."""

BUILDING_OF = Reference(
    name="building",
    to=BUILDING,
    by=_BUILDING_CODE,
    columns=("id", "building_code", "country"),
    missing=Problem(
        "UnknownBuilding",
        "There is no building with the company, division and code {values}.",
        "BuildingCode",
    ),
)
"""The building of what has a BuildingCode."""

OWN_BUILDING = Reference(
    name="building",
    to=BUILDING,
    by=_BUILDING_CODE,
    fills=(("building_id", "id"),),
    columns=("id", "building_code", "country"),
    missing=BUILDING_OF.missing,
)

_HOUSING_TYPE = Reference(
    name="housing_type",
    to=HOUSING_TYPE,
    by=(("housing_type", "code"),),
    columns=("code",),
    missing=Problem("UnknownHousingType", "There is no housing type {values}.", "HousingType"),
)

_UNIT = Reference(
    name="unit",
    to=UNIT,
    by=(("unit_id", "id"),),
    fills=_PLACE,
    missing=Problem("UnknownUnit", "There is no unit {values}.", "UnitId"),
)


def _check_division(candidate: Candidate) -> Iterator[Problem]:
    yield from currencies(candidate)
    yield from within(candidate, "fiscal_year_start_month", "FiscalYearStartMonth", 1, 12)


def _check_building(candidate: Candidate) -> Iterator[Problem]:
    division = candidate.references.get("division") or {}
    country = candidate.row.get("country") or country_of(division.get("currency"))
    yield from countries(candidate)
    yield from emails(candidate)
    yield from phones(candidate, country)
    yield from not_negative(candidate, "number_of_floors", "NegativeNumber", "NumberOfFloors")
    yield from not_negative(
        candidate, "municipal_evaluation", "NegativeAmount", "MunicipalEvaluation"
    )
    yield from within(candidate, "construction_year", "ConstructionYear", 1000, 2999)
    yield from within(candidate, "latitude", "Latitude", -90, 90)
    yield from within(candidate, "longitude", "Longitude", -180, 180)


def _complete_unit(candidate: Candidate) -> Mapping[str, Any]:
    """The housing type's code as it is written there."""
    housing_type = candidate.references.get("housing_type")
    return {} if housing_type is None else {"housing_type": housing_type["code"]}


def _check_unit(candidate: Candidate) -> Iterator[Problem]:
    yield from not_negative(candidate, "number_of_rooms", "NegativeNumber", "NumberOfRooms")
    yield from not_negative(candidate, "area", "NegativeArea", "Area")
    yield from not_negative(candidate, "base_rent", "NegativeRent", "BaseRent")


def _check_parking(candidate: Candidate) -> Iterator[Problem]:
    return not_negative(candidate, "amount", "NegativeRent", "Amount")


def _check_storage(candidate: Candidate) -> Iterator[Problem]:
    yield from not_negative(candidate, "area", "NegativeArea", "Area")
    yield from not_negative(candidate, "amount", "NegativeRent", "Amount")


def _duplicate_code(code: str, what: str, target: str, *, building: bool = True) -> Problem:
    """Another of the same kind has the code of the property `target`."""
    column = "".join(f"_{each.lower()}" if each.isupper() else each for each in target)[1:]
    place = "building {building_code} of " if building else ""
    message = (
        f"{place}company {{company_no}}, division {{division_no}} already has a {what}"
        f" '{{{column}}}'."
    )
    return Problem(code, message[0].upper() + message[1:], target)


_HOUSING_TYPE_TAKEN = Problem("HousingTypeTaken", "A housing type '{code}' already exists.", "Code")


def _place_rules(entity: Any, kind: str, check: Any) -> Rules:
    """The rules of parkings, or of storages."""
    code = f"{kind}_code"
    return Rules(
        entity=entity,
        references=(DIVISION, OWN_BUILDING),
        fixed=("company_no", "division_no", "building_code"),
        check=check,
        constraints={code: _duplicate_code(f"{entity.name}CodeTaken", kind, f"{entity.name}Code")},
    )


_RULES = (
    Rules(
        entity=LEDGER_DIVISION,
        fixed=("company_no", "division_no"),
        check=_check_division,
        constraints={
            "ledger_division_company_no_division_no_key": Problem(
                "DivisionTaken",
                "Company {company_no} already has a division {division_no}.",
                "DivisionNo",
            )
        },
    ),
    Rules(
        entity=BUILDING,
        references=(DIVISION,),
        fixed=("company_no", "division_no", "building_code"),
        check=_check_building,
        constraints={
            "building_code": _duplicate_code(
                "BuildingCodeTaken", "building", "BuildingCode", building=False
            )
        },
    ),
    Rules(
        entity=HOUSING_TYPE,
        fixed=("code",),
        constraints={
            "housing_type_pkey": _HOUSING_TYPE_TAKEN,
            "housing_type_code": _HOUSING_TYPE_TAKEN,
        },
    ),
    Rules(
        entity=UNIT,
        references=(DIVISION, OWN_BUILDING, _HOUSING_TYPE),
        fixed=("company_no", "division_no", "building_code", "unit_code"),
        check=_check_unit,
        complete=_complete_unit,
        constraints={"unit_code": _duplicate_code("UnitCodeTaken", "unit", "UnitCode")},
    ),
    Rules(entity=UNAVAILABLE_UNIT, references=(_UNIT,), check=start_to_end),
    _place_rules(PARKING, "parking", _check_parking),
    _place_rules(STORAGE, "storage", _check_storage),
)

SLICE = Slice(TYPES, _RULES)
