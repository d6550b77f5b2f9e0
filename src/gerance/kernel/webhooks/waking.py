"""Waking workers: one that has nothing to do says so, and the next write that owes something
notifies it. Polling is the safety net."""

import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from uuid import uuid4

from psycopg import AsyncConnection

from gerance.kernel.db import Connection
from gerance.kernel.outbox import CHANNEL

ASLEEP_SECONDS = 30.0
"""For so long a worker counts as asleep, if a crash keeps it from saying that it is not."""


class Bed:
    """Where one worker sleeps: a connection of its own, which hears notifications."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection
        self._worker = str(uuid4())
        self._until = 0.0

    async def lie_down(self) -> None:
        """From now on writers notify. Look once more for work before you wait."""
        if time.monotonic() < self._until - ASLEEP_SECONDS / 2:
            return
        await self._connection.execute(
            "INSERT INTO sleeper (worker, until) VALUES (%s, now() + make_interval(secs => %s))"
            " ON CONFLICT (worker) DO UPDATE SET until = excluded.until",
            [self._worker, ASLEEP_SECONDS],
        )
        self._until = time.monotonic() + ASLEEP_SECONDS

    async def wait(self, at_most: float) -> None:
        """Until a notification, or for `at_most` seconds."""
        async for _ in self._connection.notifies(timeout=at_most, stop_after=1):
            pass

    async def get_up(self) -> None:
        """Writers need not notify any more."""
        if self._until:
            await self._connection.execute("DELETE FROM sleeper WHERE worker = %s", [self._worker])
            self._until = 0.0


@asynccontextmanager
async def made_bed(url: str) -> AsyncIterator[Bed]:
    """A bed on a connection to `url`, which closes with it."""
    connection = await AsyncConnection.connect(
        url, autocommit=True, application_name="gerance deliveries"
    )
    async with connection:
        await connection.execute("SET synchronous_commit = off")
        await connection.execute(f"LISTEN {CHANNEL}")
        bed = Bed(connection)
        try:
            yield bed
        finally:
            if not connection.closed:
                await bed.get_up()
