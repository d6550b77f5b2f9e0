"""Selects the events of a batch that may have a reaction, in one statement per category."""

from collections.abc import Sequence

from gerance.kernel.db import Connection
from gerance.kernel.log.eventlog import LoggedEvent
from gerance.reactions.registry import REACTIONS
from gerance.reactions.service_call import URGENT
from gerance.rentals.maintenance.entity import OPEN_STATUSES
from gerance.rentals.writing.events import entity_id

_TICKETS_OF_CALLS = (
    "SELECT DISTINCT ticket_uid::text FROM rentals.service_call WHERE ticket_uid = ANY(%s::uuid[])"
)
_CALLS = (
    "SELECT id FROM rentals.service_call WHERE id = ANY(%s)"
    " AND (ticket_uid IS NOT NULL OR (priority = %s AND status = ANY(%s)))"
)


async def of_interest(connection: Connection, events: Sequence[LoggedEvent]) -> list[LoggedEvent]:
    """The events that have a reaction and whose subject needs one.

    A ticket needs one if a service call follows it; a call if it has a ticket or should get one.
    Most events of a busy log are left out.
    """
    candidates = [event for event in events if (event.category, event.event_type) in REACTIONS]
    tickets = {event.stream for event in candidates if event.category == "ticket"}
    calls = {entity_id(event.stream) for event in candidates if event.category == "ServiceCall"}
    streams: set[str | int] = set()
    if tickets:
        rows = await connection.execute(_TICKETS_OF_CALLS, [sorted(tickets)])
        streams |= {uid for (uid,) in await rows.fetchall()}
    if calls:
        rows = await connection.execute(_CALLS, [sorted(calls), URGENT, list(OPEN_STATUSES)])
        streams |= {id_ for (id_,) in await rows.fetchall()}
    return [
        event
        for event in candidates
        if (event.stream if event.category == "ticket" else entity_id(event.stream)) in streams
    ]
