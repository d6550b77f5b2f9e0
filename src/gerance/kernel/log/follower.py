"""Following the log: whoever deals with every event, in order, keeps up to where it is.

A follower has a row with its cursor. It is moved once what lies before it is dealt with, so a
follower that was stopped in between meets some events again: dealing with one twice must be the
same as once.
"""

from gerance.kernel.db import Connection
from gerance.kernel.log.eventlog import SETTLED, START, Cursor

_HAS_NEWS = (
    "SELECT (SELECT true FROM event WHERE (event.transaction_id, event.position) >"
    " (coalesce((SELECT f.transaction_id FROM follower f WHERE f.name = %(name)s), '0'),"
    " coalesce((SELECT f.position FROM follower f WHERE f.name = %(name)s), 0))"
    f" AND {SETTLED} ORDER BY event.transaction_id, event.position LIMIT 1) IS NOT NULL"
)
"""SQL: one step into the index `event_order`, however long the log is.

EXPLAIN: a bare EXISTS is taken for one that finds a row soon, and reads the whole table when it
finds none; the order leaves only the index.
"""


async def has_news(connection: Connection, name: str) -> bool:
    """Whether there is anything behind the follower's cursor."""
    rows = await connection.execute(_HAS_NEWS, {"name": name})
    return bool((await rows.fetchall())[0][0])


async def read_cursor(connection: Connection, name: str) -> Cursor:
    """Up to where the follower is; one that is new is at the start of the log."""
    rows = await connection.execute(
        "SELECT transaction_id::text::bigint, position FROM follower WHERE name = %s", [name]
    )
    row = await rows.fetchone()
    return START if row is None else Cursor(*row)


async def move_cursor(connection: Connection, name: str, cursor: Cursor) -> None:
    """Everything up to `cursor` is dealt with."""
    await connection.execute(
        "INSERT INTO follower (name, transaction_id, position)"
        " VALUES (%s, %s::text::xid8, %s) ON CONFLICT (name) DO UPDATE"
        " SET transaction_id = excluded.transaction_id, position = excluded.position",
        [name, str(cursor.transaction_id), cursor.position],
    )


async def skip_to_end(connection: Connection, name: str) -> None:
    """The follower passes over all that is in the log by now."""
    rows = await connection.execute(
        "SELECT transaction_id::text::bigint, position FROM event"
        " ORDER BY transaction_id DESC, position DESC LIMIT 1"
    )
    row = await rows.fetchone()
    if row is not None:
        await move_cursor(connection, name, Cursor(*row))
