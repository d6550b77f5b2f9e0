"""The accounts of a database that accept a credential of the demonstration, which is public.

Credentials are verified against the stored hashes: a restored database is reported, too, and an
account that was disabled or has a new credential is not.
"""

import asyncio
import shlex
from collections.abc import AsyncGenerator, AsyncIterator, Sequence
from typing import NamedTuple

from gerance.demo.partners import PARTNERS
from gerance.demo.world_accounts import INTEGRATOR, MAIL_DOMAIN, PASSPHRASES
from gerance.kernel.db import Connection
from gerance.kernel.identity.integrators import hash_of_key
from gerance.kernel.identity.passwords import AT_ONCE, password_fits
from gerance.partners.programme.tokens import hash_of_token


class PublishedAccount(NamedTuple):
    """An account with a published credential, and the command that replaces the credential."""

    name: str
    remedy: str


class _Candidate(NamedTuple):
    """An account of the demonstration and its published password, not yet verified."""

    name: str
    remedy: str
    password_hash: str
    password: str


async def published_accounts(
    connection: Connection,
) -> AsyncGenerator[PublishedAccount, None]:
    """The accounts that accept a credential of the demonstration, the cheapest checks first.

    Verifying a password costs as much as a login: each account has one verification, several run
    at once, and a caller may stop at the first account.
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
    candidates = [
        _Candidate(
            f"integrator {user_name}",
            _command("integrators", "rotate", user_name, "--new-password"),
            password_hash,
            INTEGRATOR["password"],
        )
        for user_name, password_hash in await rows.fetchall()
    ]
    async for account in _verified(candidates):
        yield account


async def _file_accesses(connection: Connection) -> AsyncIterator[PublishedAccount]:
    rows = await connection.execute(
        "SELECT p.code, a.login, a.password_hash FROM partner_file_access a"
        " JOIN partner p ON p.code = a.partner WHERE a.login = ANY(%s)"
        " AND a.password_hash IS NOT NULL AND NOT p.disabled ORDER BY 1",
        [[each["sftpUser"] for each in PARTNERS]],
    )
    passwords = {each["sftpUser"]: each["sftpPassword"] for each in PARTNERS}
    candidates = [
        _Candidate(
            f"SFTP user {login}",
            _command("partners", "file-access", code, "--password-stdin"),
            password_hash,
            passwords[login],
        )
        for code, login, password_hash in await rows.fetchall()
    ]
    async for account in _verified(candidates):
        yield account


async def _users(connection: Connection) -> AsyncIterator[PublishedAccount]:
    rows = await connection.execute(
        "SELECT kind, login, password_hash FROM account"
        " WHERE fold(login) LIKE %s AND password_hash IS NOT NULL AND NOT disabled ORDER BY login",
        [f"%@{MAIL_DOMAIN}"],
    )
    candidates = [
        _Candidate(
            f"user {login}",
            _command("users", "password", login),
            password_hash,
            PASSPHRASES[kind],
        )
        for kind, login, password_hash in await rows.fetchall()
    ]
    async for account in _verified(candidates):
        yield account


def _command(*words: str) -> str:
    return shlex.join(("gerance", *words))


async def _verified(candidates: Sequence[_Candidate]) -> AsyncIterator[PublishedAccount]:
    """The candidates whose hash is that of their password, as many verifications at once as may
    run."""
    for start in range(0, len(candidates), AT_ONCE):
        batch = candidates[start : start + AT_ONCE]
        matches = await asyncio.gather(
            *(password_fits(each.password_hash, each.password) for each in batch)
        )
        for candidate, matches_password in zip(batch, matches, strict=True):
            if matches_password:
                yield PublishedAccount(candidate.name, candidate.remedy)
