"""Execution of commands on leads and customers."""

import hashlib
from collections.abc import Callable, Sequence
from datetime import UTC, date, datetime
from typing import NamedTuple
from uuid import NAMESPACE_URL, UUID, uuid4, uuid5

from gerance.kernel.db import Connection
from gerance.kernel.errors import Rejection, reject
from gerance.kernel.log.eventlog import NewEvent
from gerance.kernel.log.writer import AggregateRow, Change, Writer, WriteRequest
from gerance.kernel.metrics import count_command
from gerance.kernel.wire import DateTime, SafeUUID, decode_own, encode
from gerance.partners.lifecycle.deadlines import Stamp, become_due
from gerance.partners.lifecycle.events import Approval, By, PartnerCustomerEvent
from gerance.partners.lifecycle.evolve import evolve
from gerance.partners.lifecycle.state import Customer
from gerance.partners.lifecycle.views import rows

CATEGORY = "partner_customer"

_NAMESPACE = uuid5(NAMESPACE_URL, "https://gerance.example/partners")

Decide = Callable[[Customer | None, Stamp], Sequence[PartnerCustomerEvent]]


class _NoChange(Exception):
    """The command changes nothing."""


class ChangeResult(NamedTuple):
    """`customer`: the state afterwards; `position`: of the last new event, None without one, or for
    a dry run."""

    customer: Customer
    position: int | None


class ChangeRequest(NamedTuple):
    """The context of a change. `process`: identifies the request when it may be sent again;
    `today`: the day in the time zone of the installation; `approval`: of the executed proposal."""

    by: By
    today: date
    process: SafeUUID | None = None
    dry_run: bool = False
    approval: Approval | None = None


def stream_of(partner: str, client_id: str) -> SafeUUID:
    """The stream of a client, derived from both codes."""
    return SafeUUID(str(uuid5(_NAMESPACE, f"{partner}\n{client_id}")))


def process_of(partner: str, key: str, request_bytes: bytes) -> SafeUUID:
    """The id of a request with this `Idempotency-Key`: one half is derived from the key, the other
    from the content of the request."""
    halves = (f"{partner}\n{key}".encode(), request_bytes)
    digest = b"".join(hashlib.sha256(half).digest()[:8] for half in halves)
    return SafeUUID(str(UUID(bytes=digest)))


async def reject_reused_key(
    connection: Connection, partner: str, client_id: str, process: SafeUUID
) -> None:
    """Raises Rejection (409 `IdempotencyKeyReused`) when another accepted request about the client
    had the same key."""
    rows = await connection.execute(
        "SELECT FROM event WHERE category = %s AND stream = %s AND process_uid <> %s"
        # The order makes the planner use event_version, whatever its statistics.
        " AND left(process_uid::text, 18) = left(%s, 18) ORDER BY version LIMIT 1",
        [CATEGORY, stream_of(partner, client_id), process, process],
    )
    if await rows.fetchone() is not None:
        raise reject("IdempotencyKeyReused", "client", status=409)


async def change(
    writer: Writer, partner: str, client_id: str, request: ChangeRequest, decide: Decide
) -> ChangeResult:
    """Record the events that `decide` returns, after those that are due.

    `decide` receives the current state, None for a new client, and returns no events when nothing
    changes. Raises the rejections of `decide`, and CommandAlreadySent.
    """
    stream = stream_of(partner, client_id)
    process = request.process or SafeUUID(str(uuid4()))
    states: list[Customer] = []

    def decide_change(row: AggregateRow) -> Change:
        stamp = Stamp(
            process=process,
            aggregate=stream,
            sent_date=DateTime.of(datetime.now(UTC)),
            today=request.today,
            partner=partner,
            client_id=client_id,
            by=request.by,
            approval=request.approval,
        )
        state = decode_own(Customer, row.state) if row.state else None
        after, events = _apply(state, stamp, decide)
        states[:] = [after]
        if not events:
            raise _NoChange
        new_events = [_new_event(event) for event in events]
        return Change(new_events, encode(after), tuple(rows(after, stream, stamp.sent_date)))

    write_request = WriteRequest(
        category=CATEGORY,
        stream=stream,
        process_uid=process,
        actor=None,
        decide=decide_change,
        dry_run=request.dry_run,
    )
    try:
        result = await writer.execute(write_request)
    except _NoChange:
        count_command(CATEGORY, "unchanged")
        return ChangeResult(states[0], None)
    except Rejection as rejection:
        count_command(CATEGORY, rejection.code)
        raise
    count_command(CATEGORY, "dry-run" if result.position is None else "accepted")
    return ChangeResult(states[0], result.position)


def _apply(
    state: Customer | None, stamp: Stamp, decide: Decide
) -> tuple[Customer, list[PartnerCustomerEvent]]:
    """The customer after everything that is due and the command, and all their events."""
    events = become_due(state, stamp) if state is not None else []
    for event in events:
        state = evolve(state, event)
    request_bytes = decide(state, stamp)
    for event in request_bytes:
        state = evolve(state, event)
    if state is None:
        raise ValueError("the first event of a stream must create the client")
    return state, [*events, *request_bytes]


def _new_event(event: PartnerCustomerEvent) -> NewEvent:
    return NewEvent(str(type(event).__struct_config__.tag), encode(event), event.sentDate.moment)
