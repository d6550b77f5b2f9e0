"""Replays one event, all that failed or all since a moment; gives up one event."""

from datetime import datetime

from gerance.kernel.db import Connection
from gerance.kernel.locks import OUTBOX, hold
from gerance.kernel.log.outbox import BYTES, IN_ORDER
from gerance.kernel.webhooks.attempts import UNPARK_NEXT
from gerance.kernel.webhooks.claim import INDEXES_ONLY

_RETRY_NOW = (
    "UPDATE outbox SET due = '-infinity', failures = 0 WHERE ctid = ANY(ARRAY(SELECT o.ctid"
    " FROM outbox o WHERE o.endpoint = %(uid)s AND o.failures > 0{} FOR UPDATE SKIP LOCKED))"
)
"""SQL, to be filled in with a condition on `o`: try at once what has failed. What a worker writes
down at this moment was tried just now; it is not waited for, as the worker may wait for us."""

_IN_FRONT = (
    "in_front AS (UPDATE outbox SET parked = true WHERE ctid = ANY(ARRAY(SELECT n.row FROM owed s"
    " CROSS JOIN LATERAL (SELECT o.ctid AS row FROM outbox o WHERE o.endpoint = s.endpoint"
    " AND (o.stream, o.position) > (s.stream, s.position) AND o.stream <= s.stream"
    " ORDER BY o.stream, o.position LIMIT 1) f CROSS JOIN LATERAL (SELECT r.ctid AS row"
    " FROM outbox r WHERE r.ctid = f.row AND NOT r.parked AND r.due > '-infinity'"
    " FOR UPDATE SKIP LOCKED) n)))"
)
"""SQL, a common table expression over the replayed rows (`owed`): rows that were ready wait behind
them. A row that a worker records at this moment is left alone."""

_ONE = (
    "WITH owed AS (INSERT INTO outbox (endpoint, position, stream, bytes) SELECT %(uid)s, position,"
    f" {IN_ORDER.format('event', 'event')}, {BYTES.format('event')} FROM event"
    " WHERE position = %(position)s AND (EXISTS (SELECT FROM delivery d"
    " WHERE d.endpoint = %(uid)s AND d.position = %(position)s) OR EXISTS (SELECT FROM outbox o"
    " WHERE o.endpoint = %(uid)s AND o.position = %(position)s))"
    " ON CONFLICT (endpoint, position) DO UPDATE SET due = '-infinity', failures = 0"
    f" RETURNING endpoint, stream, position), {_IN_FRONT} SELECT FROM owed"
)
_SINCE = (
    "WITH wanted AS MATERIALIZED (SELECT s.endpoint, e.position,"
    f" {IN_ORDER.format('e', 'e')} AS stream, {BYTES.format('e')} AS bytes"
    " FROM subscription s JOIN event e ON e.category = s.category AND e.sent_date >= %(since)s"
    " AND (s.event_types IS NULL OR e.event_type = ANY(s.event_types))"
    " AND (s.scope IS NULL OR e.data::jsonb @> s.scope) WHERE s.endpoint = %(uid)s),"
    " owed AS (INSERT INTO outbox (endpoint, position, stream, bytes) SELECT * FROM wanted"
    " ORDER BY position ON CONFLICT DO NOTHING RETURNING endpoint, stream, position),"
    f" {_IN_FRONT} SELECT count(*) FROM wanted"
)
_GIVE_UP = (
    "WITH gone AS (DELETE FROM outbox WHERE endpoint = %(uid)s AND position = %(position)s"
    f" RETURNING endpoint, stream, position), following AS ({UNPARK_NEXT.format(behind='gone')})"
    " SELECT position FROM gone"
)
_SINCE_MOMENT = (
    " AND EXISTS (SELECT FROM event e WHERE e.position = o.position AND e.sent_date >= %(since)s)"
)


async def replay_one(connection: Connection, uid: str, position: int) -> bool:
    """Replay the event at `position` if an attempt was made before or it is pending."""
    result = await connection.execute(_ONE, {"uid": uid, "position": position})
    return bool(result.rowcount)


async def replay_failed(connection: Connection, uid: str) -> int:
    """Retry now all events that failed, given up or not; return how many."""
    return (await connection.execute(_RETRY_NOW.format(""), {"uid": uid})).rowcount


async def replay_since(connection: Connection, uid: str, since: datetime) -> int:
    """Replay all events since a moment that the endpoint subscribes to; return how many."""
    params = {"uid": uid, "since": since}
    async with connection.transaction():
        # First, while we hold no lock that others wait for: this may wait for workers.
        ((count,),) = await (await connection.execute(_SINCE, params)).fetchall()
        await connection.execute(_RETRY_NOW.format(_SINCE_MOMENT), params)
    return int(count)


async def give_up(connection: Connection, uid: str, position: int) -> bool:
    """Drop the pending event; return whether it was pending. Unparks the next one of its stream."""
    async with connection.transaction():
        await connection.execute(INDEXES_ONLY)
        await hold(connection, OUTBOX, share=True)
        cursor = await connection.execute(
            _GIVE_UP, {"uid": uid, "position": position, "now": "-infinity"}
        )
        return await cursor.fetchone() is not None
