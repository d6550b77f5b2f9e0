"""The way of what is asked of a lead or customer into its stream."""

import hashlib
from collections.abc import Callable, Sequence
from datetime import UTC, date, datetime
from typing import NamedTuple
from uuid import NAMESPACE_URL, UUID, uuid4, uuid5

from gerance.kernel.db import Connection
from gerance.kernel.errors import Refused
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


class _NothingChanges(Exception):
    """Everything is as asked: there is nothing to write."""


class Written(NamedTuple):
    """`customer`: as it is then; `position`: of the last event that was written, None when none
    was, or for a dry run."""

    customer: Customer
    position: int | None


class Asking(NamedTuple):
    """On whose behalf something is asked. `process`: identifies the request, a new one unless it
    may be sent again; `today`: the day it is where the installation is; `approval`: of the proposal
    that is carried out."""

    by: By
    today: date
    process: SafeUUID | None = None
    dry_run: bool = False
    approval: Approval | None = None


def stream_of(partner: str, client_id: str) -> SafeUUID:
    """The stream of a client: it follows from both codes, so nothing has to be looked up."""
    return SafeUUID(str(uuid5(_NAMESPACE, f"{partner}\n{client_id}")))


def process_of(partner: str, key: str, asked: bytes) -> SafeUUID:
    """What identifies the request that a partner sends with this `Idempotency-Key`: one half of it
    follows from the key, the other from what is asked."""
    halves = (f"{partner}\n{key}".encode(), asked)
    digest = b"".join(hashlib.sha256(half).digest()[:8] for half in halves)
    return SafeUUID(str(UUID(bytes=digest)))


async def refuse_reused_key(
    connection: Connection, partner: str, client_id: str, process: SafeUUID
) -> None:
    """Raise Refused (409 `IdempotencyKeyReused`) when another request about the client, which was
    accepted, had the key of this one."""
    rows = await connection.execute(
        "SELECT FROM event WHERE category = %s AND stream = %s AND process_uid <> %s"
        # The order keeps the look-up on event_version, whatever the planner knows of the table.
        " AND left(process_uid::text, 18) = left(%s, 18) ORDER BY version LIMIT 1",
        [CATEGORY, stream_of(partner, client_id), process, process],
    )
    if await rows.fetchone() is not None:
        message = "Idempotency-Key: the key was already used for another call about this client."
        raise Refused("IdempotencyKeyReused", message, status=409)


async def change(
    writer: Writer, partner: str, client_id: str, asking: Asking, decide: Decide
) -> Written:
    """Write what `decide` makes of the lead or customer; what is due by then comes first.

    `decide` gets the present state, None when there is none, and answers no event when everything
    is as asked. Raises what it refuses with, and
    CommandAlreadySent.
    """
    stream = stream_of(partner, client_id)
    process = asking.process or SafeUUID(str(uuid4()))
    reached: list[Customer] = []

    def decided(loaded: AggregateRow) -> Change:
        stamp = Stamp(
            process=process,
            aggregate=stream,
            sent_date=DateTime.of(datetime.now(UTC)),
            today=asking.today,
            partner=partner,
            client_id=client_id,
            by=asking.by,
            approval=asking.approval,
        )
        state = decode_own(Customer, loaded.state) if loaded.state else None
        after, events = _decided(state, stamp, decide)
        reached[:] = [after]
        if not events:
            raise _NothingChanges
        recorded = [_recorded(event) for event in events]
        return Change(recorded, encode(after), tuple(rows(after, stream, stamp.sent_date)))

    intent = WriteRequest(
        category=CATEGORY,
        stream=stream,
        process_uid=process,
        actor=None,
        decide=decided,
        dry_run=asking.dry_run,
    )
    try:
        done = await writer.execute(intent)
    except _NothingChanges:
        count_command(CATEGORY, "unchanged")
        return Written(reached[0], None)
    except Refused as refused:
        count_command(CATEGORY, refused.code)
        raise
    count_command(CATEGORY, "dry-run" if done.position is None else "accepted")
    return Written(reached[0], done.position)


def _decided(
    state: Customer | None, stamp: Stamp, decide: Decide
) -> tuple[Customer, list[PartnerCustomerEvent]]:
    """The customer after what is due and what is asked, and the events of both."""
    events = become_due(state, stamp) if state is not None else []
    for event in events:
        state = evolve(state, event)
    asked = decide(state, stamp)
    for event in asked:
        state = evolve(state, event)
    if state is None:
        raise ValueError("what is decided of nobody begins somebody")
    return state, [*events, *asked]


def _recorded(event: PartnerCustomerEvent) -> NewEvent:
    return NewEvent(str(type(event).__struct_config__.tag), encode(event), event.sentDate.moment)
