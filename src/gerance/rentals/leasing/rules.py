"""The rules of tenants and their leases, of the steps of the rent, and of parkings and storages
that are rented (reference/002, Q6, Q9 and Q13)."""

from collections.abc import Iterator, Mapping
from dataclasses import replace
from datetime import UTC
from typing import Any

from gerance.kernel.odata.edm import EntityType
from gerance.rentals.declare.checks import changes, not_negative, start_to_end
from gerance.rentals.declare.rules import Candidate, Problem, Reference, Row, Rules, Slice
from gerance.rentals.leasing.entity import (
    LEASE_PRICE_CHANGE,
    TENANT,
    TENANT_PARKING,
    TENANT_STORAGE,
    TYPES,
)
from gerance.rentals.leasing.tenant_rules import TENANT_RULES
from gerance.rentals.property.entity import PARKING, STORAGE

TENANT_OF = Reference(
    name="tenant",
    to=TENANT,
    by=(("tenant_id", "id"),),
    fills=(("company_no", "company_no"), ("division_no", "division_no")),
    columns=("company_no", "division_no", "lease_start_date", "departure_date"),
    missing=Problem("UnknownTenant", "There is no tenant {values}.", "TenantId"),
)
"""The tenant of what has a TenantId; what is a tenant's belongs to its division."""

_TENANT_THAT_STAYS = replace(TENANT_OF, lock="SHARE")
"""Its departure stays what it is while a rental that ends with it is written."""

_TENANT_THAT_CHANGES = replace(TENANT_OF, lock="NO KEY UPDATE")
"""Its CurrentRent follows from the steps of its rent."""


def _check_step(candidate: Candidate) -> Iterator[Problem]:
    day, before = candidate.row.get("effective_date"), candidate.before
    tenant = candidate.references.get("tenant")
    if before is not None and before["applied_at"] is not None:
        if changes(candidate, "effective_date", "rent", "comment"):
            yield _applied_problem(before)
    elif day is not None and tenant is not None and not _applies(candidate):
        start, departure = tenant["lease_start_date"], tenant["departure_date"]
        if day < start:
            message = f"EffectiveDate {day} is before the lease starts on {start}."
            yield Problem("PriceChangeBeforeLease", message, "EffectiveDate")
        if departure is not None and day > departure:
            message = f"EffectiveDate {day} is after the tenant's departure on {departure}."
            yield Problem("PriceChangeAfterDeparture", message, "EffectiveDate")
    yield from not_negative(candidate, "rent", "NegativeRent", "Rent")


def _applies(candidate: Candidate) -> bool:
    """Whether the billing run applies a step that was valid when it was written."""
    return candidate.before is not None and changes(candidate, "applied_at")


def _reject_step_delete(row: Row) -> Iterator[Problem]:
    if row["applied_at"] is not None:
        yield _applied_problem(row)


def _applied_problem(step: Row) -> Problem:
    moment = step["applied_at"].astimezone(UTC)
    return Problem(
        "PriceChangeApplied",
        f"The price change of {step['effective_date']} was applied on {moment:%Y-%m-%d at %H:%M}"
        " UTC and stays as it is.",
        "AppliedAt",
    )


def _rental_rules(entity: EntityType, place: EntityType) -> Rules:
    """The rules of the rental of a parking or storage.

    Its column `tenant_departure` has the tenant's DepartureDate; from it follows `occupied_until`,
    the last day on which the place stays the tenant's.
    """
    name, kind = place.name, place.name.lower()

    def check(candidate: Candidate) -> Iterator[Problem]:
        yield from start_to_end(candidate)
        yield from not_negative(candidate, "amount", "NegativeRent", "Amount")
        rented, tenant = candidate.references.get(kind), candidate.references.get("tenant")
        if rented is None or not changes(candidate, "tenant_id", f"{kind}_id"):
            return
        label = f"{name} {rented[f'{kind}_code'].strip()!r}"
        if not rented["active"]:
            message = f"{label} is inactive and cannot be rented."
            yield Problem(f"{name}Inactive", message, f"{name}Id")
        if tenant is not None and _division(rented) != _division(tenant):
            message = (
                f"{label} is in division {_division(rented)}, the tenant in {_division(tenant)}."
            )
            yield Problem(f"{name}Elsewhere", message, f"{name}Id")

    reference = Reference(
        name=kind,
        to=place,
        by=((f"{kind}_id", "id"),),
        columns=(f"{kind}_code", "company_no", "division_no", "active"),
        lock="NO KEY UPDATE",
        missing=Problem(f"Unknown{name}", f"There is no {kind} {{values}}.", f"{name}Id"),
    )

    def complete(candidate: Candidate) -> Mapping[str, Any]:
        tenant = candidate.references.get("tenant")
        if candidate.before is not None or tenant is None:
            return {}
        return {"tenant_departure": tenant["departure_date"]}

    return Rules(
        entity=entity,
        references=(_TENANT_THAT_STAYS, reference),
        fixed=("tenant_id",),
        check=check,
        complete=complete,
        constraints={
            f"tenant_{kind}_once": Problem(
                f"{name}AlreadyRented",
                f"{name} {{{kind}_id}} is rented already on a day from {{start_date}} on. A rental"
                " that is renewable keeps it, past its EndDate, until its tenant has a"
                " DepartureDate.",
                f"{name}Id",
            )
        },
    )


def _division(row: Row) -> str:
    return f"{row['company_no']}-{row['division_no']}"


_RULES = (
    TENANT_RULES,
    Rules(
        entity=LEASE_PRICE_CHANGE,
        references=(_TENANT_THAT_CHANGES,),
        fixed=("tenant_id",),
        check=_check_step,
        reject_delete=_reject_step_delete,
        constraints={
            "lease_price_change_date": Problem(
                "PriceChangeTwice",
                "Tenant {tenant_id} already has a price change on {effective_date}.",
                "EffectiveDate",
            )
        },
    ),
    _rental_rules(TENANT_PARKING, PARKING),
    _rental_rules(TENANT_STORAGE, STORAGE),
)

SLICE = Slice(TYPES, _RULES)
