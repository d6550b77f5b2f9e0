"""What time it is, by the database's clock.

All processes of an installation share that clock, so they agree on the day, and a wrong clock of
one machine does no harm. A process reads it now and then; in between it counts the seconds since.
"""

import time
from datetime import UTC, date, datetime, timedelta
from typing import NamedTuple
from zoneinfo import ZoneInfo

import structlog

from gerance.kernel.background import repeat
from gerance.kernel.db import Connection, Pool

READ_EVERY_SECONDS = 30.0

log = structlog.get_logger("gerance.clock")


class _ClockReading(NamedTuple):
    """What the database's clock said, and `time.monotonic()` then."""

    moment: datetime
    at_monotonic: float


_last: _ClockReading | None = None


def now() -> datetime:
    """The present moment in UTC; by this machine's clock in a process that has read no other."""
    if _last is None:
        return datetime.now(UTC)
    return _last.moment + timedelta(seconds=time.monotonic() - _last.at_monotonic)


def today(zone: ZoneInfo) -> date:
    """The present day in a time zone."""
    return now().astimezone(zone).date()


async def synchronise(connection: Connection) -> timedelta:
    """Read the database's clock; how far this machine's clock is ahead of it."""
    global _last
    rows = await connection.execute("SELECT clock_timestamp()")
    ((moment,),) = await rows.fetchall()
    _last = _ClockReading(moment.astimezone(UTC), time.monotonic())
    return datetime.now(UTC) - _last.moment


async def keep_synchronised(pool: Pool) -> None:
    """Read the database's clock every half minute, until cancelled."""

    async def turn() -> None:
        async with pool.brief() as connection:
            await synchronise(connection)

    await repeat(
        turn,
        seconds=READ_EVERY_SECONDS,
        retry_seconds=READ_EVERY_SECONDS,
        failure="clock not read; trying again",
        log=log,
    )
