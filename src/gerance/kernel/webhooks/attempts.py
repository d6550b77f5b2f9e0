"""Records delivery attempts: writes the delivery log, and completes or postpones pending events."""

from collections.abc import Sequence
from datetime import datetime
from typing import NamedTuple

from gerance.kernel import sql_files
from gerance.kernel.db import Connection
from gerance.kernel.locks import OUTBOX, hold_sql
from gerance.kernel.textarray import TextArray, as_text
from gerance.kernel.webhooks.backoff import SWITCHED_OFF_AFTER
from gerance.kernel.webhooks.claim import INDEXES_ONLY
from gerance.kernel.webhooks.flavours import Message, PendingDelivery

MOST_REQUEST_BYTES = 16_384
MOST_RESPONSE_BYTES = 65_536
MOST_SUCCESS_BYTES = 2_048
"""Bytes of the answer to a successful attempt that the log stores: there is no failure to diagnose,
and long answers must not fill the disk."""
"""Bytes of a request and of its answer that the log stores."""


class Attempt(NamedTuple):
    """The result of one attempt.

    `outcome`: delivered, failed, dead (failed for the last time) or withheld (no call: the owner
    has no right to the event); `due`: when it is retried, None for never; `held_until`: the
    endpoint is not called before then.
    """

    delivery: PendingDelivery
    message: Message | None
    outcome: str
    at: datetime
    duration: float = 0.0
    status: int | None = None
    failure: str | None = None
    detail: str = ""
    answer: bytes = b""
    due: datetime | None = None
    held_until: datetime | None = None


_COLUMNS = {
    "endpoint": "uuid", "position": "bigint", "claims": "integer", "outcome": "text",
    "due": "timestamptz", "held": "timestamptz", "flavour": "text", "owner": "text",
    "category": "text", "stream": "uuid", "event_type": "text", "message_id": "text",
    "attempt": "integer", "url": "text", "at": "timestamptz", "duration_ms": "real",
    "status": "integer", "failure": "text", "detail": "text", "request": "text", "answer": "text",
}  # fmt: skip
_LOG_COLUMNS = (
    "endpoint, flavour, owner, position, category, stream, event_type, message_id, attempt, url,"
    " at, duration_ms, outcome, status, failure, detail, request, answer"
)

_COLUMN_CASTS = ", ".join(f"t.{name}::{kind} AS {name}" for name, kind in _COLUMNS.items())
_ARRAYS = ", ".join(f"%({name})s" for name in _COLUMNS)

UNPARK_NEXT = (
    "UPDATE outbox SET parked = false, due = greatest(due, %(now)s) WHERE ctid = ANY(ARRAY("
    "SELECT n.row FROM {behind} s CROSS JOIN LATERAL (SELECT o.ctid AS row, o.parked FROM outbox o"
    " WHERE o.endpoint = s.endpoint AND (o.stream, o.position) > (s.stream, s.position)"
    " AND o.stream <= s.stream ORDER BY o.stream, o.position LIMIT 1) n WHERE n.parked))"
)
"""SQL, to be filled in with rows that go (endpoint, stream, position): what is parked behind them
is ready. One step into outbox_stream, at the row itself (`claim.INDEXES_ONLY`)."""

_LOCK = (
    "WITH met AS (SELECT * FROM unnest(%(uids)s::uuid[], %(well)s::boolean[], %(holds)s::boolean[])"
    " AS m (uid, well, holds)),"
    " changed AS MATERIALIZED (SELECT e.uid FROM endpoint e JOIN met ON e.uid = met.uid"
    " WHERE NOT met.well OR e.failing_since IS NOT NULL OR met.holds"
    " ORDER BY e.uid FOR NO KEY UPDATE OF e),"
    f" held AS MATERIALIZED (SELECT {hold_sql('%(outbox)s', share=True)}"
    " WHERE (SELECT count(*) FROM changed) >= 0)"
    " SELECT (SELECT array_agg(uid::text) FROM changed) FROM held"
)
"""SQL: locks the endpoints that recording will change, then the outbox, before any of its rows."""

_RECORD = sql_files.load(__name__)["record_attempts"].format(
    columns=_COLUMN_CASTS,
    arrays=_ARRAYS,
    names=", ".join(_COLUMNS),
    unpark=UNPARK_NEXT.format(behind="settled"),
    log=_LOG_COLUMNS,
)


async def record(connection: Connection, attempts: Sequence[Attempt], now: datetime) -> list[str]:
    """Record these attempts; return the uids of endpoints that failed for too long.

    An attempt that comes too late, when another worker has claimed the row, is logged and changes
    nothing else.
    """
    attempts = sorted(
        attempts, key=lambda each: (each.delivery.endpoint.uid, each.delivery.position)
    )
    columns = zip(*map(_row, attempts), strict=True)
    params: dict[str, object] = {
        name: TextArray(column if kind in ("text", "uuid") else map(as_text, column))
        for (name, kind), column in zip(_COLUMNS.items(), columns, strict=True)
    }
    params |= {"now": now, "hopeless": now - SWITCHED_OFF_AFTER}
    async with connection.transaction():
        await connection.execute(INDEXES_ONLY)
        params["locked"] = TextArray(await _lock(connection, attempts))
        rows = await connection.execute(_RECORD, params)
    return [uid for (uid,) in await rows.fetchall()]


async def _lock(connection: Connection, attempts: Sequence[Attempt]) -> list[str]:
    """Lock the endpoints whose health changes with these calls, and the outbox; their uids."""
    succeeded: dict[str, bool] = {}
    asks_pause: dict[str, bool] = {}
    for each in attempts:
        if each.outcome != "withheld":
            uid = each.delivery.endpoint.uid
            succeeded[uid] = succeeded.get(uid, False) or each.outcome == "delivered"
            asks_pause[uid] = asks_pause.get(uid, False) or each.held_until is not None
    rows = await connection.execute(
        _LOCK,
        {
            "uids": TextArray(succeeded),
            "well": TextArray(map(as_text, succeeded.values())),
            "holds": TextArray(map(as_text, asks_pause.values())),
            "outbox": OUTBOX.name,
        },
    )
    return (await rows.fetchall())[0][0] or []


def message_id(delivery: PendingDelivery) -> str:
    """The `webhook-id`: the same for every attempt and replay of this event."""
    return f"evt_{delivery.position}"


def _row(attempts: Attempt) -> tuple[object, ...]:
    delivery, endpoint = attempts.delivery, attempts.delivery.endpoint
    request = attempts.message.body if attempts.message is not None else b""
    limit = MOST_RESPONSE_BYTES if attempts.failure else MOST_SUCCESS_BYTES
    return (
        endpoint.uid, delivery.position, delivery.claims, attempts.outcome,
        attempts.due, attempts.held_until, endpoint.flavour, endpoint.owner,
        delivery.category, delivery.stream, delivery.event_type, message_id(delivery),
        delivery.failures + 1, endpoint.url, attempts.at, round(attempts.duration * 1000, 3),
        attempts.status, attempts.failure, attempts.detail,
        printable_text(request, MOST_REQUEST_BYTES), printable_text(attempts.answer, limit),
    )  # fmt: skip


def printable_text(data: bytes, limit: int) -> str:
    """The beginning of bytes as a text that the database takes."""
    return data[:limit].decode("utf-8", "replace").replace("\x00", "\N{REPLACEMENT CHARACTER}")
