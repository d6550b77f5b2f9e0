"""The background loops: what has to be done without anybody asking.

They run inside `gerance serve`, or as `gerance worker`, any number of times: each turn takes a
lock that one process gets.
"""

import asyncio

import structlog
from psycopg import OperationalError
from psycopg_pool import PoolTimeout

from gerance.incidents.tickets.tally import sum_up
from gerance.kernel.db import Pool, open_pool
from gerance.kernel.settings import Settings

log = structlog.get_logger("gerance.worker")

PAUSE_SECONDS = 1.0


async def run(settings: Settings) -> None:
    """Run the loops until cancelled, on a pool of their own."""
    if settings.database_url is None:
        raise ValueError("a worker needs a database_url")
    async with open_pool(
        settings.database_url, size=2, statement_timeout_ms=settings.statement_timeout_ms
    ) as pool:
        await keep_tallies(pool)


async def keep_tallies(pool: Pool) -> None:
    """Sum up the changes of the ticket counts, about every second, until cancelled."""
    while True:
        try:
            async with pool.connection() as connection:
                while await sum_up(connection):
                    pass
        except (OperationalError, PoolTimeout) as failure:
            log.warning("counts not summed up; trying again", reason=str(failure))
        await asyncio.sleep(PAUSE_SECONDS)
