"""From a decoded command to its response: `{"events": [...]}` and the position it reached."""

from collections.abc import Awaitable, Callable
from datetime import UTC, datetime
from typing import Any
from uuid import NAMESPACE_URL, uuid5

from psycopg.errors import UniqueViolation
from starlette.responses import Response

from gerance.incidents.aggregate import Aggregate
from gerance.incidents.messages import Stamp
from gerance.incidents.rights import require_sender
from gerance.incidents.spellings import read_command
from gerance.kernel.errors import Rejection
from gerance.kernel.http.endpoint import Call
from gerance.kernel.identity.principal import Principal
from gerance.kernel.log.eventlog import NewEvent
from gerance.kernel.log.writer import (
    NO_READING,
    Afterwards,
    AggregateRow,
    Change,
    Writer,
    WriteRequest,
    WriteResult,
)
from gerance.kernel.metrics import count_command
from gerance.kernel.wire import DateTime, SafeUUID, encode

_NAMESPACE = uuid5(NAMESPACE_URL, "https://gerance.example/aggregates")


def new_aggregate_uid(process_uid: str, given_uid: SafeUUID | None) -> SafeUUID:
    """The uid of a new aggregate: the one that the client chose, or one made of its processUid.

    A command that is sent twice without an aggregateUid is therefore recognised.
    """
    return given_uid or SafeUUID(str(uuid5(_NAMESPACE, process_uid)))


def create(aggregate: Aggregate) -> Callable[[Call], Awaitable[Response]]:
    """The handler of a route whose commands create the aggregate. It responds 201."""

    async def handler(call: Call) -> Response:
        command = await read_command(call)
        uid = new_aggregate_uid(command.processUid, command.aggregateUid)
        return await execute(call, aggregate, command, uid, status=201)

    return handler


def change(aggregate: Aggregate, parameter: str) -> Callable[[Call], Awaitable[Response]]:
    """The handler of a route whose commands change the aggregate that its path names.

    `parameter`: the name of the path's parameter.
    """

    async def handler(call: Call) -> Response:
        command = await read_command(call)
        return await execute(call, aggregate, command, path_uid(call, aggregate, parameter))

    return handler


def path_uid(call: Call, aggregate: Aggregate, parameter: str) -> SafeUUID:
    """The uid in the path. Raises Rejection, as for an unknown aggregate, when it is malformed."""
    uid = call.uid(parameter)
    if uid is None:
        assert aggregate.unknown is not None
        raise aggregate.unknown(call.request.path_params[parameter][:60])
    return uid


async def execute(
    call: Call, aggregate: Aggregate, command: Any, uid: SafeUUID, *, status: int = 200
) -> Response:
    """Execute a command for the user of `call` and respond with its events.

    The response has `Gerance-Position`; for a dry run `Preference-Applied` and no position.
    """
    require_sender(call.principal, command)
    request = write_request(aggregate, command, uid, call.principal, dry_run=call.dry_run)
    try:
        result = await submit(call.writer, request)
    except UniqueViolation as violation:
        rejection = aggregate.conflicts.get(violation.diag.constraint_name or "")
        if rejection is None:
            raise
        raise rejection(command) from violation
    if result.position is None:
        headers = {"Preference-Applied": "handling=dry-run"}
        status = 200
    else:
        headers = {"Gerance-Position": str(result.position)}
    body = b'{"events":[' + b",".join(event.data for event in result.events) + b"]}"
    return Response(body, status, headers=headers, media_type="application/json")


def write_request(
    aggregate: Aggregate,
    command: Any,
    uid: SafeUUID,
    principal: Principal,
    *,
    dry_run: bool = False,
    afterwards: Afterwards | None = None,
    caused_by: int | None = None,
) -> WriteRequest:
    """The command as the writer executes it, for `principal`.

    `afterwards`: replaces the aggregate's; `caused_by`: the position of the event that led to it.
    """
    user = SafeUUID(principal.uid)

    def decide(snapshot: AggregateRow) -> Change:
        stamp = Stamp(aggregate=uid, user=user, sent_date=DateTime.of(datetime.now(UTC)))
        outcome = aggregate.handle(command, principal, snapshot, stamp)
        events = [to_new_event(event) for event in outcome.events]
        return Change(events, encode(outcome.state), tuple(outcome.projections))

    if afterwards is None and aggregate.afterwards is not None:
        afterwards = aggregate.afterwards(command, uid)
    reading = aggregate.reading(command, principal, uid) if aggregate.reading else NO_READING
    return WriteRequest(
        category=aggregate.category,
        stream=uid,
        process_uid=command.processUid,
        actor=user,
        decide=decide,
        column=aggregate.column,
        reading=reading,
        dry_run=dry_run,
        afterwards=afterwards,
        caused_by=caused_by,
    )


async def submit(writer: Writer, request: WriteRequest) -> WriteResult:
    """Execute the request and count its outcome. Raises Rejection."""
    try:
        result = await writer.execute(request)
    except Rejection as rejection:
        count_command(request.category, rejection.code)
        raise
    count_command(request.category, "dry-run" if result.position is None else "accepted")
    return result


def to_new_event(event: Any) -> NewEvent:
    """An event message in the form that the log stores."""
    sent_date: DateTime = event.sentDate
    return NewEvent(type(event).__struct_config__.tag, encode(event), sent_date.moment)
