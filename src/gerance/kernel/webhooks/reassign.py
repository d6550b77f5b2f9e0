"""Moves the pending events of some categories to another endpoint, or drops them."""

import asyncio
from collections.abc import Collection

from gerance.kernel.db import Connection
from gerance.kernel.locks import OUTBOX, hold

MOST_WAIT_SECONDS = 2.0
POLL_SECONDS = 0.01

_ENDPOINTS = (
    "SELECT FROM endpoint WHERE uid = ANY(ARRAY[%(uid)s, %(to)s]::uuid[])"
    " ORDER BY uid FOR NO KEY UPDATE"
)
_LOCK_ROWS = (
    "SELECT FROM outbox o WHERE o.endpoint = %(uid)s AND EXISTS (SELECT FROM event e"
    " WHERE e.position = o.position AND e.category = ANY(%(categories)s)) AND {order} FOR UPDATE"
)
"""SQL: as those who record lock rows (`kernel.locks`)."""

_DELETED_ROWS = (
    "taken AS (DELETE FROM outbox o USING event e WHERE o.endpoint = %(uid)s"
    " AND e.position = o.position AND e.category = ANY(%(categories)s)"
    " RETURNING o.position, o.stream, o.bytes)"
)
_MOVE = (
    f"WITH {_DELETED_ROWS} INSERT INTO outbox (endpoint, position, stream, bytes)"
    " SELECT %(to)s, position, stream, bytes FROM taken ORDER BY position ON CONFLICT DO NOTHING"
)
_DROP = f"WITH {_DELETED_ROWS} SELECT count(*) FROM taken"


async def move_pending(
    connection: Connection, uid: str, to: str | None, categories: Collection[str]
) -> None:
    """Move the pending events of `uid` in these categories to the endpoint `to`; None: drop them.

    An event with a request in progress may be delivered to both.
    """
    params = {"uid": uid, "to": to, "categories": list(categories)}
    async with connection.transaction():
        await connection.execute(_ENDPOINTS, params)
        await hold(connection, OUTBOX, share=True)
        for order in ("NOT o.parked ORDER BY o.position", "o.parked ORDER BY o.ctid"):
            await connection.execute(_LOCK_ROWS.format(order=order), params)
        # A stream is of one category and moves whole: nothing that stays waited behind it.
        await connection.execute(_DROP if to is None else _MOVE, params)


async def wait_for_writers(connection: Connection) -> bool:
    """Wait until every transaction that is writing now has ended: its deliveries, which may follow
    earlier subscriptions, are then in the outbox. Returns False when one lasts longer than two
    seconds. Call it outside a transaction."""
    rows = await connection.execute("SELECT pg_snapshot_xmax(pg_current_snapshot())::text")
    ((newest,),) = await rows.fetchall()
    for _ in range(int(MOST_WAIT_SECONDS / POLL_SECONDS)):
        rows = await connection.execute(
            "SELECT pg_snapshot_xmin(pg_current_snapshot()) >= %s::xid8", [newest]
        )
        if (await rows.fetchall())[0][0]:
            return True
        await asyncio.sleep(POLL_SECONDS)
    return False
