"""The daily job: refreshes the derived columns that depend on the day.

Occupancy, the rent in effect and who is active depend on the day. Nothing happens to a row when a
lease begins, so the job looks for the rows that are out of date. Days on which it did not run are
skipped: one refresh brings each row to its present state.
"""

import time
from datetime import date

import structlog

from gerance.kernel.daily_job import Job, is_at, note_day
from gerance.kernel.db import Connection
from gerance.kernel.locks import RENTALS_DAY, session_lock_if_free
from gerance.rentals.declare.rules import Ruleset
from gerance.rentals.writing.derived_columns import Owners, RowIds, outdated
from gerance.rentals.writing.effective_day import begin
from gerance.rentals.writing.unit_of_work import UnitOfWork

log = structlog.get_logger("gerance.rentals.writing.daily_job")

_JOB: Job = "rentals"

TOGETHER = 200
"""Rows that one transaction brings to a new day at most."""


async def bring_to(
    connection: Connection, ruleset: Ruleset, today: date, *, together: int = TOGETHER
) -> bool:
    """Bring rentals to `today`, unless they are there; whether they are there now.

    `together`: rows of one transaction. False: another process does it. After an interruption it
    continues where it stopped. Never goes back to an earlier day. Call it outside a transaction.
    """
    if await is_at(connection, _JOB, today):
        return True
    async with session_lock_if_free(connection, RENTALS_DAY) as free:
        # The process that had the lock may have finished since.
        if free and not await is_at(connection, _JOB, today):
            await _bring(connection, ruleset, today, together)
    return free


async def refresh(
    connection: Connection, ruleset: Ruleset, today: date, *, together: int = TOGETHER
) -> RowIds:
    """Recompute all that depends on the day as of `today`; return the rows that changed.

    At most `together` rows change in one transaction, so locks are short, and an interrupted run
    keeps the rows that it has refreshed. Call it outside a transaction.
    """
    row_ids: RowIds = {}
    while batches := _batches(await outdated(connection, ruleset, today), together):
        for batch in batches:
            batch_ids = await refresh_batch(connection, ruleset, today, batch)
            for name, (entity, ids) in batch_ids.items():
                row_ids.setdefault(name, (entity, []))[1].extend(ids)
    return row_ids


async def refresh_batch(
    connection: Connection, ruleset: Ruleset, today: date, batch: Owners
) -> RowIds:
    """Recompute the derived columns of these owners, in one transaction; the rows that changed."""
    unit = UnitOfWork(connection, ruleset, today)
    unit.note_outdated(batch)
    async with connection.transaction():
        await unit.record()
    return unit.derived_rows


async def _bring(connection: Connection, ruleset: Ruleset, today: date, together: int) -> None:
    start = time.perf_counter()
    await begin(connection, today)
    row_ids = await refresh(connection, ruleset, today, together=together)
    await note_day(connection, _JOB, today)
    counts = {entity.set_name: len(ids) for entity, ids in row_ids.values()}
    seconds = round(time.perf_counter() - start, 3)
    write = log.info if counts else log.debug
    write("rentals are at a new day", day=today.isoformat(), seconds=seconds, **counts)


def _batches(owners: Owners, together: int) -> list[Owners]:
    """The same owners in parts of at most `together`, each of one type."""
    return [
        {name: ids[first : first + together]}
        for name, ids in owners.items()
        for first in range(0, len(ids), together)
    ]
