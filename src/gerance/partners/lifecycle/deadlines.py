"""What becomes due with time: the start of billing, the end of offers and of contracts."""

from datetime import date
from typing import Any

import msgspec

from gerance.kernel.months import add_months
from gerance.kernel.wire import DateTime, SafeUUID
from gerance.partners.lifecycle.events import (
    Approval,
    BillingStarted,
    By,
    ContractTerminated,
    PartnerCustomerEvent,
)
from gerance.partners.lifecycle.evolve import evolve
from gerance.partners.lifecycle.state import Customer


class Stamp(msgspec.Struct, frozen=True, kw_only=True):
    """The context of a command: its client, time, day, principal and proposal."""

    process: SafeUUID
    aggregate: SafeUUID
    sent_date: DateTime
    today: date
    partner: str
    client_id: str
    by: By
    approval: Approval | None = None


def heading(stamp: Stamp, day: date, by: By | None = None) -> dict[str, Any]:
    """The fields of every event. `day`: when it happened or became due."""
    return {
        "processUid": stamp.process,
        "aggregateUid": stamp.aggregate,
        "sentDate": stamp.sent_date,
        "partnerCode": stamp.partner,
        "clientId": stamp.client_id,
        "date": day,
        "by": by or stamp.by,
        "approval": None if by else stamp.approval,
    }


def paid_from(customer: Customer) -> date | None:
    """The first month to be paid (again); None for a customer that pays now, or never."""
    if customer.status not in ("activated", "offered"):
        return None
    if not customer.offers:
        return customer.billing_starting_date
    last = customer.offers[-1].last
    return None if last is None else add_months(last, 1)


def next_due(customer: Customer) -> date | None:
    """The day on which the next change is due, None when there is none."""
    if customer.status == "terminated":
        return None
    days = (paid_from(customer), customer.end_of_contract_date)
    return min((day for day in days if day is not None), default=None)


def become_due(customer: Customer, stamp: Stamp) -> list[PartnerCustomerEvent]:
    """The events that are due up to the stamp's day, in order, each with its own date."""
    events: list[PartnerCustomerEvent] = []
    while (day := next_due(customer)) is not None and day <= stamp.today:
        event = _due(customer, day, stamp)
        events.append(event)
        customer = evolve(customer, event)
    return events


def _due(customer: Customer, day: date, stamp: Stamp) -> PartnerCustomerEvent:
    """The event of a day. Billing starts before a contract ends: that month is billed, too."""
    at = heading(stamp, day, "time")
    if paid_from(customer) == day:
        return BillingStarted(**at)
    return ContractTerminated(reason=customer.unsubscription_reason, **at)
