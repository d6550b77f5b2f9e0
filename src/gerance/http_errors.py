"""What is answered where no route leads: to each API's clients in their own form."""

import re
from collections.abc import Callable

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Match, Route

from gerance.console import pages
from gerance.kernel.errors import Language, NotFound, Rejection
from gerance.kernel.http.problems import problem
from gerance.kernel.odata.errors import error_response
from gerance.partners.calls.envelope import older_rejection, rejection
from gerance.partners.wording import language_of, worded

_FORMS: tuple[tuple[str, Callable[[Rejection], Response]], ...] = (
    (r"/api/(v\d+|vevent)", problem),
    (r"/api", error_response),
    (r"/v1", rejection),
    (r"/users", older_rejection),
)
_CONSOLE = re.compile(r"/console(/|$)")
_SPEAK_FRENCH = re.compile(r"/(v1|users|console)(/|$)")


async def answer_no_route(request: Request, failure: Exception) -> Response:
    """The rejection of a request that no route takes: 404, or 405 with the methods that one
    does."""
    if not isinstance(failure, HTTPException):
        raise failure
    if _CONSOLE.match(request.scope["path"].lower()):
        await pages.visitor(request)
    return render_rejection(request, _rejection(request, failure.status_code))


def render_rejection(request: Request, rejection: Rejection) -> Response:
    """A rejection in the form and the language of the API that a path belongs to."""
    path = request.scope["path"].lower()
    rejection = worded(rejection, _language(request))
    if _CONSOLE.match(path):
        return pages.rejection_page(request, rejection)
    for start, render in _FORMS:
        if re.match(rf"{start}(/|$)", path):
            return render(rejection)
    return problem(rejection)


def _language(request: Request) -> Language:
    if not _SPEAK_FRENCH.match(request.scope["path"].lower()):
        return "en"
    return language_of(request.headers.get("accept-language", ""))


def _rejection(request: Request, status: int) -> Rejection:
    path = request.scope["asked_path"][:200]
    if status == 405:
        return Rejection(
            "MethodNotAllowed",
            f"{path} does not accept {request.method}. Use a method of the Allow header.",
            french=f"{path} n'accepte pas {request.method}. Utilisez une méthode de l'en-tête"
            " Allow.",
            headers={"Allow": ", ".join(_methods(request))},
        )
    return NotFound(f"There is nothing at {path}.", french=f"Il n'y a rien à {path}.")


def _methods(request: Request) -> list[str]:
    """The methods that some route takes at the path."""
    allowed_methods: set[str] = set()
    for route in request.app.routes:
        if isinstance(route, Route) and route.matches(request.scope)[0] is not Match.NONE:
            allowed_methods |= route.methods or set()
    return sorted(allowed_methods)
