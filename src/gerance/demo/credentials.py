"""The published credentials of the demonstration that a database accepts.

They are checked against what is stored: a restored database reports them, too. An account whose
password, key or token was replaced, or that is disabled, is not reported.
"""

import shlex
from collections.abc import AsyncGenerator, AsyncIterator, Iterable
from typing import NamedTuple

from gerance.demo.partners import PARTNERS
from gerance.demo.world_accounts import INTEGRATOR, MAIL_DOMAIN, PASSPHRASES
from gerance.kernel.db import Connection
from gerance.kernel.identity.integrators import hash_of_key
from gerance.kernel.identity.passwords import password_fits
from gerance.partners.programme.tokens import hash_of_token


class PublishedAccount(NamedTuple):
    """An account with a published credential, and the command that replaces the credential."""

    name: str
    remedy: str


async def published_accounts(
    connection: Connection,
) -> AsyncGenerator[PublishedAccount, None]:
    """The accounts that accept a credential of the demonstration; those that cost least first.

    A check of a password costs as much as a log-in, so a caller may stop at the first account.
    """
    for accounts in (_partners, _integrators, _file_accesses, _users):
        async for account in accounts(connection):
            yield account


async def _partners(connection: Connection) -> AsyncIterator[PublishedAccount]:
    rows = await connection.execute(
        "SELECT DISTINCT p.code FROM partner_token t JOIN partner p ON p.code = t.partner"
        " WHERE t.hash = ANY(%s) AND t.expires > now() AND NOT p.disabled ORDER BY 1",
        [[hash_of_token(each["token"]) for each in PARTNERS]],
    )
    for (code,) in await rows.fetchall():
        rotate = ("partners", "token", "rotate", code, "--overlap-hours", "0")
        yield PublishedAccount(f"partner {code}", _command(*rotate))


async def _integrators(connection: Connection) -> AsyncIterator[PublishedAccount]:
    rows = await connection.execute(
        "SELECT user_name, password_hash FROM integrator WHERE key_hash = %s AND NOT disabled",
        [hash_of_key(INTEGRATOR["apiKey"])],
    )
    for user_name, password_hash in await rows.fetchall():
        if await _fits_any(password_hash, [INTEGRATOR["password"]]):
            rotate = ("integrators", "rotate", user_name, "--new-password")
            yield PublishedAccount(f"integrator {user_name}", _command(*rotate))


async def _file_accesses(connection: Connection) -> AsyncIterator[PublishedAccount]:
    rows = await connection.execute(
        "SELECT p.code, a.login, a.password_hash FROM partner_file_access a"
        " JOIN partner p ON p.code = a.partner WHERE a.login = ANY(%s)"
        " AND a.password_hash IS NOT NULL AND NOT p.disabled ORDER BY 1",
        [[each["sftpUser"] for each in PARTNERS]],
    )
    for code, login, password_hash in await rows.fetchall():
        if await _fits_any(password_hash, [each["sftpPassword"] for each in PARTNERS]):
            replace = ("partners", "file-access", code, "--password-stdin")
            yield PublishedAccount(f"SFTP user {login}", _command(*replace))


async def _users(connection: Connection) -> AsyncIterator[PublishedAccount]:
    rows = await connection.execute(
        "SELECT kind, login, password_hash FROM account"
        " WHERE fold(login) LIKE %s AND password_hash IS NOT NULL AND NOT disabled ORDER BY login",
        [f"%@{MAIL_DOMAIN}"],
    )
    for kind, login, password_hash in await rows.fetchall():
        # The password of its kind first: most accounts need one check.
        kinds = sorted(PASSPHRASES, key=lambda candidate: candidate != kind)
        if await _fits_any(password_hash, (PASSPHRASES[each] for each in kinds)):
            yield PublishedAccount(f"user {login}", _command("users", "password", login))


def _command(*words: str) -> str:
    return shlex.join(("gerance", *words))


async def _fits_any(password_hash: str, passwords: Iterable[str]) -> bool:
    for password in dict.fromkeys(passwords):
        if await password_fits(password_hash, password):
            return True
    return False
