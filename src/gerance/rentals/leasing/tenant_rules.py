"""The rules of tenants: their unit, the dates of the lease, how they are reached."""

from collections.abc import Iterator, Mapping
from typing import Any

from gerance.rentals.declare.checks import (
    changes,
    country_of,
    emails,
    in_order,
    not_negative,
    phones,
    same_code,
)
from gerance.rentals.declare.rules import (
    Candidate,
    Cascade,
    Numbering,
    Problem,
    Reference,
    Row,
    Rules,
)
from gerance.rentals.leasing.entity import TENANT, TENANT_TYPES
from gerance.rentals.property.entity import UNIT
from gerance.rentals.property.rules import BUILDING_OF, DIVISION

_UNIT_COLUMNS = ("id", "company_no", "division_no", "building_code", "unit_code", "active")

_BY_CODE = Reference(
    name="unit_by_code",
    to=UNIT,
    by=(*BUILDING_OF.by, ("unit_code", "unit_code")),
    columns=_UNIT_COLUMNS,
    lock="NO KEY UPDATE",
    missing=Problem(
        "UnknownUnit",
        "There is no unit with the company, division, building and code {values}.",
        "UnitCode",
    ),
)

_BY_ID = Reference(
    name="unit_by_id",
    to=UNIT,
    by=(("unit_id", "id"),),
    columns=_UNIT_COLUMNS,
    lock="NO KEY UPDATE",
    missing=Problem("UnknownUnit", "There is no unit {values}.", "UnitId"),
)


def _complete(candidate: Candidate) -> Mapping[str, Any]:
    """The unit by its Id and by its codes, whichever was given; a lease is renewable unless it is
    said not to be."""
    row, values = candidate.row, dict[str, Any]()
    if row.get("lease_renewable") is None:
        values["lease_renewable"] = True
    if not changes(candidate, "unit_id", "building_code", "unit_code"):
        return values
    if _cleared(candidate, "unit_id") and not _writes_any(candidate, "building_code", "unit_code"):
        return values | {"building_code": None, "unit_code": None}
    if _cleared(candidate, "unit_code") and not _writes_any(candidate, "unit_id"):
        return values | {"unit_id": None}
    leading = _leading(candidate)
    unit = candidate.references.get(leading)
    if unit is not None:
        values["unit_id"] = unit["id"]
        for column in ("building_code", "unit_code"):
            if leading == "unit_by_code" or not _says_else(candidate, column, unit):
                values[column] = unit[column]
    return values


def _cleared(candidate: Candidate, column: str) -> bool:
    """Whether a column had a value that it is to lose."""
    before = candidate.before
    return before is not None and before[column] is not None and candidate.row[column] is None


def _writes_any(candidate: Candidate, *columns: str) -> bool:
    """Whether one of these columns is written: it has a value, and another than before."""
    before = candidate.before or {}
    return any(
        candidate.row.get(each) is not None and candidate.row.get(each) != before.get(each)
        for each in columns
    )


def _leading(candidate: Candidate) -> str:
    """By which reference the unit is found: by its Id if that is given, else by its codes."""
    if _writes_any(candidate, "unit_id"):
        return "unit_by_id"
    return "unit_by_code"


def _says_else(candidate: Candidate, column: str, unit: Row) -> bool:
    """Whether a code is given that is not the one of the unit."""
    return _writes_any(candidate, column) and not same_code(candidate.row[column], unit[column])


def _check(candidate: Candidate) -> Iterator[Problem]:
    start, row = ("lease_start_date", "LeaseStartDate"), candidate.row
    yield from in_order(candidate, start, ("lease_end_date", "LeaseEndDate"), "LeaseEndBeforeStart")
    yield from in_order(
        candidate, start, ("departure_date", "DepartureDate"), "DepartureBeforeLease"
    )
    yield from not_negative(candidate, "rent", "NegativeRent", "Rent")
    yield from _check_unit(candidate, row)
    yield from emails(candidate)
    division, building = (candidate.references.get(each) or {} for each in ("division", "building"))
    country = building.get("country") or country_of(division.get("currency"))
    numbers = (("phone", "Phone"), ("mobile_phone", "MobilePhone"))
    yield from phones(candidate, country, numbers)


def _check_unit(candidate: Candidate, row: Row) -> Iterator[Problem]:
    kind = row.get("tenant_type")
    if row.get("unit_id") is None:
        coded = row.get("building_code") is not None and row.get("unit_code") is not None
        if kind in ("D", "C") and not coded:
            message = f"A tenant of type {kind} ({TENANT_TYPES[kind]}) needs a unit."
            yield Problem("UnitRequired", message, "UnitId")
        return
    if not changes(candidate, "unit_id", "building_code", "unit_code"):
        return
    units = (candidate.references.get(each) for each in ("unit_by_id", "unit_by_code"))
    unit = next((each for each in units if each and each["id"] == row["unit_id"]), None)
    if unit is None:
        return
    label = f"{unit['building_code'].strip()} {unit['unit_code'].strip()}".strip()
    if (unit["company_no"], unit["division_no"]) != (row["company_no"], row["division_no"]):
        place = f"{unit['company_no']}-{unit['division_no']}"
        message = (
            f"Unit {unit['id']} ({label}) is in division {place}, the tenant in"
            f" {row['company_no']}-{row['division_no']}."
        )
        yield Problem("UnitElsewhere", message, "UnitId")
    for column, target in (("building_code", "BuildingCode"), ("unit_code", "UnitCode")):
        if not same_code(row.get(column), unit[column]):
            message = (
                f"{target} {(row.get(column) or '').strip()!r} is not that of unit {unit['id']},"
                f" which is {label}."
            )
            yield Problem("UnitMismatch", message, target)
    if not unit["active"]:
        message = f"Unit {label} is inactive and cannot be let."
        yield Problem("UnitInactive", message, "UnitId")


def _copy_departure(table: str) -> Cascade:
    """The rentals of a tenant end with its departure."""
    return Cascade(
        ("departure_date",),
        f"UPDATE {table} r SET tenant_departure = t.departure_date FROM rentals.tenant t"
        " WHERE t.id = ANY(%(ids)s) AND r.tenant_id = t.id"
        " AND r.tenant_departure IS DISTINCT FROM t.departure_date",
    )


def _rented_since(place: str) -> Problem:
    """A rental of the tenant would last longer, where another has begun."""
    return Problem(
        f"{place}AlreadyRented",
        f"A {place.lower()} of this tenant is rented to another tenant after the departure.",
        "DepartureDate",
    )


TENANT_RULES = Rules(
    entity=TENANT,
    references=(DIVISION, BUILDING_OF, _BY_CODE, _BY_ID),
    fixed=("company_no", "division_no"),
    ways=(("unit_id",), ("building_code", "unit_code")),
    check=_check,
    complete=_complete,
    numbering=Numbering(column="tenant_no", per=("company_no", "division_no")),
    constraints={
        "tenant_unit_once": Problem(
            "UnitAlreadyLeased",
            "Unit {unit_id} ({building_code} {unit_code}) is leased to another tenant on a day from"
            " {lease_start_date} on. A renewable lease has no end until its tenant has a"
            " DepartureDate.",
            "UnitId",
        ),
        "tenant_parking_once": _rented_since("Parking"),
        "tenant_storage_once": _rented_since("Storage"),
    },
    cascades=tuple(_copy_departure(f"rentals.tenant_{place}") for place in ("parking", "storage")),
)
