"""Pages: rendered with what is not ours escaped, and nothing but our own style allowed."""

import base64
import hashlib
from functools import partial
from typing import Any
from urllib.parse import parse_qsl

from jinja2 import Environment, PackageLoader, select_autoescape
from starlette.requests import Request
from starlette.responses import HTMLResponse, RedirectResponse, Response

from gerance.console.origin import is_own_page
from gerance.console.words import said
from gerance.kernel.errors import BadRequest, Forbidden, Refused
from gerance.kernel.http.body import read_body
from gerance.kernel.identity.principal import Principal
from gerance.kernel.identity.sessions import SessionReader, token_in
from gerance.partners.wording import Language, language_of, worded

_ENVIRONMENT = Environment(
    loader=PackageLoader("gerance.console"), autoescape=select_autoescape(default=True)
)
_STYLE = _ENVIRONMENT.get_template("style.css").render()
_STYLE_HASH = base64.b64encode(hashlib.sha256(_STYLE.encode()).digest()).decode()
_HEADERS = {
    "Content-Security-Policy": (
        f"default-src 'none'; style-src 'sha256-{_STYLE_HASH}'; form-action 'self';"
        " frame-ancestors 'none'; base-uri 'none'"
    ),
    "Cache-Control": "no-store",
    "Referrer-Policy": "same-origin",
    "X-Content-Type-Options": "nosniff",
}
MOST_FIELDS = 10


def spoken(request: Request) -> Language:
    """The language of who asks."""
    return language_of(",".join(request.headers.getlist("accept-language")))


def told(request: Request, refused: Refused) -> str:
    """Why not, in the language of who asks."""
    return worded(refused, spoken(request)).message


def page(request: Request, name: str, *, status: int = 200, **values: Any) -> Response:
    """A page in the language of who asks; `values` for its template."""
    lang = spoken(request)
    text = _ENVIRONMENT.get_template(f"{name}.html").render(
        lang=lang,
        say=partial(_say, lang),
        style=_STYLE,
        principal=request.scope.get("principal"),
        **values,
    )
    return HTMLResponse(text, status, headers=_HEADERS)


def to(path: str) -> Response:
    """Go on with another page, by GET."""
    return RedirectResponse(path, 303)


def refusal(request: Request, refused: Refused) -> Response:
    """The page that says why not."""
    answer = page(request, "refused", status=refused.status, message=told(request, refused))
    answer.headers.update(refused.headers)
    return answer


async def operator(request: Request) -> Principal | None:
    """Who is logged in; None when nobody is. Raises Forbidden: no super user."""
    token = token_in("; ".join(request.headers.getlist("cookie")))
    sessions: SessionReader = request.app.state.sessions
    principal = None if token is None else await sessions.principal(token)
    if principal is not None:
        request.scope["principal"] = principal
        if principal.kind != "superUser":
            raise Forbidden(said("super users", spoken(request)))
    return principal


async def form(request: Request) -> dict[str, str]:
    """The fields of a form that one of our pages sent.

    Raises Forbidden for what another site made a browser send, BadRequest for too many fields.
    """
    if not is_own_page(request):
        raise Forbidden(said("other site", spoken(request)))
    body = await read_body(request, limit=request.app.state.settings.max_body_bytes, any_type=True)
    try:
        return dict(parse_qsl(body.decode(), max_num_fields=MOST_FIELDS, strict_parsing=bool(body)))
    except ValueError as wrong:
        raise BadRequest(said("form wrong", spoken(request))) from wrong


def _say(lang: Language, name: str, *values: object) -> str:
    return said(name, lang, *values)
