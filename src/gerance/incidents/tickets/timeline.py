"""The timeline of a ticket: its status, its state, its closing and its clock, by business date.

They follow from the set of events in the journal. Events of the same moment count in the order of
their arrival. A reopening undoes the closings that arrived before it: it has its place after them
where its sender dates it earlier.
"""

from datetime import datetime
from typing import NamedTuple, get_args

from gerance.incidents.tickets import events as e
from gerance.incidents.tickets.base_events import TicketEvent
from gerance.incidents.tickets.journal import JournalEntry
from gerance.incidents.tickets.state import Clock, Moment, TicketState
from gerance.kernel.wire import DateTime

_REOPENING, _START, _FIX = "TicketReopened", "InterventionStarted", "PermanentlyFixed"
_KINDS: tuple[type[TicketEvent], ...] = get_args(e.AnyTicketEvent)
_STATES = frozenset(kind.__name__ for kind in _KINDS if kind.makes_state)
_CLOSINGS = frozenset(kind.__name__ for kind in e.CLOSINGS)

_FIRST: dict[str, tuple[str, ...]] = {
    "InterventionAccepted": ("acceptance",),
    "MissionAccepted": ("acceptance",),
    "ArrivedOnSite": ("presence", "arrival"),
    "InterventionStarted": ("presence", "start"),
    "InterventionFinished": ("presence",),
    "GoneFromSite": ("presence",),
}
"""The moments of the clock that are the first date of an event."""
_LAST = {"InterventionFinished": "end", "GoneFromSite": "departure"}
"""The moments of the clock that are the last date of an event."""


class _Place(NamedTuple):
    """Where an entry stands on the timeline: by moment, then in the order of arrival."""

    moment: datetime
    arrival: int


def follow(state: TicketState, event: e.AnyTicketEvent, date: DateTime, *, late: bool) -> None:
    """Derive what an event, which the journal has already, changes of the timeline.

    `late`: whether an earlier arrival has a later business date.
    """
    name = type(event).__name__
    if isinstance(event, e.TicketUpdated):
        _trace(state)
        state.clock.reaction = None
        for entry in state.journal:
            _react(state, entry.processUid, entry.date)
        return
    if event.makes_state:
        if late or name in _CLOSINGS or name == _REOPENING:
            _trace(state)
        else:
            _extend(state, name, date)
    _react(state, event.processUid, date)


def last_closing(state: TicketState) -> DateTime | None:
    """The business date of the ticket's last closing."""
    dates = [entry.date for entry in state.journal if entry.event in _CLOSINGS]
    return max(dates, key=lambda date: date.moment, default=None)


def _react(state: TicketState, process_uid: str, date: DateTime) -> None:
    """The reaction is the first event of a later command, at or after the opening."""
    if process_uid == state.opened_by or date.moment < state.opened.moment:
        return
    first = state.clock.reaction
    if first is None or date.moment < first.moment:
        state.clock.reaction = date


def _extend(state: TicketState, event: str, date: DateTime) -> None:
    """What `_trace` derives after an event at the end of the timeline that closes nothing."""
    state.state = Moment(event, date)
    if date.moment >= state.opened.moment:
        _note(state.clock, event, date)
    if event == _START:
        state.start = _earlier(state.start, date)


def _trace(state: TicketState) -> None:
    """Derive the timeline from the whole journal."""
    opening, count_from = state.opening or state.opened, state.opened.moment
    last = first = _Place(opening.moment, -1)
    latest = Moment("TicketOpened", opening)
    closings: list[tuple[_Place, JournalEntry]] = []
    reopening: _Place | None = None
    state.start = None
    state.clock = Clock(reaction=state.clock.reaction)
    for arrival, entry in enumerate(state.journal):
        if entry.event not in _STATES:
            continue
        place = _Place(entry.date.moment, arrival)
        if place.moment >= count_from:
            _note(state.clock, entry.event, entry.date)
        if entry.event in _CLOSINGS:
            closings.append((place, entry))
        elif entry.event == _START:
            state.start = _earlier(state.start, entry.date)
        elif entry.event == _REOPENING:
            moment = max([place.moment, *(at.moment for at, _ in closings)])
            place = _Place(moment, arrival)
            reopening = max(reopening or place, place)
        if place > last:
            last, latest = place, Moment(entry.event, entry.date)
    state.state = latest
    if reopening is not None:
        closings = [(at, entry) for at, entry in closings if at > reopening]
    is_closed = any(at > first for at, _ in closings)
    closings.sort(key=lambda closing: closing[0])
    state.closed = closings[0][1].date if is_closed else None
    fixes = (
        entry.date for at, entry in closings if entry.event == _FIX and at.moment >= count_from
    )
    state.clock.fix = next(fixes, None)


def _note(clock: Clock, event: str, date: DateTime) -> None:
    for name in _FIRST.get(event, ()):
        setattr(clock, name, _earlier(getattr(clock, name), date))
    if event in _LAST:
        name = _LAST[event]
        last: DateTime | None = getattr(clock, name)
        if last is None or date.moment >= last.moment:
            setattr(clock, name, date)


def _earlier(first: DateTime | None, date: DateTime) -> DateTime:
    return date if first is None or date.moment < first.moment else first
