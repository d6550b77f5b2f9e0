"""Endpoints as their owners manage them: URL, headers, secrets and subscriptions.

Secrets are needed to sign, so they are stored encrypted (kernel.keyring); they are shown once, when
they are created.
"""

import base64
import secrets
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any
from uuid import uuid4

import msgspec
from psycopg.rows import class_row
from psycopg.types.json import Jsonb

from gerance.kernel import keyring, locks
from gerance.kernel.db import Connection
from gerance.kernel.errors import NotFound, Rejection
from gerance.kernel.identity.accounts import audit
from gerance.kernel.stored_secrets import ENDPOINT_SECRET, encrypt_pairs
from gerance.kernel.webhooks.flavours import WebhookEndpoint
from gerance.kernel.webhooks.request import PREFIX
from gerance.kernel.wire import encode

MOST_OF_ONE_OWNER = 50
OPERATOR = "operator"
"""Who switches endpoints off that their owners cannot switch on again, and the reason then."""
MOST_OVERLAP_SECONDS = 7 * 24 * 3600
SECRET_BYTES = 32


class StoredEndpoint(msgspec.Struct, frozen=True, kw_only=True):
    """An endpoint as it is stored, without its secrets; values of `headers` are as they are stored.

    `state`: active, paused (by its owner) or off (by us: `reason`); `failing_since`: no attempt has
    succeeded since then, None when the last one did; `waiting`: how many events are pending;
    `failing`: how many of them failed and will be retried; `dead`: how many are given up.
    """

    uid: str
    url: str
    headers: Sequence[tuple[str, str]]
    choice: Mapping[str, Any]
    rate: float | None
    state: str
    reason: str | None
    failing_since: datetime | None
    created: datetime
    subscriptions: Mapping[str, list[str] | None]
    waiting: int
    failing: int
    dead: int


_SELECT = (
    "SELECT e.uid::text, e.url, e.headers, e.choice, e.rate, e.state, e.reason, e.failing_since,"
    " e.created, (SELECT coalesce(json_object_agg(s.category, s.event_types), '{}')"
    " FROM subscription s WHERE s.endpoint = e.uid) AS subscriptions,"
    " o.waiting, o.failing, o.dead FROM endpoint e CROSS JOIN LATERAL"
    " (SELECT count(*) AS waiting, count(*) FILTER (WHERE failures > 0 AND due < 'infinity')"
    " AS failing, count(*) FILTER (WHERE failures > 0 AND due = 'infinity') AS dead"
    " FROM outbox WHERE outbox.endpoint = e.uid) o WHERE e.flavour = %s AND e.owner = %s"
)


async def add_endpoint(
    connection: Connection,
    *,
    flavour: str,
    owner: str,
    url: str,
    headers: Sequence[tuple[str, str]] = (),
    choice: Mapping[str, Any] | None = None,
    rate: float | None = None,
    secret: str | None = None,
    uid: str | None = None,
) -> tuple[str, str]:
    """Add an endpoint; return its uid and its secret, new ones unless they are given.

    The caller checks `url` and `headers`. Raises Rejection (409 `TooManyEndpoints`).
    """
    uid, secret = uid or str(uuid4()), secret or new_secret()
    async with connection.transaction():
        await locks.hold(connection, locks.endpoints_of(flavour, owner))
        result = await connection.execute(
            "INSERT INTO endpoint (uid, flavour, owner, url, headers, choice, rate, secret)"
            " SELECT %(uid)s, %(flavour)s, %(owner)s, %(url)s, %(headers)s, %(choice)s, %(rate)s,"
            " %(secret)s WHERE (SELECT count(*) FROM endpoint WHERE flavour = %(flavour)s"
            " AND owner = %(owner)s) < %(most)s",
            {
                "uid": uid, "flavour": flavour, "owner": owner, "url": url, "rate": rate,
                "headers": encode(encrypt_pairs(uid, headers)).decode(),
                "secret": keyring.encrypt(ENDPOINT_SECRET, uid, secret),
                "choice": encode(dict(choice or {})).decode(), "most": MOST_OF_ONE_OWNER,
            },
        )  # fmt: skip
        if not result.rowcount:
            raise Rejection(
                "TooManyEndpoints",
                f"You already have {MOST_OF_ONE_OWNER} endpoints.",
            )
        await audit(connection, owner, "endpoint added", uid)
    return uid, secret


async def endpoints_of(connection: Connection, flavour: str, owner: str) -> list[StoredEndpoint]:
    """The owner's endpoints, the oldest first."""
    async with connection.cursor(row_factory=class_row(StoredEndpoint)) as cursor:
        await cursor.execute(f"{_SELECT} ORDER BY e.created, e.uid", [flavour, owner])
        return await cursor.fetchall()


async def endpoint_of(connection: Connection, flavour: str, owner: str, uid: str) -> StoredEndpoint:
    """One of the owner's endpoints. Raises Rejection (404 `NotFound`)."""
    async with connection.cursor(row_factory=class_row(StoredEndpoint)) as cursor:
        await cursor.execute(f"{_SELECT} AND e.uid = %s", [flavour, owner, uid])
        endpoint = await cursor.fetchone()
    if endpoint is None:
        raise unknown(uid)
    return endpoint


async def load_webhook_endpoint(
    connection: Connection, flavour: str, owner: str, uid: str
) -> WebhookEndpoint:
    """The endpoint as the engine uses it, its secrets as stored. Raises Rejection (404
    `NotFound`)."""
    rows = await connection.execute(
        "SELECT url, headers, choice, secret, CASE WHEN previous_until > now()"
        " THEN previous_secret END, rate FROM endpoint"
        " WHERE flavour = %s AND owner = %s AND uid = %s",
        [flavour, owner, uid],
    )
    row = await rows.fetchone()
    if row is None:
        raise unknown(uid)
    url, headers, choice, secret, previous, rate = row
    return WebhookEndpoint(
        uid=uid,
        flavour=flavour,
        owner=owner,
        url=url,
        headers=tuple((name, value) for name, value in headers),
        choice=choice,
        secrets=(secret,) if previous is None else (secret, previous),
        rate=rate,
    )


async def change_endpoint(
    connection: Connection,
    uid: str,
    *,
    owner: str,
    url: str | None = None,
    headers: Sequence[tuple[str, str]] | None = None,
    choice: Mapping[str, Any] | None = None,
    rate: float | msgspec.UnsetType | None = msgspec.UNSET,
) -> None:
    """Change the URL, headers, filters or rate of an endpoint. The caller has checked them."""
    columns: dict[str, Any] = {"url": url}
    columns["headers"] = None if headers is None else encode(encrypt_pairs(uid, headers)).decode()
    columns["choice"] = None if choice is None else encode(dict(choice)).decode()
    values = {name: value for name, value in columns.items() if value is not None}
    if rate is not msgspec.UNSET:
        values["rate"] = rate
    if values:
        assignments = ", ".join(f"{name} = %({name})s" for name in values)
        async with connection.transaction():
            await connection.execute(
                f"UPDATE endpoint SET {assignments} WHERE uid = %(uid)s", {**values, "uid": uid}
            )
            await audit(connection, owner, f"endpoint changed ({', '.join(values)})", uid)


async def set_state(
    connection: Connection,
    uid: str,
    state: str,
    *,
    actor: str,
    reason: str | None = None,
    by_operator: bool = False,
) -> None:
    """Set whether an endpoint is called (`active`), only collects events (`paused`), or neither
    (`off`).

    Its pending events stay pending. An operator may also switch off an endpoint that is off, which
    then counts as switched off by the operator. Raises Rejection (409 `SwitchedOffByOperator`):
    only an operator reverts what an operator did.
    """
    async with connection.transaction():
        if not by_operator and state != "off":
            cursor = await connection.execute(
                "SELECT FROM endpoint WHERE uid = %s AND state = 'off' AND reason = %s"
                " FOR NO KEY UPDATE",
                [uid, OPERATOR],
            )
            if await cursor.fetchone() is not None:
                raise Rejection(
                    "SwitchedOffByOperator",
                    f"An operator has paused the endpoint {uid}.",
                )
        result = await connection.execute(
            "UPDATE endpoint SET state = %(state)s, reason = %(reason)s,"
            " failing_since = CASE WHEN %(state)s = 'active' THEN NULL ELSE failing_since END,"
            " held = '-infinity' WHERE uid = %(uid)s AND (state <> %(state)s"
            " OR reason <> %(operator)s AND %(reason)s::text = %(operator)s)",
            {"state": state, "reason": reason, "uid": uid, "operator": OPERATOR},
        )
        if result.rowcount:
            await connection.execute(
                "UPDATE subscription SET active = %s WHERE endpoint = %s", [state != "off", uid]
            )
            await audit(connection, actor, f"endpoint {state}", uid)


async def rotate_secret(
    connection: Connection, uid: str, *, owner: str, overlap_seconds: int
) -> str:
    """Create a new secret, returned here and never again. For `overlap_seconds`, deliveries are
    signed with the previous secret as well."""
    secret = new_secret()
    async with connection.transaction():
        await connection.execute(
            "UPDATE endpoint SET previous_secret = secret, previous_until ="
            " now() + make_interval(secs => %s), secret = %s WHERE uid = %s",
            [
                min(overlap_seconds, MOST_OVERLAP_SECONDS),
                keyring.encrypt(ENDPOINT_SECRET, uid, secret),
                uid,
            ],
        )
        await audit(connection, owner, "endpoint secret rotated", uid)
    return secret


async def remove_endpoint(connection: Connection, uid: str, *, owner: str) -> None:
    """Remove an endpoint and its pending deliveries. Its delivery log stays.

    Rows that a worker is recording are not waited for: `claim.delete_orphans` deletes them.
    """
    async with connection.transaction():
        await connection.execute("DELETE FROM endpoint WHERE uid = %s", [uid])
        await connection.execute(
            "DELETE FROM outbox WHERE ctid = ANY(ARRAY(SELECT ctid FROM outbox"
            " WHERE endpoint = %s FOR UPDATE SKIP LOCKED))",
            [uid],
        )
        await audit(connection, owner, "endpoint removed", uid)


async def subscribe(
    connection: Connection,
    uid: str,
    categories: Mapping[str, Sequence[str] | None],
    *,
    scope: Mapping[str, str] | None = None,
) -> None:
    """Subscribe the endpoint to these categories, and to no others, from now on.

    A category with event types: only these; with None: all. `scope`: members that the data of an
    event must have, None for any.
    """
    async with connection.transaction():
        await connection.execute("SELECT FROM endpoint WHERE uid = %s FOR NO KEY UPDATE", [uid])
        await connection.execute(
            "DELETE FROM subscription WHERE endpoint = %s AND category <> ALL(%s)",
            [uid, list(categories)],
        )
        for category, event_types in categories.items():
            await connection.execute(
                "INSERT INTO subscription (endpoint, category, event_types, scope, active)"
                " SELECT uid, %s, %s, %s, state <> 'off' FROM endpoint WHERE uid = %s"
                " ON CONFLICT (category, endpoint) DO UPDATE"
                " SET event_types = excluded.event_types, scope = excluded.scope",
                [
                    category,
                    None if event_types is None else list(event_types),
                    None if scope is None else Jsonb(scope),
                    uid,
                ],
            )


def unknown(uid: str) -> NotFound:
    """The error for an endpoint that does not exist or belongs to another owner."""
    return NotFound(f"There is no endpoint {uid}.")


def new_secret() -> str:
    """A new secret: "whsec_" and the base64 of 32 random bytes."""
    return PREFIX + base64.b64encode(secrets.token_bytes(SECRET_BYTES)).decode()
