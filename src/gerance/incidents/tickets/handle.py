"""A command on a ticket: what it reads, who may send it, what it changes."""

from gerance.incidents.aggregate import Aggregate, CommandOutcome, Visibility
from gerance.incidents.messages import Stamp
from gerance.incidents.rights import reaches
from gerance.incidents.tickets.commands import AnyTicketCommand
from gerance.incidents.tickets.decide import decide, unknown
from gerance.incidents.tickets.events import AnyTicketEvent
from gerance.incidents.tickets.evolve import evolve
from gerance.incidents.tickets.references import (
    TICKET,
    parties_after,
    read_references,
    references_of,
)
from gerance.incidents.tickets.search import TICKET_COLUMNS, visible_tickets
from gerance.incidents.tickets.search_index import ticket_row
from gerance.incidents.tickets.state import Parties, TicketState
from gerance.incidents.tickets.views import insert_rows, project, update_rows
from gerance.kernel.errors import Forbidden
from gerance.kernel.identity.principal import Principal
from gerance.kernel.log.writer import AggregateRow, Reading
from gerance.kernel.wire import SafeUUID


def reading(command: AnyTicketCommand, principal: Principal, uid: SafeUUID) -> Reading:
    """What the command refers to, within its sender's reach."""
    return read_references(references_of(command), principal)


def handle(
    command: AnyTicketCommand, principal: Principal, snapshot: AggregateRow, stamp: Stamp
) -> CommandOutcome:
    """What the command makes. Raises Forbidden, and Rejection as `decide`."""
    state = TicketState.load(snapshot.state) if snapshot.state is not None else None
    row = snapshot.column
    parties = Parties.load(row[1]) if row is not None else None
    if state is not None and parties is not None:
        _require_reach(principal, state, parties)
    before = ticket_row(state, parties) if state is not None and parties is not None else None
    events = decide(state, command, stamp)
    parties = parties_after(references_of(command), snapshot.extra, parties)
    for event in events:
        state = evolve(state, event)
    if state is None:
        raise ValueError("an accepted command leaves a ticket")
    after = project(state, parties.shown_by(state))
    return CommandOutcome(
        events,
        state,
        insert_rows(after) if before is None else update_rows(int(row[0]), before, row[2], after),
    )


def _require_reach(principal: Principal, state: TicketState, parties: Parties) -> None:
    if not reaches(principal, parties.location.place):
        raise Forbidden(f"The ticket {state.uid} is out of your reach.")
    if principal.kind == "patrimonyUser" and state.access:
        caller = ticket_row(state, parties).caller
        if caller != principal.uid:
            raise Forbidden(f"The ticket {state.uid} is restricted to its caller.")


AGGREGATE = Aggregate(
    name="ticket",
    category="ticket",
    commands=AnyTicketCommand,
    events=AnyTicketEvent,
    state=TicketState,
    decide=decide,
    evolve=evolve,
    project=project,
    visible=Visibility(
        "ticket",
        "ticket.uid",
        visible_tickets,
        TICKET_COLUMNS.agencies,
    ),
    column=TICKET,
    reading=reading,
    handle=handle,
    unknown=unknown,
)
