"""The event log: every event, in order, stored permanently.

Each event has a `position` and the `transaction_id` that wrote it. PostgreSQL assigns positions
before their transactions commit, so a consumer that followed positions alone would miss an event
that commits late. Consumers therefore read by `(transaction_id, position)` and stop below the
oldest running transaction: what they have read is complete, and nothing appears behind their
cursor.
"""

import asyncio
from collections.abc import Sequence
from datetime import datetime
from typing import NamedTuple

import msgspec
import structlog

from gerance.kernel.db import Connection, Pool
from gerance.kernel.errors import Rejection

log = structlog.get_logger("gerance.eventlog")

STABLE = "event.transaction_id < pg_snapshot_xmin(pg_current_snapshot())"
"""SQL condition: the event's transaction and every earlier one have ended."""


class NewEvent(NamedTuple):
    """An event to append: its type, its JSON as on the wire, and when this server sent it."""

    event_type: str
    data: bytes
    sent_date: datetime


class Cursor(NamedTuple):
    """A place in the log: everything up to and including this event has been read."""

    transaction_id: int
    position: int


START = Cursor(0, 0)


class LoggedEvent(msgspec.Struct, frozen=True):
    """A stored event; `data` is its JSON as on the wire.

    `caused_by`: the position of the event that a reaction responded to with this one.
    """

    cursor: Cursor
    category: str
    stream: str
    version: int
    event_type: str
    data: bytes
    sent_date: datetime
    caused_by: int | None


async def read_after(
    connection: Connection,
    cursor: Cursor,
    *,
    limit: int,
    categories: Sequence[str] = (),
    types: Sequence[str] = (),
    until: Cursor | None = None,
    most_bytes: int | None = None,
) -> list[LoggedEvent]:
    """The next events after `cursor`, in log order; fewer than `limit` at the end of the log.

    `categories`, `types`: only these, unless empty; `until`: up to and including this event;
    `most_bytes`: the total size of data after which the page ends.
    """
    page = (
        "SELECT transaction_id, position, category, stream, version, event_type, data::text,"
        " sent_date, caused_by FROM event"
        " WHERE (transaction_id, position) > (%(xid)s::text::xid8, %(position)s)"
        f" AND {STABLE} AND (%(categories)s::text[] = '{{}}' OR category = ANY(%(categories)s))"
        " AND (%(types)s::text[] = '{}' OR event_type = ANY(%(types)s))"
    )
    if until is not None:
        page += " AND (transaction_id, position) <= (%(to_xid)s::text::xid8, %(to_position)s)"
    page += " ORDER BY transaction_id, position LIMIT %(limit)s"
    if most_bytes is not None:
        page = (
            "SELECT * FROM (SELECT *, sum(octet_length(data)) OVER"
            " (ORDER BY transaction_id, position) - octet_length(data) AS before"
            f" FROM ({page}) page) counted WHERE before < %(most_bytes)s"
        )
    rows = await connection.execute(
        "SELECT transaction_id::text::bigint, position, category, stream::text, version,"
        f" event_type, data, sent_date, caused_by FROM ({page}) found"
        " ORDER BY found.transaction_id, found.position",
        {
            "xid": str(cursor.transaction_id),
            "position": cursor.position,
            "categories": list(categories),
            "types": list(types),
            "limit": limit,
            "most_bytes": most_bytes,
            **(
                {"to_xid": str(until.transaction_id), "to_position": until.position}
                if until
                else {}
            ),
        },
    )
    return [
        LoggedEvent(Cursor(xid, position), category, stream, version, kind, data.encode(), *more)
        for xid, position, category, stream, version, kind, data, *more in await rows.fetchall()
    ]


_ADOPT_FOLLOWERS = (
    "UPDATE follower f SET transaction_id = '3', position = coalesce((SELECT min(e.position) - 1"
    " FROM event e WHERE (e.transaction_id, e.position) > (f.transaction_id, f.position)),"
    " f.position)"
)
"""SQL: followers continue with the first event that they have not read, in the order of positions.

They read some later events twice and miss none, not even those written here since the log was
restored: these have the last positions, but lower transaction ids.
"""
FOREIGN = (
    "SELECT 1 FROM event WHERE transaction_id >= pg_snapshot_xmax(pg_current_snapshot()) LIMIT 1"
)
"""SQL: a row when the log comes from a server with higher transaction ids. Uses `event_order`."""


async def adopt_log(pool: Pool) -> int:
    """Adopt a log that was restored from another server's dump. Returns how many events changed.

    Transaction ids of the other server may be higher than this server's, so consumers would wait
    for them. All events are assigned to one transaction that ended long ago and ordered by
    position.
    """
    async with pool.connection() as connection, connection.transaction():
        if await (await connection.execute(FOREIGN)).fetchone() is None:
            return 0
        await connection.execute("SET LOCAL statement_timeout = 0; SET LOCAL lock_timeout = 0")
        await connection.execute("LOCK TABLE event IN SHARE ROW EXCLUSIVE MODE")
        # Another process may have adopted the log in the meantime.
        if await (await connection.execute(FOREIGN)).fetchone() is None:
            return 0
        await connection.execute(_ADOPT_FOLLOWERS)
        result = await connection.execute("UPDATE event SET transaction_id = '3'")
        log.warning("adopted the log of another server", events=result.rowcount)
        return result.rowcount


async def wait_for_position(pool: Pool, position: int, *, at_most: float) -> None:
    """Wait until this database shows the event at `position` and all events before it.

    Raises Rejection (503 `PositionNotReached`, with Retry-After) after `at_most` seconds.
    """
    deadline = asyncio.get_running_loop().time() + at_most
    pause = 0.002
    while True:
        async with pool.connection() as connection:
            rows = await connection.execute(
                f"SELECT 1 FROM event WHERE position = %s AND {STABLE}", [position]
            )
            if await rows.fetchone() is not None:
                return
        if asyncio.get_running_loop().time() + pause > deadline:
            raise Rejection(
                "PositionNotReached",
                f"The log has not reached position {position} within {at_most:g} seconds.",
                headers={"Retry-After": "1"},
            )
        await asyncio.sleep(pause)
        pause = min(2 * pause, 0.1)
