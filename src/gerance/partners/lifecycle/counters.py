"""The counters of a customer: what its months were up to a day, worked out from its state."""

from collections.abc import Sequence
from datetime import date
from typing import Literal, NamedTuple

from gerance.kernel.months import add_months, month_start, months_between
from gerance.partners.lifecycle.state import Customer

MonthKind = Literal["paid", "offered"]


class Counters(NamedTuple):
    """Months begun: `paid` of them are billed, `offered` ones cost nothing."""

    nb_of_paid_months: int
    nb_of_offered_months: int
    nb_of_options: int


class Span(NamedTuple):
    """Months from `first` up to `end`, which is not one of them; None: for good."""

    first: date
    end: date | None


def counters(customer: Customer, day: date) -> Counters:
    """What the counters say on a day. Free months of the campaign are neither paid nor offered."""
    start, last = customer.billing_starting_date, _last_month(customer, day)
    if start is None:
        return Counters(0, 0, customer.terms.nb_of_options)
    offered = sum(
        months_between(offer.first, last if offer.last is None else min(offer.last, last))
        for offer in customer.offers
    )
    paid = months_between(start, last) - offered
    return Counters(paid, offered, customer.terms.nb_of_options)


def month_kind(customer: Customer, month: date) -> MonthKind | None:
    """What a month is to the customer; None for one that is not on its bills."""
    start, month = customer.billing_starting_date, month_start(month)
    if start is None or month < start or month > _last_month(customer, month):
        return None
    for offer in customer.offers:
        if offer.first <= month and (offer.last is None or month <= offer.last):
            return "offered"
    return "paid"


def spans(customer: Customer) -> tuple[Sequence[Span], Sequence[Span]]:
    """All months on bills, those to come too: the paid ones, then the offered ones, in order."""
    start = customer.billing_starting_date
    if start is None:
        return (), ()
    ended = customer.end_of_contract_date
    end = None if ended is None else add_months(ended, 1)
    paid, offered = [], []
    for offer in customer.offers:
        paid.append(Span(start, offer.first))
        start = None if offer.last is None else add_months(offer.last, 1)
        offered.append(Span(offer.first, start))
        if start is None:
            break
    if start is not None:
        paid.append(Span(start, None))
    return _cut(paid, end), _cut(offered, end)


def _cut(found: Sequence[Span], end: date | None) -> Sequence[Span]:
    """Those that are not empty, up to `end`."""
    if end is not None:
        found = [Span(s.first, end if s.end is None else min(s.end, end)) for s in found]
    return [span for span in found if span.end is None or span.first < span.end]


def _last_month(customer: Customer, day: date) -> date:
    ended = customer.end_of_contract_date
    return month_start(day if ended is None else min(day, ended))


def billing_start(activated: date, free_months: int) -> date:
    """The first billed month: the one after the month in which the free months, counted from the
    activation, end (contract `billing_starts`)."""
    return add_months(activated, free_months + 1)
