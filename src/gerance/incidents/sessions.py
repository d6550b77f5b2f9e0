"""Logging in and out: one session for both prefixes of the incident API."""

import msgspec
from starlette.requests import Request
from starlette.responses import Response

from gerance.incidents.subscriptions.notice import notice_for
from gerance.kernel.db import Pool
from gerance.kernel.errors import BadRequest, Unauthenticated
from gerance.kernel.folding import fold
from gerance.kernel.http.endpoint import Call, Endpoint
from gerance.kernel.identity.passwords import password_fits
from gerance.kernel.identity.sessions import COOKIE, close_session, open_session, token_in
from gerance.kernel.identity.throttle import (
    count_failure,
    forget_failures,
    refuse_when_guessing,
)
from gerance.kernel.settings import Settings

MAX_LOGIN = 320


class Credentials(msgspec.Struct):
    """What a user logs in with."""

    login: str
    password: str


async def log_in(call: Call) -> Response:
    """200, empty, with the session's cookie and perhaps a notice; 400 for an unknown user as for a
    wrong password."""
    credentials: Credentials = await call.message()
    account, token = await opened(call.request, credentials)
    async with call.pool.connection() as connection:
        notice = await notice_for(connection, account)
    return Response(
        headers={
            "Cookie": f"{COOKIE}={token}",
            "Set-Cookie": cookie_of(call.request, token),
            **notice,
        }
    )


async def opened(request: Request, credentials: Credentials) -> tuple[str, str]:
    """The uid of the account whose credentials these are, and the token of a new session.

    Raises BadRequest (`AuthenticationFailed`), and Refused (429) for one who guesses.
    """
    pool: Pool = request.app.state.pool
    settings: Settings = request.app.state.settings
    login = credentials.login[:MAX_LOGIN]
    if "\x00" in login:
        raise BadRequest("The login or the password is wrong.", code="AuthenticationFailed")
    # Folding may make a text many times as long.
    key = fold(login)[:MAX_LOGIN]
    address = request.client.host if request.client else "unknown"
    async with pool.connection() as connection:
        await refuse_when_guessing(connection, key, address)
        rows = await connection.execute(
            "SELECT uid::text, CASE WHEN disabled THEN NULL ELSE password_hash END"
            " FROM account WHERE fold(login) = fold(%s)",
            [login],
        )
        account = await rows.fetchone()
    fits = await password_fits(account[1] if account else None, credentials.password)
    async with pool.connection() as connection:
        # Once more: guesses that were under way at the same time count one another.
        await refuse_when_guessing(connection, key, address)
        if account is None or not fits:
            await count_failure(connection, key, address)
            raise BadRequest("The login or the password is wrong.", code="AuthenticationFailed")
        await forget_failures(connection, key, address)
        lifetime = settings.session_lifetime_seconds
        return account[0], await open_session(connection, account[0], lifetime=lifetime)


def cookie_of(request: Request, token: str) -> str:
    """The value of Set-Cookie for a session."""
    settings: Settings = request.app.state.settings
    lifetime = settings.session_lifetime_seconds
    cookie = f"{COOKIE}={token}; Path=/; Max-Age={lifetime}; HttpOnly; SameSite=Lax"
    private = settings.secure_cookies or request.url.scheme == "https"
    return f"{cookie}; Secure" if private else cookie


async def log_out(call: Call) -> Response:
    """200, empty; the session is over."""
    token = token_in("; ".join(call.request.headers.getlist("cookie")))
    if token is None:
        raise Unauthenticated
    async with call.pool.connection() as connection:
        await close_session(connection, token)
    return Response(headers={"Set-Cookie": f"{COOKIE}=; Path=/; Max-Age=0; HttpOnly; SameSite=Lax"})


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
            " Gerance-Notice, when it is there, says that subscriptions of yours are off.",
            tag="Sessions",
            body=Credentials,
            answers={200: None},
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
    )
)
