"""The counters of a customer: its paid and offered months up to a day, derived from its state."""

from collections.abc import Sequence
from datetime import date
from typing import NamedTuple

from gerance.kernel.months import add_months, month_start, months_between
from gerance.partners.lifecycle.state import Customer


class Counters(NamedTuple):
    """Months that have started: those on bills, and those offered."""

    nb_of_paid_months: int
    nb_of_offered_months: int
    nb_of_options: int


class Span(NamedTuple):
    """Months from `first` to before `end`; None: without an end."""

    first: date
    end: date | None


def counters(customer: Customer, day: date) -> Counters:
    """The counters on a day. Free months of the campaign are neither paid nor offered."""
    start, last = customer.billing_starting_date, _last_month(customer, day)
    if start is None:
        return Counters(0, 0, customer.terms.nb_of_options)
    offered_spans = sum(
        months_between(offer.first, last if offer.last is None else min(offer.last, last))
        for offer in customer.offers
    )
    paid = months_between(start, last) - offered_spans
    return Counters(paid, offered_spans, customer.terms.nb_of_options)


def spans(customer: Customer) -> tuple[Sequence[Span], Sequence[Span]]:
    """All months on bills, including future ones: the paid ones, and the offered ones."""
    start = customer.billing_starting_date
    if start is None:
        return (), ()
    end_day = customer.end_of_contract_date
    end = None if end_day is None else add_months(end_day, 1)
    paid, offered_spans = [], []
    for offer in customer.offers:
        paid.append(Span(start, offer.first))
        start = None if offer.last is None else add_months(offer.last, 1)
        offered_spans.append(Span(offer.first, start))
        if start is None:
            break
    if start is not None:
        paid.append(Span(start, None))
    return _cut(paid, end), _cut(offered_spans, end)


def _cut(all_spans: Sequence[Span], end: date | None) -> Sequence[Span]:
    """The spans that are not empty, cut at `end`."""
    if end is not None:
        all_spans = [Span(s.first, end if s.end is None else min(s.end, end)) for s in all_spans]
    return [span for span in all_spans if span.end is None or span.first < span.end]


def _last_month(customer: Customer, day: date) -> date:
    end_day = customer.end_of_contract_date
    return month_start(day if end_day is None else min(day, end_day))


def billing_start(activated: date, free_months: int) -> date:
    """The first billed month: the one after the month in which the free months, counted from the
    activation, end (contract `billing_starts`)."""
    return add_months(activated, free_months + 1)
