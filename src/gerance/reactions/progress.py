"""The progress of a service call that follows from its ticket. Pure."""

from datetime import date
from typing import Any, NamedTuple
from zoneinfo import ZoneInfo

from gerance.incidents.tickets.events import InterventionScheduled, MissionScheduled
from gerance.incidents.tickets.state import TicketState
from gerance.kernel.wire import day_of
from gerance.rentals.maintenance.entity import CLOSED_STATUSES

SCHEDULES = frozenset(kind.__name__ for kind in (InterventionScheduled, MissionScheduled))

_RANKS = {"O": 0, "A": 1, "P": 2}


class LinkedCall(NamedTuple):
    """A service call that follows a ticket."""

    id: int
    status: str
    scheduled_date: date | None


def status_for(ticket: TicketState) -> str:
    """The status that fits the ticket.

    Done when it is closed, in progress when the repair is scheduled or the provider on site,
    assigned when it has a provider in charge.
    """
    if ticket.closed is not None:
        return "D"
    if ticket.scheduled is not None or ticket.visited:
        return "P"
    return "O" if ticket.assigned is None else "A"


def progress(
    ticket: TicketState, call: LinkedCall, event_type: str, zone: ZoneInfo
) -> dict[str, Any]:
    """The columns of the call with new values; empty when nothing changes.

    A cancelled call stays cancelled when the ticket is closed. A call that is ahead of its
    ticket is not set back, unless the ticket was reopened.
    """
    if ticket.closed is not None:
        if call.status in CLOSED_STATUSES:
            return {}
        return {"status": "D", "closed_at": ticket.closed.moment}
    columns: dict[str, Any] = {}
    target = status_for(ticket)
    if call.status in CLOSED_STATUSES:
        columns |= {"status": target, "closed_at": None}
    elif _RANKS[call.status] < _RANKS[target]:
        columns["status"] = target
    if event_type in SCHEDULES and ticket.scheduled is not None:
        day = day_of(ticket.scheduled.startDate.moment, zone)
        if day != call.scheduled_date:
            columns["scheduled_date"] = day
    return columns
