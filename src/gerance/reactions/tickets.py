"""Reactions to tickets: service calls follow their progress."""

from typing import get_args

from gerance.incidents.tickets.base_events import ClosingEvent, TicketEvent
from gerance.incidents.tickets.events import AnyTicketEvent, TicketReopened
from gerance.kernel.log.eventlog import LoggedEvent
from gerance.kernel.wire import SafeUUID
from gerance.reactions.context import Means
from gerance.reactions.progress import LinkedCall, progress
from gerance.reactions.ticket_commands import ACTOR, Unneeded, state_of
from gerance.rentals.maintenance.entity import SERVICE_CALL
from gerance.rentals.model.rules import RULESET
from gerance.rentals.writing.unit_of_work import RowChange, UnitOfWork

_EVENTS: tuple[type[TicketEvent], ...] = get_args(AnyTicketEvent)

PROGRESS = frozenset(kind.__name__ for kind in _EVENTS if kind.makes_state)
"""The types of events after which a service call may have to follow its ticket."""
ALSO_FROM_CALLS = frozenset(
    kind.__name__ for kind in _EVENTS if issubclass(kind, ClosingEvent | TicketReopened)
)
"""The types of events that a service call causes as well: it has their outcome already."""


async def follow_ticket(means: Means, event: LoggedEvent, _: SafeUUID) -> None:
    """Bring the service calls of a ticket to its progress.

    A closing or reopening that a call caused is already known to the call.
    """
    if event.caused_by is not None and event.event_type in ALSO_FROM_CALLS:
        raise Unneeded
    is_changed = False
    async with means.pool.connection() as connection, connection.transaction():
        rows = await connection.execute(
            "SELECT id, status, scheduled_date FROM rentals.service_call"
            " WHERE ticket_uid = %s::uuid ORDER BY id FOR NO KEY UPDATE",
            [event.stream],
        )
        calls = [LinkedCall(*row) for row in await rows.fetchall()]
        ticket = await state_of(connection, event.stream)
        if ticket is None:
            raise Unneeded
        unit = UnitOfWork(
            connection, RULESET, means.today(), actor=ACTOR, caused_by=event.cursor.position
        )
        for call in calls:
            columns = progress(ticket, call, event.event_type, means.zone)
            if columns:
                is_changed = True
                change = RowChange(key={"id": call.id}, columns=columns)
                await unit.change(SERVICE_CALL, [change])
        await unit.record()
    if not is_changed:
        raise Unneeded
