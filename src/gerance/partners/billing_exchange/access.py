"""The SFTP logins of partners: one for each partner, with a password, public keys or both."""

import asyncssh
import msgspec

from gerance.kernel.db import Connection, Pool
from gerance.kernel.errors import Rejection
from gerance.kernel.identity.accounts import audit
from gerance.kernel.identity.passwords import new_password_hash, password_fits
from gerance.kernel.identity.security_log import record
from gerance.kernel.identity.throttle import LoginAttempt

MOST_KEYS = 20
"""The maximum number of public keys of a partner."""


async def code_by_password(pool: Pool, login: str, password: str, address: str) -> str | None:
    """The code of the partner with this login and password, None when they are wrong.

    Raises Rejection: 429 `TooManyAttempts` after many wrong guesses, 503 `LogInsBusy`.
    """
    attempt = LoginAttempt("sftp", login, login, address)
    await attempt.admit(pool)
    async with pool.brief() as connection:
        access = await _by_login(connection, login)
    password_hash = None if access is None or access.disabled else access.password_hash
    fits = await password_fits(password_hash, password, attempt.network)
    async with pool.brief() as connection:
        await attempt.require_unthrottled(connection)
        if access is None or not fits:
            await attempt.failed(connection, _cause(access))
            return None
        await attempt.succeeded(connection)
    return access.code


async def code_by_key(pool: Pool, login: str, key: asyncssh.SSHKey, address: str) -> str | None:
    """The code of the partner with this login and public key, or None.

    A client offers all its keys in turn, so a wrong key is not a failure.
    """
    async with pool.brief() as connection:
        access = await _by_login(connection, login)
    if access is None or _line(key) not in access.public_keys:
        return None
    if access.disabled:
        record("disabled_credential_used", door="sftp", principal=login, address=address,
               cause="partner disabled")  # fmt: skip
        return None
    return access.code


class _Access(msgspec.Struct, frozen=True):
    code: str
    password_hash: str | None
    public_keys: list[str]
    disabled: bool


async def _by_login(connection: Connection, login: str) -> _Access | None:
    rows = await connection.execute(
        "SELECT p.code, a.password_hash, a.public_keys, p.disabled FROM partner_file_access a"
        " JOIN partner p ON p.code = a.partner WHERE a.login = %s",
        [login],
    )
    row = await rows.fetchone()
    return None if row is None else _Access(*row)


def _cause(access: _Access | None) -> str:
    if access is None:
        return "unknown login"
    return "partner disabled" if access.disabled else "wrong password"


async def may_stay(pool: Pool, code: str) -> bool:
    """Whether a partner that has logged in still has access."""
    async with pool.brief() as connection:
        rows = await connection.execute(
            "SELECT FROM partner_file_access a JOIN partner p ON p.code = a.partner"
            " WHERE p.code = %s AND NOT p.disabled",
            [code],
        )
        return await rows.fetchone() is not None


async def give_access(
    connection: Connection,
    code: str,
    *,
    login: str | None = None,
    password: str | None = None,
    public_keys: str | None = None,
    actor: str = "operator",
) -> str:
    """Give a partner access and return its login. Omitted values stay unchanged.

    `public_keys`: lines as in `authorized_keys`. Raises Rejection: unknown partner, login in use,
    weak password, a line that is not a key or has options.
    """
    password_hash = None
    if password is not None:
        rows = await connection.execute("SELECT name FROM partner WHERE code = %s", [code])
        password_hash = await new_password_hash(
            password, login, code, *(await rows.fetchone() or ())
        )
    keys = None if public_keys is None else read_keys(public_keys)
    if login is not None and not (1 <= len(login) <= 128 and login.isprintable()):
        raise Rejection("LoginRefused")
    async with connection.transaction():
        partner_row = await connection.execute("SELECT FROM partner WHERE code = %s", [code])
        if await partner_row.fetchone() is None:
            raise Rejection("UnknownPartner", f"There is no partner with the code {code}.")
        conflict = await connection.execute(
            "SELECT FROM partner_file_access WHERE login = %s AND partner <> %s",
            [login or code, code],
        )
        if await conflict.fetchone() is not None:
            raise Rejection("LoginTaken", f"The login {login or code} is already in use.")
        row = await connection.execute(
            "INSERT INTO partner_file_access AS a (partner, login, password_hash, public_keys)"
            " VALUES (%(code)s, coalesce(%(login)s, %(code)s), %(hash)s,"
            " coalesce(%(keys)s::text[], '{}')) ON CONFLICT (partner) DO UPDATE SET"
            " login = coalesce(%(login)s, a.login),"
            " password_hash = coalesce(%(hash)s, a.password_hash),"
            " public_keys = coalesce(%(keys)s::text[], a.public_keys) RETURNING login",
            {"code": code, "login": login, "hash": password_hash, "keys": keys},
        )
        (stored_login,) = await row.fetchone() or (code,)
        await audit(connection, actor, "partner file access set", code)
    return str(stored_login)


def read_keys(text: str) -> list[str]:
    """The public keys in a text, one per line, without their comments. Raises Rejection."""
    keys = []
    for number, line in enumerate(text.splitlines(), start=1):
        if not line.strip() or line.lstrip().startswith("#"):
            continue
        try:
            keys.append(_line(asyncssh.import_public_key(line)))
        except asyncssh.KeyImportError as wrong:
            raise Rejection(
                "PublicKeyRefused", f"Line {number} is not a public key: {wrong}."
            ) from wrong
    if len(keys) > MOST_KEYS:
        raise Rejection("PublicKeyRefused", f"A partner has at most {MOST_KEYS} public keys.")
    return keys


def _line(key: asyncssh.SSHKey) -> str:
    """A public key in the format of OpenSSH, without its comment."""
    return " ".join(key.export_public_key("openssh").decode().split()[:2])
