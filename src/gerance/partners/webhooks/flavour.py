"""Webhook messages of partners: the state of the client right after the event."""

from collections.abc import Collection, Sequence
from datetime import date
from typing import Any, NamedTuple

import msgspec

from gerance.kernel.db import Connection
from gerance.kernel.webhooks.flavours import Message, PendingDelivery, WebhookEndpoint
from gerance.kernel.wire import decode_own
from gerance.partners.lifecycle.events import PartnerCustomerEvent
from gerance.partners.lifecycle.evolve import evolve
from gerance.partners.lifecycle.state import Customer
from gerance.partners.lifecycle.writer import CATEGORY
from gerance.partners.webhooks.parameters import EVENT_TYPES, message_for, ping

FLAVOUR = "partners"
"""The name of this flavour. Its owners are partners, by their codes."""

_EVENT: Any = PartnerCustomerEvent
_ENABLED = "SELECT code FROM partner WHERE code = ANY(%s) AND NOT disabled"
_LIVES = (
    "SELECT stream::text, position, data::text FROM event"
    f" WHERE category = '{CATEGORY}' AND stream = ANY(%s::uuid[]) AND position <= %s"
    " ORDER BY stream, version"
)
# EXPLAIN: an index scan of event_version, over the whole life of each client of the batch: a few
# events each.


class _Whose(msgspec.Struct):
    partnerCode: str


class ClientAfterEvent(NamedTuple):
    """A client right after an event, and the day on which it happened or became due."""

    customer: Customer
    day: date


class Partners:
    """The flavour of partner webhooks."""

    async def render(
        self, connection: Connection, deliveries: Sequence[PendingDelivery]
    ) -> Sequence[Message | None]:
        """A message for each event of the owner's own clients; None for those of other partners,
        of partners that are disabled, and of types that are not told. Two statements in all."""
        own = [each for each in deliveries if _is_own(each)]
        enabled = await _enabled(connection, {each.endpoint.owner for each in own})
        relevant = [each for each in own if each.endpoint.owner in enabled]
        states = await states_after(connection, {(each.stream, each.position) for each in relevant})
        messages = {
            (each.endpoint.uid, each.position): message_for(
                each.event_type, after.day, after.customer
            )
            for each in relevant
            if (after := states.get((each.stream, each.position))) is not None
        }
        return [messages.get((each.endpoint.uid, each.position)) for each in deliveries]

    def ping(self, endpoint: WebhookEndpoint) -> Message:
        """A test message: its event_type is `ping`, all other parameters are empty."""
        return ping()


async def states_after(
    connection: Connection, events: Collection[tuple[str, int]]
) -> dict[tuple[str, int], ClientAfterEvent]:
    """The clients right after these events, by stream and position."""
    if not events:
        return {}
    streams = sorted({stream for stream, _ in events})
    last = max(position for _, position in events)
    rows = await connection.execute(_LIVES, [streams, last])
    clients: dict[tuple[str, int], ClientAfterEvent] = {}
    of, customer = "", None
    for stream, position, data in await rows.fetchall():
        if stream != of:
            of, customer = stream, None
        event: PartnerCustomerEvent = decode_own(_EVENT, data)
        customer = evolve(customer, event)
        if (stream, position) in events:
            clients[stream, position] = ClientAfterEvent(customer, event.date)
    return clients


def _is_own(deliveries: PendingDelivery) -> bool:
    whose = msgspec.json.decode(deliveries.data, type=_Whose).partnerCode
    return deliveries.event_type in EVENT_TYPES and whose == deliveries.endpoint.owner


async def _enabled(connection: Connection, codes: Collection[str]) -> set[str]:
    if not codes:
        return set()
    rows = await connection.execute(_ENABLED, [sorted(codes)])
    return {code for (code,) in await rows.fetchall()}
