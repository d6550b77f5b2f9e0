"""Months, each named by its first day."""

from datetime import date


def month_of(day: date) -> date:
    """The first day of the month that a day lies in."""
    return day.replace(day=1)


def shifted(month: date, months: int) -> date:
    """The month so many months later. Raises OverflowError beyond the year 9999."""
    year, index = divmod(12 * month.year + month.month - 1 + months, 12)
    if not 1 <= year <= 9999:
        raise OverflowError(f"there is no month {months} months after {month:%Y-%m}")
    return date(year, index + 1, 1)


def months_between(first: date, last: date) -> int:
    """How many months there are from one to another, both counted; 0 when they are in disorder."""
    return max(0, 12 * (last.year - first.year) + last.month - first.month + 1)


def billing_start(activated: date, free_months: int) -> date:
    """The first month that is billed: the one that follows the day on which the free months,
    counted from the activation, are over (contract `billing_starts`)."""
    return shifted(month_of(activated), free_months + 1)
