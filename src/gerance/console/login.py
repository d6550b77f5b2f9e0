"""Login and logout. The console uses the sessions of the incident API."""

import re
from urllib.parse import urlencode, urlsplit

from starlette.requests import Request
from starlette.responses import Response

from gerance.console.pages import form, language_of_visitor, page, redirect, visitor
from gerance.console.texts import translate
from gerance.incidents.sessions import Credentials, cookie_of, log_in_user
from gerance.kernel.db import Pool
from gerance.kernel.errors import Rejection
from gerance.kernel.http.body import SMALL
from gerance.kernel.identity.sessions import close_session, token_in

HOME = "/console"
LOGIN = "/console/login"
_NOTICES = {"ended": "ended", "undone": "nothing done", "out": "logged out"}
_MESSAGES = {"OneTimeCodeRequired": "code required", "OneTimeCodeRefused": "code wrong"}
_CONSOLE_PATH = re.compile(r"/console/(?!log)[A-Za-z0-9/_-]{1,200}(\?[A-Za-z0-9=&_-]{1,200})?")


async def show(request: Request) -> Response:
    """The login form, or the first page when the visitor is logged in already."""
    if await visitor(request) is not None:
        return redirect(HOME)
    notice = _NOTICES.get(request.query_params.get("because", ""))
    return page(
        request,
        "login",
        notice=translate(notice, language_of_visitor(request)) if notice else "",
        login="",
        code=False,
        next=_console_path(request.query_params.get("next", "")),
    )


def require_login(request: Request) -> Response:
    """Redirect to the login form, which leads back to the requested page."""
    had_session = token_in("; ".join(request.headers.getlist("cookie"))) is not None
    if request.method == "GET":
        target, because = _relative(str(request.url)), "ended"
    else:
        target, because = _relative(request.headers.get("referer", "")), "undone"
    query = {"next": _console_path(target)} | ({"because": because} if had_session else {})
    query = {name: value for name, value in query.items() if value}
    return redirect(f"{LOGIN}?{urlencode(query)}" if query else LOGIN)


async def log_in(request: Request) -> Response:
    """Log in and redirect to the requested page, or show the form again with an error.

    The field for the one-time code appears for accounts that need one.
    """
    fields = await form(request, max_bytes=SMALL)
    login, target = fields.get("login", ""), _console_path(fields.get("next", ""))
    credentials = Credentials(login, fields.get("password", ""), fields.get("code", ""))
    try:
        _, token = await log_in_user(request, credentials)
    except Rejection as rejection:
        if rejection.status >= 500:
            raise
        text = "throttled" if rejection.status == 429 else _MESSAGES.get(rejection.code, "wrong")
        answer = page(
            request,
            "login",
            status=rejection.status,
            message=translate(text, language_of_visitor(request)),
            login=login,
            next=target,
            code=rejection.code in _MESSAGES,
        )
        answer.headers.update(rejection.headers)
        return answer
    answer = redirect(target or HOME)
    answer.headers["Set-Cookie"] = cookie_of(request, token)
    return answer


async def log_out(request: Request) -> Response:
    """End the session."""
    await form(request)
    token = token_in("; ".join(request.headers.getlist("cookie")))
    if token is not None:
        pool: Pool = request.app.state.pool
        async with pool.brief() as connection:
            await close_session(connection, token)
    return logged_out(request)


def logged_out(request: Request) -> Response:
    """Redirect to the login form and remove the cookie of the session."""
    answer = redirect(f"{LOGIN}?because=out")
    answer.headers["Set-Cookie"] = cookie_of(request, "")
    return answer


def _relative(url: str) -> str:
    """Path and query of a URL of this server."""
    try:
        parts = urlsplit(url)
    except ValueError:
        return ""
    return parts._replace(scheme="", netloc="", fragment="").geturl()


def _console_path(path: str) -> str:
    """The path if it is a page of the console, else an empty text: no link leads to other sites."""
    return path if _CONSOLE_PATH.fullmatch(path) else ""
