"""The routes of tickets: commands in, events out, and the reads."""

from contextlib import AsyncExitStack
from functools import reduce
from operator import or_
from typing import Any

from starlette.responses import Response

from gerance.incidents import spellings
from gerance.incidents.command_endpoint import execute, new_aggregate_uid, path_uid
from gerance.incidents.tickets import queries
from gerance.incidents.tickets.commands import AnyTicketCommand, OpenTicket
from gerance.incidents.tickets.counts import TallyCache, tally_of
from gerance.incidents.tickets.handle import AGGREGATE
from gerance.incidents.tickets.legacy_bodies import decode_legacy
from gerance.incidents.tickets.search import Search, parse_search
from gerance.incidents.tickets.shapes import (
    DetailedTicketView,
    TicketEventResultView,
    TicketExportView,
    TicketResultView,
    TicketStats,
)
from gerance.kernel.errors import BadRequest, NotFound, Rejection
from gerance.kernel.http.body import decode_body, read_aside, read_body
from gerance.kernel.http.endpoint import Call, Endpoint, Query
from gerance.kernel.http.own_url import own_url
from gerance.kernel.http.ranges import Range
from gerance.kernel.http.stream_response import StreamedResponse
from gerance.kernel.limits.long_answers import LongAnswers
from gerance.kernel.limits.rates import owner_of
from gerance.kernel.wire import DateTime, members

LIST_MOST = 100
EXPORT_MOST = 20_000


async def open_ticket(call: Call) -> Response:
    command = await _command(call)
    if not isinstance(command, OpenTicket):
        raise _elsewhere(command, "PATCH /api/vEvent/tickets/:ticket_uid")
    uid = new_aggregate_uid(command.processUid, command.aggregateUid)
    return await execute(call, AGGREGATE, command, uid, status=201)


async def increment_ticket(call: Call) -> Response:
    command = await _command(call)
    if isinstance(command, OpenTicket):
        raise _elsewhere(command, "POST /api/vEvent/tickets")
    return await execute(call, AGGREGATE, command, path_uid(call, AGGREGATE, "ticket_uid"))


def _elsewhere(command: AnyTicketCommand, route: str) -> Rejection:
    name = type(command).__name__
    return Rejection("TicketGenericError", f"Send {name} to {route} - at `$.commandType`")


async def _command(call: Call) -> AnyTicketCommand:
    body = await read_body(call.request, limit=call.settings.max_body_bytes)
    try:
        return await read_aside(len(body), lambda: decode_command(body))
    except BadRequest as invalid:
        raise BadRequest(invalid.message, code="TicketGenericError") from invalid


def decode_command(body: bytes) -> AnyTicketCommand:
    """The command in a body. Raises BadRequest, naming the path of what is wrong."""
    if b'"eventType"' in body:
        return decode_legacy(body)
    try:
        command: AnyTicketCommand = decode_body(AnyTicketCommand, body)
    except BadRequest:
        command = spellings.decode_command(AnyTicketCommand, body)
    return command


async def listen(call: Call) -> Response:
    start, end = _moment(call, "from"), _moment(call, "to")
    if end.moment < start.moment:
        raise BadRequest(f"to: {end} is before from, {start}.")
    page_range = Range.parse(call.parameter("range"), default=LIST_MOST, most=LIST_MOST)
    async with call.pool.connection() as connection:
        count, events = await queries.feed(connection, call.principal, start, end, page_range)
    return _answer(b'{"events":[' + events + b"]}", page_range, count)


async def list_tickets(call: Call) -> Response:
    search = _search(call, fulltext_alone=True)
    page_range = Range.parse(call.parameter("range"), default=LIST_MOST, most=LIST_MOST)
    async with call.pool.connection() as connection:
        tally = await tally_of(connection, search, call.principal, call.instance(TallyCache))
        tickets = b""
        if page_range.expected(tally.count):
            tickets = await queries.page(
                connection, search, call.principal, page_range.within(tally.count)
            )
    body = b'{"result":[' + tickets + b'],"aggregations":' + tally.aggregations + b"}"
    return _answer(body, page_range, tally.count)


async def export_tickets(call: Call) -> Response:
    search = _search(call, fulltext_alone=False)
    page_range = Range.parse(call.parameter("range"), default=EXPORT_MOST, most=EXPORT_MOST)
    async with call.pool.connection() as connection:
        tally = await tally_of(connection, search, call.principal, call.instance(TallyCache))
    long_answers: LongAnswers = call.request.app.state.long_answers
    async with AsyncExitStack() as stack:
        connection, place = await stack.enter_async_context(
            long_answers.connection(owner_of(call.request.scope))
        )
        return StreamedResponse(
            queries.export(
                connection,
                search,
                call.principal,
                page_range.within(tally.count),
                timeout_ms=call.settings.statement_timeout_ms,
            ),
            page_range.status(tally.count),
            headers=page_range.headers(tally.count),
            media_type="application/json",
            resources=stack.pop_all(),
            place=place,
        )


async def ticket_statistics(call: Call) -> Response:
    search = _search(call, fulltext_alone=True)
    Range.parse(call.parameter("range"), default=LIST_MOST, most=LIST_MOST)
    zone = call.settings.zone
    async with call.pool.connection() as connection:
        tally = await tally_of(connection, search, call.principal, call.instance(TallyCache))
        body = await queries.statistics(connection, search, call.principal, zone, tally.count)
    return Response(body, media_type="application/json")


async def read_ticket(call: Call) -> Response:
    uid = call.uid("ticket_uid")
    body = None
    if uid is not None:
        async with call.pool.connection() as connection:
            body = await queries.detail(
                connection, uid, call.principal, call.settings.zone, own_url(call.request)
            )
    if body is None:
        raise NotFound(f"There is no ticket {call.request.path_params['ticket_uid'][:60]}.")
    return Response(body, media_type="application/json")


def _search(call: Call, *, fulltext_alone: bool) -> Search:
    return parse_search(call, call.settings.zone, fulltext_alone=fulltext_alone)


def _moment(call: Call, name: str) -> DateTime:
    text = call.parameter(name)
    if text is None:
        raise BadRequest(f"{name}: missing. Give a moment like 2015-10-01T05:30:59.000Z.")
    try:
        return DateTime.parse(text.strip().replace(" ", "+"))
    except ValueError as invalid:
        raise BadRequest(f"{name}: {invalid}.") from invalid


def _answer(body: bytes, page_range: Range, count: int) -> Response:
    return Response(
        body,
        page_range.status(count),
        headers=page_range.headers(count),
        media_type="application/json",
    )


def _queries(*names: str) -> tuple[Query, ...]:
    return tuple(Query(name, _DESCRIPTIONS[name]) for name in names)


_DESCRIPTIONS = {
    "range": "first-last, both from 0 and included",
    "agency": "uids of agencies, by comma",
    "status": "OPENED or CLOSED",
    "location": "cities or zip codes, by comma",
    "from": "opened on this day or later, YYYY-MM-DD",
    "to": "opened on this day or earlier, YYYY-MM-DD",
    "callpurpose": "call purposes, by comma",
    "activeproviders": "uids of the providers in charge, by comma",
    "intervention": "true: an intervention was asked for, planned or made; false: none was",
    "fulltext": "words, by comma or blank; all must be found",
}
_FILTERS = (
    "range", "agency", "status", "location", "from", "to", "callpurpose", "activeproviders",
    "intervention", "fulltext",
)  # fmt: skip

# The commands on a ticket that exists.
_INCREMENTS: Any = reduce(or_, (k for k in members(AnyTicketCommand) if k is not OpenTicket))

ENDPOINTS: tuple[Endpoint, ...] = (
    Endpoint(
        method="POST",
        path="/api/vEvent/tickets",
        handler=open_ticket,
        summary="Open a ticket",
        tag="Tickets",
        body=OpenTicket,
        answers={201: TicketEventResultView},
        error_family="TicketEventError",
    ),
    Endpoint(
        method="PATCH",
        path="/api/vEvent/tickets/{ticket_uid}",
        handler=increment_ticket,
        summary="Increment a ticket's state",
        tag="Tickets",
        body=_INCREMENTS,
        answers={200: TicketEventResultView},
        error_family="TicketEventError",
    ),
    Endpoint(
        method="GET",
        path="/api/vEvent/tickets",
        handler=listen,
        summary="Listen to ticket events",
        tag="Tickets",
        query=(
            *_queries("range"),
            Query("from", "sent at this moment or later", required=True),
            Query("to", "sent at this moment or earlier", required=True),
        ),
        answers={200: TicketEventResultView, 206: TicketEventResultView},
    ),
    Endpoint(
        method="GET",
        path="/api/v1/tickets",
        handler=list_tickets,
        summary="Get tickets and filter them",
        tag="Tickets",
        query=_queries(*_FILTERS),
        answers={200: TicketResultView, 206: TicketResultView},
    ),
    Endpoint(
        method="GET",
        path="/api/v1/tickets/export",
        handler=export_tickets,
        summary="Export tickets in bulk",
        tag="Tickets",
        query=_queries(*_FILTERS),
        answers={200: TicketExportView, 206: TicketExportView},
    ),
    Endpoint(
        method="GET",
        path="/api/v1/tickets/stats",
        handler=ticket_statistics,
        summary="Get statistics on tickets",
        tag="Tickets",
        query=_queries(*_FILTERS),
        answers={200: TicketStats},
    ),
    Endpoint(
        method="GET",
        path="/api/v1/tickets/{ticket_uid}",
        handler=read_ticket,
        summary="Get a ticket",
        tag="Tickets",
        answers={200: DetailedTicketView},
    ),
)
