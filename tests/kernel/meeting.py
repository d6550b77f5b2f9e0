"""Transactions that meet on two connections, in each interleaving of their statements."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from typing import Any

from gerance.kernel.db import Connection, open_pool

Act = Callable[[Connection], Awaitable[Any]]


class Stepped:
    """Runs a transaction that stops after `stops` statements until it may go on, and that is
    rolled back at its end. `statements`: how many there were."""

    def __init__(self, connection: Connection, stops: int | None = None) -> None:
        self.connection, self.stops, self.statements = connection, stops, 0
        self.stopped, self.go_on = asyncio.Event(), asyncio.Event()
        self._execute = connection.execute
        connection.execute = self._counted  # type: ignore[method-assign]

    async def run(self, act: Act) -> None:
        try:
            async with self.connection.transaction(force_rollback=True):
                await act(self.connection)
        finally:
            self.stopped.set()
            self.connection.execute = self._execute  # type: ignore[method-assign]

    async def _counted(self, *given: Any, **more: Any) -> Any:
        if self.statements == self.stops:
            self.stopped.set()
            await self.go_on.wait()
        self.statements += 1
        return await self._execute(*given, **more)


@asynccontextmanager
async def connected(url: str) -> AsyncIterator[Connection]:
    async with (
        open_pool(url, size=1, statement_timeout_ms=0) as pool,
        pool.connection() as connection,
    ):
        await connection.execute("SET deadlock_timeout = '10ms'")
        yield connection


async def until_done_or_waiting(
    task: "asyncio.Future[None]", connection: Connection, watch: Connection
) -> None:
    """Wait until what runs on the connection is done, or waits for a lock."""
    while not task.done():
        rows = await watch.execute(
            "SELECT cardinality(pg_blocking_pids(%s)) > 0", [connection.info.backend_pid]
        )
        if (await rows.fetchall())[0][0]:
            return
        await asyncio.sleep(0.001)


async def meet(
    first: Act, second: Act, one: Connection, other: Connection, watch: Connection
) -> None:
    """Run both in each interleaving: the first stops after each statement in turn, the second runs
    until it is done or waits, the first goes on. Raises DeadlockDetected."""
    alone = Stepped(one)
    await alone.run(first)
    for stops in range(1, alone.statements):
        stepped = Stepped(one, stops)
        going = asyncio.ensure_future(stepped.run(first))
        await stepped.stopped.wait()
        beside = asyncio.ensure_future(Stepped(other).run(second))
        await until_done_or_waiting(beside, other, watch)
        stepped.go_on.set()
        await asyncio.gather(going, beside)
