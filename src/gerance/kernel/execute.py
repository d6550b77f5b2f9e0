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
"""

import asyncio
from collections import deque
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping, Sequence
from contextlib import asynccontextmanager
from typing import Any, NamedTuple

import msgspec
import structlog
from psycopg import AsyncRawCursor, OperationalError
from psycopg.errors import QueryCanceled, UniqueViolation
from psycopg_pool import AsyncConnectionPool, PoolTimeout

from gerance.kernel.db import Connection, Pool, is_lost
from gerance.kernel.errors import CommandAlreadySent, Refused
from gerance.kernel.eventlog import Recorded
from gerance.kernel.textarray import TextArray, as_text
from gerance.kernel.write import write_statement

log = structlog.get_logger("gerance.execute")

MOST_TOGETHER = 48
LANES = 2
IDLE_SECONDS = 5.0


class Loaded(NamedTuple):
    """An aggregate as it is: version 0 and no state when it does not exist yet.

    `row`: which writing of its row this is; `own`: what the category reads with its rows;
    `beside`: the columns that the command's `reading` asked for, in its order.
    """

    version: int
    state: str | None
    row: str | None
    own: Any
    beside: tuple[Any, ...]


class Projection(NamedTuple):
    """Rows of a slice's read table, written by the statement that appends the events.

    `sql`: what to do with them, once for all commands that write the same: it reads them from
    `{rows}` (columns `stream` and those of `casts`: name and SQL type), which has only those
    whose events are appended; `appended` has the events (stream, version, position).
    """

    sql: str
    casts: tuple[tuple[str, str], ...]
    rows: Sequence[Mapping[str, Any]]


class Change(NamedTuple):
    """What a decided command changes: events, the state after them, the read tables."""

    events: list[Recorded]
    state: bytes
    projections: tuple[Projection, ...]


Afterwards = Callable[[Connection, Change], Awaitable[None]]
"""What else a change does to other read tables, in the transaction that wrote it."""


class Reading(NamedTuple):
    """What a command reads beside its aggregate: scalar subqueries and their parameters.

    They may name `%(category)s`, `%(stream)s` and `%(process_uid)s` too.
    """

    columns: tuple[str, ...] = ()
    params: Mapping[str, Any] = {}


NOTHING_BESIDE = Reading()


class Intent(msgspec.Struct, frozen=True, kw_only=True):
    """A command on its way: which aggregate, which idempotency key, who asks.

    `decide` answers the change, or raises a Refused; it is called again with a fresh aggregate
    when another writer came first, and so must not have effects. `own`: an SQL expression that
    the category reads with each row (`asked.stream` is its uid). `afterwards` is awaited once
    the change is written and before it is committed. `caused_by`: the position of the event that
    the command answers to.
    """

    category: str
    stream: str
    process_uid: str
    actor: str | None
    decide: Callable[[Loaded], Change]
    own: str = "NULL"
    reading: Reading = NOTHING_BESIDE
    dry_run: bool = False
    afterwards: Afterwards | None = None
    caused_by: int | None = None


class Done(NamedTuple):
    """What an accepted command wrote. `position`: the last of its events, None for a dry run."""

    events: list[Recorded]
    position: int | None


class _Waiting(NamedTuple):
    intent: Intent
    beside: tuple[Any, ...]
    answer: "asyncio.Future[Done]"


class Writer:
    """Carries out commands on a pool of connections; open while inside `opened_writer`."""

    def __init__(self, pool: Pool) -> None:
        self._pool = pool
        self._queue: deque[_Waiting] = deque()
        self._busy: set[tuple[str, str]] = set()
        self._stirred = asyncio.Event()
        self._closing = False

    async def execute(self, intent: Intent) -> Done:
        """Carry out a command. Raises CommandAlreadySent and what `intent.decide` refuses with."""
        if intent.afterwards is not None:
            return await self._alone(intent)
        beside: tuple[Any, ...] = ()
        if intent.reading.columns:
            async with self._pool.connection() as connection:
                beside = await _read_beside(connection, intent)
        answer: asyncio.Future[Done] = asyncio.get_running_loop().create_future()
        self._queue.append(_Waiting(intent, beside, answer))
        self._stirred.set()
        return await answer

    async def carry_out_waiting(self) -> None:
        """One lane: carry out what waits, on a connection of its own, until closed."""
        while not (self._closing and not self._queue):
            try:
                async with self._pool.connection() as connection:
                    await self._carry_out_on(connection)
            except PoolTimeout as failure:
                for waiting in self._queue:
                    _fail(waiting, failure)
                self._queue.clear()
            except OperationalError as failure:
                log.warning("lost a connection while idle; taking another", reason=str(failure))

    async def _carry_out_on(self, connection: Connection) -> None:
        """Until closed, or until the connection is lost."""
        while not await is_lost(connection):
            batch = self._take()
            if not batch:
                if self._closing and not self._queue:
                    return
                self._stirred.clear()
                if await _idle(self._stirred):
                    await AsyncConnectionPool.check_connection(connection)
                continue
            try:
                await self._carry_out(connection, batch)
            finally:
                self._busy.difference_update(_key(waiting.intent) for waiting in batch)
                self._stirred.set()

    def close(self) -> None:
        """Take nothing more once what waits is carried out."""
        self._closing = True
        self._stirred.set()

    def _take(self) -> list[_Waiting]:
        """The next commands of one category, at most one for each aggregate."""
        batch: list[_Waiting] = []
        left: deque[_Waiting] = deque()
        kept: set[tuple[str, str]] = set()
        while self._queue and len(batch) < MOST_TOGETHER:
            waiting = self._queue.popleft()
            key = _key(waiting.intent)
            first = batch[0].intent if batch else waiting.intent
            fits = (waiting.intent.category, waiting.intent.own) == (first.category, first.own)
            if fits and key not in self._busy and key not in kept:
                self._busy.add(key)
                batch.append(waiting)
            else:
                kept.add(key)
                left.append(waiting)
        self._queue.extendleft(reversed(left))
        # Rows are locked in this order, by every process, so that no two wait for each other.
        return sorted(batch, key=lambda waiting: waiting.intent.stream)

    async def _carry_out(self, connection: Connection, batch: list[_Waiting]) -> None:
        try:
            again = await _attempt(connection, batch)
        except Exception as failure:
            if len(batch) == 1 or connection.closed or isinstance(failure, QueryCanceled):
                for waiting in batch:
                    _fail(waiting, failure)
                return
            again = [waiting for waiting in batch if not waiting.answer.done()]
        for waiting in again:
            try:
                _answer(waiting, await self._alone(waiting.intent))
            except Exception as failure:
                _fail(waiting, failure)

    async def _alone(self, intent: Intent) -> Done:
        """Carry out one command in a transaction of its own, under a lock on its row."""
        answer: asyncio.Future[Done] = asyncio.get_running_loop().create_future()
        async with self._pool.connection() as connection, connection.transaction():
            await connection.execute(
                "SELECT 1 FROM stream WHERE category = %s AND uid = %s FOR UPDATE",
                [intent.category, intent.stream],
            )
            waiting = _Waiting(intent, await _read_beside(connection, intent), answer)
            if await _attempt(connection, [waiting]):
                raise Refused(
                    "Conflict",
                    f"{intent.stream} is being changed by others; send the command again.",
                    status=503,
                    headers={"Retry-After": "1"},
                )
        return await answer


@asynccontextmanager
async def opened_writer(pool: Pool) -> AsyncIterator[Writer]:
    """A writer on the pool; when it is left, what waits is still carried out."""
    writer = Writer(pool)
    async with asyncio.TaskGroup() as lanes:
        for _ in range(LANES):
            lanes.create_task(writer.carry_out_waiting())
        try:
            yield writer
        finally:
            writer.close()


async def _attempt(connection: Connection, batch: list[_Waiting]) -> list[_Waiting]:
    """Answer every command of the batch but those whose row moved, which are given back."""
    decided: list[tuple[_Waiting, Loaded, Change]] = []
    for waiting, loaded in zip(batch, await _load(connection, batch), strict=True):
        try:
            if loaded is None:
                raise CommandAlreadySent(waiting.intent.process_uid)
            change = waiting.intent.decide(loaded)
        except Exception as refused:
            _fail(waiting, refused)
            continue
        if waiting.intent.dry_run:
            _answer(waiting, Done(change.events, None))
        else:
            decided.append((waiting, loaded, change))
    if not decided:
        return []
    try:
        positions = await _write(connection, decided)
    except UniqueViolation as violation:
        if len(decided) == 1 and violation.diag.constraint_name == "event_process":
            raise CommandAlreadySent(decided[0][0].intent.process_uid) from violation
        raise
    again = []
    for waiting, _, change in decided:
        position = positions.get(waiting.intent.stream)
        if position is None:
            again.append(waiting)
            continue
        if waiting.intent.afterwards is not None:
            await waiting.intent.afterwards(connection, change)
        _answer(waiting, Done(change.events, position))
    return again


async def _read_beside(connection: Connection, intent: Intent) -> tuple[Any, ...]:
    if not intent.reading.columns:
        return ()
    cursor = await connection.execute(
        f"SELECT {', '.join(intent.reading.columns)}",
        {
            "category": intent.category,
            "stream": intent.stream,
            "process_uid": intent.process_uid,
            **intent.reading.params,
        },
    )
    return (await cursor.fetchall())[0]


async def _load(connection: Connection, batch: list[_Waiting]) -> list[Loaded | None]:
    """The aggregates as they are, in the batch's order; None for a command seen before."""
    first = batch[0].intent
    cursor = await connection.execute(
        _LOAD.format(own=first.own),
        {
            "category": first.category,
            "streams": TextArray(waiting.intent.stream for waiting in batch),
            "processes": TextArray(waiting.intent.process_uid for waiting in batch),
        },
    )
    return [
        None if seen else Loaded(version or 0, state, row, own if version else None, waiting.beside)
        for waiting, (seen, version, state, row, own) in zip(
            batch, await cursor.fetchall(), strict=True
        )
    ]


_LOAD = (
    "SELECT e.seen IS NOT NULL, s.version, s.state, s.xmin::text, {own}"
    " FROM (SELECT a.stream::uuid, a.process::uuid, a.nth FROM"
    " unnest(%(streams)s, %(processes)s) WITH ORDINALITY AS a (stream, process, nth)) asked"
    " LEFT JOIN LATERAL (SELECT true AS seen FROM event WHERE event.process_uid = asked.process"
    " AND event.stream = asked.stream AND event.category = %(category)s AND event.ordinal = 0"
    " LIMIT 1) e ON true"
    " LEFT JOIN LATERAL (SELECT version, state, xmin FROM stream"
    " WHERE stream.category = %(category)s"
    " AND stream.uid = asked.stream LIMIT 1) s ON true ORDER BY asked.nth"
)
# Each LIMIT keeps the look-ups on their indexes, whatever the planner knows of the tables.


async def _write(
    connection: Connection, decided: list[tuple[_Waiting, Loaded, Change]]
) -> dict[str, int]:
    """Write the changes; the position each stream reached, but for those whose row moved."""
    intents = [waiting.intent for waiting, _, _ in decided]
    events = [
        (waiting.intent, loaded.version + nth, nth, event)
        for waiting, loaded, change in decided
        for nth, event in enumerate(change.events, start=1)
    ]
    params: dict[str, Any] = {
        "category": intents[0].category,
        "streams": TextArray(intent.stream for intent in intents),
        "expected": TextArray(str(loaded.version) for _, loaded, _ in decided),
        "rows": TextArray(loaded.row for _, loaded, _ in decided),
        "versions": TextArray(
            str(loaded.version + len(change.events)) for _, loaded, change in decided
        ),
        "states": TextArray(change.state for _, _, change in decided),
        "event_streams": TextArray(intent.stream for intent, _, _, _ in events),
        "event_versions": TextArray(str(version) for _, version, _, _ in events),
        "event_ordinals": TextArray(str(nth - 1) for _, _, nth, _ in events),
        "event_types": TextArray(event.event_type for _, _, _, event in events),
        "event_processes": TextArray(intent.process_uid for intent, _, _, _ in events),
        "event_actors": TextArray(intent.actor for intent, _, _, _ in events),
        "event_dates": TextArray(event.sent_date.isoformat() for _, _, _, event in events),
        "event_data": TextArray(event.data for _, _, _, event in events),
    }
    if caused := any(intent.caused_by is not None for intent in intents):
        params["event_causes"] = TextArray(as_text(intent.caused_by) for intent, _, _, _ in events)
    grouped: dict[tuple[str, tuple[tuple[str, str], ...]], list[tuple[str, Any]]] = {}
    for waiting, _, change in decided:
        for projection in change.projections:
            rows = grouped.setdefault((projection.sql, projection.casts), [])
            rows += [(waiting.intent.stream, row) for row in projection.rows]
    shapes = tuple(sorted(grouped))
    for nth, shape in enumerate(shapes):
        rows = grouped[shape]
        params[f"p{nth}_stream"] = TextArray(stream for stream, _ in rows)
        for name, _ in shape[1]:
            params[f"p{nth}_{name}"] = TextArray(as_text(row[name]) for _, row in rows)
    statement = write_statement(shapes, caused=caused)
    async with AsyncRawCursor(connection) as cursor:
        await cursor.execute(statement.sql, [params[name] for name in statement.names])
        return dict(await cursor.fetchall())


async def _idle(stirred: asyncio.Event) -> bool:
    """Wait for something to do; whether that took so long that the connection may be gone."""
    try:
        async with asyncio.timeout(IDLE_SECONDS):
            await stirred.wait()
    except TimeoutError:
        await stirred.wait()
        return True
    return False


def _key(intent: Intent) -> tuple[str, str]:
    return intent.category, intent.stream


def _answer(waiting: _Waiting, done: Done) -> None:
    if not waiting.answer.done():
        waiting.answer.set_result(done)


def _fail(waiting: _Waiting, failure: Exception) -> None:
    if not waiting.answer.done():
        waiting.answer.set_exception(failure)
