"""Formats of days and times, in the time zone of the installation."""

from datetime import date, datetime
from zoneinfo import ZoneInfo

from gerance.kernel.errors import Language

_MONTHS: dict[Language, tuple[str, ...]] = {
    "fr": ("janvier", "février", "mars", "avril", "mai", "juin", "juillet", "août", "septembre",
           "octobre", "novembre", "décembre"),
    "en": ("January", "February", "March", "April", "May", "June", "July", "August", "September",
           "October", "November", "December"),
}  # fmt: skip


def show_day(day: date, language: Language) -> str:
    """`1er décembre 2026`, `1 December 2026`."""
    number = "1er" if language == "fr" and day.day == 1 else str(day.day)
    return f"{number} {_MONTHS[language][day.month - 1]} {day.year}"


def show_moment(moment: datetime, language: Language, zone: ZoneInfo) -> str:
    """`30 novembre 2026 à 13:05`, `30 November 2026, 13:05`."""
    local = moment.astimezone(zone)
    separator = " à " if language == "fr" else ", "
    return f"{show_day(local.date(), language)}{separator}{local:%H:%M}"
