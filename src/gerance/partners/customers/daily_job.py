"""The daily job of customers: records what has become due, one event per change.

Missed days are caught up. Each event has the date on which it became due.
"""

import asyncio
import time
from datetime import date

import structlog

from gerance.kernel.daily_job import Job, note_day
from gerance.kernel.db import Pool
from gerance.kernel.log.writer import Writer
from gerance.partners.lifecycle.events import PartnerCustomerEvent
from gerance.partners.lifecycle.writer import ChangeRequest, change

log = structlog.get_logger("gerance.partners.day")

_JOB: Job = "partners"
TOGETHER = 200


async def run_daily_job(pool: Pool, writer: Writer, today: date) -> int:
    """Record everything that is due up to `today`; the number of customers that changed.

    Several processes may run it at once: each change is recorded once. An interrupted run continues
    with the next call.
    """
    start = time.perf_counter()
    count = 0
    while due := await _due(pool, today):
        request = ChangeRequest("time", today)
        results = await asyncio.gather(
            *(change(writer, partner, client_id, request, _nothing) for partner, client_id in due)
        )
        count += sum(each.position is not None for each in results)
    async with pool.connection() as connection:
        await note_day(connection, _JOB, today)
    if count:
        seconds = round(time.perf_counter() - start, 3)
        log.info("customers are at a new day", day=today.isoformat(), seconds=seconds, n=count)
    return count


def _nothing(*_: object) -> list[PartnerCustomerEvent]:
    """No command: only what is due is recorded."""
    return []


async def _due(pool: Pool, today: date) -> list[tuple[str, str]]:
    async with pool.connection() as connection:
        rows = await connection.execute(
            "SELECT partner, client_id FROM partner_customer WHERE due <= %s ORDER BY due LIMIT %s",
            [today, TOGETHER],
        )
        return [(partner, client_id) for partner, client_id in await rows.fetchall()]
