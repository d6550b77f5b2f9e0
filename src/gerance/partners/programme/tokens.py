"""Tokens of partners: kept as hashes, shown once, replaced with some days for both."""

import hashlib
import secrets
from datetime import datetime, timedelta
from typing import Any

from psycopg.rows import dict_row

from gerance.kernel.db import Connection
from gerance.kernel.errors import Rejection
from gerance.kernel.identity.accounts import audit
from gerance.partners.programme.names import require_partner

_SHORTEST, _LONGEST = 18, 512
_SUFFIX = 4


def hash_of_token(token: str) -> bytes:
    """What is kept of a token: it is long and random, so one round of SHA-256 is enough."""
    return hashlib.sha256(token.encode("utf-8", "surrogateescape")).digest()


async def insert_token(connection: Connection, code: str, token: str | None = None) -> str:
    """Give a partner a token: this one, else a new one."""
    new_token = token or secrets.token_hex(24)
    if (
        not _SHORTEST <= len(new_token) <= _LONGEST
        or not new_token.isalnum()
        or not new_token.isascii()
    ):
        raise Rejection(
            "TokenRefused", f"A token must have {_SHORTEST} to {_LONGEST} letters and digits."
        )
    await connection.execute(
        "INSERT INTO partner_token (hash, partner, ending) VALUES (%s, %s, %s)",
        [hash_of_token(new_token), code, new_token[-_SUFFIX:]],
    )
    return new_token


async def rotate_token(
    connection: Connection, code: str, *, overlap: timedelta, actor: str = "operator"
) -> tuple[str, datetime | None]:
    """A new token, shown once, and when those before it expire: after `overlap`, or as they were to
    anyway; None when there was none. Raises Rejection (`UnknownPartner`)."""
    async with connection.transaction():
        await require_partner(connection, code)
        rows = await connection.execute(
            "WITH ended AS (UPDATE partner_token SET expires = least(expires, now() + %s)"
            " WHERE partner = %s AND expires > now() RETURNING expires)"
            " SELECT max(expires) FROM ended",
            [overlap, code],
        )
        until: datetime | None = (await rows.fetchall())[0][0]
        token = await insert_token(connection, code)
        await audit(connection, actor, "partner token rotated", f"{code} …{token[-_SUFFIX:]}")
    return token, until


async def list_tokens(connection: Connection, code: str) -> list[dict[str, Any]]:
    """The tokens of a partner that are valid, without what they are: `expires` is None for good."""
    async with connection.cursor(row_factory=dict_row) as cursor:
        await cursor.execute(
            "SELECT ending, created, nullif(expires, 'infinity') AS expires FROM partner_token"
            " WHERE partner = %s AND expires > now() ORDER BY created",
            [code],
        )
        return await cursor.fetchall()


async def revoke_tokens(
    connection: Connection, code: str, suffix: str, *, actor: str = "operator"
) -> int:
    """End the tokens of a partner that end in these characters, at once; how many.

    Raises Rejection (`UnknownToken`): there is none.
    """
    async with connection.transaction():
        ended = await connection.execute(
            "UPDATE partner_token SET expires = now()"
            " WHERE partner = %s AND ending = %s AND expires > now()",
            [code, suffix],
        )
        if not ended.rowcount:
            raise Rejection("UnknownToken", f"{code} has no valid token that ends in {suffix}.")
        await audit(connection, actor, "partner token revoked", f"{code} …{suffix}")
    return ended.rowcount
