"""The outbox: which subscription is still to be told of which event.

Rows are written by the same statement that appends the events (`execute`), so a change and the
promise to tell of it are one: neither is lost without the other.
"""

from collections.abc import Sequence

from gerance.kernel.db import Connection

OUTBOXED = (
    "outboxed AS (INSERT INTO outbox (subscription, position)"
    " SELECT s.uid, a.position FROM appended a JOIN subscription s ON s.active"
    " AND s.category = %(category)s"
    " AND (s.event_types IS NULL OR a.event_type = ANY(s.event_types)) ORDER BY a.position)"
)
"""SQL, a common table expression over `appended`: one row for each subscription that wants it."""


async def subscribe(
    connection: Connection, uid: str, *, category: str, event_types: Sequence[str] | None = None
) -> None:
    """From now on the subscription `uid` is owed the events of `category` (of these types only)."""
    await connection.execute(
        "INSERT INTO subscription (uid, category, event_types) VALUES (%s, %s, %s)"
        " ON CONFLICT (uid) DO UPDATE SET category = excluded.category,"
        " event_types = excluded.event_types, active = true",
        [uid, category, list(event_types) if event_types is not None else None],
    )
