"""The pages of the console."""

from collections.abc import Awaitable, Callable, Collection
from functools import partial
from importlib.resources import files

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Route

from gerance.console import account, deliveries, login, proposals
from gerance.console.pages import no_access, redirect, rejection_page, visitor
from gerance.kernel.errors import Rejection
from gerance.kernel.identity.accounts import KINDS

Handler = Callable[[Request], Awaitable[Response]]
SUPER_USER = "superUser"
_ICON = (files("gerance.console") / "icon.svg").read_bytes()


def console() -> list[BaseRoute]:
    """The routes below `/console`: login for everybody, the account for every user, the rest for
    super users."""
    return [
        _route("/console", "GET", _home, kinds=None),
        _route("/console/icon.svg", "GET", _icon, kinds=None),
        _route("/console/login", "GET", login.show, kinds=None),
        _route("/console/login", "POST", login.log_in, kinds=None),
        _route("/console/logout", "POST", login.log_out, kinds=None),
        _route("/console/account", "GET", account.show, kinds=KINDS),
        _route("/console/account/password", "POST", account.change_password, kinds=KINDS),
        _route("/console/account/sessions", "POST", account.end_sessions, kinds=KINDS),
        _route("/console/proposals", "GET", proposals.show),
        _route("/console/proposals", "POST", proposals.paste),
        _route("/console/proposals/{number}", "GET", proposals.show_one),
        _route("/console/proposals/{number}/confirm", "GET", proposals.confirm),
        _route("/console/proposals/{number}/approve", "POST", proposals.approve_one),
        _route("/console/proposals/{number}/reject", "GET", proposals.confirm_reject),
        _route("/console/proposals/{number}/reject", "POST", proposals.reject_one),
        _route("/console/deliveries", "GET", deliveries.show),
        _route("/console/deliveries/{uid}", "GET", deliveries.show_one),
        _route("/console/deliveries/{uid}/off", "GET", deliveries.confirm_off),
        _route("/console/deliveries/{uid}/state", "POST", deliveries.set_state),
        _route("/console/deliveries/{uid}/replay", "POST", deliveries.replay),
    ]


def _route(
    path: str, method: str, handler: Handler, *, kinds: Collection[str] | None = (SUPER_USER,)
) -> Route:
    """A page for users of these kinds; None for everybody, logged in or not."""

    async def serve(request: Request) -> Response:
        request.scope["endpoint_path"] = path
        request.scope["render"] = partial(rejection_page, request)
        try:
            if kinds is None:
                return await handler(request)
            principal = await visitor(request)
            if principal is None:
                return login.require_login(request)
            if principal.kind not in kinds:
                return no_access(request, principal, status=403)
            return await handler(request)
        except Rejection as error:
            return rejection_page(request, error)

    return Route(path, serve, methods=[method])


async def _home(request: Request) -> Response:
    """The first page of the visitor."""
    principal = await visitor(request)
    if principal is None:
        return redirect("/console/login")
    if principal.kind != SUPER_USER:
        return no_access(request, principal, status=200)
    return redirect("/console/proposals")


async def _icon(request: Request) -> Response:
    headers = {"Cache-Control": "public, max-age=86400"}
    return Response(_ICON, media_type="image/svg+xml", headers=headers)
