"""Wakeups of workers: a worker without work registers as idle, and the next write that adds
pending deliveries notifies it. Polling is the safety net."""

import asyncio
import time
from uuid import uuid4

from psycopg import AsyncConnection

from gerance.kernel.db import Pool, conninfo
from gerance.kernel.log.outbox import CHANNEL

ASLEEP_SECONDS = 30.0
"""How long a worker counts as idle when a crash keeps it from unregistering."""


class WorkerNotifier:
    """The wakeups of one worker. `wakeup` is set when there may be pending deliveries."""

    def __init__(self, pool: Pool) -> None:
        self.wakeup = asyncio.Event()
        self._pool = pool
        self._worker = str(uuid4())
        self._until = self._since = 0.0

    async def listen(self, url: str) -> None:
        """Listen for notifications on a connection of its own to `url`, until cancelled."""
        async with await AsyncConnection.connect(
            conninfo(url), autocommit=True, application_name="gerance deliveries"
        ) as connection:
            await connection.execute(f"LISTEN {CHANNEL}")
            self.wakeup.set()
            async for _ in connection.notifies():
                self.wakeup.set()

    async def register_idle(self) -> bool:
        """Register this worker as idle, so that writers notify it. Returns whether that is new: the
        caller then checks once more for work.

        Deletes the registrations of workers that crashed.
        """
        now = time.monotonic()
        if now < self._until - ASLEEP_SECONDS / 2:
            return False
        if now > self._until:
            self._since = now
        await self._write(
            "WITH dead AS (DELETE FROM sleeper WHERE until < now() - interval '1 hour'"
            " AND worker <> %(worker)s) INSERT INTO sleeper (worker, until)"
            " VALUES (%(worker)s, now() + make_interval(secs => %(seconds)s))"
            " ON CONFLICT (worker) DO UPDATE SET until = excluded.until",
            worker=self._worker,
            seconds=ASLEEP_SECONDS,
        )
        self._until = time.monotonic() + ASLEEP_SECONDS
        return True

    def idle_seconds(self) -> float:
        """Seconds since the worker registered as idle."""
        return time.monotonic() - self._since

    async def unregister(self) -> None:
        """Unregister the worker: writers no longer notify it."""
        if self._until:
            await self._write("DELETE FROM sleeper WHERE worker = %(worker)s", worker=self._worker)
            self._until = 0.0

    async def wait(self, at_most: float) -> None:
        """Wait for a wakeup, for at most `at_most` seconds."""
        try:
            async with asyncio.timeout(at_most):
                await self.wakeup.wait()
        except TimeoutError:
            pass

    async def _write(self, statement: str, **params: object) -> None:
        async with self._pool.connection() as connection, connection.transaction():
            await connection.execute("SET LOCAL synchronous_commit = off")
            await connection.execute(statement, params)
