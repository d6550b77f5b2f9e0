"""Checks that several entities have in common: each gives the problems of a candidate."""

import re
from collections.abc import Iterable, Iterator
from datetime import date, timedelta
from typing import Any

from gerance.rentals.declare.formats import is_email, is_phone
from gerance.rentals.declare.rules import Candidate, Problem

_CURRENCY = re.compile(r"[A-Z]{3}")
_COUNTRY = re.compile(r"[A-Z]{2}")


def changes(candidate: Candidate, *columns: str) -> bool:
    """Whether one of these columns gets another value than it had."""
    before = candidate.before
    return before is None or any(candidate.row[each] != before[each] for each in columns)


def same_code(one: Any, other: Any) -> bool:
    """Whether two values are the same; of codes, blanks at their ends never matter."""
    if isinstance(one, str) and isinstance(other, str):
        return one.rstrip(" ") == other.rstrip(" ")
    return bool(one == other)


def not_negative(candidate: Candidate, column: str, code: str, target: str) -> Iterator[Problem]:
    """`code` when the number is below zero."""
    value = candidate.row.get(column)
    if value is not None and value < 0:
        yield Problem(code, f"{target} must not be negative (got {value}).", target)


def within(
    candidate: Candidate, column: str, target: str, least: int, most: int
) -> Iterator[Problem]:
    """`OutOfRange` when the number is not one from `least` to `most`."""
    value = candidate.row.get(column)
    if value is not None and not least <= value <= most:
        yield Problem(
            "OutOfRange", f"{target} must be from {least} to {most} (got {value}).", target
        )


def in_order(
    candidate: Candidate, first: tuple[str, str], last: tuple[str, str], code: str
) -> Iterator[Problem]:
    """`code` when the last day is before the first; each as its column and its property."""
    start, end = candidate.row.get(first[0]), candidate.row.get(last[0])
    if start is not None and end is not None and end < start:
        yield Problem(code, f"{last[1]} {end} is before {first[1]} {start}.", last[1])


def start_to_end(candidate: Candidate) -> Iterator[Problem]:
    """`EndBeforeStart` when EndDate is before StartDate."""
    start, end = ("start_date", "StartDate"), ("end_date", "EndDate")
    return in_order(candidate, start, end, "EndBeforeStart")


def emails(candidate: Candidate) -> Iterator[Problem]:
    """`InvalidEmail` when a new Email is none."""
    value = candidate.row.get("email")
    if value is not None and changes(candidate, "email") and not is_email(value):
        yield Problem("InvalidEmail", f"Email {value!r} is not an e-mail address.", "Email")


def phones(
    candidate: Candidate, country: str, columns: Iterable[tuple[str, str]] = (("phone", "Phone"),)
) -> Iterator[Problem]:
    """`InvalidPhone` for each new number that is none, read as one of `country` first."""
    for column, target in columns:
        value = candidate.row.get(column)
        if value is not None and changes(candidate, column) and not is_phone(value, country):
            message = f"{target} {value!r} is not a telephone number."
            yield Problem("InvalidPhone", message, target)


def currencies(candidate: Candidate) -> Iterator[Problem]:
    """`InvalidCurrency` when Currency does not look like a code of ISO 4217."""
    value = candidate.row.get("currency")
    if value is not None and not _CURRENCY.fullmatch(value):
        message = f"Currency {value!r} is not a currency code of ISO 4217."
        yield Problem("InvalidCurrency", message, "Currency")


def countries(candidate: Candidate) -> Iterator[Problem]:
    """`InvalidCountry` when Country does not look like a code of ISO 3166."""
    value = candidate.row.get("country")
    if value is not None and not _COUNTRY.fullmatch(value):
        message = f"Country {value!r} is not a country code of ISO 3166."
        yield Problem("InvalidCountry", message, "Country")


def country_of(currency: str | None) -> str:
    """The country whose telephone numbers are meant where amounts are in this currency."""
    return "FR" if currency == "EUR" else "CA"


def days_later(day: date, days: int) -> date:
    """The day so many days later, at most the last of the calendar."""
    try:
        return day + timedelta(days)
    except OverflowError:
        return date.max
