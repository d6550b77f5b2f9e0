"""Claims pending deliveries: the first one of each endpoint and stream that is due.

Rows are claimed under a lease. When it ends and no attempt was recorded, the worker has crashed and
another one claims them. Only the first row of a stream is ever claimed, so an endpoint receives an
aggregate's events in order, whichever worker sends them.

A row is in one of three states. New: not parked, `due` is `-infinity`; whether another row of its
stream precedes it is not yet checked. Ready: not parked, `due` is a time; no row precedes it.
Parked: another row precedes it; recording that one makes this one ready.

A claim reads ready rows by `due` and new rows by `position`, at most as many as it may claim.
`park` parks those that another row precedes. Each row is checked once, so a large backlog slows
down neither its own endpoint nor others.
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from functools import lru_cache
from typing import Any

import msgspec
from psycopg.errors import LockNotAvailable

from gerance.kernel import sql_files
from gerance.kernel.db import Connection
from gerance.kernel.locks import OUTBOX, hold
from gerance.kernel.textarray import TextArray
from gerance.kernel.webhooks.flavours import PendingDelivery, WebhookEndpoint

BURST_SECONDS = 0.1
"""An endpoint may receive the deliveries of this many seconds of its rate at once."""
PARK_TOGETHER = 2_000
"""Rows that one transaction parks; recording waits for it."""
PARK_WAIT = "50ms"

INDEXES_ONLY = (
    "SET LOCAL enable_sort = off; SET LOCAL enable_seqscan = off;"
    " SET LOCAL enable_bitmapscan = off; SET LOCAL jit = off"
)
"""SQL: whatever the statistics of the outbox say, its rows are read along an index in its order.

The table is empty at one moment and long at the next, so its statistics are always wrong. Each
ORDER BY of `claim.sql` is one that a single index gives, and a sort instead is ruled out.
"""

_SQL = sql_files.load(__name__)


@dataclass
class Marks:
    """How far the queues have been read, so that a claim skips rows that are complete.

    Completed rows stay in the index until it is vacuumed. `since`: ready rows that were due by
    then, and `positions`: new rows of an endpoint up to it, were read some time ago. An occasional
    pass without marks finds rows that were inserted behind them.
    """

    since: datetime | None = None
    positions: dict[str, int] = field(default_factory=dict)
    _next: datetime | None = None
    _read: dict[str, int] = field(default_factory=dict)
    _before: dict[str, int] = field(default_factory=dict)

    def note(self, positions: Mapping[str, int]) -> None:
        """Record that new rows of these endpoints were read up to these positions."""
        for uid, position in positions.items():
            self._read[uid] = max(position, self._read.get(uid, 0))

    def move(self, now: datetime) -> None:
        """Treat what was read before the last move as complete. Call it at most once a second: the
        rows of a transaction may become visible later than those of a newer one."""
        self.since, self._next = self._next, now
        self.positions, self._before = self._before, {**self._before, **self._read}
        self._read = {}


NO_MARKS = Marks()


@dataclass(frozen=True)
class ClaimBatch:
    """`deliveries`: the rows that were claimed; `blocked_endpoints`: endpoints that have rows to
    park; `positions`: up to which position new rows were read, by endpoint."""

    deliveries: list[PendingDelivery]
    blocked_endpoints: frozenset[str]
    positions: dict[str, int]


async def claim(
    connection: Connection,
    *,
    now: datetime,
    lease: datetime,
    limit: int,
    most_bytes: int,
    default_capacity: int,
    capacities: Mapping[str, int],
    flavours: Sequence[str],
    marks: Marks = NO_MARKS,
) -> ClaimBatch:
    """Claim rows until `lease`: at most `limit`, and for each endpoint at most its capacity.

    `most_bytes`: the total size of events after which the claim stops. `capacities`: how many more
    requests an endpoint accepts; `default_capacity` for the others. `flavours`: the endpoints of
    other flavours are left to other workers.
    """
    async with connection.transaction():
        await connection.execute(INDEXES_ONLY)
        rows = await connection.execute(
            _SQL["claim_rows"],
            {
                "now": now,
                "lease": lease,
                "together": limit,
                "most_bytes": most_bytes,
                "most": default_capacity,
                # Not lists: with these the statement would be planned anew each time.
                "busy": TextArray(capacities),
                "rooms": TextArray(map(str, capacities.values())),
                "flavours": list(flavours),
                "since": "-infinity" if marks.since is None else marks.since.isoformat(),
                "marked": TextArray(marks.positions),
                "marks": TextArray(map(str, marks.positions.values())),
                "burst_seconds": BURST_SECONDS,
            },
        )
    rows_read = await rows.fetchall()
    deliveries: list[PendingDelivery] = []
    blocked_endpoints: set[str] = set()
    skipped: set[str] = set()
    positions: dict[str, int] = {}
    for uid, position, new, first, failures, claims, *event_and_endpoint in rows_read:
        if not first:
            blocked_endpoints.add(uid)
        elif claims is None:
            skipped.add(uid)
        else:
            category, stream, kind, data, sent_date, *of = event_and_endpoint
            endpoint = _endpoint(uid, *of)
            deliveries.append(
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
        if new and uid not in skipped:
            positions[uid] = position
    return ClaimBatch(deliveries, frozenset(blocked_endpoints), positions)


async def park(
    connection: Connection, blocked_endpoints: Collection[str], marks: Marks = NO_MARKS
) -> int:
    """Park the first new rows of these endpoints that another row precedes; return how many.

    Parks none when another worker holds the lock for longer than `PARK_WAIT`; a later call parks
    them.
    """
    uids = sorted(blocked_endpoints)
    try:
        async with connection.transaction():
            await connection.execute(f"{INDEXES_ONLY}; SET LOCAL lock_timeout = '{PARK_WAIT}'")
            await hold(connection, OUTBOX)
            parked = await connection.execute(
                _SQL["park_rows"],
                {
                    "behind": uids,
                    "marks": [marks.positions.get(uid, 0) for uid in uids],
                    "most": max(1, PARK_TOGETHER // len(uids)),
                },
            )
        return parked.rowcount
    except LockNotAvailable:
        return 0


async def delete_orphans(connection: Connection) -> None:
    """Delete the rows of endpoints that no longer exist."""
    async with connection.transaction():
        await connection.execute(INDEXES_ONLY)
        await connection.execute(_SQL["remove_orphans"])


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
