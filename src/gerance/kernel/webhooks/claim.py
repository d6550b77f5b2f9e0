"""Claiming rows of the outbox: the first ones of their endpoint and stream whose time has come.

Rows are claimed under a lease: when it is over and nothing was recorded, the worker crashed and
another one claims them. Only the first row of a stream is ever claimed, so an endpoint receives an
aggregate's events one after another, whichever worker sends them.

A row is in one of three states:

- new: not parked, `due` is `-infinity`. Nobody has checked whether another row of its stream is in
  front of it.
- ready: not parked, `due` is a moment. Nothing is in front of it.
- parked: another row is in front of it; recording that one makes this one ready.

A claim reads ready rows by `due` and new rows by `position`, at most as many as it may claim, and
`park` puts aside those of them that have another in front. Each row is checked once, so the size of
a backlog does not matter, neither to its endpoint nor to others.
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from functools import lru_cache
from typing import Any

import msgspec
from psycopg.errors import LockNotAvailable

from gerance.kernel.db import Connection
from gerance.kernel.locks import OUTBOX, hold
from gerance.kernel.webhooks.flavours import PendingDelivery, WebhookEndpoint

BURST_SECONDS = 0.1
"""So much of its rate an endpoint may be told at once."""
PARK_TOGETHER = 2_000
"""Rows that one transaction parks; recording waits for it."""
PARK_WAIT = "50ms"

INDEXES_ONLY = (
    "SET LOCAL enable_sort = off; SET LOCAL enable_seqscan = off;"
    " SET LOCAL enable_bitmapscan = off; SET LOCAL jit = off"
)
"""SQL: whatever the statistics of the outbox say, its rows are read along an index in its order.

The table is empty at one moment and long at the next, so its statistics are always wrong. Each
ORDER BY below is one that a single index gives, and a sort instead is ruled out.
"""

_OPEN = (
    " coalesce(%(most)s - b.room, 0) AS busy, coalesce(m.position, 0) AS mark FROM endpoint e"
    " LEFT JOIN unnest(%(busy)s::uuid[], %(rooms)s::integer[]) AS b (uid, room)"
    " ON b.uid = e.uid"
    " LEFT JOIN unnest(%(marked)s::uuid[], %(marks)s::bigint[]) AS m (uid, position)"
    " ON m.uid = e.uid WHERE e.state = 'active' AND e.held <= %(now)s"
    " AND coalesce(b.room, %(most)s) > 0 AND e.flavour = ANY(%(flavours)s)"
)
_FULL = f"%(now)s - make_interval(secs => greatest(1 / e.rate, {BURST_SECONDS}))"
"""SQL: how far back an endpoint's rate counts at most."""

_READY = (
    "FROM outbox o WHERE o.endpoint = {uid} AND NOT o.parked AND o.due > %(since)s::timestamptz"
    " AND o.due <= %(now)s ORDER BY o.due, o.position"
)
_NEW = (
    "FROM outbox o WHERE o.endpoint = {uid} AND NOT o.parked"
    " AND (o.due, o.position) > ('-infinity', {mark}) AND o.due <= '-infinity'"
    " ORDER BY o.due, o.position"
)
# Both along outbox_due. A condition `due = '-infinity'` would leave the planner the primary key.

_FIRST = (
    "(SELECT f.position FROM outbox f WHERE f.endpoint = {row}.endpoint"
    " AND (f.stream, f.position) < ({row}.stream, {row}.position) AND f.stream >= {row}.stream"
    " ORDER BY f.stream DESC, f.position DESC LIMIT 1) IS NULL"
)
"""SQL, about a row: nothing is in front of it. One step into outbox_stream, at the row itself."""

_CLAIM = (
    f"WITH free AS MATERIALIZED (SELECT e.uid, coalesce(b.room, %(most)s) AS room,{_OPEN}"
    " AND e.rate IS NULL),"
    # Another worker that counts the same rate waits its turn: the row is locked.
    " limited AS MATERIALIZED (SELECT e.uid, least(coalesce(b.room, %(most)s), floor(extract("
    f"epoch FROM %(now)s - greatest(e.spent, {_FULL})) * e.rate + 1e-6)::integer) AS room,{_OPEN}"
    " AND e.rate IS NOT NULL"
    f" AND ((SELECT o.position {_READY.format(uid='e.uid')} LIMIT 1) IS NOT NULL"
    f" OR (SELECT o.position {_NEW.format(uid='e.uid', mark='coalesce(m.position, 0)')} LIMIT 1)"
    " IS NOT NULL) FOR NO KEY UPDATE OF e SKIP LOCKED),"
    # When there is not room for all, those that are told of least at the moment come first.
    " looked AS MATERIALIZED (SELECT p.* FROM (SELECT * FROM (TABLE free UNION ALL TABLE limited)"
    " each ORDER BY busy) r CROSS JOIN LATERAL (SELECT * FROM"
    " (SELECT o.endpoint, o.position, o.ctid AS row, o.bytes, false AS new, true AS first"
    f" {_READY.format(uid='r.uid')} LIMIT greatest(r.room, 0) FOR UPDATE SKIP LOCKED) ready"
    " UNION ALL SELECT n.endpoint, n.position, n.row, n.bytes, true,"
    f" {_FIRST.format(row='n')} FROM (SELECT o.endpoint, o.position, o.ctid AS row, o.bytes,"
    f" o.stream {_NEW.format(uid='r.uid', mark='r.mark')} LIMIT greatest(r.room, 0)"
    " FOR UPDATE SKIP LOCKED) n LIMIT greatest(r.room, 0)) p LIMIT %(together)s),"
    " bounded AS MATERIALIZED (SELECT endpoint, row FROM (SELECT *, sum(bytes)"
    " OVER (ROWS UNBOUNDED PRECEDING) - bytes AS before FROM looked WHERE first) p"
    " WHERE before < %(most_bytes)s),"
    " taken AS (UPDATE outbox SET due = %(lease)s, claims = claims + 1"
    " WHERE ctid = ANY(ARRAY(SELECT row FROM bounded))"
    " RETURNING endpoint, position, failures, claims),"
    f" spent AS (UPDATE endpoint e SET spent = greatest(e.spent, {_FULL})"
    " + make_interval(secs => c.calls / e.rate)"
    " FROM (SELECT endpoint, count(*) AS calls FROM bounded GROUP BY 1) c"
    " WHERE e.uid = c.endpoint AND e.rate IS NOT NULL)"
    " SELECT l.endpoint::text, l.position, l.new, l.first, t.failures, t.claims, v.category,"
    " v.stream::text, v.event_type, v.data::text, v.sent_date, e.flavour, e.owner, e.url,"
    " e.headers::text, e.choice::text, e.secret,"
    " CASE WHEN e.previous_until > %(now)s THEN e.previous_secret END, e.rate"
    " FROM looked l LEFT JOIN (taken t JOIN endpoint e ON e.uid = t.endpoint CROSS JOIN LATERAL"
    " (SELECT * FROM event WHERE event.position = t.position LIMIT 1) v)"
    " ON t.endpoint = l.endpoint AND t.position = l.position ORDER BY l.position"
)

_PARK = (
    "UPDATE outbox SET parked = true WHERE ctid = ANY(ARRAY(SELECT n.row"
    " FROM unnest(%(behind)s::uuid[], %(marks)s::bigint[]) AS b (uid, mark) CROSS JOIN LATERAL"
    " (SELECT o.endpoint, o.position, o.stream, o.ctid AS row"
    f" {_NEW.format(uid='b.uid', mark='b.mark')} LIMIT %(most)s FOR UPDATE SKIP LOCKED) n"
    f" WHERE NOT ({_FIRST.format(row='n')})))"
)
_FORGET = (
    "WITH RECURSIVE owed AS ((SELECT endpoint FROM outbox ORDER BY endpoint LIMIT 1) UNION ALL"
    " SELECT n.endpoint FROM owed CROSS JOIN LATERAL (SELECT o.endpoint FROM outbox o"
    " WHERE o.endpoint > owed.endpoint ORDER BY o.endpoint LIMIT 1) n)"
    " DELETE FROM outbox WHERE ctid = ANY(ARRAY(SELECT o.ctid FROM owed JOIN outbox o"
    " ON o.endpoint = owed.endpoint WHERE NOT EXISTS (SELECT FROM endpoint e"
    " WHERE e.uid = owed.endpoint) FOR UPDATE OF o SKIP LOCKED))"
)


@dataclass
class Marks:
    """How far the queues were read, so that a claim need not go over what is done with.

    Rows that were done with stay in the index until it is vacuumed. `since`: ready rows that were
    due by then, and `positions`: new rows of an endpoint up to it, were read some time ago.
    A pass without marks, now and then, finds what came behind them.
    """

    since: datetime | None = None
    positions: dict[str, int] = field(default_factory=dict)
    _next: datetime | None = None
    _reached: dict[str, int] = field(default_factory=dict)
    _before: dict[str, int] = field(default_factory=dict)

    def note(self, positions: Mapping[str, int]) -> None:
        """New rows of these endpoints were read up to these positions."""
        for uid, position in positions.items():
            self._reached[uid] = max(position, self._reached.get(uid, 0))

    def move(self, now: datetime) -> None:
        """Take what was read before the last move as read. Call it no more than once a second: what
        a transaction writes may appear somewhat later than what was written after it."""
        self.since, self._next = self._next, now
        self.positions, self._before = self._before, {**self._before, **self._reached}
        self._reached = {}


NO_MARKS = Marks()


@dataclass(frozen=True)
class Claimed:
    """`owed`: the rows that were claimed; `behind`: endpoints that have rows to park; `reached`: up
    to which position new rows were read, by endpoint."""

    owed: list[PendingDelivery]
    behind: frozenset[str]
    reached: dict[str, int]


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
    marks: Marks = NO_MARKS,
) -> Claimed:
    """Claim rows until `lease`: at most `together`, and of one endpoint at most its room.

    `most_bytes`: none behind the one with which their events come to as many bytes.
    `rooms`: how many more calls an endpoint takes; `most` for those that are not named.
    `flavours`: endpoints of others are left to workers that know theirs.
    """
    async with connection.transaction():
        await connection.execute(INDEXES_ONLY)
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
                "since": "-infinity" if marks.since is None else marks.since.isoformat(),
                "marked": list(marks.positions),
                "marks": list(marks.positions.values()),
            },
        )
        looked = await rows.fetchall()
    owed: list[PendingDelivery] = []
    behind: set[str] = set()
    left: set[str] = set()
    reached: dict[str, int] = {}
    for uid, position, new, first, failures, claims, *event_and_endpoint in looked:
        if not first:
            behind.add(uid)
        elif claims is None:
            left.add(uid)
        else:
            category, stream, kind, data, sent_date, *of = event_and_endpoint
            endpoint = _endpoint(uid, *of)
            owed.append(
                PendingDelivery(
                    endpoint,
                    position,
                    failures,
                    claims,
                    category,
                    stream,
                    kind,
                    data.encode(),
                    sent_date,
                )
            )
        if new and uid not in left:
            reached[uid] = position
    return Claimed(owed, frozenset(behind), reached)


async def park(connection: Connection, behind: Collection[str], marks: Marks = NO_MARKS) -> int:
    """Park the first new rows of these endpoints that have another in front; how many.

    None when somebody records at this moment and does not come to an end: there is a next time.
    """
    uids = sorted(behind)
    try:
        async with connection.transaction():
            await connection.execute(f"{INDEXES_ONLY}; SET LOCAL lock_timeout = '{PARK_WAIT}'")
            await hold(connection, OUTBOX)
            parked = await connection.execute(
                _PARK,
                {
                    "behind": uids,
                    "marks": [marks.positions.get(uid, 0) for uid in uids],
                    "most": max(1, PARK_TOGETHER // len(uids)),
                },
            )
            return parked.rowcount
    except LockNotAvailable:
        return 0


async def forget(connection: Connection) -> None:
    """Remove the rows of endpoints that do not exist any more."""
    async with connection.transaction():
        await connection.execute(INDEXES_ONLY)
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
