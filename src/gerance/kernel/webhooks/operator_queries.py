"""Endpoints and deliveries of all owners, for operators."""

from typing import Any

from psycopg.rows import dict_row

from gerance.kernel.db import Connection
from gerance.kernel.webhooks.endpoints import OPERATOR, set_state, unknown
from gerance.kernel.wire import SafeUUID

_ALL = (
    'SELECT e.uid::text, e.flavour, coalesce(i.user_name, a.login, e.owner) AS "owner", e.url,'
    ' e.state, e.reason, e.failing_since AS "failingSince", e.created, o.waiting, o.failing, o.dead'
    " FROM endpoint e LEFT JOIN integrator i ON i.uid::text = e.owner AND e.flavour = 'rentals'"
    " LEFT JOIN account a ON a.uid::text = e.owner AND e.flavour = 'incidents'"
    " CROSS JOIN LATERAL (SELECT count(*) AS waiting, count(*) FILTER (WHERE failures > 0"
    " AND due < 'infinity') AS failing, count(*) FILTER (WHERE failures > 0 AND due = 'infinity')"
    " AS dead FROM outbox WHERE outbox.endpoint = e.uid) o"
    " WHERE (%(state)s::text IS NULL OR e.state = %(state)s)"
    " AND (%(uid)s::uuid IS NULL OR e.uid = %(uid)s) ORDER BY e.flavour, 3, e.created, e.uid"
)
_DELIVERIES = (
    "SELECT d.id, d.endpoint::text, d.flavour, d.url, d.at, d.attempt, d.outcome, d.status,"
    ' d.failure, d.detail, d.duration_ms AS "durationMs", d.position, d.category, d.event_type AS'
    ' "eventType" FROM delivery d WHERE (%(uid)s::uuid IS NULL OR d.endpoint = %(uid)s)'
    " AND (%(outcome)s::text IS NULL OR d.outcome = %(outcome)s) ORDER BY d.id DESC LIMIT %(most)s"
)


async def all_endpoints(connection: Connection, state: str | None = None) -> list[dict[str, Any]]:
    """All endpoints, or those in one state, by flavour and owner, without secrets and headers."""
    async with connection.cursor(row_factory=dict_row) as cursor:
        await cursor.execute(_ALL, {"state": state, "uid": None})
        return await cursor.fetchall()


async def one_endpoint(connection: Connection, uid: str) -> dict[str, Any]:
    """An endpoint, as `all_endpoints` has it. Raises Rejection (404 `NotFound`)."""
    endpoint_uid = await require_endpoint(connection, uid)
    async with connection.cursor(row_factory=dict_row) as cursor:
        await cursor.execute(_ALL, {"state": None, "uid": endpoint_uid})
        (row,) = await cursor.fetchall()
    return row


async def latest_deliveries(
    connection: Connection, uid: str | None = None, outcome: str | None = None, most: int = 50
) -> list[dict[str, Any]]:
    """The latest attempts: to all endpoints or one, with any outcome or one; at most `most`."""
    async with connection.cursor(row_factory=dict_row) as cursor:
        await cursor.execute(_DELIVERIES, {"uid": uid, "outcome": outcome, "most": most})
        return await cursor.fetchall()


async def require_endpoint(connection: Connection, uid: str) -> str:
    """The uid of an endpoint of any owner. Raises Rejection (404 `NotFound`)."""
    try:
        valid_uid = SafeUUID.parse(uid)
    except ValueError:
        raise unknown(uid[:80]) from None
    rows = await connection.execute("SELECT FROM endpoint WHERE uid = %s", [valid_uid])
    if await rows.fetchone() is None:
        raise unknown(valid_uid)
    return valid_uid


async def bring_to_state(
    connection: Connection, uid: str, state: str, *, actor: str = OPERATOR
) -> None:
    """Pause an endpoint, activate it, or switch it off. Raises Rejection (404). `actor`: the author
    of the change in the audit log."""
    endpoint_uid = await require_endpoint(connection, uid)
    reason = OPERATOR if state == "off" else None
    await set_state(connection, endpoint_uid, state, actor=actor, reason=reason, by_operator=True)
