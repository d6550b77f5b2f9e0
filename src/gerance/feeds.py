"""The event feeds, pulled and live: one pair of routes for all listeners.

A request is authenticated by its session (users of the incident API) or by its `Authorization`
header (integrators of the rental API), so this module knows both contexts.
"""

from starlette.responses import Response

from gerance.incidents.feed import session_listener
from gerance.kernel.feeds import pull, stream
from gerance.kernel.feeds.listener import Listener
from gerance.kernel.http.endpoint import Call, Endpoint, Query
from gerance.kernel.identity.sessions import token_in
from gerance.kernel.limits.rates import count_request
from gerance.rentals.notifications.feed import integrator_listener


async def _listener(call: Call) -> Listener:
    """The listener of a request. Raises Rejection (401) when it is not authenticated."""
    headers, state = call.request.headers, call.request.app.state
    if "authorization" in headers:
        return await integrator_listener(call)
    listener = await session_listener(
        state.sessions, token_in("; ".join(headers.getlist("cookie")))
    )
    call.request.scope["principal"] = listener.principal
    count_request(call.request.scope, f"user {listener.principal.uid}")
    await call.reach_position()
    return listener


async def _page(call: Call) -> Response:
    return await pull.answer_page(call, await _listener(call))


async def _stream(call: Call) -> Response:
    return await stream.answer_stream(call, await _listener(call))


_FILTERS = (
    Query("types", "Only events of these types, by comma, e.g. TicketOpened,TicketClosed."),
    Query("categories", "Only events of these kinds of thing, by comma, e.g. ticket,patrimony."),
    Query("agencies", "Only what belongs to one of these agencies: their uids, by comma."),
)
_RULES = (
    "In the order of the log, each event once: continue behind the last cursor and you miss no"
    " event. You receive the events that you may read at that moment."
)

ENDPOINTS = (
    Endpoint(
        method="GET",
        path="/api/v1/events",
        handler=_page,
        summary="Events behind a cursor",
        description=_RULES,
        tag="Events",
        query=(
            Query("after", "The cursor to continue from; start (default): all; end: from now on."),
            Query(
                "limit",
                "The most events of an answer.",
                {"type": "integer", "minimum": 1, "maximum": pull.MOST, "default": pull.DEFAULT},
            ),
            Query(
                "wait",
                "Seconds to wait when there are none yet.",
                {"type": "number", "minimum": 0, "maximum": pull.MOST_WAIT_SECONDS},
            ),
            *_FILTERS,
        ),
        answers={200: pull.FeedPage},
        public=True,
        scheme="session",
    ),
    Endpoint(
        method="GET",
        path="/api/v1/events/stream",
        handler=_stream,
        summary="Events as they happen, as Server-Sent Events",
        description=f"{_RULES} `Last-Event-ID`: from behind what you had; without it, from now.",
        tag="Events",
        query=(
            Query("lastEventId", "Instead of the header Last-Event-ID, where none can be sent."),
            Query("after", "The same, for the first time: a cursor, start, or end (default)."),
            *_FILTERS,
        ),
        answers={200: str},
        media="text/event-stream",
        public=True,
        scheme="session",
    ),
)
