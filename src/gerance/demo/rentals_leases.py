"""Leases as they come: running, to come, departed, with their steps of the rent."""

from dataclasses import dataclass, field
from datetime import date, timedelta
from random import Random

from gerance.kernel.months import add_months

DAY = timedelta(days=1)


@dataclass(slots=True)
class Lease:
    """The terms of a lease; it always starts on the first of a month.

    `steps`: from which day which rent, ascending.
    """

    start: date
    end: date
    renewable: bool
    rent: int
    departure: date | None = None
    steps: list[tuple[date, int]] = field(default_factory=list)

    @property
    def last_day(self) -> date | None:
        """The last day on which the tenant keeps the unit, None when there is none."""
        return self.departure or (None if self.renewable else self.end)

    def rent_on(self, day: date) -> int:
        """The rent for a month in effect on a day."""
        rent = self.rent
        for start, stepped in self.steps:
            if start <= day:
                rent = stepped
        return rent


def running(rng: Random, today: date, rent: int, *, since: date | None = None) -> Lease:
    """A lease that runs today; `rent` is about what is paid now."""
    start = since or _start(rng, today)
    years = (today - start).days // 365
    kind = rng.random()
    if kind < 0.12:
        return _stepped(rng, start, today, rent)
    first = max(1, round(rent * 0.975**years))
    term = add_months(start, 12) - DAY
    renewal_end = add_months(start, 12 * (years + 2)) - DAY
    if kind < 0.22 and term >= today:
        return Lease(start, term, renewable=False, rent=first)
    lease = Lease(start, renewal_end if rng.random() < 0.5 else term, renewable=True, rent=first)
    if years and rng.random() < 0.2:
        for year in range(max(1, years - 1), years + 2):
            lease.steps.append((add_months(start, 12 * year), round(first * 1.025**year)))
    return lease


def with_departure(rng: Random, today: date, rent: int) -> Lease:
    """A renewable lease whose tenant departs at the end of one of the coming months."""
    lease = running(rng, today, rent)
    lease.renewable = True
    lease.departure = add_months(today, rng.randint(1, 5)) - DAY
    return lease


def coming(rng: Random, today: date, rent: int, *, since: date | None = None) -> Lease:
    """A lease of a year that was signed and starts later."""
    start = since or add_months(today, rng.randint(1, 6))
    return Lease(start, add_months(start, 12) - DAY, renewable=rng.random() < 0.9, rent=rent)


def over(rng: Random, before: date, rent: int) -> Lease:
    """A lease that was over before a day: its tenant departed, or its term was fixed."""
    until = add_months(before, -rng.randint(0, 14))
    start = add_months(until, -12 * rng.randint(1, 4))
    first = max(1, round(rent * 0.93))
    if rng.random() < 0.5:
        return Lease(start, until - DAY, renewable=False, rent=first)
    end = add_months(start, 12) - DAY
    return Lease(start, end, renewable=True, rent=first, departure=until - DAY)


def _start(rng: Random, today: date) -> date:
    """The day on which a lease that runs today started: the first of July more often than not."""
    years = rng.choices(range(8), (20, 22, 18, 14, 10, 8, 5, 3))[0]
    if rng.random() < 0.7:
        july = date(today.year - years, 7, 1)
        return july if july <= today else date(july.year - 1, 7, 1)
    return add_months(today, -12 * years - rng.randint(0, 11))


def _stepped(rng: Random, start: date, today: date, rent: int) -> Lease:
    """A lease of three years whose rent rises each year (reference/002, Q9)."""
    while add_months(start, 36) <= today:
        start = add_months(start, 12)
    step = rng.choice((20, 25, 30))
    steps = [(add_months(start, 12 * year), rent + step * year) for year in (1, 2)]
    return Lease(start, add_months(start, 36) - DAY, renewable=True, rent=rent, steps=steps)
