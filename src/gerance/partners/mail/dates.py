"""Dates in French and English text."""

import re
from datetime import date

from gerance.kernel.fold import fold
from gerance.kernel.months import Month

_MONTHS = {
    name: number
    for number, names in enumerate(
        (
            "janvier janv january jan", "fevrier fevr fev february feb", "mars march mar",
            "avril avr april apr", "mai may", "juin june jun", "juillet juil july jul",
            "aout august aug", "septembre sept september sep", "octobre oct october",
            "novembre nov november", "decembre dec december",
        ),
        start=1,
    )
    for name in names.split()
}  # fmt: skip
_NAME = "|".join(sorted(_MONTHS, key=len, reverse=True))
_ISO = r"(?P<iy>\d{4})-(?P<im>\d{1,2})-(?P<id>\d{1,2})"
_NUMBERS = r"(?P<nd>\d{1,2})\s?[/.-]\s?(?P<nm>\d{1,2})\s?[/.-]\s?(?P<ny>\d{4}|\d{2})"
_DAY_FIRST = (
    r"(?P<fd>\d{1,2})(?:er|st|nd|rd|th)?\s+(?:de\s+|of\s+)?"
    rf"(?P<fm>{_NAME})\b\.?,?\s+(?P<fy>\d{{4}})"
)
_MONTH_FIRST = rf"(?P<mm>{_NAME})\.?\s+(?P<md>\d{{1,2}})(?:st|nd|rd|th)?,?\s+(?P<my>\d{{4}})"
_END_OF = rf"(?:fin|end\s+of)\s+(?:de\s+)?(?P<em>{_NAME})\b\.?\s+(?P<ey>\d{{4}})"
_THIS_MONTH = r"(?P<this>fin\s+du\s+mois|end\s+of\s+(?:the|this)\s+month)"
_DAY = re.compile(
    rf"(?<![\d/.-])(?:{_THIS_MONTH}|{_END_OF}|{_ISO}|{_NUMBERS}|{_DAY_FIRST}|{_MONTH_FIRST})(?![\d/-])"
)
_EARLIEST, _LATEST = 2000, 2100


def days_in(text: str, today: date) -> list[date | None]:
    """The distinct days in a text, in order; None for an invalid date like 31/02/2026.

    Numeric dates are day first. `fin du mois` refers to the month of `today`.
    """
    days: list[date | None] = []
    for match in _DAY.finditer(fold(text)):
        day = _day(match, today)
        if day not in days:
            days.append(day)
    return days


def _day(match: re.Match[str], today: date) -> date | None:
    parts = match.groupdict()
    if parts["this"]:
        return Month.of(today).last_day
    if parts["ey"]:
        return _make_day(int(parts["ey"]), _MONTHS[parts["em"]], None)
    if parts["iy"]:
        return _make_day(int(parts["iy"]), int(parts["im"]), int(parts["id"]))
    if parts["ny"]:
        year = int(parts["ny"])
        return _make_day(year + 2000 if year < 100 else year, int(parts["nm"]), int(parts["nd"]))
    if parts["fy"]:
        return _make_day(int(parts["fy"]), _MONTHS[parts["fm"]], int(parts["fd"]))
    return _make_day(int(parts["my"]), _MONTHS[parts["mm"]], int(parts["md"]))


def _make_day(year: int, month: int, day: int | None) -> date | None:
    if not _EARLIEST <= year <= _LATEST:
        return None
    try:
        return Month(year, month).last_day if day is None else date(year, month, day)
    except ValueError:
        return None
