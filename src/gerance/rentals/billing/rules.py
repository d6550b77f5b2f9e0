"""The rules of services, of what tenants have of them, and of what clients may add to accounts.

A rebate is a TenantService with a negative amount over a range of dates (reference/002, Q10).
"""

from collections.abc import Iterator

from gerance.rentals.billing.entity import (
    SERVICE,
    TENANT_SERVICE,
    TRANSACTION,
    TRANSACTION_KINDS,
    TYPES,
)
from gerance.rentals.declare.checks import start_to_end
from gerance.rentals.declare.rules import Candidate, Problem, Reference, Rules, Slice
from gerance.rentals.leasing.rules import TENANT_OF

_SERVICE = Reference(
    name="service",
    to=SERVICE,
    by=(("service_id", "id"),),
    missing=Problem("UnknownService", "There is no service {values}.", "ServiceId"),
)


def _check_transaction(candidate: Candidate) -> Iterator[Problem]:
    kind, amount = candidate.row.get("kind"), candidate.row.get("amount")
    if kind not in (None, "P", "A"):
        message = (
            f"Kind {kind} ({TRANSACTION_KINDS[kind]}) is created by the billing run only; clients"
            " create P (payment) and A (adjustment)."
        )
        yield Problem("ChargesAreBilled", message, "Kind")
    if kind == "P" and amount is not None and amount >= 0:
        message = f"Amount {amount} must be negative, because Kind is P (payment)."
        yield Problem("PaymentNotNegative", message, "Amount")


_RULES = (
    Rules(
        entity=SERVICE,
        constraints={
            "service_code": Problem(
                "ServiceCodeTaken", "A service '{service_code}' already exists.", "ServiceCode"
            )
        },
    ),
    Rules(
        entity=TENANT_SERVICE,
        references=(TENANT_OF, _SERVICE),
        fixed=("tenant_id",),
        check=start_to_end,
    ),
    Rules(entity=TRANSACTION, references=(TENANT_OF,), check_client=_check_transaction),
)

SLICE = Slice(TYPES, _RULES)
