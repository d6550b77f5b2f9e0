"""How far a service call is when its ticket is that far. Pure."""

from datetime import date
from typing import Any, NamedTuple
from zoneinfo import ZoneInfo

from gerance.incidents.tickets.events import InterventionScheduled, MissionScheduled
from gerance.incidents.tickets.state import TicketState
from gerance.kernel.wire import day_of
from gerance.rentals.maintenance.entity import CLOSED_STATUSES

SCHEDULES = frozenset(kind.__name__ for kind in (InterventionScheduled, MissionScheduled))

_RANKS = {"O": 0, "A": 1, "P": 2}


class Following(NamedTuple):
    """A service call that follows a ticket."""

    id: int
    status: str
    scheduled_date: date | None


def status_for(ticket: TicketState) -> str:
    """Done once it is closed; in progress once the repair is planned or begun; assigned once
    somebody is in charge."""
    if ticket.closed is not None:
        return "D"
    if ticket.scheduled is not None or ticket.clock.on_site is not None:
        return "P"
    return "O" if ticket.assigned is None else "A"


def progress(
    ticket: TicketState, call: Following, event_type: str, zone: ZoneInfo
) -> dict[str, Any]:
    """The columns of the call that get new values; none when it is as far as its ticket.

    What somebody cancelled stays cancelled when the ticket is closed, and a call that is further
    than its ticket is not put back, unless the ticket was opened again.
    """
    if ticket.closed is not None:
        if call.status in CLOSED_STATUSES:
            return {}
        return {"status": "D", "closed_at": ticket.closed.moment}
    columns: dict[str, Any] = {}
    wanted = status_for(ticket)
    if call.status in CLOSED_STATUSES:
        columns |= {"status": wanted, "closed_at": None}
    elif _RANKS[call.status] < _RANKS[wanted]:
        columns["status"] = wanted
    if event_type in SCHEDULES and ticket.scheduled is not None:
        day = day_of(ticket.scheduled.startDate.moment, zone)
        if day != call.scheduled_date:
            columns["scheduled_date"] = day
    return columns
