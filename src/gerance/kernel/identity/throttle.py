"""The brake on guessing passwords: counted in the database, so that every process counts alike."""

from gerance.kernel.db import Connection
from gerance.kernel.errors import Refused

WINDOW_SECONDS = 300
PER_LOGIN = 10
PER_ADDRESS = 50


async def refuse_when_guessing(connection: Connection, login_key: str, address: str) -> None:
    """Raise Refused (429 `TooManyAttempts`, Retry-After) after too many recent failures."""
    cursor = await connection.execute(
        "SELECT (SELECT count(*) FROM login_failure WHERE key = %(login)s AND at > since),"
        " (SELECT count(*) FROM login_failure WHERE key = %(address)s AND at > since)"
        " FROM (SELECT now() - make_interval(secs => %(window)s) AS since) w",
        {"login": _login(login_key, address), "address": address, "window": WINDOW_SECONDS},
    )
    row = await cursor.fetchone()
    assert row is not None
    if row[0] >= PER_LOGIN or row[1] >= PER_ADDRESS:
        raise Refused(
            "TooManyAttempts",
            "Too many log-ins failed; wait a few minutes.",
            status=429,
            headers={"Retry-After": str(WINDOW_SECONDS)},
        )


async def count_failure(connection: Connection, login_key: str, address: str) -> None:
    """One more failure of this login from this address; forgets those of long ago."""
    await connection.execute(
        "WITH over AS (DELETE FROM login_failure WHERE at < now() - interval '1 day')"
        " INSERT INTO login_failure (key) VALUES (%s), (%s)",
        [_login(login_key, address), address],
    )


async def forget_failures(connection: Connection, login_key: str, address: str) -> None:
    """The right password was given: this login's failures from this address count no more."""
    await connection.execute(
        "DELETE FROM login_failure WHERE key = %s", [_login(login_key, address)]
    )


def _login(login_key: str, address: str) -> str:
    return f"{login_key}\n{address}"
