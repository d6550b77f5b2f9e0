"""Rendering of pages. All values are escaped; the content security policy allows only our style."""

import base64
import hashlib
from datetime import date
from functools import partial
from typing import Any

from jinja2 import Environment, PackageLoader, StrictUndefined, select_autoescape
from starlette.requests import Request
from starlette.responses import HTMLResponse, RedirectResponse, Response

from gerance.console.formats import show_day, show_moment
from gerance.console.texts import WORDS, rejection, translate
from gerance.kernel.errors import BadRequest, Forbidden, Language, Rejection
from gerance.kernel.http.body import read_aside, read_body
from gerance.kernel.http.origin import is_own_page
from gerance.kernel.identity.principal import Principal
from gerance.kernel.identity.sessions import SessionReader, token_in
from gerance.kernel.limits.rates import count_request
from gerance.kernel.text import form_pairs
from gerance.partners.wording import language_of, typeset

_ENVIRONMENT = Environment(
    loader=PackageLoader("gerance.console"),
    autoescape=select_autoescape(default=True),
    undefined=StrictUndefined,
    trim_blocks=True,
    lstrip_blocks=True,
)
_ENVIRONMENT.filters["as_day"] = date.fromisoformat
_STYLE = _ENVIRONMENT.get_template("style.css").render()
_STYLE_HASH = base64.b64encode(hashlib.sha256(_STYLE.encode()).digest()).decode()
_HEADERS = {
    "Content-Security-Policy": (
        f"default-src 'none'; style-src 'sha256-{_STYLE_HASH}'; img-src 'self';"
        " form-action 'self'; frame-ancestors 'none'; base-uri 'none'"
    ),
    "Cache-Control": "no-store",
    # With `no-referrer`, browsers post `Origin: null`, and every form would be rejected.
    "Referrer-Policy": "same-origin",
    "X-Content-Type-Options": "nosniff",
    "Vary": "Accept-Language, Cookie",
}
MAX_FIELDS = 10


def language_of_visitor(request: Request) -> Language:
    """The language of the visitor."""
    return language_of(",".join(request.headers.getlist("accept-language")))


def error_message(request: Request, error: Rejection) -> str:
    """The message of a rejection in the language of the visitor."""
    language = language_of_visitor(request)
    message = error.text(language)
    return typeset(message) if language == "fr" else message


def page(request: Request, name: str, *, status: int = 200, **values: Any) -> Response:
    """A page in the language of the visitor, rendered from its template with `values`."""
    lang = language_of_visitor(request)
    zone = request.app.state.settings.zone
    text = _ENVIRONMENT.get_template(f"{name}.html").render(
        lang=lang,
        say=partial(_say, lang),
        day=partial(show_day, language=lang),
        moment=partial(show_moment, language=lang, zone=zone),
        style=_STYLE,
        principal=request.scope.get("principal"),
        path=request.url.path,
        **{"message": "", "notice": ""} | values,
    )
    return HTMLResponse(text, status, headers=_HEADERS)


def redirect(path: str) -> Response:
    """Redirect the browser to another page, by GET."""
    return RedirectResponse(path, 303)


def rejection_page(request: Request, error: Rejection) -> Response:
    """The page of a rejection, with a link to the start."""
    name = f"error {error.status}"
    answer = page(
        request,
        "rejection",
        status=error.status,
        title=name if name in WORDS else "error 400",
        message=error_message(request, error),
    )
    answer.headers.update(error.headers)
    return answer


def no_access(request: Request, principal: Principal, *, status: int) -> Response:
    """The page for users without access to the console: what to use instead."""
    scope = {
        "executive": principal.agencies,
        "patrimonyManager": principal.patrimonies,
        "patrimonyUser": principal.patrimonies,
    }.get(principal.kind, principal.company)
    return page(request, "no_access", status=status, has_scope=bool(scope))


async def visitor(request: Request) -> Principal | None:
    """The user who is logged in, or None. Pages show the name."""
    token = token_in("; ".join(request.headers.getlist("cookie")))
    sessions: SessionReader = request.app.state.sessions
    principal = None if token is None else await sessions.principal(token)
    request.scope["principal"] = principal
    if principal is not None:
        count_request(request.scope, f"user {principal.uid}")
    return principal


async def form(request: Request, *, max_bytes: int | None = None) -> dict[str, str]:
    """The fields of a form of the console.

    Raises Forbidden for a form that another site submitted, BadRequest for too many fields.
    """
    if not is_own_page(request):
        raise rejection(Forbidden, "other site")
    limit = max_bytes or request.app.state.settings.max_body_bytes
    body = await read_body(request, limit=limit, any_type=True)
    try:
        return await read_aside(len(body), lambda: _fields(body))
    except ValueError as error:
        raise rejection(BadRequest, "form wrong") from error


def _fields(body: bytes) -> dict[str, str]:
    if body.count(b"&") >= MAX_FIELDS or any(b"=" not in pair for pair in body.split(b"&") if body):
        raise ValueError("too many fields, or not a form")
    return dict(form_pairs(body))


def _say(lang: Language, name: str, *values: object) -> str:
    return translate(name, lang, *values)
