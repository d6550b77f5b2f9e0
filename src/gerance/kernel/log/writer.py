"""Executes write requests: the one way in which events of incidents and partners are stored.

Requests that wait at the same time are executed as a batch. One statement loads the aggregates
(version, state, whether the command is already stored), each request is decided by itself, and a
second statement stores all changes, except those whose row another writer changed in between. The
second statement is a transaction of its own and is durable before its requests are resolved. A
request that arrives alone is a batch of one: nothing is delayed to make a batch.

A request whose row has changed is executed again under a lock on the row, so it cannot fail in the
same way twice. A request that the database rejects is executed again by itself, so it fails alone.

Lanes execute the batches. A category has at most two lanes, so a category whose rows or tables are
locked does not hold up the others; extra lanes start when all are busy. A request that waits too
long for a lane or a lock is rejected with 503.
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
from gerance.kernel.limits.shares import HOLDER
from gerance.kernel.log.batch import (
    PendingWrite,
    execute_batch,
    execute_locked,
    fail,
    read_extra,
    resolve,
)
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

log = structlog.get_logger("gerance.writer")

MOST_TOGETHER = 48
LANES = 2
"""Lanes with a connection of their own, and the most lanes of one category at the same time."""
EXTRA_LANES = 4
"""Lanes that start when all others are busy and end when the queue is empty; fewer for a small
pool."""
READS = 4
"""Requests of one category that read their extra columns at the same time."""
IDLE_SECONDS = 5.0
CHECK_SECONDS = 0.05
LOCK_SECONDS = 2.0
"""How long a batch waits for a lock. Then its requests are executed one by one."""
PATIENCE_SECONDS = 12.0
"""How long a request waits for a lane and for locks in total."""

BUSY = Kind("CommandsBusy", 2)


class Writer:
    """Executes write requests on a pool of connections. Create it with `open_writer`."""

    def __init__(self, pool: Pool, group: asyncio.TaskGroup) -> None:
        self._pool = pool
        self._group = group
        self._queue: deque[PendingWrite] = deque()
        self._busy: set[tuple[str, str]] = set()
        self._locked: set[tuple[str, str]] = set()
        self._lanes: Counter[str] = Counter()
        self._extra_lanes = 0
        self._most_extra_lanes = min(EXTRA_LANES, pool.max_size // 4)
        self._gates: dict[tuple[str, int], asyncio.Semaphore] = {}
        self._check_timer: asyncio.TimerHandle | None = None
        self._wakeup = asyncio.Event()
        self._closing = False

    async def execute(self, request: WriteRequest) -> WriteResult:
        """Execute a request. Raises CommandAlreadySent, and what `request.decide` raises."""
        deadline = asyncio.get_running_loop().time() + PATIENCE_SECONDS
        if request.afterwards is not None:
            async with self._turn(request.category, LANES):
                return await self._execute_alone(request, brief=False)
        extra: tuple[Any, ...] = ()
        if request.reading.columns:
            async with self._turn(request.category, READS), self._pool.connection() as connection:
                extra = await read_extra(connection, request)
        result: asyncio.Future[WriteResult] = asyncio.get_running_loop().create_future()
        self._put(PendingWrite(request, extra, result, deadline))
        return await result

    async def run_lane(self) -> None:
        """One lane: execute batches on a connection of its own until the writer is closed."""
        while not (self._closing and not self._queue):
            try:
                async with self._pool.connection() as connection, _short_lock_timeout(connection):
                    await self._run_batches(connection)
            except PoolClosed:
                return
            except PoolTimeout as failure:
                for pending in self._queue:
                    fail(pending, failure)
                self._queue.clear()
            except OperationalError as failure:
                log.warning("lost a connection while idle; taking another", reason=str(failure))

    def close(self) -> None:
        """End the lanes once the queue is empty."""
        self._closing = True
        self._wakeup.set()

    def _put(self, *pending: PendingWrite) -> None:
        self._queue.extend(pending)
        self._wakeup.set()
        if self._check_timer is None:
            loop = asyncio.get_running_loop()
            self._check_timer = loop.call_later(CHECK_SECONDS, self._check_queue)

    @asynccontextmanager
    async def _turn(self, category: str, most: int) -> AsyncIterator[None]:
        """Within the block, at most `most` requests of the category run. Raises Rejection (503)."""
        gate = self._gates.setdefault((category, most), asyncio.Semaphore(most))
        try:
            async with asyncio.timeout(PATIENCE_SECONDS):
                await gate.acquire()
        except TimeoutError:
            raise BUSY.rejection from None
        try:
            yield
        finally:
            gate.release()

    def _check_queue(self) -> None:
        """Reject requests that have waited too long, and start an extra lane when one is
        missing."""
        self._check_timer = None
        loop = asyncio.get_running_loop()
        late = [each for each in self._queue if each.deadline <= loop.time()]
        if late:
            self._queue = deque(each for each in self._queue if each.deadline > loop.time())
            for pending in late:
                self._locked.discard(_key(pending.request))
                fail(pending, BUSY.rejection)
        if not self._queue:
            self._wakeup.set()
            return
        if self._extra_lanes < self._most_extra_lanes and any(map(self._can_begin, self._queue)):
            self._extra_lanes += 1
            self._group.create_task(self._run_extra_lane())
        self._check_timer = loop.call_later(CHECK_SECONDS, self._check_queue)

    async def _run_extra_lane(self) -> None:
        """An extra lane: execute batches until there is none that it can begin."""
        # Its task inherits the context of the request that started it.
        HOLDER.set(None)
        try:
            async with (
                self._pool.connection(timeout=LOCK_SECONDS) as connection,
                _short_lock_timeout(connection),
            ):
                await self._run_batches(connection, extra_lane=True)
        except (PoolTimeout, OperationalError) as failure:
            log.warning("no further lane", reason=str(failure))
        finally:
            self._extra_lanes -= 1

    async def _run_batches(self, connection: Connection, *, extra_lane: bool = False) -> None:
        """Execute batches until the writer is closed or the connection is lost; an extra lane,
        until there is nothing to do."""
        while not await is_lost(connection):
            batch = self._take()
            if not batch:
                if extra_lane or (self._closing and not self._queue):
                    return
                self._wakeup.clear()
                if await _idle(self._wakeup):
                    await AsyncConnectionPool.check_connection(connection)
                continue
            category = batch[0].request.category
            self._lanes[category] += 1
            try:
                await self._execute_batch(connection, batch)
            finally:
                self._lanes[category] -= 1
                self._busy.difference_update(_key(pending.request) for pending in batch)
                self._wakeup.set()

    def _can_begin(self, pending: PendingWrite) -> bool:
        """Whether a batch can begin with this request."""
        free = self._lanes[pending.request.category] < LANES
        return free and _key(pending.request) not in self._busy

    def _take(self) -> list[PendingWrite]:
        """The next requests of one category, at most one for each aggregate."""
        batch: list[PendingWrite] = []
        remaining_queue: deque[PendingWrite] = deque()
        keys: set[tuple[str, str]] = set()
        full = False
        while self._queue and len(batch) < MOST_TOGETHER and not full:
            pending = self._queue.popleft()
            key = _key(pending.request)
            first = batch[0].request if batch else pending.request
            fits = (pending.request.category, pending.request.column) == (
                first.category,
                first.column,
            )
            alone = pending.alone or key in self._locked
            if fits and key not in keys and self._can_begin(pending) and not (alone and batch):
                self._busy.add(key)
                batch.append(pending)
                full = alone
            else:
                keys.add(key)
                remaining_queue.append(pending)
        self._queue.extendleft(reversed(remaining_queue))
        # Every process locks rows in this order, so no two wait for each other.
        return sorted(batch, key=lambda pending: pending.request.stream)

    async def _execute_batch(self, connection: Connection, batch: list[PendingWrite]) -> None:
        try:
            retries = await execute_batch(connection, batch)
        except LockNotAvailable as failure:
            self._requeue(batch, failure)
            return
        except Exception as failure:
            # Whatever it is, each request of the batch gets an answer: now, or after a retry.
            retries = [pending for pending in batch if not pending.future.done()]
            kind = classify(failure)
            if isinstance(failure, QueryCanceled | CommitUnknown):
                for pending in retries:
                    fail(pending, failure)
                return
            if connection.closed:
                # Nothing is stored yet, and the lane will take another connection.
                self._put(*retries)
                return
            if len(batch) == 1 and not (kind is not None and kind.transient):
                fail(batch[0], failure)
                return
        for pending in retries:
            try:
                resolve(pending, await self._execute_alone(pending.request))
            except LockNotAvailable as failure:
                self._requeue([pending], failure)
            except Exception as failure:
                # Any exception fails this request only: the lane continues.
                fail(pending, failure)
        self._locked.difference_update(_key(each.request) for each in batch if each.future.done())

    def _requeue(self, batch: list[PendingWrite], failure: LockNotAvailable) -> None:
        """Queue requests that met a lock again, each in a batch of its own, until their
        deadlines."""
        now = asyncio.get_running_loop().time()
        if len(batch) == 1:
            self._locked.add(_key(batch[0].request))
        for pending in batch:
            if pending.deadline <= now or self._closing or pending.future.done():
                self._locked.discard(_key(pending.request))
                fail(pending, failure)
            else:
                self._put(pending._replace(alone=True))

    async def _execute_alone(self, request: WriteRequest, *, brief: bool = True) -> WriteResult:
        """Execute one request in a transaction of its own, under a lock on its row. `brief`: wait
        for locks no longer than a batch."""

        async def write(connection: Connection) -> WriteResult:
            if brief:
                await connection.execute(f"SET LOCAL lock_timeout = '{LOCK_SECONDS}s'")
            return await execute_locked(connection, request)

        async def once() -> WriteResult:
            async with self._pool.connection() as connection:
                return await committed(connection, write)

        return await retried(once)


@asynccontextmanager
async def open_writer(pool: Pool) -> AsyncIterator[Writer]:
    """A writer on the pool. When the block ends, the queue is executed first."""
    async with asyncio.TaskGroup() as lanes:
        writer = Writer(pool, lanes)
        for _ in range(LANES):
            lanes.create_task(writer.run_lane())
        try:
            yield writer
        finally:
            writer.close()


@asynccontextmanager
async def _short_lock_timeout(connection: Connection) -> AsyncIterator[None]:
    """Within the block the connection waits at most LOCK_SECONDS for a lock."""
    rows = await connection.execute("SELECT current_setting('lock_timeout')")
    ((before,),) = await rows.fetchall()
    await connection.execute(f"SET lock_timeout = '{LOCK_SECONDS}s'")
    try:
        yield
    finally:
        if not connection.closed:
            await connection.execute("SELECT set_config('lock_timeout', %s, false)", [before])


async def _idle(wakeup: asyncio.Event) -> bool:
    """Wait for a wakeup. Returns whether that took so long that the connection may be lost."""
    try:
        async with asyncio.timeout(IDLE_SECONDS):
            await wakeup.wait()
    except TimeoutError:
        await wakeup.wait()
        return True
    return False


def _key(request: WriteRequest) -> tuple[str, str]:
    return request.category, request.stream
