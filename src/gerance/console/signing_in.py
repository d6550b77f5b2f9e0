"""Logging in to the console, and out of it: the session is the one of the incident API."""

from starlette.requests import Request
from starlette.responses import Response

from gerance.console.pages import form, page, spoken, to
from gerance.console.words import said
from gerance.incidents.sessions import Credentials, cookie_of, opened
from gerance.kernel.db import Pool
from gerance.kernel.errors import BadRequest
from gerance.kernel.identity.sessions import close_session, token_in

HOME = "/console/proposals"
_MESSAGES = {"OneTimeCodeRequired": "code required", "OneTimeCodeRefused": "code wrong"}


async def ask(request: Request) -> Response:
    """The form to log in with."""
    return page(request, "login")


async def log_in(request: Request) -> Response:
    """Go on to the first page, logged in; the form again where something is missing or wrong.

    The field of the one-time code appears for accounts that need one.
    """
    fields = await form(request)
    credentials = Credentials(
        fields.get("login", ""), fields.get("password", ""), fields.get("code", "")
    )
    try:
        _, token = await opened(request, credentials)
    except BadRequest as refused:
        lang = spoken(request)
        return page(
            request,
            "login",
            status=400,
            message=said(_MESSAGES.get(refused.code, "wrong"), lang),
            code=refused.code in _MESSAGES,
        )
    answer = to(HOME)
    answer.headers["Set-Cookie"] = cookie_of(request, token)
    return answer


async def log_out(request: Request) -> Response:
    """End the session."""
    await form(request)
    token = token_in("; ".join(request.headers.getlist("cookie")))
    if token is not None:
        pool: Pool = request.app.state.pool
        async with pool.connection() as connection:
            await close_session(connection, token)
    answer = to("/console/login")
    answer.headers["Set-Cookie"] = cookie_of(request, "")
    return answer
