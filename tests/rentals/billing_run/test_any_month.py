"""One tenant, one month: what is charged, against the same counted day by day."""

from collections.abc import Iterator
from datetime import date, timedelta
from fractions import Fraction
from typing import Any, NamedTuple

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from tests.rentals.billing_run.books import Books

from gerance.kernel.months import Month

DAY = timedelta(days=1)
NEAR = st.dates(date(2026, 1, 15), date(2026, 4, 15))
CENTS = st.integers(-200_000, 200_000)
RENTS = st.integers(0, 300_000)
MONTHS = ("2026-02", "2026-03")


class Range(NamedTuple):
    """Something that costs so many cents a month from a day to a day, None for good."""

    start: date
    end: date | None
    cents: int

    def on(self, day: date) -> bool:
        return self.start <= day and (self.end is None or day <= self.end)


@st.composite
def ranges(draw: st.DrawFn, cents: st.SearchStrategy[int] = CENTS, ends: bool = False) -> Range:
    start = draw(NEAR)
    end = st.integers(0, 90).map(lambda days: start + days * DAY)
    return Range(start, draw(end if ends else st.none() | end), draw(cents))


class Lease(NamedTuple):
    """A lease of a month's `rent` in cents: `end` None when it is renewable; `steps`: rents by
    their first day."""

    kind: str
    start: date
    end: date | None
    departure: date | None
    rent: int
    steps: dict[date, int]

    def on(self, day: date) -> bool:
        last = self.departure or self.end
        return self.start <= day and (last is None or day <= last)

    def rent_on(self, day: date) -> int:
        begun = [first for first in self.steps if first <= day]
        return self.steps[max(begun)] if begun else self.rent


@st.composite
def leases(draw: st.DrawFn) -> Lease:
    lasting = draw(ranges(RENTS))
    departure = draw(st.none() | st.integers(0, 90).map(lambda days: lasting.start + days * DAY))
    steps = draw(st.dictionaries(NEAR, RENTS, max_size=3))
    kind = draw(st.sampled_from("DCPS"))
    return Lease(kind, lasting.start, lasting.end, departure, lasting.cents, steps)


def rounded(cents: Fraction) -> int:
    """To a whole cent, half a cent away from zero."""
    whole = int(abs(cents) + Fraction(1, 2))
    return whole if cents >= 0 else -whole


def owed(month: Month, costs: list[int]) -> int:
    """The cents of a month whose days cost so much for a month each."""
    return rounded(Fraction(sum(costs), month.last_day.day))


@pytest.fixture(scope="module")
def long_books(database: str) -> Iterator[Books]:
    books = Books(database)
    books.settled()
    yield books
    books.close()


@given(
    lease=leases(),
    service=ranges(),
    parking=ranges(RENTS, ends=True),
    renewable=st.booleans(),
    month=st.sampled_from(MONTHS).map(Month.parse),
)
@settings(
    max_examples=100, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
def test_a_month_is_charged_as_it_is_counted_by_hand(
    long_books: Books, lease: Lease, service: Range, parking: Range, renewable: bool, month: Month
) -> None:
    tenant = written_down(long_books, lease, service, parking, renewable)
    long_books.billed(str(month), today=date(2026, 2, 1), after=tenant - 1)
    held = parking._replace(end=None) if renewable else parking
    days = [day for day in map(date.fromordinal, range(
        month.first_day.toordinal(), month.last_day.toordinal() + 1)) if lease.on(day)]  # fmt: skip
    rents = [lease.rent_on(day) for day in days if lease.kind in "DC"]
    expected = {
        "R": owed(month, rents),
        "S": owed(month, [service.cents for day in days if service.on(day)]),
        "K": owed(month, [parking.cents for day in days if held.on(day)]),
    }
    charged = {kind: int(amount * 100) for kind, amount, _ in long_books.charges(
        tenant, str(month))}  # fmt: skip
    assert charged == {kind: cents for kind, cents in expected.items() if cents}


def written_down(
    books: Books, lease: Lease, service: Range, parking: Range, renewable: bool
) -> int:
    """A tenant with all of it; its id."""
    tenant = books.tenant(
        lease.start, lease.end, tenant_type=lease.kind, rent=lease.rent / 100,
        departure_date=lease.departure,
    )  # fmt: skip
    for first, cents in lease.steps.items():
        books.of(tenant, "lease_price_change", effective_date=first, rent=cents / 100)
    books.of(
        tenant, "tenant_service", service_id=1, amount=service.cents / 100,
        start_date=service.start, end_date=service.end,
    )  # fmt: skip
    place = books.add(
        "parking", company_no=3, division_no=1, building_code="PINS", building_id=1,
        parking_code=f"P{tenant}",
    )  # fmt: skip
    rented: dict[str, Any] = {
        "start_date": parking.start, "end_date": parking.end, "renewable": renewable,
    }  # fmt: skip
    books.of(
        tenant, "tenant_parking", parking_id=place, amount=parking.cents / 100,
        tenant_departure=lease.departure, **rented,
    )  # fmt: skip
    return tenant
