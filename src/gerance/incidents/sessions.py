"""Logging in and out: one session for both prefixes of the incident API."""

import msgspec
from starlette.requests import Request
from starlette.responses import Response

from gerance.incidents.subscriptions.notice import notice_for
from gerance.kernel.db import Pool
from gerance.kernel.errors import Unauthenticated
from gerance.kernel.fold import fold
from gerance.kernel.http.body import SMALL
from gerance.kernel.http.endpoint import Call, Endpoint
from gerance.kernel.identity.one_time_codes import require_code
from gerance.kernel.identity.own_account import (
    authentication_failed,
    change_own_password,
    end_own_sessions,
)
from gerance.kernel.identity.passwords import password_fits
from gerance.kernel.identity.sessions import COOKIE, close_session, open_session, token_in
from gerance.kernel.identity.throttle import LoginAttempt
from gerance.kernel.limits.address import client_address
from gerance.kernel.limits.rates import note_login
from gerance.kernel.settings import Settings

MAX_LOGIN = 320


class Credentials(msgspec.Struct, rename="camel"):
    """What a user logs in with. `one_time_code`: for accounts that have a second factor."""

    login: str
    password: str
    one_time_code: str = ""


class PasswordChange(msgspec.Struct, rename="camel"):
    """The user's password until now, and the one from now on."""

    current_password: str
    new_password: str


async def log_in(call: Call) -> Response:
    """200, empty, with the session's cookie and perhaps a notice; 400 for an unknown user as for a
    wrong password."""
    credentials: Credentials = await call.message()
    account, token = await log_in_user(call.request, credentials)
    async with call.pool.brief() as connection:
        notice = await notice_for(connection, account)
    return Response(
        headers={
            "Cookie": f"{COOKIE}={token}",
            "Set-Cookie": cookie_of(call.request, token),
            **notice,
        }
    )


async def log_in_user(request: Request, credentials: Credentials) -> tuple[str, str]:
    """The uid of the account whose credentials these are, and the token of a new session.

    The session that the request came with ends. Raises BadRequest (`AuthenticationFailed`,
    `OneTimeCodeRequired`, `OneTimeCodeRefused`), and Rejection: 429 for one who guesses, 503.
    """
    pool: Pool = request.app.state.pool
    settings: Settings = request.app.state.settings
    login = credentials.login[:MAX_LOGIN]
    if "\x00" in login:
        raise authentication_failed()
    # Folding may make a text many times as long.
    attempt = LoginAttempt("user", fold(login)[:MAX_LOGIN], login, client_address(request.scope))
    await attempt.admit(pool)
    async with pool.brief() as connection:
        rows = await connection.execute(_BY_LOGIN, [login])
        account = await rows.fetchone()
    uid, password_hash, disabled = account or (None, None, False)
    usable = None if disabled else password_hash
    fits = await password_fits(usable, credentials.password, attempt.network)
    async with pool.brief() as connection:
        await attempt.require_unthrottled(connection)
        if uid is None or not fits:
            cause = "account disabled" if disabled else "wrong password"
            await attempt.failed(connection, "unknown login" if uid is None else cause)
            raise authentication_failed()
        if attempt.is_counted:
            await attempt.forget(connection)
        await require_code(connection, attempt, uid, credentials.one_time_code)
        await attempt.succeeded(connection)
        before = token_in("; ".join(request.headers.getlist("cookie")))
        if before is not None:
            await close_session(connection, before)
        lifetime = settings.session_lifetime_seconds
        token = await open_session(connection, uid, lifetime=lifetime)
    note_login(request.scope, f"user {uid}")
    return uid, token


_BY_LOGIN = "SELECT uid::text, password_hash, disabled FROM account WHERE fold(login) = fold(%s)"


def cookie_of(request: Request, token: str) -> str:
    """The value of Set-Cookie for a session; with no token, one that deletes the cookie."""
    settings: Settings = request.app.state.settings
    lifetime = settings.session_lifetime_seconds if token else 0
    cookie = f"{COOKIE}={token}; Path=/; Max-Age={lifetime}; HttpOnly; SameSite=Lax"
    private = settings.secure_cookies or request.url.scheme == "https"
    return f"{cookie}; Secure" if private else cookie


async def log_out(call: Call) -> Response:
    """200, empty; the session is over."""
    token = token_in("; ".join(call.request.headers.getlist("cookie")))
    if token is None:
        raise Unauthenticated
    async with call.pool.brief() as connection:
        await close_session(connection, token)
    return Response(headers={"Set-Cookie": cookie_of(call.request, "")})


async def change_password(call: Call) -> Response:
    """200, empty; the other sessions of the user are over."""
    change: PasswordChange = await call.message()
    await change_own_password(
        call.pool,
        call.principal,
        current=change.current_password,
        new=change.new_password,
        address=client_address(call.request.scope),
        session=token_in("; ".join(call.request.headers.getlist("cookie"))),
    )
    return Response()


async def end_sessions(call: Call) -> Response:
    """200, empty; all sessions of the user are over."""
    await end_own_sessions(call.pool, call.principal)
    return Response(headers={"Set-Cookie": cookie_of(call.request, "")})


ENDPOINTS: tuple[Endpoint, ...] = tuple(
    endpoint
    for prefix in ("/api/vEvent", "/api/v1")
    for endpoint in (
        Endpoint(
            method="POST",
            path=f"{prefix}/login",
            handler=log_in,
            summary="Log in",
            description="The answer's Set-Cookie carries PI_SESSION: send it back as Cookie."
            " A session that the request came with ends. Accounts with a second factor send"
            " oneTimeCode too: without it the answer is 400 OneTimeCodeRequired."
            " Gerance-Notice, when it is there, says that subscriptions of yours are off.",
            tag="Sessions",
            body=Credentials,
            most_bytes=SMALL,
            answers={200: None},
            rejections={403: "Sent by a page of another site"},
            public=True,
        ),
        Endpoint(
            method="POST",
            path=f"{prefix}/logout",
            handler=log_out,
            summary="Log out",
            tag="Sessions",
            answers={200: None},
        ),
        Endpoint(
            method="POST",
            path=f"{prefix}/password",
            handler=change_password,
            summary="Change your password",
            description="All other sessions of yours end.",
            tag="Sessions",
            body=PasswordChange,
            most_bytes=SMALL,
            answers={200: None},
            rejections={429: "Too many passwords were wrong"},
        ),
        Endpoint(
            method="DELETE",
            path=f"{prefix}/sessions",
            handler=end_sessions,
            summary="End all your sessions",
            description="The session of this request ends too.",
            tag="Sessions",
            answers={200: None},
        ),
    )
)
