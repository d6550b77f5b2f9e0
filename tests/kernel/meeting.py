"""Transactions that meet on two connections, in each interleaving of their statements."""

import asyncio
import re
from collections.abc import AsyncIterator, Awaitable, Callable, Container, Mapping
from contextlib import asynccontextmanager
from itertools import product
from typing import Any, Self

from psycopg.errors import DeadlockDetected
from psycopg.sql import Composable
from tests.waiting import until_async

from gerance.kernel.db import Connection, open_pool
from gerance.kernel.odata.versions import SLOTS
from gerance.kernel.plans import PlannedCursor

Act = Callable[[Connection], Awaitable[Any]]

_LOCKS = re.compile(r"\b(INSERT|UPDATE|DELETE|SHARE|pg_(try_)?advisory_\w+)\b")
"""What a statement says that takes locks; between others no interleaving differs."""


class Stepped:
    """Runs a transaction that is rolled back at its end. It stops, until it may go on, when so many
    statements that take locks are done and another is to come. `done`: how many."""

    def __init__(self, connection: Connection, stops: Container[int] = ()) -> None:
        self.connection, self.stops = connection, stops
        self.done, self.ended = 0, False
        self.stopped, self._go_on = asyncio.Event(), asyncio.Event()

    async def go_on(self) -> None:
        """Let it go on to its next stop, or to its end."""
        self.stopped.clear()
        self._go_on.set()
        await self.stopped.wait()

    async def run(self, act: Act) -> None:
        stepped = self

        class Cursor(PlannedCursor[Any]):
            async def execute(self, query: Any, *given: Any, **more: Any) -> Self:
                await stepped._before(query)
                return await super().execute(query, *given, **more)

            async def executemany(self, query: Any, *given: Any, **more: Any) -> None:
                await stepped._before(query)
                await super().executemany(query, *given, **more)

        before = self.connection.cursor_factory
        self.connection.cursor_factory = Cursor
        try:
            async with self.connection.transaction(force_rollback=True):
                await act(self.connection)
        finally:
            self.ended = True
            self.stopped.set()
            self.connection.cursor_factory = before

    async def _before(self, query: Any) -> None:
        text = query.as_string(self.connection) if isinstance(query, Composable) else str(query)
        if not _LOCKS.search(text):
            return
        if self.done in self.stops:
            self._go_on.clear()
            self.stopped.set()
            await self._go_on.wait()
        self.done += 1


@asynccontextmanager
async def connected(url: str, *, beside: Connection | None = None) -> AsyncIterator[Connection]:
    """A connection that notices a deadlock at once. `beside`: it shares the rows of set versions
    with this one."""
    while True:
        async with (
            open_pool(url, size=1, statement_timeout_ms=0) as pool,
            pool.connection() as connection,
        ):
            if beside is not None and (
                (connection.info.backend_pid - beside.info.backend_pid) % SLOTS
            ):
                continue
            await connection.execute("SET deadlock_timeout = '10ms'")
            yield connection
            return


async def until_done_or_waiting(
    task: "asyncio.Future[None]", connection: Connection, watch: Connection
) -> None:
    """Wait until what runs on the connection is done, or waits for a lock."""

    async def done_or_waiting() -> bool:
        rows = await watch.execute(
            "SELECT cardinality(pg_blocking_pids(%s)) > 0", [connection.info.backend_pid]
        )
        return task.done() or bool((await rows.fetchall())[0][0])

    await until_async(done_or_waiting)


EACH = range(1, 1000)


async def meet(
    first: Act,
    second: Act,
    one: Connection,
    other: Connection,
    watch: Connection,
    stops: Container[int] = EACH,
) -> None:
    """Let the first stop after each of its statements in turn, and the second run beside it; when
    that waits, the first goes on to its end. Raises DeadlockDetected.

    This is each interleaving that matters: who waits for what the first has by now, and has what
    the first will want, is found at the first stop at which the second waits at all.
    """
    stepped = Stepped(one, stops)
    going = asyncio.ensure_future(stepped.run(first))
    await stepped.stopped.wait()
    while not stepped.ended:
        beside = asyncio.ensure_future(Stepped(other).run(second))
        await until_done_or_waiting(beside, other, watch)
        if not beside.done():
            stepped.stops = ()
        await stepped.go_on()
        for failure in await asyncio.gather(beside, return_exceptions=True):
            if failure is not None:
                stepped.stops = ()
                if not stepped.ended:
                    await stepped.go_on()
                await asyncio.gather(going, return_exceptions=True)
                raise failure
    await going


async def all_meet(url: str, acts: Mapping[str, Act]) -> None:
    """Let each two of them meet that want two rows or more in common, or are the same. Fails with
    those that wait for each other in a circle."""
    async with connected(url) as one, connected(url, beside=one) as other, connected(url) as watch:
        taken = {name: await _taken(act, one, watch) for name, act in acts.items()}
        circles = []
        for first, second in product(acts, acts):
            wanted = taken[second][-1]
            if first != second and len(taken[first][-1] & wanted) < 2:
                continue
            had = [len(each & wanted) for each in taken[first]]
            stops = {nth for nth in range(1, len(had)) if had[nth] > had[nth - 1]}
            try:
                await meet(acts[first], acts[second], one, other, watch, {*stops, len(had) - 2})
            except DeadlockDetected as circle:
                circles.append(f"{first} / {second}: {circle.diag.context}")
    assert not circles, "\n".join(circles)


async def _taken(act: Act, connection: Connection, watch: Connection) -> list[set[str]]:
    """What a transaction locks for itself, rows and advisory locks: before its first statement
    that takes locks, after it, after the second, and so on."""
    before = await _locked(watch)
    taken: list[set[str]] = []

    async def look() -> None:
        taken.append({row for row, _ in await _locked(watch) - before})

    async def watched(connection: Connection) -> None:
        await act(connection)
        await look()

    stepped = Stepped(connection, range(1000))
    going = asyncio.ensure_future(stepped.run(watched))
    await stepped.stopped.wait()
    while not stepped.ended:
        await look()
        await stepped.go_on()
    await going
    return taken


async def _locked(watch: Connection) -> set[tuple[str, str]]:
    """The rows with who locked them last, and the advisory locks."""
    tables = await watch.execute(
        "SELECT oid::regclass::text FROM pg_class WHERE relkind = 'r' AND relnamespace IN"
        " ('public'::regnamespace, 'rentals'::regnamespace)"
    )
    every = " UNION ALL ".join(
        f"SELECT '{name} ' || ctid, xmax::text FROM {name} WHERE xmax <> '0'"
        for (name,) in await tables.fetchall()
    )
    rows = await watch.execute(
        f"{every} UNION ALL SELECT concat('advisory ', classid, ' ', objid), '' FROM pg_locks"
        " WHERE locktype = 'advisory' AND mode = 'ExclusiveLock'"
    )
    return set(await rows.fetchall())
