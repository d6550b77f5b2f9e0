"""Making read tables anew from the log, while everybody goes on working.

It works in batches: one is a transaction that holds the streams which it replays.
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
    """An event as the log has it; `data`: its JSON."""

    event_type: str
    data: str


class StreamRebuild(NamedTuple):
    """What a stream's events make: its state, as the table `stream` has it, and all its rows of
    read tables."""

    state: bytes
    projections: Sequence[Projection]


Make = Callable[[SafeUUID, Sequence[Logged], str | None], StreamRebuild]
"""Makes it of a stream's uid, its events from the first on, and the state that is kept."""


async def replay_category(connection: Connection, category: str, make: Make) -> None:
    """Make states and rows of a category's streams anew; it may be interrupted, and run again."""
    last: str | None = None
    while True:
        async with connection.transaction():
            last = await _replay_batch(connection, category, make, last)
        if last is None:
            return


async def _replay_batch(
    connection: Connection, category: str, make: Make, last: str | None
) -> str | None:
    found = await connection.execute(
        "SELECT stream::text FROM event WHERE category = %(category)s AND version = 1"
        " AND (%(last)s::uuid IS NULL OR stream > %(last)s::uuid)"
        " ORDER BY stream LIMIT %(batch)s",
        {"category": category, "last": last, "batch": BATCH},
    )
    uids: list[str] = [uid for (uid,) in await found.fetchall()]
    if not uids:
        return None
    found = await connection.execute(
        "SELECT uid::text, state FROM stream WHERE category = %s AND uid = ANY(%s::uuid[])"
        " ORDER BY uid FOR UPDATE",
        [category, uids],
    )
    kept: dict[str, str] = dict(await found.fetchall())
    found = await connection.execute(
        "SELECT stream::text, event_type, data::text FROM event"
        " WHERE category = %s AND stream = ANY(%s::uuid[]) ORDER BY stream, version",
        [category, uids],
    )
    states: list[list[Any]] = []
    projections: list[Projection] = []
    for uid, logged in groupby(await found.fetchall(), key=lambda row: row[0]):
        events = [Logged(event_type, data) for _, event_type, data in logged]
        made = make(SafeUUID(uid), events, kept.get(uid))
        states.append([category, uid, len(events), made.state.decode()])
        projections += made.projections
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
    together: dict[tuple[str, tuple[tuple[str, str], ...]], list[Any]] = {}
    for projection in projections:
        together.setdefault((projection.sql, projection.casts), []).extend(projection.rows)
    for (statement, casts), written in together.items():
        values = ", ".join(f"n.{name}::{kind} AS {name}" for name, kind in casts)
        arrays = ", ".join(f"%({name})s" for name, _ in casts)
        names = ", ".join(name for name, _ in casts)
        source = f"(SELECT {values} FROM unnest({arrays}) AS n ({names}))"
        await connection.execute(
            statement.format(rows=source),
            {name: TextArray(as_text(row[name]) for row in written) for name, _ in casts},
        )
