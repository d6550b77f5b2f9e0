"""The day that customers are at: what becomes due by then is written, one event per change.

Days on which nobody ran it are caught up: each event is dated by the day on which it became due.
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
    """Write all that is due until `today`, itself included; how many customers changed.

    Several processes may do it at once, and each change is still written once. Interrupted, it is
    taken up where it stopped.
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
    """Nobody asks for anything: what is due is written all the same."""
    return []


async def _due(pool: Pool, today: date) -> list[tuple[str, str]]:
    async with pool.connection() as connection:
        rows = await connection.execute(
            "SELECT partner, client_id FROM partner_customer WHERE due <= %s ORDER BY due LIMIT %s",
            [today, TOGETHER],
        )
        return [(partner, client_id) for partner, client_id in await rows.fetchall()]
