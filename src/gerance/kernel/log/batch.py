"""Executes a batch of write requests: one statement loads the aggregates, one stores the
changes."""

import asyncio
from typing import Any, NamedTuple

from psycopg import AsyncRawCursor, Error
from psycopg.errors import UniqueViolation

from gerance.kernel.db import Connection
from gerance.kernel.errors import CommandAlreadySent, Rejection
from gerance.kernel.log.append_sql import append_statement
from gerance.kernel.log.write_request import AggregateRow, Change, WriteRequest, WriteResult
from gerance.kernel.textarray import TextArray, as_text
from gerance.kernel.transactions import CommitUnknown, is_connection_lost


class PendingWrite(NamedTuple):
    """A write request in the queue. `deadline`: by the clock of the event loop; `alone`: execute it
    in a batch of its own."""

    request: WriteRequest
    extra: tuple[Any, ...]
    future: "asyncio.Future[WriteResult]"
    deadline: float
    alone: bool = False


async def execute_batch(
    connection: Connection, batch: list[PendingWrite], *, autocommit: bool = True
) -> list[PendingWrite]:
    """Resolve every request of the batch, and return those whose row another writer changed.

    `autocommit`: the statement commits. Raises CommitUnknown when the connection is lost meanwhile.
    """
    changes: list[tuple[PendingWrite, AggregateRow, Change]] = []
    for pending, aggregate in zip(batch, await _load_aggregates(connection, batch), strict=True):
        try:
            if aggregate is None:
                raise CommandAlreadySent(pending.request.process_uid)
            change = pending.request.decide(aggregate)
        except Exception as failure:
            # A rejection or an internal error: it is this request's, the others go on.
            fail(pending, failure)
            continue
        if pending.request.dry_run:
            resolve(pending, WriteResult(change.events, None))
        else:
            changes.append((pending, aggregate, change))
    if not changes:
        return []
    try:
        positions = await _append(connection, changes)
    except UniqueViolation as violation:
        if len(changes) == 1 and violation.diag.constraint_name == "event_process":
            raise CommandAlreadySent(changes[0][0].request.process_uid) from violation
        raise
    except Error as failure:
        if autocommit and is_connection_lost(failure):
            raise CommitUnknown(str(failure)) from failure
        raise
    retries = []
    for pending, _, change in changes:
        position = positions.get(pending.request.stream)
        if position is None:
            retries.append(pending)
            continue
        if pending.request.afterwards is not None:
            await pending.request.afterwards(connection, change)
        resolve(pending, WriteResult(change.events, position))
    return retries


async def execute_locked(connection: Connection, request: WriteRequest) -> WriteResult:
    """Execute one request in the current transaction, under a lock on the row of its aggregate."""
    await connection.execute(
        "SELECT 1 FROM stream WHERE category = %s AND uid = %s FOR UPDATE",
        [request.category, request.stream],
    )
    result: asyncio.Future[WriteResult] = asyncio.get_running_loop().create_future()
    pending = PendingWrite(request, await read_extra(connection, request), result, 0)
    if await execute_batch(connection, [pending], autocommit=False):
        raise Rejection(
            "Conflict",
            f"Other requests kept changing {request.stream}. Send the command again.",
            status=503,
            headers={"Retry-After": "1"},
        )
    return await result


async def read_extra(connection: Connection, request: WriteRequest) -> tuple[Any, ...]:
    if not request.reading.columns:
        return ()
    cursor = await connection.execute(
        f"SELECT {', '.join(request.reading.columns)}",
        {
            "category": request.category,
            "stream": request.stream,
            "process_uid": request.process_uid,
            **request.reading.params,
        },
    )
    return (await cursor.fetchall())[0]


async def _load_aggregates(
    connection: Connection, batch: list[PendingWrite]
) -> list[AggregateRow | None]:
    """The aggregates, in the order of the batch; None for a command that is already stored."""
    first = batch[0].request
    cursor = await connection.execute(
        _LOAD.format(column=first.column),
        {
            "category": first.category,
            "streams": TextArray(pending.request.stream for pending in batch),
            "processes": TextArray(pending.request.process_uid for pending in batch),
        },
    )
    return [
        None
        if is_stored
        else AggregateRow(version or 0, state, row, column if version else None, pending.extra)
        for pending, (is_stored, version, state, row, column) in zip(
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
# Each LIMIT keeps the lookups on their indexes, whatever the statistics of the tables.


async def _append(
    connection: Connection, changes: list[tuple[PendingWrite, AggregateRow, Change]]
) -> dict[str, int]:
    """Store the changes. Returns the position of each stream; streams whose row another writer
    changed are missing."""
    requests = [pending.request for pending, _, _ in changes]
    events = [
        (pending.request, aggregate.version + nth, nth, event)
        for pending, aggregate, change in changes
        for nth, event in enumerate(change.events, start=1)
    ]
    params: dict[str, Any] = {
        "category": requests[0].category,
        "streams": TextArray(request.stream for request in requests),
        "expected": TextArray(str(aggregate.version) for _, aggregate, _ in changes),
        "rows": TextArray(aggregate.row for _, aggregate, _ in changes),
        "versions": TextArray(
            str(aggregate.version + len(change.events)) for _, aggregate, change in changes
        ),
        "states": TextArray(change.state for _, _, change in changes),
        "event_streams": TextArray(request.stream for request, _, _, _ in events),
        "event_versions": TextArray(str(version) for _, version, _, _ in events),
        "event_ordinals": TextArray(str(nth - 1) for _, _, nth, _ in events),
        "event_types": TextArray(event.event_type for _, _, _, event in events),
        "event_processes": TextArray(request.process_uid for request, _, _, _ in events),
        "event_actors": TextArray(request.actor for request, _, _, _ in events),
        "event_dates": TextArray(event.sent_date.isoformat() for _, _, _, event in events),
        "event_data": TextArray(event.data for _, _, _, event in events),
    }
    if with_cause := any(request.caused_by is not None for request in requests):
        params["event_causes"] = TextArray(
            as_text(request.caused_by) for request, _, _, _ in events
        )
    grouped: dict[tuple[str, tuple[tuple[str, str], ...]], list[tuple[str, Any]]] = {}
    for pending, _, change in changes:
        for projection in change.projections:
            rows = grouped.setdefault((projection.sql, projection.casts), [])
            rows += [(pending.request.stream, row) for row in projection.rows]
    shapes = tuple(sorted(grouped))
    for nth, shape in enumerate(shapes):
        rows = grouped[shape]
        params[f"p{nth}_stream"] = TextArray(stream for stream, _ in rows)
        for name, _ in shape[1]:
            params[f"p{nth}_{name}"] = TextArray(as_text(row[name]) for _, row in rows)
    statement = append_statement(shapes, with_cause=with_cause)
    async with AsyncRawCursor(connection) as cursor:
        await cursor.execute(statement.sql, [params[name] for name in statement.names])
        return dict(await cursor.fetchall())


def resolve(pending: PendingWrite, result: WriteResult) -> None:
    if not pending.future.done():
        pending.future.set_result(result)


def fail(pending: PendingWrite, failure: Exception) -> None:
    if not pending.future.done():
        pending.future.set_exception(failure)
