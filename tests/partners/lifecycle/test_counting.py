"""The counters agree with a count month by month, whatever happened."""

from datetime import date, timedelta

import psycopg
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.partners.lifecycle.living import Life, activation

from gerance.kernel.errors import Rejection
from gerance.kernel.months import add_months
from gerance.partners.customers.commands import CustomerCommand, OfferMonths, Terminate
from gerance.partners.lifecycle.counters import counters, spans
from gerance.partners.lifecycle.events import (
    BillingOffered,
    ContractTerminated,
    PartnerCustomerEvent,
    ServiceActivated,
    TerminationPlanned,
)
from gerance.partners.lifecycle.views import _multirange

FIRST = date(2026, 1, 1)
DAYS = st.integers(0, 900)
COMMANDS = st.one_of(
    st.builds(OfferMonths, st.one_of(st.none(), st.integers(1, 14))),
    st.builds(Terminate, st.integers(0, 1200).map(lambda n: FIRST + timedelta(days=n))),
)
LIVES = st.tuples(
    st.integers(0, 60), st.integers(0, 5), st.lists(st.tuples(DAYS, COMMANDS), max_size=6)
)


def lived(start: int, free: int, asked: list[tuple[int, CustomerCommand]], until: date) -> Life:
    life = Life()
    life.ask(FIRST + timedelta(days=start), activation(free))
    for when, command in sorted(asked, key=lambda each: each[0]):
        if when < start or FIRST + timedelta(days=when) > until:
            continue
        try:
            life.ask(FIRST + timedelta(days=when), command)
        except Rejection:
            continue
    life.reach(until)
    return life


def naive(events: list[PartnerCustomerEvent], until: date) -> tuple[int, int]:
    """Month after month: is it billed, is it offered, is the contract over?"""
    start, end, offered = date.max, date.max, set()
    for event in events:
        if isinstance(event, ServiceActivated):
            start = event.billingStartingDate
        if isinstance(event, TerminationPlanned):
            end = event.endOfContractDate
        if isinstance(event, ContractTerminated):
            end = event.date
        if isinstance(event, BillingOffered):
            month = event.firstMonth
            while month <= (event.lastMonth or date(2040, 1, 1)):
                offered.add(month)
                month = add_months(month, 1)
    paid = given = 0
    month = FIRST
    while month <= until:
        if start <= month <= end:
            given += month in offered
            paid += month not in offered
        month = add_months(month, 1)
    return paid, given


@settings(max_examples=300, deadline=None)
@given(LIVES, st.integers(0, 1500))
def test_counters_are_what_counting_gives(
    life: tuple[int, int, list[tuple[int, CustomerCommand]]], later: int
) -> None:
    until = FIRST + timedelta(days=max(later, life[0]))
    customer = (one := lived(*life, until)).present
    assert counters(customer, until) == (*naive(one.events, until), 3)


@settings(max_examples=60, deadline=None)
@given(st.lists(st.tuples(LIVES, st.integers(0, 1500)), min_size=20, max_size=40))
def test_the_database_counts_alike(database: str, lives: list[tuple[object, int]]) -> None:
    asked = []
    for life, later in lives:
        until = FIRST + timedelta(days=max(later, life[0]))  # type: ignore[index]
        customer = lived(*life, until).present  # type: ignore[misc]
        asked.append((*map(_multirange, spans(customer)), until, *counters(customer, until)[:2]))
    with psycopg.connect(database) as connection:
        for paid, offered, until, *expected in asked:
            row = connection.execute(
                "SELECT months_begun(%s::datemultirange, %s), months_begun(%s::datemultirange, %s)",
                [paid, until, offered, until],
            ).fetchone()
            assert list(row or ()) == expected
