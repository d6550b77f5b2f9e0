"""Which months can be billed."""

from datetime import date

from gerance.kernel.errors import Rejection
from gerance.kernel.months import Month

MONTHS_AROUND = 12
"""How many months a billed month may be from the present one."""


def parse_period(text: str) -> Month:
    """The month of a text like `2026-12`. Raises Rejection (`PeriodRefused`)."""
    try:
        return Month.parse(text)
    except ValueError:
        raise Rejection(
            "PeriodRefused",
            f"A period must be a year and a month like 2026-12 (got {text[:20]!r}).",
        ) from None


def require_near(period: Month, today: date) -> None:
    """Raises Rejection (`PeriodRefused`) for a month that is more than a year away: its year was
    probably mistyped."""
    if abs(period.number - Month.of(today).number) > MONTHS_AROUND:
        raise Rejection(
            "PeriodRefused", f"{period} is more than {MONTHS_AROUND} months from {today:%Y-%m}."
        )
