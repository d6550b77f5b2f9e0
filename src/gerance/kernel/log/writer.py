"""The one write path.

Commands that wait at the same time are carried out together: one statement reads the aggregates'
rows (version, state, whether the command was seen before), each command is decided by itself, and
a second statement writes all of it, but for those whose row was written in between (by another
process, or because somebody that it shows was renamed). That second statement is a transaction by
itself; it is durable when its commands are answered. A command that finds nobody waiting is a
batch of one: nothing is delayed to make a batch.

A command whose row did move starts again under a lock on the row, which cannot fail in the same
way: a popular aggregate is written in turn, never refused for being popular. One that the database
refuses is tried again by itself, so that it fails alone.

Lanes carry out the batches. A category has at most two of them, so one whose rows or tables
somebody has locked does not hold up the others: further lanes begin when all are taken. A command
that waits too long for its turn, or for a lock, is answered 503.
"""

import asyncio
from collections import Counter, deque
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import structlog
from psycopg import OperationalError
from psycopg.errors import LockNotAvailable, QueryCanceled
from psycopg_pool import AsyncConnectionPool, PoolClosed, PoolTimeout

from gerance.kernel.db import Connection, Pool, is_lost
from gerance.kernel.errors import Refused
from gerance.kernel.limits.shares import HOLDER
from gerance.kernel.log.batch import Waiting, answer, attempt, fail, read_beside
from gerance.kernel.log.write_request import (
    NO_READING,
    Afterwards,
    AggregateRow,
    Change,
    Projection,
    Reading,
    WriteRequest,
    WriteResult,
)
from gerance.kernel.transactions import CommitUnknown, Kind, classify, committed, retried

__all__ = [
    "NO_READING",
    "Afterwards",
    "AggregateRow",
    "Change",
    "Projection",
    "Reading",
    "WriteRequest",
    "WriteResult",
    "Writer",
    "open_writer",
]

log = structlog.get_logger("gerance.execute")

MOST_TOGETHER = 48
LANES = 2
"""Lanes that keep a connection, and the most that one category has at the same time."""
FURTHER_LANES = 4
"""Those that begin when the others are taken, and end when nothing waits; fewer where the pool is
small."""
READS = 4
"""Commands of one category that read what they refer to at the same time."""
IDLE_SECONDS = 5.0
LOOK_SECONDS = 0.05
LOCK_SECONDS = 2.0
"""So long a batch waits for a lock; then its commands are tried one by one."""
PATIENCE_SECONDS = 12.0
"""So long a command waits for its turn and for locks, all in all."""

BUSY = Kind("CommandsBusy", 2)


class Writer:
    """Carries out commands on a pool of connections; open while inside `opened_writer`."""

    def __init__(self, pool: Pool, group: asyncio.TaskGroup) -> None:
        self._pool = pool
        self._group = group
        self._queue: deque[Waiting] = deque()
        self._busy: set[tuple[str, str]] = set()
        self._locked: set[tuple[str, str]] = set()
        self._lanes: Counter[str] = Counter()
        self._further = 0
        self._most_further = min(FURTHER_LANES, pool.max_size // 4)
        self._gates: dict[tuple[str, int], asyncio.Semaphore] = {}
        self._looking: asyncio.TimerHandle | None = None
        self._stirred = asyncio.Event()
        self._closing = False

    async def execute(self, intent: WriteRequest) -> WriteResult:
        """Carry out a command. Raises CommandAlreadySent and what `intent.decide` refuses with."""
        deadline = asyncio.get_running_loop().time() + PATIENCE_SECONDS
        if intent.afterwards is not None:
            async with self._turn(intent.category, LANES):
                return await self._alone(intent, brief=False)
        beside: tuple[Any, ...] = ()
        if intent.reading.columns:
            async with self._turn(intent.category, READS), self._pool.connection() as connection:
                beside = await read_beside(connection, intent)
        done: asyncio.Future[WriteResult] = asyncio.get_running_loop().create_future()
        self._put(Waiting(intent, beside, done, deadline))
        return await done

    async def carry_out_waiting(self) -> None:
        """One lane: carry out what waits, on a connection of its own, until closed."""
        while not (self._closing and not self._queue):
            try:
                async with self._pool.connection() as connection, _brief_waits(connection):
                    await self._carry_out_on(connection)
            except PoolClosed:
                return
            except PoolTimeout as failure:
                for waiting in self._queue:
                    fail(waiting, failure)
                self._queue.clear()
            except OperationalError as failure:
                log.warning("lost a connection while idle; taking another", reason=str(failure))

    def close(self) -> None:
        """Take nothing more once what waits is carried out."""
        self._closing = True
        self._stirred.set()

    def _put(self, *waiting: Waiting) -> None:
        self._queue.extend(waiting)
        self._stirred.set()
        if self._looking is None:
            loop = asyncio.get_running_loop()
            self._looking = loop.call_later(LOOK_SECONDS, self._look)

    @asynccontextmanager
    async def _turn(self, category: str, most: int) -> AsyncIterator[None]:
        """At most so many of the category at the same time. Raises Refused (503)."""
        gate = self._gates.setdefault((category, most), asyncio.Semaphore(most))
        try:
            async with asyncio.timeout(PATIENCE_SECONDS):
                await gate.acquire()
        except TimeoutError:
            raise BUSY.refused from None
        try:
            yield
        finally:
            gate.release()

    def _look(self) -> None:
        """Answer what has waited too long, and begin a further lane when one is missing."""
        self._looking = None
        loop = asyncio.get_running_loop()
        late = [each for each in self._queue if each.deadline <= loop.time()]
        if late:
            self._queue = deque(each for each in self._queue if each.deadline > loop.time())
            for waiting in late:
                self._locked.discard(_key(waiting.intent))
                fail(waiting, BUSY.refused)
        if not self._queue:
            self._stirred.set()
            return
        if self._further < self._most_further and any(map(self._may_begin, self._queue)):
            self._further += 1
            self._group.create_task(self._carry_out_further())
        self._looking = loop.call_later(LOOK_SECONDS, self._look)

    async def _carry_out_further(self) -> None:
        """A further lane: until nothing waits that it may carry out."""
        # Its task has the context of the command that found the other lanes taken.
        HOLDER.set(None)
        try:
            async with (
                self._pool.connection(timeout=LOCK_SECONDS) as connection,
                _brief_waits(connection),
            ):
                await self._carry_out_on(connection, further=True)
        except (PoolTimeout, OperationalError) as failure:
            log.warning("no further lane", reason=str(failure))
        finally:
            self._further -= 1

    async def _carry_out_on(self, connection: Connection, *, further: bool = False) -> None:
        """Until closed, or until the connection is lost; a further lane until it has no work."""
        while not await is_lost(connection):
            batch = self._take()
            if not batch:
                if further or (self._closing and not self._queue):
                    return
                self._stirred.clear()
                if await _idle(self._stirred):
                    await AsyncConnectionPool.check_connection(connection)
                continue
            category = batch[0].intent.category
            self._lanes[category] += 1
            try:
                await self._carry_out(connection, batch)
            finally:
                self._lanes[category] -= 1
                self._busy.difference_update(_key(waiting.intent) for waiting in batch)
                self._stirred.set()

    def _may_begin(self, waiting: Waiting) -> bool:
        """Whether a batch may begin with it."""
        free = self._lanes[waiting.intent.category] < LANES
        return free and _key(waiting.intent) not in self._busy

    def _take(self) -> list[Waiting]:
        """The next commands of one category, at most one for each aggregate."""
        batch: list[Waiting] = []
        left: deque[Waiting] = deque()
        kept: set[tuple[str, str]] = set()
        full = False
        while self._queue and len(batch) < MOST_TOGETHER and not full:
            waiting = self._queue.popleft()
            key = _key(waiting.intent)
            first = batch[0].intent if batch else waiting.intent
            fits = (waiting.intent.category, waiting.intent.column) == (
                first.category,
                first.column,
            )
            alone = waiting.alone or key in self._locked
            if fits and key not in kept and self._may_begin(waiting) and not (alone and batch):
                self._busy.add(key)
                batch.append(waiting)
                full = alone
            else:
                kept.add(key)
                left.append(waiting)
        self._queue.extendleft(reversed(left))
        # Rows are locked in this order, by every process, so that no two wait for each other.
        return sorted(batch, key=lambda waiting: waiting.intent.stream)

    async def _carry_out(self, connection: Connection, batch: list[Waiting]) -> None:
        try:
            again = await attempt(connection, batch)
        except LockNotAvailable as failure:
            self._try_later(batch, failure)
            return
        except Exception as failure:
            again = [waiting for waiting in batch if not waiting.answer.done()]
            kind = classify(failure)
            if isinstance(failure, QueryCanceled | CommitUnknown):
                for waiting in again:
                    fail(waiting, failure)
                return
            if connection.closed:
                # Nothing is written yet, and the lane will have another connection.
                self._put(*again)
                return
            if len(batch) == 1 and not (kind is not None and kind.transient):
                fail(batch[0], failure)
                return
        for waiting in again:
            try:
                answer(waiting, await self._alone(waiting.intent))
            except LockNotAvailable as failure:
                self._try_later([waiting], failure)
            except Exception as failure:
                fail(waiting, failure)
        self._locked.difference_update(_key(each.intent) for each in batch if each.answer.done())

    def _try_later(self, batch: list[Waiting], failure: LockNotAvailable) -> None:
        """Put commands back that met a lock, each to be tried by itself, until their deadlines."""
        now = asyncio.get_running_loop().time()
        if len(batch) == 1:
            self._locked.add(_key(batch[0].intent))
        for waiting in batch:
            if waiting.deadline <= now or self._closing or waiting.answer.done():
                self._locked.discard(_key(waiting.intent))
                fail(waiting, failure)
            else:
                self._put(waiting._replace(alone=True))

    async def _alone(self, intent: WriteRequest, *, brief: bool = True) -> WriteResult:
        """Carry out one command in a transaction of its own, under a lock on its row. `brief`:
        it waits for a lock no longer than a batch."""

        async def act(connection: Connection) -> WriteResult:
            if brief:
                await connection.execute(f"SET LOCAL lock_timeout = '{LOCK_SECONDS}s'")
            await connection.execute(
                "SELECT 1 FROM stream WHERE category = %s AND uid = %s FOR UPDATE",
                [intent.category, intent.stream],
            )
            done: asyncio.Future[WriteResult] = asyncio.get_running_loop().create_future()
            waiting = Waiting(intent, await read_beside(connection, intent), done, 0)
            if await attempt(connection, [waiting], autocommit=False):
                raise Refused(
                    "Conflict",
                    f"{intent.stream} is being changed by others; send the command again.",
                    status=503,
                    headers={"Retry-After": "1"},
                )
            return await done

        async def once() -> WriteResult:
            async with self._pool.connection() as connection:
                return await committed(connection, act)

        return await retried(once)


@asynccontextmanager
async def open_writer(pool: Pool) -> AsyncIterator[Writer]:
    """A writer on the pool; when it is left, what waits is still carried out."""
    async with asyncio.TaskGroup() as lanes:
        writer = Writer(pool, lanes)
        for _ in range(LANES):
            lanes.create_task(writer.carry_out_waiting())
        try:
            yield writer
        finally:
            writer.close()


@asynccontextmanager
async def _brief_waits(connection: Connection) -> AsyncIterator[None]:
    """Within the block the connection waits LOCK_SECONDS for a lock, at most."""
    rows = await connection.execute("SELECT current_setting('lock_timeout')")
    ((before,),) = await rows.fetchall()
    await connection.execute(f"SET lock_timeout = '{LOCK_SECONDS}s'")
    try:
        yield
    finally:
        if not connection.closed:
            await connection.execute("SELECT set_config('lock_timeout', %s, false)", [before])


async def _idle(stirred: asyncio.Event) -> bool:
    """Wait for something to do; whether that took so long that the connection may be gone."""
    try:
        async with asyncio.timeout(IDLE_SECONDS):
            await stirred.wait()
    except TimeoutError:
        await stirred.wait()
        return True
    return False


def _key(intent: WriteRequest) -> tuple[str, str]:
    return intent.category, intent.stream
