"""Logging in to the console, and out of it: the session is the one of the incident API."""

import re
from urllib.parse import urlencode, urlsplit

from starlette.requests import Request
from starlette.responses import Response

from gerance.console.pages import form, page, spoken, to, visitor
from gerance.console.texts import said
from gerance.incidents.sessions import Credentials, cookie_of, log_in_user
from gerance.kernel.db import Pool
from gerance.kernel.errors import Refused
from gerance.kernel.http.body import SMALL
from gerance.kernel.identity.sessions import close_session, token_in

HOME = "/console"
LOGIN = "/console/login"
_NOTICES = {"ended": "ended", "undone": "nothing done", "out": "logged out"}
_MESSAGES = {"OneTimeCodeRequired": "code required", "OneTimeCodeRefused": "code wrong"}
_INSIDE = re.compile(r"/console/(?!log)[A-Za-z0-9/_-]{1,200}(\?[A-Za-z0-9=&_-]{1,200})?")


async def ask(request: Request) -> Response:
    """The form to log in with; the first page for somebody who has done so."""
    if await visitor(request) is not None:
        return to(HOME)
    notice = _NOTICES.get(request.query_params.get("because", ""))
    return page(
        request,
        "login",
        notice=said(notice, spoken(request)) if notice else "",
        login="",
        code=False,
        next=_inside(request.query_params.get("next", "")),
    )


def ask_first(request: Request) -> Response:
    """Go on with logging in, then come back to the page that was asked for."""
    known = token_in("; ".join(request.headers.getlist("cookie"))) is not None
    if request.method == "GET":
        wanted, because = _relative(str(request.url)), "ended"
    else:
        wanted, because = _relative(request.headers.get("referer", "")), "undone"
    asked = {"next": _inside(wanted)} | ({"because": because} if known else {})
    asked = {name: value for name, value in asked.items() if value}
    return to(f"{LOGIN}?{urlencode(asked)}" if asked else LOGIN)


async def log_in(request: Request) -> Response:
    """Go on to the page that was asked for; the form again where something is missing or wrong.

    The field of the one-time code appears for accounts that need one.
    """
    fields = await form(request, most_bytes=SMALL)
    login, wanted = fields.get("login", ""), _inside(fields.get("next", ""))
    credentials = Credentials(login, fields.get("password", ""), fields.get("code", ""))
    try:
        _, token = await log_in_user(request, credentials)
    except Refused as refused:
        if refused.status >= 500:
            raise
        why = "throttled" if refused.status == 429 else _MESSAGES.get(refused.code, "wrong")
        answer = page(
            request,
            "login",
            status=refused.status,
            message=said(why, spoken(request)),
            login=login,
            next=wanted,
            code=refused.code in _MESSAGES,
        )
        answer.headers.update(refused.headers)
        return answer
    answer = to(wanted or HOME)
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
    return logged_out(request)


def logged_out(request: Request) -> Response:
    """Go on with logging in, without the cookie of the session that has ended."""
    answer = to(f"{LOGIN}?because=out")
    answer.headers["Set-Cookie"] = cookie_of(request, "")
    return answer


def _relative(url: str) -> str:
    """Path and query of an address of ours."""
    try:
        parts = urlsplit(url)
    except ValueError:
        return ""
    return parts._replace(scheme="", netloc="", fragment="").geturl()


def _inside(path: str) -> str:
    """The path if it is one of the console's pages, else nothing: no link leads elsewhere."""
    return path if _INSIDE.fullmatch(path) else ""
