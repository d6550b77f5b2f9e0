"""Around every request: its id, its normal path, its log line, its internal errors."""

import asyncio
import re
import time
from collections.abc import Callable, Sequence
from http import HTTPStatus
from urllib.parse import unquote
from uuid import uuid4

import structlog
from psycopg.errors import ProgramLimitExceeded
from starlette.requests import Request
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from gerance.kernel import metrics
from gerance.kernel.errors import BadRequest, Rejection
from gerance.kernel.http.method_override import override_method
from gerance.kernel.http.paths import normal_path
from gerance.kernel.http.problems import problem
from gerance.kernel.http.security_headers import SecurityHeaders
from gerance.kernel.http.stream_response import CONNECTION
from gerance.kernel.identity.security_log import record
from gerance.kernel.limits.address import client_address, client_network
from gerance.kernel.limits.rates import PRINCIPAL, FindPrincipal, RateLimits
from gerance.kernel.limits.shares import HOLDER
from gerance.kernel.text import TextError, normal_target
from gerance.kernel.transactions import CONFLICT, LOCK_TIMEOUT, TOO_SLOW, classify

log = structlog.get_logger("gerance.http")

_SHUTDOWN = Rejection(
    "ServerStopping",
    headers={"Retry-After": "1", "Connection": "close"},
)
_CREDENTIALS = (b"authorization", b"cookie", b"x-api-key")
_UNLIMITED = ("/live", "/ready")
_REQUEST_ID = re.compile(r"[A-Za-z0-9._-]{1,64}", re.ASCII)


class RequestMiddleware:
    """The outermost layer of the application. `render`: a rejection in the form of the API that is
    asked, before it is known which endpoint is."""

    def __init__(
        self,
        app: ASGIApp,
        render: Callable[[Request, Rejection], ASGIApp] | None = None,
        hsts_seconds: int = 0,
    ) -> None:
        self.app = app
        self._render = render or (lambda _, rejection: problem(rejection))
        self._headers = SecurityHeaders(hsts_seconds)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        # A pipelined request begins in the context of the one before it.
        HOLDER.set(None)
        request_id = _request_id(scope)
        scope["asked_path"] = scope["path"]
        target_error = _normalise_target(scope)
        scope["path"] = normal_path(scope["path"])
        target_error = target_error or override_method(scope)
        status = 0
        since = time.perf_counter()
        limits = _rate_limits(scope)
        over = False

        async def finish(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
                headers = self._headers.completed(message["headers"], scope["scheme"])
                headers.append((b"x-request-id", request_id.encode()))
                if limits is not None and (level := scope.get("gerance.rate")) is not None:
                    headers += limits.headers(level)
                message["headers"] = headers
            await send(message)

        async def answer(message: Message) -> None:
            nonlocal over
            if over:
                return
            if limits is not None and not status and not await _may_be_answered(limits, scope):
                # Its credential is invalid, or was not checked: so it has changed nothing.
                over = True
                await _render_for(scope, limits.rejection())(scope, receive, finish)
                return
            await finish(message)

        with structlog.contextvars.bound_contextvars(request_id=request_id):
            try:
                if target_error is not None:
                    await self._render(Request(scope), target_error)(scope, receive, answer)
                elif limits is None or _shows_credentials(scope) or _take(limits, scope):
                    await self.app(scope, receive, answer)
                else:
                    rejected = self._render(Request(scope), limits.rejection())
                    await rejected(scope, receive, finish)
            except asyncio.CancelledError:
                # A server that stops cancels what has not ended in time, and nothing else does.
                if CONNECTION not in scope:
                    raise
                if status:
                    log.warning("answer cut because the server stops", path=scope["path"])
                    scope[CONNECTION].cut()
                else:
                    await _render_for(scope, _SHUTDOWN)(scope, receive, answer)
            except Exception as failure:
                if (rejection := _explained(failure)) is not None and not status:
                    await _render_for(scope, rejection)(scope, receive, answer)
                    return
                if rejection is not None:
                    raise
                log.exception("request failed", method=scope["method"], path=scope["path"])
                if status:
                    raise
                message = f"Internal error. Quote request id {request_id} when you report it."
                french = (
                    f"Erreur interne. Citez le X-Request-Id {request_id} quand vous la signalez."
                )
                failure_answer = Rejection("InternalError", message, french=french)
                await _render_for(scope, failure_answer)(scope, receive, answer)
            finally:
                _observe(scope, status, time.perf_counter() - since)


def _normalise_target(scope: Scope) -> BadRequest | None:
    """Bring the letters of the path and the query to one spelling; the rejection of a URL that is
    not UTF-8, percent-encoded."""
    try:
        scope["query_string"] = normal_target(scope["query_string"])
        raw: bytes | None = scope.get("raw_path")
        if raw is not None and (path := normal_target(raw)) != raw:
            scope["raw_path"], scope["path"] = path, unquote(path.decode("ascii"))
    except TextError as error:
        return BadRequest(str(error))
    return None


def _rate_limits(scope: Scope) -> RateLimits | None:
    """The limits that the request is under."""
    limits: RateLimits | None = getattr(scope["app"].state, "rates", None)
    return None if limits is None or not limits.rate or scope["path"] in _UNLIMITED else limits


def _shows_credentials(scope: Scope) -> bool:
    return any(name in _CREDENTIALS for name, _ in scope["headers"])


async def _may_be_answered(limits: RateLimits, scope: Scope) -> bool:
    """Count a request that no endpoint has authenticated, e.g. for the style sheet of a page. With
    a valid credential it counts for its principal where its network has sent too many."""
    if _take(limits, scope):
        return True
    finders: Sequence[FindPrincipal] = getattr(scope["app"].state, "find_principal", ())
    for find_principal in finders:
        if (principal := await find_principal(scope)) is not None:
            level = limits.take(principal)
            if level is not None:
                scope["gerance.rate"] = level
            return level is not None
    return False


def _take(limits: RateLimits, scope: Scope) -> bool:
    """Count the request for its network, unless it counts for a principal; whether it may be."""
    if PRINCIPAL in scope or "gerance.rate" in scope:
        return True
    level = limits.take(client_network(scope))
    if level is not None:
        scope["gerance.rate"] = level
    return level is not None


def _request_id(scope: Scope) -> str:
    for name, value in scope["headers"]:
        if name == b"x-request-id" and _REQUEST_ID.fullmatch(value.decode("latin-1")):
            return str(value.decode("latin-1"))
    return uuid4().hex


def _render_for(scope: Scope, rejection: Rejection) -> ASGIApp:
    """The rejection in the form of the API that was asked (`render` of its endpoint)."""
    render: Callable[[Rejection], ASGIApp] = scope.get("render", problem)
    return render(rejection)


def _explained(failure: Exception) -> Rejection | None:
    """The answer to a failure of the database; None for an internal error."""
    if isinstance(failure, ProgramLimitExceeded):
        log.warning("text too long", reason=str(failure))
        return BadRequest("A text is too long to be stored.")
    kind = classify(failure)
    if kind is None:
        return None
    report = log.warning if kind in (TOO_SLOW, LOCK_TIMEOUT, CONFLICT) else log.error
    report("the database failed", code=kind.code, reason=str(failure))
    return kind.rejection


def _observe(scope: Scope, status: int, seconds: float) -> None:
    route = scope.get("endpoint_path", "other")
    metrics.observe_request(scope["method"], route, status, seconds)
    principal = scope.get("principal")
    user = principal.login if principal is not None else scope.get("login")
    log.info(
        "request",
        method=scope["method"],
        path=scope["path"],
        status=status,
        milliseconds=round(seconds * 1000, 1),
        user=user,
    )
    if status == HTTPStatus.FORBIDDEN:
        record(
            "access_denied",
            principal=user,
            address=client_address(scope),
            method=scope["method"],
            path=scope["path"],
        )
