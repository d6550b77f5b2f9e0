"""A customer's life without a database: what is asked on which day, and what comes of it."""

from collections.abc import Sequence
from datetime import date
from decimal import Decimal
from typing import Any

from gerance.kernel.wire import DateTime, SafeUUID
from gerance.partners.customers.commands import ActivateService, CustomerCommand
from gerance.partners.customers.decide import decide
from gerance.partners.lifecycle.deadlines import Stamp, become_due
from gerance.partners.lifecycle.events import PartnerCustomerEvent
from gerance.partners.lifecycle.evolve import evolve
from gerance.partners.lifecycle.state import Customer, Details, Terms

DETAILS = Details(lastname="L", email="l@l.example", phone_number1="+33199001234")


def activation(free_months: int = 0) -> ActivateService:
    terms = Terms(free_months=free_months, unit_price=Decimal("10.00"), nb_of_options=3)
    return ActivateService(DETAILS, {"C": terms}, "C")


def stamp(day: date) -> Stamp:
    uid = SafeUUID("17ab7b5b-b7ca-18f6-d5f3-3dfbcbaee1a2")
    return Stamp(
        process=uid, aggregate=uid, sent_date=DateTime("2026-01-01T00:00:00.000Z"), today=day,
        partner="P", client_id="c", by="partner",
    )  # fmt: skip


class Life:
    """A customer to whom things happen; `events` has all of it."""

    def __init__(self) -> None:
        self.customer: Customer | None = None
        self.events: list[PartnerCustomerEvent] = []

    def ask(self, day: date, command: CustomerCommand) -> Sequence[PartnerCustomerEvent]:
        """What the command causes on a day, behind what is due by then."""
        self.reach(day)
        return self._take(decide(self.customer, command, stamp(day)))

    def reach(self, day: date) -> Sequence[PartnerCustomerEvent]:
        """What is due until a day."""
        if self.customer is None:
            return []
        return self._take(become_due(self.customer, stamp(day)))

    @property
    def told(self) -> list[tuple[str, date]]:
        return [(type(event).__name__, event.date) for event in self.events]

    @property
    def present(self) -> Customer:
        assert self.customer is not None
        return self.customer

    def _take(self, events: Sequence[PartnerCustomerEvent]) -> Sequence[PartnerCustomerEvent]:
        for event in events:
            self.customer = evolve(self.customer, event)
        self.events += events
        return events


def day(text: str) -> date:
    return date.fromisoformat(text)


def shown(event: PartnerCustomerEvent) -> dict[str, Any]:
    """What an event says beside its heading."""
    heading = {
        "processUid",
        "aggregateUid",
        "sentDate",
        "partnerCode",
        "clientId",
        "by",
        "approval",
    }
    return {n: getattr(event, n) for n in event.__struct_fields__ if n not in heading}
