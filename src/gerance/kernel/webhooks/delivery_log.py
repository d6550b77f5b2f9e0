"""The delivery log: each attempt with its answer and duration."""

from datetime import datetime
from typing import Any

import msgspec
from psycopg.rows import class_row

from gerance.kernel.db import Connection

MOST = 1000
_DELETED_AT_ONCE = 10_000


class Delivery(msgspec.Struct, frozen=True, kw_only=True):
    """One attempt to deliver an event to an endpoint.

    `position`, `category`, `stream` and `event_type`: those of the event; None for a ping.
    `attempt`: the number of this attempt; `outcome`: delivered, failed or dead (failed, and not
    retried); `status`: of the answer, None without one; `failure`: the kind of failure. `request`
    and `answer`: the beginnings of the two bodies. `next_attempt`: when it is retried, None when it
    is not.
    """

    id: int
    endpoint: str
    position: int | None
    category: str | None
    stream: str | None
    event_type: str | None
    message_id: str
    attempt: int
    url: str
    at: datetime
    duration_ms: float
    outcome: str
    status: int | None
    failure: str | None
    detail: str
    request: str
    answer: str
    next_attempt: datetime | None


_SELECT = (
    "SELECT d.id, d.endpoint::text, d.position, d.category, d.stream::text, d.event_type,"
    " d.message_id, d.attempt, d.url, d.at, d.duration_ms, d.outcome, d.status, d.failure,"
    " d.detail, d.request, d.answer, (SELECT o.due FROM outbox o WHERE o.endpoint = d.endpoint"
    " AND o.position = d.position AND d.outcome = 'failed' AND isfinite(o.due)) AS next_attempt"
    " FROM delivery d WHERE {} ORDER BY d.id DESC LIMIT %(limit)s"
)


async def deliveries(
    connection: Connection,
    *,
    flavour: str,
    owner: str,
    endpoint: str | None = None,
    outcome: str | None = None,
    before: int | None = None,
    limit: int = 100,
) -> list[Delivery]:
    """The owner's latest attempts: to one endpoint, with one outcome, before the attempt `before`
    (an id); at most `limit`, and never more than 1,000."""
    filters = {"flavour": flavour, "owner": owner, "endpoint": endpoint, "outcome": outcome}
    return await _read(connection, filters, before, limit)


async def deliveries_to(
    connection: Connection, endpoint: str, *, before: int | None = None, limit: int = 100
) -> list[Delivery]:
    """The latest attempts to an endpoint of any owner."""
    return await _read(connection, {"endpoint": endpoint}, before, limit)


async def _read(
    connection: Connection, filters: dict[str, Any], before: int | None, limit: int
) -> list[Delivery]:
    conditions = [f"d.{name} = %({name})s" for name, value in filters.items() if value is not None]
    if before is not None:
        conditions.append("d.id < %(before)s")
    async with connection.cursor(row_factory=class_row(Delivery)) as cursor:
        await cursor.execute(
            _SELECT.format(" AND ".join(conditions)),
            {**filters, "before": before, "limit": max(1, min(limit, MOST))},
        )
        return await cursor.fetchall()


async def delete_old_deliveries(connection: Connection, days: int) -> int:
    """Delete some attempts older than `days`; return how many, 0 when none is left."""
    result = await connection.execute(
        "DELETE FROM delivery WHERE id IN (SELECT id FROM delivery"
        " WHERE at < now() - make_interval(days => %s) LIMIT %s)",
        [days, _DELETED_AT_ONCE],
    )
    return result.rowcount
