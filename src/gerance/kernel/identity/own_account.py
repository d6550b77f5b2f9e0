"""What users do with their own account: change the password, end all sessions.

For routes and pages: both check the rights themselves and say in `Rejection` what is wrong.
"""

from gerance.kernel.db import Pool
from gerance.kernel.errors import BadRequest
from gerance.kernel.fold import fold
from gerance.kernel.identity.accounts import audit
from gerance.kernel.identity.passwords import new_password_hash, password_fits
from gerance.kernel.identity.principal import Principal
from gerance.kernel.identity.sessions import end_sessions
from gerance.kernel.identity.throttle import MAX_KEY, LoginAttempt


async def change_own_password(
    pool: Pool,
    principal: Principal,
    *,
    current: str,
    new: str,
    address: str,
    session: str | None,
) -> None:
    """Give the account of `principal` a new password; its other sessions end.

    `address`: the client's; `session`: the token of the session that stays valid, None for none.
    Raises BadRequest (`AuthenticationFailed`: the current password is wrong), and Rejection
    (`PasswordRefused`: the new one is too weak; 429 `TooManyAttempts`; 503 `LogInsBusy`).
    """
    attempt = LoginAttempt("user", fold(principal.login)[:MAX_KEY], principal.login, address)
    await attempt.admit(pool)
    async with pool.brief() as connection:
        rows = await connection.execute(
            "SELECT a.password_hash, a.login, a.first_name, a.last_name, c.name FROM account a"
            " LEFT JOIN company c ON c.uid = a.company WHERE a.uid = %s",
            [principal.uid],
        )
        password_hash, *about = await rows.fetchone() or (None,)
    fits = await password_fits(password_hash, current, attempt.network)
    async with pool.brief() as connection:
        await attempt.require_unthrottled(connection)
        if not fits:
            await attempt.failed(connection, "wrong password")
            raise authentication_failed()
        await attempt.forget(connection)
    hash_text = await new_password_hash(new, *about)
    async with pool.brief() as connection, connection.transaction():
        await connection.execute(
            "UPDATE account SET password_hash = %s WHERE uid = %s", [hash_text, principal.uid]
        )
        await end_sessions(connection, principal.uid, but=session)
        await audit(connection, principal.login, "password changed", principal.login)


async def end_own_sessions(pool: Pool, principal: Principal) -> int:
    """End all sessions of the account, the present one too; how many."""
    async with pool.brief() as connection, connection.transaction():
        ended = await end_sessions(connection, principal.uid)
        await audit(connection, principal.login, "sessions ended", principal.login)
    return ended


def authentication_failed() -> BadRequest:
    """One answer for an unknown login, a wrong password and a disabled account."""
    return BadRequest("The login or the password is wrong.", code="AuthenticationFailed")
