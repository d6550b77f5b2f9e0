"""The rules of service calls and the works that are done for them."""

from collections.abc import Iterator, Mapping
from typing import Any

from gerance.rentals.declare.checks import changes, not_negative, within
from gerance.rentals.declare.rules import Candidate, Numbering, Problem, Reference, Rules, Slice
from gerance.rentals.leasing.entity import TENANT
from gerance.rentals.maintenance.entity import (
    CLOSED_STATUSES,
    SERVICE_CALL,
    SERVICE_CALL_DETAIL,
    TYPES,
)
from gerance.rentals.property.entity import UNIT
from gerance.rentals.property.rules import DIVISION, OWN_BUILDING
from gerance.rentals.purchasing.rules import SUPPLIER_OF

_UNIT = Reference(
    name="unit",
    to=UNIT,
    by=(("unit_id", "id"),),
    columns=("building_id", "building_code"),
    missing=Problem("UnknownUnit", "There is no unit {values}.", "UnitId"),
)

_TENANT = Reference(
    name="tenant",
    to=TENANT,
    by=(("tenant_id", "id"),),
    columns=("company_no", "division_no"),
    missing=Problem("UnknownTenant", "There is no tenant {values}.", "TenantId"),
)

_CALL = Reference(
    name="service_call",
    to=SERVICE_CALL,
    by=(("service_call_id", "id"),),
    fills=(("company_no", "company_no"), ("division_no", "division_no")),
    missing=Problem("UnknownServiceCall", "There is no service call {values}.", "ServiceCallId"),
)


def _complete_call(candidate: Candidate) -> Mapping[str, Any]:
    """ClosedAt is the moment at which the call was done or cancelled, null while it is open.

    A reaction gives the moment at which the ticket was closed.
    """
    if candidate.row.get("status") not in CLOSED_STATUSES:
        return {"closed_at": None}
    before = candidate.before
    if before is not None and (
        before["status"] in CLOSED_STATUSES or changes(candidate, "closed_at")
    ):
        return {}
    return {"closed_at": candidate.now}


def _check_call(candidate: Candidate) -> Iterator[Problem]:
    row, references = candidate.row, candidate.references
    yield from within(candidate, "priority", "Priority", 1, 4)
    building, unit, tenant = (references.get(each) for each in ("building", "unit", "tenant"))
    if building is not None and unit is not None and unit["building_id"] != building["id"]:
        message = (
            f"Unit {row['unit_id']} is in building {unit['building_code'].strip()!r}, the call in"
            f" {row['building_code'].strip()!r}."
        )
        yield Problem("UnitElsewhere", message, "UnitId")
    place = (row.get("company_no"), row.get("division_no"))
    if tenant is not None and (tenant["company_no"], tenant["division_no"]) != place:
        message = (
            f"Tenant {row['tenant_id']} is in division"
            f" {tenant['company_no']}-{tenant['division_no']}, the call in {place[0]}-{place[1]}."
        )
        yield Problem("TenantElsewhere", message, "TenantId")


def _check_detail(candidate: Candidate) -> Iterator[Problem]:
    return not_negative(candidate, "hours", "NegativeHours", "Hours")


_RULES = (
    Rules(
        entity=SERVICE_CALL,
        references=(DIVISION, OWN_BUILDING, _UNIT, _TENANT, SUPPLIER_OF),
        fixed=("company_no", "division_no"),
        check=_check_call,
        complete=_complete_call,
        numbering=Numbering(column="call_no", per=("company_no", "division_no")),
        details={"ServiceCallDetails": None},
    ),
    Rules(
        entity=SERVICE_CALL_DETAIL,
        references=(_CALL,),
        fixed=("service_call_id",),
        check=_check_detail,
        numbering=Numbering(column="line_no", per=("service_call_id",)),
    ),
)

SLICE = Slice(TYPES, _RULES)
