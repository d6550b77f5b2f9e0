"""Arithmetic on months."""

from datetime import date

import pytest

from gerance.kernel.months import Month, add_months, month_start, months_between

NOVEMBER = Month(2026, 11)


def test_a_month_is_written_as_it_is_read() -> None:
    assert Month.parse("2026-11") == NOVEMBER == Month.of(date(2026, 11, 30))
    assert str(NOVEMBER) == "2026-11"


@pytest.mark.parametrize("text", ["", "2026-13", "2026-00", "26-11", "3026-11", "²026-11"])
def test_a_text_that_is_no_month_is_rejected(text: str) -> None:
    with pytest.raises(ValueError, match="expected a year and a month"):
        Month.parse(text)


@pytest.mark.parametrize(
    ("day", "months", "expected"),
    [
        (date(2026, 11, 30), 0, date(2026, 11, 1)),
        (date(2026, 11, 30), 2, date(2027, 1, 1)),
        (date(2026, 1, 31), -1, date(2025, 12, 1)),
        (date(2026, 12, 1), -12, date(2025, 12, 1)),
        (date(9999, 1, 1), 11, date(9999, 12, 1)),
    ],
)
def test_months_are_added(day: date, months: int, expected: date) -> None:
    assert add_months(day, months) == expected
    assert Month.of(day).plus(months).first_day == expected
    assert add_months(expected, -months) == month_start(day)


@pytest.mark.parametrize(("day", "months"), [(date(9999, 12, 1), 1), (date(1, 1, 1), -1)])
def test_a_month_that_no_date_has_is_an_overflow(day: date, months: int) -> None:
    with pytest.raises(OverflowError):
        add_months(day, months)


def test_the_last_day_of_a_month_is_known_for_each_of_them() -> None:
    days = [Month(2024, month).last_day.day for month in range(1, 13)]
    assert days == [31, 29, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31]
    assert Month(9999, 12).last_day == date(9999, 12, 31)


def test_months_are_counted_with_the_first_and_the_last() -> None:
    assert months_between(date(2026, 11, 30), date(2026, 11, 1)) == 1
    assert months_between(date(2026, 11, 1), date(2027, 1, 31)) == 3
    assert months_between(date(2026, 11, 1), date(2026, 10, 31)) == 0
