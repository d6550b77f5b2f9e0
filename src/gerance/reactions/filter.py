"""Which events of a batch may matter to a reaction: found for all of them at once."""

from collections.abc import Sequence

from gerance.kernel.db import Connection
from gerance.kernel.log.eventlog import LoggedEvent
from gerance.reactions.registry import REACTIONS
from gerance.reactions.service_call import URGENT
from gerance.rentals.maintenance.entity import OPEN_STATUSES
from gerance.rentals.writing.events import entity_id

_FOLLOWED = (
    "SELECT DISTINCT ticket_uid::text FROM rentals.service_call WHERE ticket_uid = ANY(%s::uuid[])"
)
_CALLS = (
    "SELECT id FROM rentals.service_call WHERE id = ANY(%s)"
    " AND (ticket_uid IS NOT NULL OR (priority = %s AND status = ANY(%s)))"
)


async def of_interest(connection: Connection, events: Sequence[LoggedEvent]) -> list[LoggedEvent]:
    """Those that have a reaction, but for tickets without a call, and calls that have no ticket
    and want none. Most events of a busy log are such."""
    known = [event for event in events if (event.category, event.event_type) in REACTIONS]
    tickets = {event.stream for event in known if event.category == "ticket"}
    calls = {entity_id(event.stream) for event in known if event.category == "ServiceCall"}
    streams: set[str | int] = set()
    if tickets:
        rows = await connection.execute(_FOLLOWED, [sorted(tickets)])
        streams |= {uid for (uid,) in await rows.fetchall()}
    if calls:
        rows = await connection.execute(_CALLS, [sorted(calls), URGENT, list(OPEN_STATUSES)])
        streams |= {id_ for (id_,) in await rows.fetchall()}
    return [
        event
        for event in known
        if (event.stream if event.category == "ticket" else entity_id(event.stream)) in streams
    ]
