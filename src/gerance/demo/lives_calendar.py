"""The calendar of the demonstration: Paris time, opening hours, and the distribution of calls.

Moments are whole epoch seconds (UTC); `wire` and `received_at` convert them.
"""

from bisect import bisect_right
from datetime import UTC, datetime
from typing import NamedTuple
from zoneinfo import ZoneInfo

from gerance.demo.corpus import MONTHLY_FACTORS, PURPOSES
from gerance.demo.corpus_purpose import CallPurpose

_PARIS = ZoneInfo("Europe/Paris")
_DAYS_OF_LIVES = 425
_DAY = 86_400
_OPENS, _CLOSES = 8, 18
_MINUTES_AND_SECONDS = tuple(f":{s // 60:02d}:{s % 60:02d}.000" for s in range(3600))
_WEEKDAY_FACTORS = (1.35, 1.1, 1.05, 1.05, 1.1, 0.6, 0.45)
_HOUR_FACTORS = (
    0.16, 0.12, 0.1, 0.1, 0.1, 0.15, 0.35, 0.8, 1.7, 2.0, 1.9, 1.5,
    1.0, 1.1, 1.4, 1.4, 1.5, 1.7, 1.7, 1.4, 1.0, 0.7, 0.45, 0.3,
)  # fmt: skip
_ROUTINE_AT_NIGHT = 0.06
_ROUTINE_ON_SUNDAYS = 0.5


class Hour(NamedTuple):
    """One hour on Paris clocks: the wire's text around minutes and seconds, and where it falls."""

    prefix: str
    suffix: str
    hour: int
    weekday: int
    month: int
    year: int


class _Hours(dict[int, Hour]):
    """Hour by epoch hour. Paris is a whole number of hours from UTC, so hours never straddle."""

    def __missing__(self, epoch_hour: int) -> Hour:
        local = datetime.fromtimestamp(epoch_hour * 3600, _PARIS)
        offset = local.strftime("%z")
        hour = self[epoch_hour] = Hour(
            prefix=local.strftime("%Y-%m-%dT%H"),
            suffix=f"{offset[:3]}:{offset[3:]}",
            hour=local.hour,
            weekday=local.weekday(),
            month=local.month,
            year=local.year,
        )
        return hour


HOURS = _Hours()


def wire(moment: int) -> str:
    """`2016-08-25T16:51:23.000+02:00`: the moment with the offset Paris has then."""
    hour = HOURS[moment // 3600]
    return hour.prefix + _MINUTES_AND_SECONDS[moment % 3600] + hour.suffix


def received_at(moment: int, milliseconds: int) -> datetime:
    return datetime.fromtimestamp(moment + milliseconds / 1000, UTC)


def working_time(moment: int) -> int:
    """The moment itself within 8 to 18 o'clock from Monday to Friday, else the next morning's."""
    hour = HOURS[moment // 3600]
    while hour.weekday > 4 or not _OPENS <= hour.hour < _CLOSES:
        hours_left = (_OPENS - hour.hour) % 24 or 24
        # Whole hours keep the minutes, so that not every morning begins on the stroke of eight.
        moment += hours_left * 3600
        hour = HOURS[moment // 3600]
    return moment


class Calls:
    """When calls come and what about: the k-th of `count` lies in the k-th part of all calls."""

    __slots__ = ("_cumulated", "_first_hour", "_last", "_total")

    def __init__(self, now: int) -> None:
        self._last = now - 45
        self._first_hour = (now - _DAYS_OF_LIVES * _DAY) // 3600
        self._cumulated: list[float] = []
        total = 0.0
        for epoch_hour in range(self._first_hour, self._last // 3600 + 1):
            hour = HOURS[epoch_hour]
            weight = _HOUR_FACTORS[hour.hour] * _WEEKDAY_FACTORS[hour.weekday]
            weight *= _SEASONS[hour.month]
            if epoch_hour == self._last // 3600:
                weight *= max(self._last % 3600, 1) / 3600
            total += weight
            self._cumulated.append(total)
        self._total = total

    def opening(self, share: float) -> int:
        """The moment before which `share` (0 to 1) of all calls have come."""
        target = share * self._total
        place = min(bisect_right(self._cumulated, target), len(self._cumulated) - 1)
        before = self._cumulated[place - 1] if place else 0.0
        fraction = (target - before) / (self._cumulated[place] - before)
        start = (self._first_hour + place) * 3600
        return start + int(fraction * min(3600, self._last - start))


class PurposeTable(NamedTuple):
    cumulated: tuple[float, ...]
    total: float

    def draw(self, share: float) -> CallPurpose:
        """The purpose at `share` (0 to 1) of all calls of that time."""
        return PURPOSES[min(bisect_right(self.cumulated, share * self.total), len(PURPOSES) - 1)]


def _purpose_table(month: int, routine: float) -> PurposeTable:
    cumulated: list[float] = []
    total = 0.0
    for purpose in PURPOSES:
        factor = MONTHLY_FACTORS[purpose.season][month - 1]
        total += purpose.weight * factor * (1.0 if purpose.urgent else routine)
        cumulated.append(total)
    return PurposeTable(tuple(cumulated), total)


_BY_DAY = {month: _purpose_table(month, 1.0) for month in range(1, 13)}
_BY_NIGHT = {month: _purpose_table(month, _ROUTINE_AT_NIGHT) for month in range(1, 13)}
_ON_SUNDAYS = {month: _purpose_table(month, _ROUTINE_ON_SUNDAYS) for month in range(1, 13)}
_SEASONS = {month: table.total / _BY_DAY[5].total for month, table in _BY_DAY.items()}


def purposes_at(hour: Hour) -> PurposeTable:
    """What people call about in that hour: at night emergencies, and always the season's."""
    if hour.hour < 7 or hour.hour >= 21:
        return _BY_NIGHT[hour.month]
    return (_ON_SUNDAYS if hour.weekday == 6 else _BY_DAY)[hour.month]
