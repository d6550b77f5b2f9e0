"""One-time codes of an authenticator app (TOTP, RFC 6238): an optional second factor.

Recovery codes stand in for a lost device, each once; they are stored as hashes. A code is accepted
once, and one step of 30 seconds before and after is accepted for clocks that differ.
"""

import hashlib
import secrets
import time

import msgspec
import pyotp

from gerance.kernel import keyring
from gerance.kernel.db import Connection
from gerance.kernel.errors import BadRequest, Rejection
from gerance.kernel.identity.accounts import audit
from gerance.kernel.identity.sessions import end_sessions
from gerance.kernel.identity.throttle import LoginAttempt
from gerance.kernel.stored_secrets import TOTP_SECRET

STEP_SECONDS = 30
RECOVERY_CODES = 10
ISSUER = "Gérance"
_LONGEST = 40


class Enrolment(msgspec.Struct, frozen=True):
    """What the user needs, shown once: `uri`: otpauth URI for the app; codes for a lost device."""

    uri: str
    recovery_codes: tuple[str, ...]


async def enable_totp(connection: Connection, login: str, *, actor: str = "operator") -> Enrolment:
    """Ask for one-time codes at each log-in of the account from now on; its sessions end.

    A second call replaces secret and recovery codes. Raises Rejection (`UnknownUser`).
    """
    secret = pyotp.random_base32()
    codes = tuple(_new_recovery_code() for _ in range(RECOVERY_CODES))
    hashes = [_hash(code) for code in codes]
    rows = await connection.execute(
        "SELECT uid::text FROM account WHERE fold(login) = fold(%s)", [login]
    )
    (uid,) = await rows.fetchone() or ("",)
    stored = keyring.encrypt(TOTP_SECRET, uid, secret)
    login = await _change(connection, login, stored, hashes, "one-time codes on", actor)
    uri = pyotp.TOTP(secret, interval=STEP_SECONDS).provisioning_uri(name=login, issuer_name=ISSUER)
    return Enrolment(uri, codes)


async def disable_totp(connection: Connection, login: str, *, actor: str = "operator") -> None:
    """Require no one-time codes any more; sessions end. Raises Rejection (`UnknownUser`)."""
    await _change(connection, login, None, [], "one-time codes off", actor)


async def require_code(connection: Connection, attempt: LoginAttempt, uid: str, code: str) -> None:
    """Check the one-time code of a log-in whose password is right; nothing for accounts without.

    Raises BadRequest (`OneTimeCodeRequired`, `OneTimeCodeRefused`), and Rejection (429): wrong
    codes are throttled like passwords, also from networks that the account is known from.
    """
    rows = await connection.execute("SELECT totp_secret FROM account WHERE uid = %s", [uid])
    row = await rows.fetchone()
    if row is None or row[0] is None:
        return
    code = "".join(code[:_LONGEST].split()).replace("-", "").upper()
    if not code:
        raise BadRequest(
            "The password is right, but this account needs a one-time code as well.",
            code="OneTimeCodeRequired",
        )
    guess = msgspec.structs.replace(attempt, door="code", login=uid, is_counted=False)
    await guess.require_code_unthrottled(connection)
    if not await _accept(connection, uid, keyring.decrypt(TOTP_SECRET, uid, row[0]), code):
        await guess.failed(connection, "wrong one-time code")
        raise BadRequest(
            "The one-time code is wrong, expired or already used.", code="OneTimeCodeRefused"
        )
    await guess.forget(connection)


async def _accept(connection: Connection, uid: str, secret: str, code: str) -> bool:
    """Whether a code is right, which it is once. Two requests at once cannot both use it."""
    totp = pyotp.TOTP(secret, interval=STEP_SECONDS)
    now = int(time.time()) // STEP_SECONDS
    for step in (now - 1, now, now + 1):
        if secrets.compare_digest(totp.at(step * STEP_SECONDS).encode(), code.encode()):
            counter = await connection.execute(
                "UPDATE account SET totp_step = %(step)s WHERE uid = %(uid)s"
                " AND totp_step < %(step)s",
                {"uid": uid, "step": step},
            )
            return counter.rowcount == 1
    counter = await connection.execute(
        "UPDATE account SET recovery_hashes = array_remove(recovery_hashes, %(hash)s)"
        " WHERE uid = %(uid)s AND %(hash)s = ANY(recovery_hashes)",
        {"uid": uid, "hash": _hash(code)},
    )
    return counter.rowcount == 1


async def _change(
    connection: Connection,
    login: str,
    secret: str | None,
    hashes: list[bytes],
    act: str,
    actor: str,
) -> str:
    """Set both; the login as it is stored."""
    async with connection.transaction():
        rows = await connection.execute(
            "UPDATE account SET totp_secret = %(secret)s, totp_step = 0,"
            " recovery_hashes = %(hashes)s::bytea[] WHERE fold(login) = fold(%(login)s)"
            " RETURNING uid::text, login",
            {"secret": secret, "hashes": hashes, "login": login},
        )
        row = await rows.fetchone()
        if row is None:
            raise Rejection("UnknownUser", f"There is no user with the login {login}.")
        await end_sessions(connection, row[0])
        await audit(connection, actor, act, row[1])
    return str(row[1])


def _new_recovery_code() -> str:
    """80 random bits as four groups of letters and digits: too many to guess, whatever the hash."""
    text = pyotp.random_base32(32)[:16]
    return "-".join(text[start : start + 4] for start in range(0, 16, 4))


def _hash(code: str) -> bytes:
    return hashlib.sha256(code.replace("-", "").encode()).digest()
