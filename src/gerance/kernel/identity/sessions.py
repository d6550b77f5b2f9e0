"""Sessions: a random token in a cookie, its hash in the database.

A session lives for at most `lifetime` seconds and ends after `idle` seconds without a request.
"""

import asyncio
import hashlib
import secrets
from contextlib import suppress

from psycopg.errors import ReadOnlySqlTransaction

from gerance.kernel.db import Connection, Pool
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


async def end_sessions(connection: Connection, account: str, *, but: str | None = None) -> int:
    """End all sessions of an account, except the one with the token `but`; how many."""
    ended = await connection.execute(
        "DELETE FROM session WHERE account = %s AND token_hash IS DISTINCT FROM %s",
        [account, None if but is None else _hash(but)],
    )
    return ended.rowcount


class SessionReader:
    """Finds out who tokens stand for; those asked for at the same time, in one statement."""

    def __init__(self, pool: Pool, *, idle: float) -> None:
        self._pool = pool
        self._idle = idle
        self._pending: list[tuple[bytes, asyncio.Future[Principal | None]]] = []
        self._reading: asyncio.Task[None] | None = None

    async def principal(self, token: str) -> Principal | None:
        """Who the token stands for, or None: unknown, expired, idle for too long, or disabled.

        As of now: a log-out that was answered before this is called has ended the session.
        """
        answer: asyncio.Future[Principal | None] = asyncio.get_running_loop().create_future()
        self._pending.append((_hash(token), answer))
        if self._reading is None:
            self._reading = asyncio.create_task(self._read())
        return await answer

    async def _read(self) -> None:
        try:
            while batch := self._pending:
                self._pending = []
                await self._answer(batch)
        finally:
            self._reading = None

    async def _answer(self, batch: list[tuple[bytes, "asyncio.Future[Principal | None]"]]) -> None:
        try:
            async with self._pool.brief() as connection:
                by_token = await _principals(connection, [token for token, _ in batch], self._idle)
        except Exception as failure:
            # Whatever it is, each request that waits gets it: else it would wait for ever.
            for _, answer in batch:
                if not answer.done():
                    answer.set_exception(failure)
            return
        for token, answer in batch:
            if not answer.done():
                answer.set_result(by_token.get(token))


async def _principals(
    connection: Connection, tokens: list[bytes], idle: float
) -> dict[bytes, Principal]:
    cursor = await connection.execute(_PRINCIPALS, {"tokens": tokens, "idle": idle})
    rows = await cursor.fetchall()
    if stale := [row[0] for row in rows if row[-1]]:
        # On a read-only database a session cannot be prolonged, but it can still be read with.
        with suppress(ReadOnlySqlTransaction):
            await connection.execute(
                "UPDATE session SET seen = now() WHERE token_hash = ANY(%s)", [stale]
            )
    return {
        token: Principal(
            uid=uid,
            kind=kind,
            login=login,
            company=company,
            agencies=tuple(agencies),
            patrimonies=tuple(patrimonies),
            edition=edition,
            hidden_types=tuple(hidden_types),
        )
        for token, uid, kind, login, company, agencies, patrimonies, edition, hidden_types, _ in (
            rows
        )
    }


_PRINCIPALS = (
    "SELECT s.token_hash, a.uid::text, a.kind, a.login, a.company::text, a.agencies::text[],"
    f" a.patrimonies::text[], a.edition, a.hidden_types, s.seen < now() - interval '{_SEEN_EVERY}'"
    " FROM session s JOIN account a ON a.uid = s.account"
    " WHERE s.token_hash = ANY(%(tokens)s) AND s.expires > now() AND NOT a.disabled"
    " AND s.seen > now() - make_interval(secs => %(idle)s)"
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
