"""What calls to subscribers say: the event as its command answered it.

Who may know of it is decided when the call is made, by what the owner could read then.
"""

from collections.abc import Iterable, Sequence
from datetime import UTC, datetime

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
        self, connection: Connection, owed: Sequence[PendingDelivery]
    ) -> Sequence[Message | None]:
        """The event's JSON for each that its owner may read now, and chose; None for the others.

        Whose account is disabled is told nothing. One statement for the accounts, then as many as
        `readable` takes for each group.
        """
        owners = await principals(connection, {each.endpoint.owner for each in owed})
        groups: dict[Group, set[int]] = {}
        for each in owed:
            if each.endpoint.owner in owners:
                groups.setdefault(_group(each), set()).add(each.position)
        events = {each.position: _logged(each) for each in owed}
        told = {
            (group, position)
            for group, positions in groups.items()
            for position in await _readable(
                connection, owners[group[0]], (events[p] for p in sorted(positions)), group[1]
            )
        }
        return [
            Message(each.data) if (_group(each), each.position) in told else None for each in owed
        ]

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
) -> list[int]:
    """The positions of those of the events that the user may read and chose."""
    found = await visible_events(connection, principal, events, agencies=agencies)
    return [event.cursor.position for event in found]


def _group(owed: PendingDelivery) -> Group:
    endpoint = owed.endpoint
    return endpoint.owner, tuple(endpoint.choice.get(AGENCIES, ()))


def _logged(owed: PendingDelivery) -> LoggedEvent:
    """The event as the log has it, as far as rights depend on it."""
    return LoggedEvent(
        cursor=Cursor(0, owed.position),
        category=owed.category,
        stream=owed.stream,
        version=0,
        event_type=owed.event_type,
        data=owed.data,
        sent_date=owed.sent_date,
        caused_by=None,
    )
