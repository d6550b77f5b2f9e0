"""The months that are billed."""

import re
from datetime import date, timedelta
from typing import NamedTuple

from gerance.kernel.errors import Refused

MONTHS_AROUND = 12
"""How far from the present month one may be that is billed, in months."""

_TEXT = re.compile(r"([12]\d{3})-(0[1-9]|1[0-2])", re.ASCII)


class Period(NamedTuple):
    """A calendar month."""

    year: int
    month: int

    @classmethod
    def parse(cls, text: str) -> "Period":
        """From `2026-12`. Raises Refused (`PeriodRefused`)."""
        found = _TEXT.fullmatch(text)
        if found is None:
            raise Refused(
                "PeriodRefused", f"A period is a year and a month like 2026-12, not {text[:20]!r}."
            )
        return cls(int(found[1]), int(found[2]))

    def __str__(self) -> str:
        return f"{self.year:04}-{self.month:02}"

    @property
    def first_day(self) -> date:
        return date(self.year, self.month, 1)

    @property
    def last_day(self) -> date:
        return (self.first_day + timedelta(days=31)).replace(day=1) - timedelta(days=1)

    def require_near(self, today: date) -> None:
        """Raises Refused (`PeriodRefused`) for a month that is more than a year away: nobody means
        to charge a year that was mistyped."""
        away = 12 * (self.year - today.year) + self.month - today.month
        if abs(away) > MONTHS_AROUND:
            raise Refused(
                "PeriodRefused", f"{self} is more than {MONTHS_AROUND} months from {today:%Y-%m}."
            )
