"""The day that rentals are at: brought to the present one when it begins.

Occupancy, the rent in effect and who is active depend on the day. Nothing happens to a row when a
lease begins, so a job of the day looks for the rows that are no longer right. Days on which nobody
ran it are passed over: rows come to what they are today, in one step.
"""

import time
from datetime import date

import structlog

from gerance.kernel.daily_job import Job, is_at, note_day
from gerance.kernel.db import Connection
from gerance.kernel.locks import RENTALS_DAY, session_lock_if_free
from gerance.rentals.writing.effective_day import begin
from gerance.rentals.writing.update import TOGETHER, renew

log = structlog.get_logger("gerance.rentals.writing.daily_job")

_JOB: Job = "rentals"


async def bring_to(connection: Connection, today: date, *, together: int = TOGETHER) -> bool:
    """Bring rentals to `today`, unless they are there; whether they are there now.

    `together`: rows of one transaction. False: another process is at it. Interrupted, it is taken
    up where it stopped. Never goes back to an earlier day. Call it outside a transaction.
    """
    if await is_at(connection, _JOB, today):
        return True
    async with session_lock_if_free(connection, RENTALS_DAY) as free:
        # The one who had the lock may have come to the end since.
        if free and not await is_at(connection, _JOB, today):
            await _renew(connection, today, together)
    return free


async def _renew(connection: Connection, today: date, together: int) -> None:
    started = time.perf_counter()
    await begin(connection, today)
    renewed = await renew(connection, today, together=together)
    await note_day(connection, _JOB, today)
    counts = {entity.set_name: len(ids) for entity, ids in renewed.values()}
    seconds = round(time.perf_counter() - started, 3)
    tell = log.info if counts else log.debug
    tell("rentals are at a new day", day=today.isoformat(), seconds=seconds, **counts)
