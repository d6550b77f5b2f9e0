"""Which credentials of the demonstration are good in a database: everybody can read them here.

They are tried against what is stored, so a restored database has them too, and an account whose
password, key or token was replaced, or that was disabled, is not reported.
"""

from collections.abc import AsyncIterator, Iterable

from gerance.demo.partners import PARTNERS
from gerance.demo.world_accounts import INTEGRATOR, MAIL_DOMAIN, PASSPHRASES
from gerance.kernel.db import Connection
from gerance.kernel.identity.integrators import hash_of_key
from gerance.kernel.identity.passwords import password_fits
from gerance.partners.programme.tokens import hash_of_token


async def published_accounts(connection: Connection) -> list[str]:
    """What may log in with credentials that the demonstration publishes, named for people."""
    return [
        *[found async for found in _users(connection)],
        *[found async for found in _integrators(connection)],
        *[found async for found in _partners(connection)],
        *[found async for found in _file_accesses(connection)],
    ]


async def _users(connection: Connection) -> AsyncIterator[str]:
    rows = await connection.execute(
        "SELECT kind, login, password_hash FROM account"
        " WHERE fold(login) LIKE %s AND password_hash IS NOT NULL AND NOT disabled ORDER BY login",
        [f"%@{MAIL_DOMAIN}"],
    )
    for kind, login, password_hash in await rows.fetchall():
        # That of its kind first: each try costs what a log-in does.
        tried = sorted(PASSPHRASES, key=lambda known: known != kind)
        if await _fits_any(password_hash, (PASSPHRASES[each] for each in tried)):
            yield f"user {login}"


async def _integrators(connection: Connection) -> AsyncIterator[str]:
    rows = await connection.execute(
        "SELECT user_name, password_hash FROM integrator WHERE key_hash = %s AND NOT disabled",
        [hash_of_key(INTEGRATOR["apiKey"])],
    )
    for user_name, password_hash in await rows.fetchall():
        if await _fits_any(password_hash, [INTEGRATOR["password"]]):
            yield f"integrator {user_name}"


async def _partners(connection: Connection) -> AsyncIterator[str]:
    rows = await connection.execute(
        "SELECT DISTINCT p.code FROM partner_token t JOIN partner p ON p.code = t.partner"
        " WHERE t.hash = ANY(%s) AND t.expires > now() AND NOT p.disabled ORDER BY 1",
        [[hash_of_token(each["token"]) for each in PARTNERS]],
    )
    for (code,) in await rows.fetchall():
        yield f"partner {code}"


async def _file_accesses(connection: Connection) -> AsyncIterator[str]:
    rows = await connection.execute(
        "SELECT a.login, a.password_hash FROM partner_file_access a"
        " JOIN partner p ON p.code = a.partner WHERE a.login = ANY(%s)"
        " AND a.password_hash IS NOT NULL AND NOT p.disabled ORDER BY 1",
        [[each["sftpUser"] for each in PARTNERS]],
    )
    for login, password_hash in await rows.fetchall():
        if await _fits_any(password_hash, [each["sftpPassword"] for each in PARTNERS]):
            yield f"SFTP user {login}"


async def _fits_any(password_hash: str, passwords: Iterable[str]) -> bool:
    for password in dict.fromkeys(passwords):
        if await password_fits(password_hash, password):
            return True
    return False
