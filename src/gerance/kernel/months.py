"""Calendar months: arithmetic on days, and a month as a value."""

import re
from calendar import monthrange
from datetime import date
from typing import NamedTuple, Self

_TEXT = re.compile(r"([12]\d{3})-(0[1-9]|1[0-2])", re.ASCII)


class Month(NamedTuple):
    """A calendar month; later months are greater."""

    year: int
    month: int

    @classmethod
    def parse(cls, text: str) -> Self:
        """The month of a text like `2026-11`, of the years 1000 to 2999. Raises ValueError."""
        match = _TEXT.fullmatch(text)
        if match is None:
            raise ValueError(f"expected a year and a month like 2026-11, got {text[:20]!r}")
        return cls(int(match[1]), int(match[2]))

    @classmethod
    def of(cls, day: date) -> Self:
        """The month of a day."""
        return cls(day.year, day.month)

    def __str__(self) -> str:
        return f"{self.year:04}-{self.month:02}"

    @property
    def first_day(self) -> date:
        return date(self.year, self.month, 1)

    @property
    def last_day(self) -> date:
        return date(self.year, self.month, monthrange(self.year, self.month)[1])

    @property
    def number(self) -> int:
        """Months since January of the year 0: the difference of two is a number of months."""
        return 12 * self.year + self.month - 1

    def plus(self, months: int) -> Self:
        """The month so many months later, or earlier when negative."""
        year, month = divmod(self.number + months, 12)
        return type(self)(year, month + 1)


def month_start(day: date) -> date:
    """The first day of a day's month."""
    return day.replace(day=1)


def add_months(day: date, months: int) -> date:
    """The first day of the month so many months after a day's, or before it when negative.

    Raises OverflowError outside the years 1 to 9999.
    """
    month = Month.of(day).plus(months)
    if not 1 <= month.year <= 9999:
        raise OverflowError(f"there is no month {months} months after {day:%Y-%m}")
    return month.first_day


def months_between(first: date, last: date) -> int:
    """How many months there are from one day's to another's, both counted; 0 when the last comes
    before the first."""
    return max(0, Month.of(last).number - Month.of(first).number + 1)
