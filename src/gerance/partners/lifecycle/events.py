"""The events of a lead or customer."""

from datetime import date
from typing import Literal

import msgspec

from gerance.kernel.wire import DateTime, SafeUUID
from gerance.partners.lifecycle.state import Details, Terms

By = Literal["partner", "operator", "time"]


class Approval(msgspec.Struct, frozen=True):
    """The proposal that an operator approved, by its number. `source`: `mail` or `billing`."""

    proposal: int
    source: str
    approvedBy: str


class Event(msgspec.Struct, kw_only=True, omit_defaults=True, tag_field="eventType"):
    """`date`: the day on which it happened or became due; `sentDate`: when the server recorded it;
    `by`: who caused it; `approval`: the proposal from which it comes, if any."""

    processUid: SafeUUID
    aggregateUid: SafeUUID
    sentDate: DateTime
    partnerCode: str
    clientId: str
    date: date
    by: By
    approval: Approval | None = None


class LeadReceived(Event):
    details: Details


class LeadRefreshed(Event):
    details: Details


class ServiceActivated(Event):
    """`billingStartingDate`: the first month on bills."""

    details: Details
    terms: Terms
    billingStartingDate: date


class CustomerRefreshed(Event):
    details: Details


class BillingStarted(Event):
    """A paid month starts after one that was not."""


class BillingOffered(Event):
    """The months from `firstMonth` to `lastMonth` (first days of months) are offered; without
    `lastMonth`, all months to come."""

    firstMonth: date
    lastMonth: date | None = None
    reason: str | None = None


class TerminationPlanned(Event):
    """The contract will end on a day in the future."""

    endOfContractDate: date
    reason: str | None = None


class ContractTerminated(Event):
    """`date` is the last day of the contract."""

    reason: str | None = None


class PaymentReported(Event):
    """The partner reported whether the bill of a month (its first day) was paid."""

    month: date
    status: Literal["paid", "unpaid"]
    reason: str | None = None


PartnerCustomerEvent = (
    LeadReceived
    | LeadRefreshed
    | ServiceActivated
    | CustomerRefreshed
    | BillingStarted
    | BillingOffered
    | TerminationPlanned
    | ContractTerminated
    | PaymentReported
)
