"""Carrying out a batch of commands: one statement loads the aggregates, one writes the changes."""

import asyncio
from typing import Any, NamedTuple

from psycopg import AsyncRawCursor, Error
from psycopg.errors import UniqueViolation

from gerance.kernel.db import Connection
from gerance.kernel.errors import CommandAlreadySent
from gerance.kernel.log.append_sql import write_statement
from gerance.kernel.log.write_request import AggregateRow, Change, WriteRequest, WriteResult
from gerance.kernel.textarray import TextArray, as_text
from gerance.kernel.transactions import CommitUnknown, is_connection_lost


class Waiting(NamedTuple):
    """`deadline`: by the clock of the loop; `alone`: not in a batch with others."""

    intent: WriteRequest
    beside: tuple[Any, ...]
    answer: "asyncio.Future[WriteResult]"
    deadline: float
    alone: bool = False


async def attempt(
    connection: Connection, batch: list[Waiting], *, autocommit: bool = True
) -> list[Waiting]:
    """Answer every command of the batch but those whose row moved, which are given back.

    `autocommit`: writing commits too. Raises CommitUnknown when it is not known whether it did.
    """
    decided: list[tuple[Waiting, AggregateRow, Change]] = []
    for waiting, loaded in zip(batch, await _load(connection, batch), strict=True):
        try:
            if loaded is None:
                raise CommandAlreadySent(waiting.intent.process_uid)
            change = waiting.intent.decide(loaded)
        except Exception as refused:
            fail(waiting, refused)
            continue
        if waiting.intent.dry_run:
            answer(waiting, WriteResult(change.events, None))
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
    except Error as failure:
        if autocommit and is_connection_lost(failure):
            raise CommitUnknown(str(failure)) from failure
        raise
    again = []
    for waiting, _, change in decided:
        position = positions.get(waiting.intent.stream)
        if position is None:
            again.append(waiting)
            continue
        if waiting.intent.afterwards is not None:
            await waiting.intent.afterwards(connection, change)
        answer(waiting, WriteResult(change.events, position))
    return again


async def read_beside(connection: Connection, intent: WriteRequest) -> tuple[Any, ...]:
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


async def _load(connection: Connection, batch: list[Waiting]) -> list[AggregateRow | None]:
    """The aggregates as they are, in the batch's order; None for a command seen before."""
    first = batch[0].intent
    cursor = await connection.execute(
        _LOAD.format(column=first.column),
        {
            "category": first.category,
            "streams": TextArray(waiting.intent.stream for waiting in batch),
            "processes": TextArray(waiting.intent.process_uid for waiting in batch),
        },
    )
    return [
        None
        if seen
        else AggregateRow(version or 0, state, row, column if version else None, waiting.beside)
        for waiting, (seen, version, state, row, column) in zip(
            batch, await cursor.fetchall(), strict=True
        )
    ]


_LOAD = (
    "SELECT e.seen IS NOT NULL, s.version, s.state, s.xmin::text, {column}"
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
    connection: Connection, decided: list[tuple[Waiting, AggregateRow, Change]]
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


def answer(waiting: Waiting, done: WriteResult) -> None:
    if not waiting.answer.done():
        waiting.answer.set_result(done)


def fail(waiting: Waiting, failure: Exception) -> None:
    if not waiting.answer.done():
        waiting.answer.set_exception(failure)
