"""What calls to subscribers say: the event in the shape of the owner's edition.

Who may know of it is decided when the call is made, by what the owner could read then.
"""

from collections.abc import Iterable, Sequence
from datetime import UTC, datetime

from gerance.incidents.editions import shape_events
from gerance.incidents.event_visibility import visible_events
from gerance.kernel.db import Connection
from gerance.kernel.identity.accounts import principals
from gerance.kernel.identity.principal import Principal
from gerance.kernel.log.eventlog import Cursor, LoggedEvent
from gerance.kernel.webhooks.flavours import Message, PendingDelivery, WebhookEndpoint
from gerance.kernel.wire import DateTime, encode

FLAVOUR = "incidents"
"""The name of this form of message. Its owners are accounts, by their uids."""
AGENCIES = "agencies"
"""In an endpoint's choice: only what belongs to one of these agencies."""
PING = "Ping"

Group = tuple[str, tuple[str, ...]]
"""Whose rights count, and which agencies are chosen."""


class Incidents:
    """The messages of the incident side; a Flavour."""

    async def render(
        self, connection: Connection, pending: Sequence[PendingDelivery]
    ) -> Sequence[Message | None]:
        """The event's JSON for each that its owner may read now, and chose; None for the others.

        A disabled account receives nothing. One statement reads the accounts; `visible_events` runs
        once for each group.
        """
        owners = await principals(connection, {each.endpoint.owner for each in pending})
        groups: dict[Group, set[int]] = {}
        for each in pending:
            if each.endpoint.owner in owners:
                groups.setdefault(_group(each), set()).add(each.position)
        events = {each.position: _logged(each) for each in pending}
        messages = {
            (group, position): Message(data)
            for group, positions in groups.items()
            for position, data in await _readable(
                connection, owners[group[0]], (events[p] for p in sorted(positions)), group[1]
            )
        }
        return [messages.get((_group(each), each.position)) for each in pending]

    def ping(self, endpoint: WebhookEndpoint) -> Message:
        """An event that is none: of type `Ping`, about the subscription itself."""
        return Message(
            encode(
                {
                    "eventType": PING,
                    "aggregateUid": endpoint.uid,
                    "sentDate": DateTime.of(datetime.now(UTC)),
                }
            )
        )


async def _readable(
    connection: Connection,
    principal: Principal,
    events: Iterable[LoggedEvent],
    agencies: Sequence[str],
) -> list[tuple[int, bytes]]:
    """Those of the events that the user may read and chose: their positions, and their JSON in the
    shape of the user's edition."""
    visible = await visible_events(connection, principal, events, agencies=agencies)
    shaped = await shape_events(
        connection, principal, [(event.event_type, event.data) for event in visible]
    )
    return [
        (event.cursor.position, form[1])
        for event, form in zip(visible, shaped, strict=True)
        if form is not None
    ]


def _group(pending: PendingDelivery) -> Group:
    endpoint = pending.endpoint
    return endpoint.owner, tuple(endpoint.choice.get(AGENCIES, ()))


def _logged(pending: PendingDelivery) -> LoggedEvent:
    """The event as the log has it, as far as rights depend on it."""
    return LoggedEvent(
        cursor=Cursor(0, pending.position),
        category=pending.category,
        stream=pending.stream,
        version=0,
        event_type=pending.event_type,
        data=pending.data,
        sent_date=pending.sent_date,
        caused_by=None,
    )
