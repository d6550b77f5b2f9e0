"""Making the read side anew, while everybody goes on working.

Tickets are replayed from the log; the rows of what they refer to are made from the states of their
streams. What belongs to no stream is removed. Accounts stay: their passwords are nowhere else.
"""

import asyncio
from collections.abc import Callable, Sequence
from typing import Any

import psycopg

from gerance.incidents.entities import CATEGORIES, rows
from gerance.incidents.tickets.rebuild import rebuild_tickets
from gerance.kernel.db import Connection
from gerance.kernel.execute import Projection
from gerance.kernel.textarray import TextArray, as_text, register
from gerance.kernel.wire import SafeUUID

BATCH = 500

_KEYED_BY_STREAM = (
    "company",
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
            found = await connection.execute(
                "SELECT uid::text, state FROM stream WHERE category = %(category)s"
                " AND (%(last)s::uuid IS NULL OR uid > %(last)s::uuid)"
                " ORDER BY uid LIMIT %(batch)s FOR UPDATE",
                {"category": category, "last": last, "batch": BATCH},
            )
            streams = await found.fetchall()
            if not streams:
                return
            await _write(
                connection,
                [row for uid, state in streams for row in rows(category, SafeUUID(uid), state)],
            )
            last = streams[-1][0]


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
