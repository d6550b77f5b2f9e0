"""Integrators as operators handle them: one key, one user name and one password for each.

The key and the password are kept as hashes and shown once (reference/002, Q14). Each act tells
every process that integrators changed, so tokens that it ends are refused from the next request.
"""

import hashlib
import json
import secrets
from typing import Any
from uuid import uuid4

from psycopg.errors import UniqueViolation
from psycopg.rows import dict_row

from gerance.kernel import keyring
from gerance.kernel.db import Connection
from gerance.kernel.errors import Rejection
from gerance.kernel.identity.accounts import audit
from gerance.kernel.identity.passwords import new_password_hash
from gerance.kernel.identity.scope import Scope
from gerance.kernel.odata.versions import sets_changed
from gerance.kernel.stored_secrets import SIGNING_KEY

PSEUDO_SET = "integrator"
"""The name under which the versions of sets say that an integrator has changed."""

MAX_USER_NAME = 320


async def add_integrator(
    connection: Connection,
    *,
    user_name: str,
    password: str,
    scope: Scope,
    name: str | None = None,
    api_key: str | None = None,
    uid: str | None = None,
    actor: str = "operator",
) -> str:
    """A new integrator; its API key, a new one unless one is given.

    Raises Rejection: user name taken, empty or too long, password too weak.
    """
    if not user_name.strip() or len(user_name) > MAX_USER_NAME:
        raise Rejection(
            "UserNameRefused", f"A user name must have 1 to {MAX_USER_NAME} characters."
        )
    key, uid = api_key or _new_key(), uid or str(uuid4())
    hash_text = await new_password_hash(password, user_name, name)
    try:
        async with connection.transaction():
            await connection.execute(
                "INSERT INTO integrator (uid, name, user_name, key_hash, password_hash,"
                " signing_key, read_only, sets, places, incidents, partners)"
                " VALUES (%s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s)",
                [
                    uid, name or user_name, user_name, hash_of_key(key),
                    hash_text, _new_signing_key(uid), scope.read_only,
                    None if scope.sets is None else list(scope.sets),
                    None if scope.places is None else json.dumps(scope.places),
                    scope.incidents, scope.partners,
                ],
            )  # fmt: skip
            await _count_change(connection, actor, "integrator added", user_name)
    except UniqueViolation as taken:
        raise Rejection("UserNameTaken", f"The user name {user_name} is already in use.") from taken
    return key


async def list_integrators(connection: Connection) -> list[dict[str, Any]]:
    """All integrators by user name, without a secret: `sets` and `places` are None for all."""
    async with connection.cursor(row_factory=dict_row) as cursor:
        await cursor.execute(
            'SELECT uid::text, name, user_name AS "userName", read_only AS "readOnly", sets,'
            " places, incidents, partners, disabled, created FROM integrator"
            " ORDER BY fold(user_name)"
        )
        return await cursor.fetchall()


async def rotate_integrator(
    connection: Connection, user_name: str, *, password: str | None = None, actor: str = "operator"
) -> str:
    """A new API key, and a new password if one is given; the key before it and all tokens given
    out are void. Raises Rejection: no such integrator, password too weak."""
    key = _new_key()
    values: dict[str, Any] = {"key_hash": hash_of_key(key)}
    if password is not None:
        values |= {
            "password_hash": await new_password_hash(
                password, user_name, await _name(connection, user_name)
            )
        }
    await _update(connection, user_name, values, "integrator rotated", actor, void_tokens=True)
    return key


async def _name(connection: Connection, user_name: str) -> str | None:
    rows = await connection.execute(
        "SELECT name FROM integrator WHERE fold(user_name) = fold(%s)", [user_name]
    )
    row = await rows.fetchone()
    return None if row is None else str(row[0])


async def disable_integrator(
    connection: Connection, user_name: str, *, actor: str = "operator"
) -> None:
    """It gets no token any more; those given out are void for good. Raises Rejection: none such."""
    values = {"disabled": True}
    await _update(connection, user_name, values, "integrator disabled", actor, void_tokens=True)


async def enable_integrator(
    connection: Connection, user_name: str, *, actor: str = "operator"
) -> None:
    """It gets tokens again, with the key and password it had. Raises Rejection: none such."""
    await _update(connection, user_name, {"disabled": False}, "integrator enabled", actor)


def hash_of_key(api_key: str) -> bytes:
    """What is kept of an API key: it is long and random, so one round of SHA-256 is enough."""
    return hashlib.sha256(api_key.encode("utf-8", "surrogateescape")).digest()


async def _update(
    connection: Connection,
    user_name: str,
    values: dict[str, Any],
    act: str,
    actor: str,
    *,
    void_tokens: bool = False,
) -> None:
    """Change columns of an integrator; with a new signing key the tokens given out are void."""
    async with connection.transaction():
        rows = await connection.execute(
            "SELECT uid::text, user_name FROM integrator WHERE fold(user_name) = fold(%s)"
            " FOR UPDATE",
            [user_name],
        )
        row = await rows.fetchone()
        if row is None:
            raise Rejection(
                "UnknownIntegrator", f"There is no integrator with the user name {user_name}."
            )
        if void_tokens:
            values = values | {"signing_key": _new_signing_key(row[0])}
        assignments = ", ".join(f"{column} = %({column})s" for column in values)
        await connection.execute(
            f"UPDATE integrator SET {assignments} WHERE uid = %(uid)s", {**values, "uid": row[0]}
        )
        await _count_change(connection, actor, act, row[1])


async def _count_change(connection: Connection, actor: str, act: str, user_name: str) -> None:
    await audit(connection, actor, act, user_name)
    await sets_changed(connection, [PSEUDO_SET])


def _new_key() -> str:
    return f"gk_{secrets.token_urlsafe(32)}"


def _new_signing_key(uid: str) -> bytes:
    """A random key as the row of the integrator stores it."""
    return keyring.encrypt_bytes(SIGNING_KEY, uid, secrets.token_bytes(32))
