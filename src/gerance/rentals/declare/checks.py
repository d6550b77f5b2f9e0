"""Checks that several entities share: each returns the problems of a candidate."""

import re
from collections.abc import Iterable, Iterator
from datetime import date, timedelta
from typing import Any

from gerance.rentals.declare.formats import is_email, is_phone
from gerance.rentals.declare.rules import Candidate, Problem

_CURRENCY = re.compile(r"[A-Z]{3}")
_COUNTRY = re.compile(r"[A-Z]{2}")


def changes(candidate: Candidate, *columns: str) -> bool:
    """Whether the value of one of these columns changes."""
    before = candidate.before
    return before is None or any(candidate.row[each] != before[each] for each in columns)


def same_code(one: Any, other: Any) -> bool:
    """Whether two values are equal; trailing blanks of codes do not count."""
    if isinstance(one, str) and isinstance(other, str):
        return one.rstrip(" ") == other.rstrip(" ")
    return bool(one == other)


def not_negative(candidate: Candidate, column: str, code: str, target: str) -> Iterator[Problem]:
    """`code` for a number below zero."""
    value = candidate.row.get(column)
    if value is not None and value < 0:
        yield Problem(code, f"{target} must not be negative (got {value}).", target)


def within(
    candidate: Candidate, column: str, target: str, least: int, most: int
) -> Iterator[Problem]:
    """`OutOfRange` for a number outside `least` to `most`."""
    value = candidate.row.get(column)
    if value is not None and not least <= value <= most:
        yield Problem(
            "OutOfRange", f"{target} must be from {least} to {most} (got {value}).", target
        )


def in_order(
    candidate: Candidate, first: tuple[str, str], last: tuple[str, str], code: str
) -> Iterator[Problem]:
    """`code` when the last day precedes the first; each as its column and its property."""
    start, end = candidate.row.get(first[0]), candidate.row.get(last[0])
    if start is not None and end is not None and end < start:
        yield Problem(code, f"{last[1]} {end} is before {first[1]} {start}.", last[1])


def start_to_end(candidate: Candidate) -> Iterator[Problem]:
    """`EndBeforeStart` when EndDate precedes StartDate."""
    start, end = ("start_date", "StartDate"), ("end_date", "EndDate")
    return in_order(candidate, start, end, "EndBeforeStart")


def emails(candidate: Candidate) -> Iterator[Problem]:
    """`InvalidEmail` when a new Email is not an e-mail address."""
    value = candidate.row.get("email")
    if value is not None and changes(candidate, "email") and not is_email(value):
        yield Problem("InvalidEmail", f"Email {value!r} is not an e-mail address.", "Email")


def phones(
    candidate: Candidate, country: str, columns: Iterable[tuple[str, str]] = (("phone", "Phone"),)
) -> Iterator[Problem]:
    """`InvalidPhone` for each new value that is not a telephone number of `country` or an
    international one."""
    for column, target in columns:
        value = candidate.row.get(column)
        if value is not None and changes(candidate, column) and not is_phone(value, country):
            message = f"{target} {value!r} is not a telephone number."
            yield Problem("InvalidPhone", message, target)


def currencies(candidate: Candidate) -> Iterator[Problem]:
    """`InvalidCurrency` when Currency does not have the form of an ISO 4217 code."""
    value = candidate.row.get("currency")
    if value is not None and not _CURRENCY.fullmatch(value):
        message = f"Currency {value!r} is not a currency code of ISO 4217."
        yield Problem("InvalidCurrency", message, "Currency")


def countries(candidate: Candidate) -> Iterator[Problem]:
    """`InvalidCountry` when Country does not have the form of an ISO 3166 code."""
    value = candidate.row.get("country")
    if value is not None and not _COUNTRY.fullmatch(value):
        message = f"Country {value!r} is not a country code of ISO 3166."
        yield Problem("InvalidCountry", message, "Country")


def country_of(currency: str | None) -> str:
    """The country of telephone numbers without a prefix, by the currency of amounts."""
    return "FR" if currency == "EUR" else "CA"


def days_later(day: date, days: int) -> date:
    """The date that many days later, limited to the last date of the calendar."""
    try:
        return day + timedelta(days)
    except OverflowError:
        return date.max
