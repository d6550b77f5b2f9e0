"""Making the read side anew, while everybody goes on working.

Every aggregate is replayed from the log, and its rows are made from the state that comes of it.
What belongs to no stream is removed. Accounts stay: their passwords are nowhere else.
"""

import asyncio
from collections.abc import Callable, Sequence
from itertools import groupby
from typing import Any

import psycopg

from gerance.incidents.entities import CATEGORIES, replay, rows
from gerance.incidents.tickets.rebuild import rebuild_tickets
from gerance.kernel.db import Connection
from gerance.kernel.execute import Projection
from gerance.kernel.textarray import TextArray, as_text, register
from gerance.kernel.wire import SafeUUID

BATCH = 500

_KEYED_BY_STREAM = (
    "company",
    "lot",
    "operator",
    "patrimony",
    "patrimony_contact",
    "provider_company",
    "provider_contact",
    "ticket",
)
"""Categories with a table of the same name, whose keys are the uids of their streams."""


def rebuild(url: str, on_progress: Callable[[int, int], None]) -> None:
    """Make the read side of the migrated database at `url` anew.

    `on_progress(done, total)` is called as tickets are done. It may be interrupted and run again.
    """
    asyncio.run(_rebuild(url, on_progress))


async def _rebuild(url: str, on_progress: Callable[[int, int], None]) -> None:
    async with await psycopg.AsyncConnection.connect(url, autocommit=True) as connection:
        register(connection.adapters)
        await connection.execute("SET timezone = 'UTC'")
        for category in CATEGORIES:
            await _rebuild_category(connection, category)
        await _remove_strays(connection)
        await rebuild_tickets(connection, on_progress)


async def _rebuild_category(connection: Connection, category: str) -> None:
    last: str | None = None
    while True:
        async with connection.transaction():
            last = await _rebuild_batch(connection, category, last)
        if last is None:
            return


async def _rebuild_batch(connection: Connection, category: str, last: str | None) -> str | None:
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
    for uid, logged in groupby(await found.fetchall(), key=lambda row: row[0]):
        events = list(logged)
        state = _state(category, events, kept.get(uid))
        states.append([category, uid, len(events), state.decode()])
    async with connection.cursor() as cursor:
        await cursor.executemany(
            "INSERT INTO stream (category, uid, version, state) VALUES (%s, %s, %s, %s)"
            " ON CONFLICT (category, uid) DO UPDATE SET version = excluded.version,"
            " state = excluded.state",
            states,
        )
    await _write(
        connection,
        [row for _, uid, _, state in states for row in rows(category, SafeUUID(uid), state)],
    )
    return uids[-1]


def _state(category: str, events: list[tuple[str, str, str]], kept: str | None) -> bytes:
    """The replayed state. A user whom the command line added has no event of its beginning: what
    its events say comes upon the state that is there, which has them already."""
    first = events[0][1]
    begun_elsewhere = category == "user" and not first.endswith("Referenced")
    return replay(category, (data for _, _, data in events), kept if begun_elsewhere else None)


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


async def _remove_strays(connection: Connection) -> None:
    for name in _KEYED_BY_STREAM:
        await connection.execute(
            f"DELETE FROM {name} t WHERE NOT EXISTS"
            f" (SELECT FROM stream s WHERE s.category = '{name}' AND s.uid = t.uid)"
        )
    for table in ("ticket_document", "ticket_search"):
        await connection.execute(
            f"DELETE FROM {table} t WHERE NOT EXISTS"
            " (SELECT FROM ticket WHERE ticket.number = t.number)"
        )
