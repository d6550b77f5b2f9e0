"""Rebuilds read models from the log while the application serves requests.

Each batch is one transaction, which locks the streams that it replays.
"""

from collections.abc import Callable, Sequence
from itertools import groupby
from typing import Any, NamedTuple

from gerance.kernel.db import Connection
from gerance.kernel.log.writer import Projection
from gerance.kernel.textarray import TextArray, as_text
from gerance.kernel.wire import SafeUUID

BATCH = 500


class Logged(NamedTuple):
    """An event as the log stores it; `data`: its JSON."""

    event_type: str
    data: str


class StreamRebuild(NamedTuple):
    """The result of replaying a stream: its state, as the table `stream` stores it, and all its
    rows of read tables."""

    state: bytes
    projections: Sequence[Projection]


RebuildStream = Callable[[SafeUUID, Sequence[Logged], str | None], StreamRebuild]
"""Replays a stream: from its uid, all its events and its stored state."""


async def replay_category(
    connection: Connection, category: str, rebuild_stream: RebuildStream
) -> None:
    """Rebuild states and rows of a category's streams. It may be interrupted and run again."""
    last: str | None = None
    while True:
        async with connection.transaction():
            last = await _replay_batch(connection, category, rebuild_stream, last)
        if last is None:
            return


async def _replay_batch(
    connection: Connection, category: str, rebuild_stream: RebuildStream, last: str | None
) -> str | None:
    cursor = await connection.execute(
        "SELECT stream::text FROM event WHERE category = %(category)s AND version = 1"
        " AND (%(last)s::uuid IS NULL OR stream > %(last)s::uuid)"
        " ORDER BY stream LIMIT %(batch)s",
        {"category": category, "last": last, "batch": BATCH},
    )
    uids: list[str] = [uid for (uid,) in await cursor.fetchall()]
    if not uids:
        return None
    cursor = await connection.execute(
        "SELECT uid::text, state FROM stream WHERE category = %s AND uid = ANY(%s::uuid[])"
        " ORDER BY uid FOR UPDATE",
        [category, uids],
    )
    stored_states: dict[str, str] = dict(await cursor.fetchall())
    cursor = await connection.execute(
        "SELECT stream::text, event_type, data::text FROM event"
        " WHERE category = %s AND stream = ANY(%s::uuid[]) ORDER BY stream, version",
        [category, uids],
    )
    states: list[list[Any]] = []
    projections: list[Projection] = []
    for uid, logged in groupby(await cursor.fetchall(), key=lambda row: row[0]):
        events = [Logged(event_type, data) for _, event_type, data in logged]
        rebuild = rebuild_stream(SafeUUID(uid), events, stored_states.get(uid))
        states.append([category, uid, len(events), rebuild.state.decode()])
        projections += rebuild.projections
    async with connection.cursor() as cursor:
        await cursor.executemany(
            "INSERT INTO stream (category, uid, version, state) VALUES (%s, %s, %s, %s)"
            " ON CONFLICT (category, uid) DO UPDATE SET version = excluded.version,"
            " state = excluded.state",
            states,
        )
    await _write(connection, projections)
    return uids[-1]


async def _write(connection: Connection, projections: Sequence[Projection]) -> None:
    groups: dict[tuple[str, tuple[tuple[str, str], ...]], list[Any]] = {}
    for projection in projections:
        groups.setdefault((projection.sql, projection.casts), []).extend(projection.rows)
    for (statement, casts), rows in groups.items():
        values = ", ".join(f"n.{name}::{kind} AS {name}" for name, kind in casts)
        arrays = ", ".join(f"%({name})s" for name, _ in casts)
        names = ", ".join(name for name, _ in casts)
        source = f"(SELECT {values} FROM unnest({arrays}) AS n ({names}))"
        await connection.execute(
            statement.format(rows=source),
            {name: TextArray(as_text(row[name]) for row in rows) for name, _ in casts},
        )
