"""Sessions: a random token in a cookie, its hash in the database.

A session lives for at most `lifetime` seconds and ends after `idle` seconds without a request.
"""

import hashlib
import secrets

from gerance.kernel.db import Connection
from gerance.kernel.identity.principal import Principal

COOKIE = "PI_SESSION"
_SEEN_EVERY = "1 minute"


async def open_session(connection: Connection, account: str, *, lifetime: float) -> str:
    """A new session of the account; its token, which is stored nowhere."""
    token = secrets.token_urlsafe(32)
    await connection.execute(
        "WITH over AS (DELETE FROM session WHERE expires < now())"
        " INSERT INTO session (token_hash, account, expires)"
        " VALUES (%s, %s, now() + make_interval(secs => %s))",
        [_hash(token), account, lifetime],
    )
    return token


async def close_session(connection: Connection, token: str) -> None:
    """End the session, if there is one."""
    await connection.execute("DELETE FROM session WHERE token_hash = %s", [_hash(token)])


async def principal_of(connection: Connection, token: str, *, idle: float) -> Principal | None:
    """Who the token stands for, or None: unknown, expired, idle for too long, or disabled."""
    cursor = await connection.execute(
        "SELECT a.uid::text, a.kind, a.login, a.company::text, a.agencies::text[],"
        f" a.patrimonies::text[], s.seen < now() - interval '{_SEEN_EVERY}'"
        " FROM session s JOIN account a ON a.uid = s.account"
        " WHERE s.token_hash = %s AND s.expires > now() AND NOT a.disabled"
        " AND s.seen > now() - make_interval(secs => %s)",
        [_hash(token), idle],
    )
    row = await cursor.fetchone()
    if row is None:
        return None
    uid, kind, login, company, agencies, patrimonies, stale = row
    if stale:
        await connection.execute(
            "UPDATE session SET seen = now() WHERE token_hash = %s", [_hash(token)]
        )
    return Principal(
        uid=uid,
        kind=kind,
        login=login,
        company=company,
        agencies=tuple(agencies),
        patrimonies=tuple(patrimonies),
    )


def token_in(cookie_header: str) -> str | None:
    """The session's token in a Cookie header.

    Published clients send back the whole Set-Cookie value (`PI_SESSION=x; Path=/; HttpOnly`), and
    may quote the value or send several cookies: the last one named PI_SESSION counts.
    """
    token = None
    for part in cookie_header.split(";"):
        name, separator, value = part.strip().partition("=")
        if separator and name.strip() == COOKIE:
            token = value.strip().strip('"') or None
    return token


def _hash(token: str) -> bytes:
    return hashlib.sha256(token.encode("utf-8", "surrogateescape")).digest()
