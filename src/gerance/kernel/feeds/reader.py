"""Reads the log for a listener, a piece at a time: bounded in rows, bytes and events scanned.

A piece ends at a cursor up to which every event was scanned. The cursor advances even when none of
them was for the listener, so the same events are not scanned again.
"""

from typing import NamedTuple

from gerance.kernel.db import Connection
from gerance.kernel.feeds.listener import EventFilter, FeedEntry, Listener
from gerance.kernel.log.eventlog import STABLE, Cursor, read_after

LOOKED_AT = 5_000
"""Events of the log, matching or not, that one piece scans."""
READ_AT_ONCE = 500
BYTES_AT_ONCE = 1_000_000
"""Bytes of events that one statement brings; one event may be longer by itself."""


class Piece(NamedTuple):
    """The entries for a listener up to `end_cursor`; `more`: events follow it."""

    entries: list[FeedEntry]
    end_cursor: Cursor
    more: bool


async def read_piece(
    connection: Connection,
    listener: Listener,
    event_filter: EventFilter,
    after: Cursor,
    *,
    limit: int,
) -> Piece:
    """The next events for the listener behind `after`: at most `limit` events."""
    end, more = await _end_of_piece(connection, after)
    if end == after:
        return Piece([], after, False)
    limit = min(limit, READ_AT_ONCE)
    events = await read_after(
        connection,
        after,
        limit=limit,
        until=end,
        categories=event_filter.categories,
        types=event_filter.types,
        most_bytes=BYTES_AT_ONCE,
    )
    entries = await listener.visible_entries(connection, events, event_filter) if events else []
    cut = len(events) == limit or sum(len(event.data) for event in events) >= BYTES_AT_ONCE
    if cut and events[-1].cursor != end:
        return Piece(entries, events[-1].cursor, True)
    return Piece(entries, end, more)


_END_OF_PIECE = (
    "(SELECT transaction_id::text::bigint, position, true AS more FROM event"
    f" WHERE (transaction_id, position) > (%(xid)s::text::xid8, %(position)s) AND {STABLE}"
    " ORDER BY transaction_id, position OFFSET %(looked_at)s LIMIT 1)"
    " UNION ALL"
    " (SELECT transaction_id::text::bigint, position, false FROM event"
    f" WHERE (transaction_id, position) > (%(xid)s::text::xid8, %(position)s) AND {STABLE}"
    " ORDER BY transaction_id DESC, position DESC LIMIT 1)"
    " ORDER BY more DESC LIMIT 1"
)
"""SQL: the end of the piece, and whether events follow it; no row at the end of the log.

EXPLAIN: steps in the index `event_order`, at most as many as events are scanned, and one from its
end.
"""


async def _end_of_piece(connection: Connection, after: Cursor) -> tuple[Cursor, bool]:
    rows = await connection.execute(
        _END_OF_PIECE,
        {
            "xid": str(after.transaction_id),
            "position": after.position,
            "looked_at": LOOKED_AT - 1,
        },
    )
    row = await rows.fetchone()
    return (after, False) if row is None else (Cursor(row[0], row[1]), row[2])
