"""Cursors of followers: consumers that process every event of the log, in order.

A follower stores its cursor after it has processed the events. If it crashes in between, it reads
some events again, so processing an event twice must have the same effect as once.
"""

from gerance.kernel.db import Connection
from gerance.kernel.log.eventlog import STABLE, START, Cursor

_HAS_NEWS = (
    "SELECT (SELECT true FROM event WHERE (event.transaction_id, event.position) >"
    " (coalesce((SELECT f.transaction_id FROM follower f WHERE f.name = %(name)s), '0'),"
    " coalesce((SELECT f.position FROM follower f WHERE f.name = %(name)s), 0))"
    f" AND {STABLE} ORDER BY event.transaction_id, event.position LIMIT 1) IS NOT NULL"
)
"""SQL: one step into the index `event_order`, however long the log is.

EXPLAIN: for a bare EXISTS the planner expects a row soon and chooses a sequential scan, which reads
the whole table when there is none. ORDER BY leaves only the index.
"""


async def has_news(connection: Connection, name: str) -> bool:
    """Whether events follow the follower's cursor."""
    rows = await connection.execute(_HAS_NEWS, {"name": name})
    return bool((await rows.fetchall())[0][0])


async def read_cursor(connection: Connection, name: str) -> Cursor:
    """The follower's cursor; the start of the log for a new follower."""
    rows = await connection.execute(
        "SELECT transaction_id::text::bigint, position FROM follower WHERE name = %s", [name]
    )
    row = await rows.fetchone()
    return START if row is None else Cursor(*row)


async def move_cursor(connection: Connection, name: str, cursor: Cursor) -> None:
    """Store that the follower has processed everything up to `cursor`."""
    await connection.execute(
        "INSERT INTO follower (name, transaction_id, position)"
        " VALUES (%s, %s::text::xid8, %s) ON CONFLICT (name) DO UPDATE"
        " SET transaction_id = excluded.transaction_id, position = excluded.position",
        [name, str(cursor.transaction_id), cursor.position],
    )


async def skip_to_end(connection: Connection, name: str) -> None:
    """Move the follower to the current end of the log."""
    rows = await connection.execute(
        "SELECT transaction_id::text::bigint, position FROM event"
        " ORDER BY transaction_id DESC, position DESC LIMIT 1"
    )
    row = await rows.fetchone()
    if row is not None:
        await move_cursor(connection, name, Cursor(*row))
