"""From a decided command to its answer: `{"events": [...]}` and the position it reached."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import UTC, datetime
from typing import Any, TypeVar
from uuid import NAMESPACE_URL, uuid5

from starlette.responses import Response

from gerance.incidents.messages import Stamp
from gerance.kernel.errors import Refused
from gerance.kernel.http.endpoint import Call
from gerance.kernel.log.eventlog import Recorded
from gerance.kernel.log.writer import (
    NOTHING_BESIDE,
    Afterwards,
    Change,
    Loaded,
    Projection,
    Reading,
    WriteRequest,
)
from gerance.kernel.metrics import count_command
from gerance.kernel.wire import DateTime, SafeUUID, encode

State = TypeVar("State")
Event = TypeVar("Event")

_NAMESPACE = uuid5(NAMESPACE_URL, "https://gerance.example/aggregates")


Decide = Callable[[Loaded, Stamp], Change]


def aggregate_for(process_uid: str, aggregate_uid: SafeUUID | None) -> SafeUUID:
    """The uid of a new aggregate: the client's, or one that follows from its processUid.

    So a command sent twice without an aggregateUid is still recognised.
    """
    return aggregate_uid or SafeUUID(str(uuid5(_NAMESPACE, process_uid)))


def recorded(event: Any) -> Recorded:
    """An event message as the log takes it."""
    sent: DateTime = event.sentDate
    return Recorded(type(event).__struct_config__.tag, encode(event), sent.moment)


def changed(
    state: State | None,
    events: Sequence[Event],
    evolve: Callable[[State | None, Event], State],
    rows: Callable[[State], Iterable[Projection]],
) -> Change:
    """The change that `events` make to an aggregate in `state` and to its rows in read tables."""
    for event in events:
        state = evolve(state, event)
    if state is None:
        raise ValueError("a decided command leaves an aggregate")
    return Change([recorded(event) for event in events], encode(state), tuple(rows(state)))


async def carry_out(
    call: Call,
    *,
    category: str,
    aggregate: SafeUUID,
    process_uid: str,
    decide: Decide,
    own: str = "NULL",
    reading: Reading = NOTHING_BESIDE,
    status: int = 200,
    afterwards: Afterwards | None = None,
) -> Response:
    """Execute a command for the user of `call` and answer its events.

    The answer has `Gerance-Position`; for a dry run `Preference-Applied` and no position.
    `own`, `reading`, `afterwards`: as WriteRequest has them.
    """
    user = SafeUUID(call.principal.uid)

    def stamped(loaded: Loaded) -> Change:
        now = DateTime.of(datetime.now(UTC))
        return decide(loaded, Stamp(aggregate=aggregate, user=user, sent_date=now))

    intent = WriteRequest(
        category=category,
        stream=aggregate,
        process_uid=process_uid,
        actor=user,
        decide=stamped,
        own=own,
        reading=reading,
        dry_run=call.dry_run,
        afterwards=afterwards,
    )
    try:
        done = await call.writer.execute(intent)
    except Refused as refused:
        count_command(category, refused.code)
        raise
    count_command(category, "dry-run" if done.position is None else "accepted")
    if done.position is None:
        headers = {"Preference-Applied": "handling=dry-run"}
        status = 200
    else:
        headers = {"Gerance-Position": str(done.position)}
    body = b'{"events":[' + b",".join(event.data for event in done.events) + b"]}"
    return Response(body, status, headers=headers, media_type="application/json")


def kept_row(table: str, row: Mapping[str, Any], casts: Mapping[str, str]) -> Projection:
    """The projection that keeps `row` in `table`, by its key `uid`.

    `casts`: the SQL type of each column, e.g. {"uid": "uuid", "name": "text"}.
    """
    return kept_rows(table, [row], casts)


def kept_rows(
    table: str,
    rows: Sequence[Mapping[str, Any]],
    casts: Mapping[str, str],
    *,
    settings: Mapping[str, str] = {},
    owner: str | None = None,
) -> Projection:
    """The projection that keeps `rows` in `table`, by their key `uid`.

    `settings`: for columns that are not simply replaced, their SQL (`excluded` is the new row);
    `owner`: a column whose rows of another value are left alone.
    """
    updates = {name: f"excluded.{name}" for name in casts if name != "uid"}
    updates |= settings
    return Projection(
        f"INSERT INTO {table} ({', '.join(casts)})"
        f" SELECT {', '.join(f'r.{name}' for name in casts)} FROM {{rows}} r"
        " ON CONFLICT (uid) DO UPDATE SET"
        f" {', '.join(f'{name} = {value}' for name, value in updates.items())}"
        + (f" WHERE {table}.{owner} IS NOT DISTINCT FROM excluded.{owner}" if owner else ""),
        tuple(casts.items()),
        rows,
    )
