"""Endpoints: a method, a path, a handler, and what the documentation says of it.

The table of endpoints is the one place that routes, OpenAPI and the tests of rights read.
"""

import sys
from collections.abc import Awaitable, Callable, Iterable, Mapping
from typing import Any, TypeVar

import msgspec
from starlette.datastructures import Headers
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route
from starlette.types import Scope

from gerance.kernel.db import Pool
from gerance.kernel.errors import Rejection, Unauthenticated, reject
from gerance.kernel.http.body import decode_body, read_aside, read_body
from gerance.kernel.http.origin import is_other_site
from gerance.kernel.http.paths import normal_path
from gerance.kernel.http.problems import problem
from gerance.kernel.identity.principal import Principal
from gerance.kernel.identity.sessions import SessionReader, token_in
from gerance.kernel.limits.rates import count_request
from gerance.kernel.log.eventlog import wait_for_position
from gerance.kernel.log.writer import Writer
from gerance.kernel.settings import Settings
from gerance.kernel.wire import SafeUUID

Instance = TypeVar("Instance")


class Query(msgspec.Struct, frozen=True):
    """A query parameter, as the documentation shows it."""

    name: str
    description: str
    schema: Mapping[str, Any] = msgspec.field(default_factory=lambda: {"type": "string"})
    required: bool = False


class Endpoint(msgspec.Struct, frozen=True, kw_only=True):
    """A route. `body`: the message type it takes; `most_bytes`: of that, where it is less
    than the settings allow; `answers`: status to the type it answers with;
    `media`: the media type of those answers; `also`: others that they may have, as text;
    `bodies`: the media types that its body may have; `error_type`: the message type of its errors,
    where it has its own; `error_schema`: the component schema of its errors otherwise;
    `error_family`: the name of its published error codes; `rejections`:
    statuses that it refuses with beside those of every endpoint, and what they mean; `public`:
    needs no session; `scheme`: what the documentation says that it needs instead; `render`:
    rejections as its clients read them.
    """

    method: str
    path: str
    handler: "Callable[[Call], Awaitable[Response]]"
    summary: str
    tag: str
    description: str = ""
    query: tuple[Query, ...] = ()
    body: Any = None
    answers: Mapping[int, Any] = {}
    most_bytes: int | None = None
    media: str = "application/json"
    also: tuple[str, ...] = ()
    bodies: tuple[str, ...] = ("application/json",)
    error_type: Any = None
    error_family: str = "Error"
    error_schema: str = "IncidentError"
    rejections: Mapping[int, str] = {}
    public: bool = False
    scheme: str | None = None
    render: Callable[[Rejection], Response] = problem


class Call:
    """A request on its way through an endpoint: who asks, for what, with what at hand."""

    __slots__ = ("endpoint", "pool", "principal_or_none", "request", "settings", "writer")

    def __init__(self, request: Request, endpoint: Endpoint, principal: Principal | None) -> None:
        self.request = request
        self.endpoint = endpoint
        self.pool: Pool = request.app.state.pool
        self.writer: Writer = request.app.state.writer
        self.settings: Settings = request.app.state.settings
        self.principal_or_none = principal

    @property
    def principal(self) -> Principal:
        if self.principal_or_none is None:
            raise Unauthenticated
        return self.principal_or_none

    @property
    def dry_run(self) -> bool:
        """`Prefer: handling=dry-run`: say what would happen, do nothing."""
        return is_dry_run({"prefer": ",".join(self.request.headers.getlist("prefer"))})

    async def reach_position(self) -> None:
        """Have a read wait for its `Gerance-Min-Position`; for endpoints that authenticate."""
        if self.endpoint.method == "GET":
            await reach_position(self.request)

    def instance(self, kind: type[Instance]) -> Instance:
        """The application's one instance of `kind`, made when it is first needed."""
        name = f"instance_{kind.__qualname__}"
        state = self.request.app.state
        if not hasattr(state, name):
            setattr(state, name, kind())
        only: Instance = getattr(state, name)
        return only

    def uid(self, name: str) -> SafeUUID | None:
        """A UUID in the path; None when it is none (and so names nothing)."""
        try:
            return SafeUUID.parse(self.request.path_params[name])
        except ValueError:
            return None

    def parameter(self, name: str) -> str | None:
        """A query parameter; None when absent or empty. Raises BadRequest when given with different
        values."""
        values = self._values(name)
        if len(set(values)) > 1:
            raise reject("BadRequest", "repeated", name=name, count=len(values))
        return values[0] if values and values[0] != "" else None

    def texts(self, name: str) -> str | None:
        """A query parameter that may be repeated: its values, by comma; None when absent or
        empty."""
        return ",".join(value for value in self._values(name) if value) or None

    def array(self, name: str) -> list[str]:
        """The values of a query parameter that may be repeated, and each have several by comma."""
        parts = (part.strip() for part in (self.texts(name) or "").split(","))
        return [part for part in parts if part]

    def _values(self, name: str) -> list[str]:
        values = self.request.query_params.getlist(name)
        if any("\x00" in value for value in values):
            raise reject("BadRequest", "nul", name=name)
        return values

    async def message(self) -> Any:
        """The body as the endpoint's message type. Raises BadRequest and Rejection as `body`
        says."""
        limit = min(self.settings.max_body_bytes, self.endpoint.most_bytes or sys.maxsize)
        body = await read_body(self.request, limit=limit)
        return await read_aside(len(body), lambda: decode_body(self.endpoint.body, body))


def is_dry_run(headers: Mapping[str, str]) -> bool:
    """Whether a request says `handling=dry-run`: say what would happen, do nothing. `headers`:
    names in small letters, several of one name as one list."""
    preferences = headers.get("prefer", "").lower().replace('"', "").split(",")
    return any(
        each.partition(";")[0].replace(" ", "") == "handling=dry-run" for each in preferences
    )


def routes(endpoints: Iterable[Endpoint]) -> list[Route]:
    """Starlette routes for a table of endpoints: paths matched first to last."""
    return [
        Route(
            normal_path(endpoint.path),
            _serve(endpoint),
            methods=[endpoint.method],
        )
        for endpoint in endpoints
    ]


def _serve(endpoint: Endpoint) -> Callable[[Request], Awaitable[Response]]:
    async def serve(request: Request) -> Response:
        request.scope["endpoint_path"] = endpoint.path
        request.scope["render"] = endpoint.render
        try:
            _require_own_site(request, endpoint)
            principal = await _principal(request, endpoint)
            request.scope["principal"] = principal
            if principal is not None:
                count_request(request.scope, f"user {principal.uid}")
            call = Call(request, endpoint, principal)
            if principal is not None:
                await call.reach_position()
            return await endpoint.handler(call)
        except Rejection as rejection:
            return endpoint.render(rejection)

    return serve


async def user_of(scope: Scope) -> str | None:
    """The principal of a request with a valid session, for limits."""
    token = token_in("; ".join(Headers(scope=scope).getlist("cookie")))
    sessions: SessionReader = scope["app"].state.sessions
    user = None if token is None else await sessions.principal(token)
    return None if user is None else f"user {user.uid}"


def _require_own_site(request: Request, endpoint: Endpoint) -> None:
    """Raises Rejection: 403 for a change that another site sends with the session of a visitor."""
    by_cookie = endpoint.scheme in (None, "session")
    if by_cookie and endpoint.method not in ("GET", "HEAD") and is_other_site(request):
        raise Rejection(
            "OtherSite",
        )


async def _principal(request: Request, endpoint: Endpoint) -> Principal | None:
    if endpoint.public:
        return None
    token = token_in("; ".join(request.headers.getlist("cookie")))
    if token is None:
        raise Unauthenticated
    sessions: SessionReader = request.app.state.sessions
    principal = await sessions.principal(token)
    if principal is None:
        raise Unauthenticated
    return principal


async def reach_position(request: Request) -> None:
    """Wait for the log position that the request wants to see, if it wants one.

    Call it after authentication: an unauthenticated client must not make the server wait.
    """
    position = request.headers.get("gerance-min-position")
    if position is None:
        return
    if not position.isdecimal() or not 0 < len(position) < 19:
        raise reject("BadRequest", "position", text=repr(position[:40]))
    if int(position):
        settings: Settings = request.app.state.settings
        await wait_for_position(
            request.app.state.pool, int(position), at_most=settings.min_position_wait_seconds
        )
