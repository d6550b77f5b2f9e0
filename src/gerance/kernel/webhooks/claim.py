"""Taking what is owed: rows whose time has come, each the oldest of its endpoint and stream.

Rows are taken under a lease: when it is over and nothing was recorded, the worker crashed and
another one takes them. Only the oldest of a stream is ever taken, so an endpoint is told of an
aggregate's events one after another, whoever works.
"""

from collections.abc import Mapping, Sequence
from datetime import datetime
from functools import lru_cache
from typing import Any

import msgspec

from gerance.kernel.db import Connection
from gerance.kernel.webhooks.flavours import Owed, WebhookEndpoint
from gerance.kernel.webhooks.record import PARKING

BURST_SECONDS = 0.1
"""So much of its rate an endpoint may be told at once."""

_OPEN = (
    " coalesce(%(most)s - b.room, 0) AS busy FROM endpoint e"
    " LEFT JOIN unnest(%(busy)s::uuid[], %(rooms)s::integer[]) AS b (uid, room)"
    " ON b.uid = e.uid WHERE e.state = 'active' AND e.held <= %(now)s"
    " AND coalesce(b.room, %(most)s) > 0 AND e.flavour = ANY(%(flavours)s)"
)
_FULL = f"%(now)s - make_interval(secs => greatest(1 / e.rate, {BURST_SECONDS}))"
"""SQL: how far back an endpoint's rate counts at most."""

_CLAIM = (
    f"WITH free AS MATERIALIZED (SELECT e.uid, coalesce(b.room, %(most)s) AS room,{_OPEN}"
    " AND e.rate IS NULL),"
    # Another worker that counts the same rate waits its turn: the row is locked.
    " limited AS MATERIALIZED (SELECT e.uid, least(coalesce(b.room, %(most)s), floor(extract("
    f"epoch FROM %(now)s - greatest(e.spent, {_FULL})) * e.rate + 1e-6)::integer) AS room,{_OPEN}"
    " AND e.rate IS NOT NULL AND EXISTS (SELECT FROM outbox o WHERE o.endpoint = e.uid"
    " AND o.due <= %(now)s AND NOT o.parked) FOR NO KEY UPDATE OF e SKIP LOCKED),"
    # When there is not room for all, those that are told of least at the moment come first.
    " picked AS MATERIALIZED (SELECT p.* FROM (SELECT * FROM (TABLE free UNION ALL TABLE limited)"
    " each ORDER BY busy) r"
    " CROSS JOIN LATERAL (SELECT o.endpoint, o.ctid AS row, o.bytes FROM outbox o"
    " WHERE o.endpoint = r.uid AND o.due <= %(now)s AND NOT o.parked AND o.position ="
    " (SELECT min(h.position) FROM outbox h WHERE h.endpoint = o.endpoint AND h.stream = o.stream)"
    " ORDER BY o.due, o.position LIMIT greatest(r.room, 0) FOR UPDATE SKIP LOCKED) p"
    " LIMIT %(together)s),"
    " bounded AS MATERIALIZED (SELECT endpoint, row FROM (SELECT *, sum(bytes)"
    " OVER (ROWS UNBOUNDED PRECEDING) - bytes AS before FROM picked) p"
    " WHERE before < %(most_bytes)s),"
    " taken AS (UPDATE outbox SET due = %(lease)s, claims = claims + 1"
    " WHERE ctid = ANY(ARRAY(SELECT row FROM bounded))"
    " RETURNING endpoint, position, failures, claims),"
    f" spent AS (UPDATE endpoint e SET spent = greatest(e.spent, {_FULL})"
    " + make_interval(secs => c.calls / e.rate)"
    " FROM (SELECT endpoint, count(*) AS calls FROM bounded GROUP BY 1) c"
    " WHERE e.uid = c.endpoint AND e.rate IS NOT NULL)"
    " SELECT t.position, t.failures, t.claims, v.category, v.stream::text, v.event_type,"
    " v.data::text, v.sent_date, e.uid::text, e.flavour, e.owner, e.url, e.headers::text,"
    " e.choice::text, e.secret, CASE WHEN e.previous_until > %(now)s THEN e.previous_secret END,"
    " e.rate FROM taken t JOIN endpoint e ON e.uid = t.endpoint CROSS JOIN LATERAL"
    " (SELECT * FROM event WHERE event.position = t.position LIMIT 1) v ORDER BY t.position"
)
# EXPLAIN: per endpoint one step into outbox_due, per candidate one into outbox_stream; rows are
# then found by ctid. Scalar subqueries and LIMITs leave the planner no other way, whatever it
# believes about a table that is empty at one moment and long at the next.

_PARK = (
    "UPDATE outbox SET parked = true WHERE ctid = ANY(ARRAY(SELECT p.row FROM endpoint e"
    " CROSS JOIN LATERAL (SELECT o.ctid AS row FROM outbox o WHERE o.endpoint = e.uid"
    " AND NOT o.parked AND o.due <= %(now)s AND o.position > (SELECT min(h.position)"
    " FROM outbox h WHERE h.endpoint = o.endpoint AND h.stream = o.stream)"
    " ORDER BY o.due, o.position LIMIT 20000 FOR UPDATE SKIP LOCKED) p LIMIT 20000))"
)
_FORGET = (
    "WITH RECURSIVE owed AS ((SELECT endpoint FROM outbox ORDER BY endpoint LIMIT 1) UNION ALL"
    " SELECT n.endpoint FROM owed CROSS JOIN LATERAL (SELECT o.endpoint FROM outbox o"
    " WHERE o.endpoint > owed.endpoint ORDER BY o.endpoint LIMIT 1) n)"
    " DELETE FROM outbox WHERE endpoint = ANY(ARRAY(SELECT endpoint FROM owed"
    " WHERE NOT EXISTS (SELECT FROM endpoint e WHERE e.uid = owed.endpoint)))"
)
# EXPLAIN: both go along indexes, endpoint by endpoint, so what is parked already costs nothing.


async def claim(
    connection: Connection,
    *,
    now: datetime,
    lease: datetime,
    together: int,
    most_bytes: int,
    most: int,
    rooms: Mapping[str, int],
    flavours: Sequence[str],
) -> list[Owed]:
    """Take rows until `lease`: at most `together`, and of one endpoint at most its room.

    `most_bytes`: none behind the one with which their events come to as many bytes.
    `rooms`: how many more calls an endpoint takes; `most` for those that are not named.
    `flavours`: endpoints of others are left to workers that know theirs.
    """
    rows = await connection.execute(
        _CLAIM,
        {
            "now": now,
            "lease": lease,
            "together": together,
            "most_bytes": most_bytes,
            "most": most,
            "busy": list(rooms),
            "rooms": list(rooms.values()),
            "flavours": list(flavours),
        },
    )
    return [
        Owed(
            _endpoint(*endpoint),
            position,
            failures,
            claims,
            category,
            stream,
            event_type,
            data.encode(),
            sent_date,
        )
        for position, failures, claims, category, stream, event_type, data, sent_date, *endpoint
        in await rows.fetchall()
    ]  # fmt: skip


async def park(connection: Connection, now: datetime) -> None:
    """Put aside what is behind another of its stream, until that one is done with.

    Without it every taking would look at it. What belongs to an endpoint that is no more goes.
    """
    async with connection.transaction():
        await connection.execute(PARKING)
        await connection.execute(_PARK, {"now": now})
    await connection.execute(_FORGET)


@lru_cache(maxsize=4096)
def _endpoint(
    uid: str,
    flavour: str,
    owner: str,
    url: str,
    headers: str,
    choice: str,
    secret: str,
    previous: str | None,
    rate: float | None,
) -> WebhookEndpoint:
    pairs: Any = msgspec.json.decode(headers)
    return WebhookEndpoint(
        uid=uid,
        flavour=flavour,
        owner=owner,
        url=url,
        headers=tuple((name, value) for name, value in pairs),
        choice=msgspec.json.decode(choice),
        secrets=(secret,) if previous is None else (secret, previous),
        rate=rate,
    )
