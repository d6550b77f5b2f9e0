"""The one write path.

A command costs two round trips: one statement reads the aggregate's row (its version, its state,
whether the command was seen before, and what the slice asks for beside it), the second writes
everything, and nothing if the row was written in between (by a command, or because somebody that
it shows was renamed). The second statement is a transaction by itself; it is durable when it
answers.

When it was, the command starts again under a lock on the row, which cannot fail in
the same way: a popular aggregate is written in turn, never refused for being popular.
"""

from collections.abc import Awaitable, Callable, Mapping
from functools import lru_cache
from typing import Any, NamedTuple

import msgspec
from psycopg.errors import UniqueViolation

from gerance.kernel.db import Connection, Pool
from gerance.kernel.errors import CommandAlreadySent, Refused
from gerance.kernel.eventlog import Recorded
from gerance.kernel.outbox import OUTBOXED


class Loaded(NamedTuple):
    """An aggregate as it is: version 0 and no state when it does not exist yet.

    `row`: which writing of its row this is; `beside`: the columns that the slice asked for, in its
    order.
    """

    version: int
    state: str | None
    row: str | None
    beside: tuple[Any, ...]


class Projection(NamedTuple):
    """A slice's own write in the same statement.

    `sql`: one common table expression without its name, which must take its rows from `moved` (or
    `appended`, the events with their positions), so that it writes nothing when the append fails.
    """

    sql: str
    params: Mapping[str, Any]


class Change(NamedTuple):
    """What a decided command changes: events, the state after them, the read tables."""

    events: list[Recorded]
    state: bytes
    projections: tuple[Projection, ...]


Afterwards = Callable[[Connection, Change], Awaitable[None]]
"""What else a change does to other read tables, in the transaction that wrote it."""


class Reading(NamedTuple):
    """What a slice reads beside its aggregate: scalar subqueries and their parameters."""

    columns: tuple[str, ...] = ()
    params: Mapping[str, Any] = {}


NOTHING_BESIDE = Reading()


class Intent(msgspec.Struct, frozen=True, kw_only=True):
    """A command on its way: which aggregate, which idempotency key, who asks.

    `decide` answers the change, or raises a Refused; it is called again with a fresh aggregate
    when another writer came first, and so must not have effects. `afterwards` is awaited once the
    change is written and before it is committed.
    """

    category: str
    stream: str
    process_uid: str
    actor: str | None
    decide: Callable[[Loaded], Change]
    reading: Reading = NOTHING_BESIDE
    dry_run: bool = False
    afterwards: Afterwards | None = None


class Done(NamedTuple):
    """What an accepted command wrote. `position`: the last of its events, None for a dry run."""

    events: list[Recorded]
    position: int | None


async def execute(pool: Pool, intent: Intent) -> Done:
    """Carry out a command. Raises CommandAlreadySent and whatever `intent.decide` refuses with."""
    async with pool.connection() as connection:
        done = await _attempt(connection, intent)
        if done is not None:
            return done
        async with connection.transaction():
            await connection.execute(
                "SELECT 1 FROM stream WHERE category = %s AND uid = %s FOR UPDATE",
                [intent.category, intent.stream],
            )
            done = await _attempt(connection, intent)
        if done is None:
            raise Refused(
                "Conflict",
                f"{intent.stream} is being changed by others; send the command again.",
                status=503,
                headers={"Retry-After": "1"},
            )
        return done


async def _attempt(connection: Connection, intent: Intent) -> Done | None:
    loaded = await _load(connection, intent)
    change = intent.decide(loaded)
    if intent.dry_run:
        return Done(change.events, None)
    try:
        if intent.afterwards is None:
            position = await _write(connection, intent, loaded, change)
        else:
            async with connection.transaction():
                position = await _write(connection, intent, loaded, change)
                if position is not None:
                    await intent.afterwards(connection, change)
    except UniqueViolation as violation:
        if violation.diag.constraint_name == "event_process":
            raise CommandAlreadySent(intent.process_uid) from violation
        raise
    return None if position is None else Done(change.events, position)


async def _load(connection: Connection, intent: Intent) -> Loaded:
    cursor = await connection.execute(
        _load_sql(intent.reading.columns),
        {
            "category": intent.category,
            "stream": intent.stream,
            "process_uid": intent.process_uid,
            **intent.reading.params,
        },
    )
    row = await cursor.fetchone()
    assert row is not None
    seen, version, state, written, *beside = row
    if seen:
        raise CommandAlreadySent(intent.process_uid)
    return Loaded(version or 0, state, written, tuple(beside))


@lru_cache(maxsize=256)
def _load_sql(columns: tuple[str, ...]) -> str:
    return (
        "SELECT EXISTS (SELECT FROM event WHERE process_uid = %(process_uid)s"
        " AND stream = %(stream)s AND category = %(category)s AND ordinal = 0),"
        " s.version, s.state, s.xmin::text" + "".join(f", {column}" for column in columns) + " FROM (SELECT) one"
        " LEFT JOIN stream s ON s.category = %(category)s AND s.uid = %(stream)s"
    )


async def _write(
    connection: Connection, intent: Intent, loaded: Loaded, change: Change
) -> int | None:
    params: dict[str, Any] = {
        "category": intent.category,
        "stream": intent.stream,
        "process_uid": intent.process_uid,
        "actor": intent.actor,
        "expected": loaded.version,
        "row": loaded.row,
        "version": loaded.version + len(change.events),
        "state": change.state.decode(),
        "types": [event.event_type for event in change.events],
        "sent_dates": [event.sent_date for event in change.events],
        "data": [event.data.decode() for event in change.events],
    }
    for projection in change.projections:
        params.update(projection.params)
    sql = _write_sql(loaded.version == 0, tuple(projection.sql for projection in change.projections))
    row = await (await connection.execute(sql, params)).fetchone()
    assert row is not None
    position: int | None = row[0]
    return position


@lru_cache(maxsize=1024)
def _write_sql(opening: bool, projections: tuple[str, ...]) -> str:
    if opening:
        moved = (
            "INSERT INTO stream (category, uid, version, state)"
            " VALUES (%(category)s, %(stream)s, %(version)s, %(state)s)"
            " ON CONFLICT DO NOTHING RETURNING uid"
        )
    else:
        moved = (
            "UPDATE stream SET version = %(version)s, state = %(state)s"
            " WHERE category = %(category)s AND uid = %(stream)s AND version = %(expected)s"
            " AND xmin = %(row)s::text::xid"
            " RETURNING uid"
        )
    appended = (
        "INSERT INTO event (category, stream, version, ordinal, event_type, process_uid, sent_date,"
        " actor, data) SELECT %(category)s, moved.uid, %(expected)s + e.nth, e.nth - 1,"
        " e.event_type, %(process_uid)s::uuid, e.sent_date, %(actor)s::uuid, e.data::json"
        " FROM moved, unnest(%(types)s::text[], %(sent_dates)s::timestamptz[], %(data)s::text[])"
        " WITH ORDINALITY AS e (event_type, sent_date, data, nth) ORDER BY e.nth"
        " RETURNING position, event_type"
    )
    parts = [f"moved AS ({moved})", f"appended AS ({appended})", OUTBOXED]
    parts += [f"projection_{nth} AS ({sql})" for nth, sql in enumerate(projections)]
    return f"WITH {', '.join(parts)} SELECT max(position) FROM appended"
