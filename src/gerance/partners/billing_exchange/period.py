"""Months, as bills go by them."""

import re
from datetime import date, timedelta
from typing import NamedTuple

_TEXT = re.compile(r"(2\d{3})-(0[1-9]|1[0-2])", re.ASCII)


class Period(NamedTuple):
    """A calendar month; later ones are greater."""

    year: int
    month: int

    @classmethod
    def parse(cls, text: str) -> "Period":
        """From `2026-11`. Raises ValueError."""
        found = _TEXT.fullmatch(text)
        if found is None:
            raise ValueError(f"a period is a year and a month like 2026-11, not {text[:20]!r}")
        return cls(int(found[1]), int(found[2]))

    @classmethod
    def of(cls, day: date) -> "Period":
        """The month that a day lies in."""
        return cls(day.year, day.month)

    def __str__(self) -> str:
        return f"{self.year:04}-{self.month:02}"

    @property
    def first_day(self) -> date:
        return date(self.year, self.month, 1)

    @property
    def last_day(self) -> date:
        return self.shifted(1).first_day - timedelta(days=1)

    @property
    def number(self) -> int:
        """Months since the year 0: the difference of two is a number of months."""
        return 12 * self.year + self.month - 1

    def shifted(self, months: int) -> "Period":
        """So many months later, or earlier when negative."""
        year, month = divmod(self.number + months, 12)
        return Period(year, month + 1)
