"""The pages of the console."""

from collections.abc import Awaitable, Callable
from functools import partial

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Route

from gerance.console import deliveries, proposals, signing_in
from gerance.console.pages import operator, refusal, to
from gerance.kernel.errors import Refused

Handler = Callable[[Request], Awaitable[Response]]


def console() -> list[BaseRoute]:
    """Routes below `/console`. All but logging in are for super users who have logged in."""

    async def home(request: Request) -> Response:
        return to(signing_in.HOME)

    return [
        _route("/console", "GET", home),
        _route("/console/login", "GET", signing_in.ask, open_to_all=True),
        _route("/console/login", "POST", signing_in.log_in, open_to_all=True),
        _route("/console/logout", "POST", signing_in.log_out, open_to_all=True),
        _route("/console/proposals", "GET", proposals.show),
        _route("/console/proposals", "POST", proposals.paste),
        _route("/console/proposals/{number}/approve", "POST", proposals.approve_one),
        _route("/console/proposals/{number}/reject", "POST", proposals.reject_one),
        _route("/console/deliveries", "GET", deliveries.show),
        _route("/console/deliveries/{uid}", "GET", deliveries.show_one),
        _route("/console/deliveries/{uid}/state", "POST", deliveries.bring),
        _route("/console/deliveries/{uid}/replay", "POST", deliveries.tell_again),
    ]


def _route(path: str, method: str, handler: Handler, *, open_to_all: bool = False) -> Route:
    async def serve(request: Request) -> Response:
        request.scope["endpoint_path"] = path
        request.scope["render"] = partial(refusal, request)
        try:
            if not open_to_all and await operator(request) is None:
                return to("/console/login")
            return await handler(request)
        except Refused as refused:
            return refusal(request, refused)

    return Route(path, serve, methods=[method])
