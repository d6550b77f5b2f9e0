"""A ticket command from its decoded message to the change it makes. No I/O here."""

from gerance.incidents.command_endpoint import recorded
from gerance.incidents.messages import Stamp
from gerance.incidents.rights import reaches
from gerance.incidents.tickets import commands as c
from gerance.incidents.tickets.decide import decide
from gerance.incidents.tickets.evolve import evolve
from gerance.incidents.tickets.parties import Parties, load_parties
from gerance.incidents.tickets.references import References, parties_after
from gerance.incidents.tickets.search_index import found_by
from gerance.incidents.tickets.state import TicketState, dump_state, load_state
from gerance.incidents.tickets.views import moved, opened, picture
from gerance.kernel.errors import Forbidden
from gerance.kernel.identity.principal import Principal
from gerance.kernel.log.writer import Change, Loaded

CATEGORY = "ticket"

_OF_PATRIMONY_USERS = (c.OpenTicket, c.AddMessage)


def handle(
    command: c.AnyTicketCommand,
    references: References,
    principal: Principal,
    loaded: Loaded,
    stamp: Stamp,
) -> Change:
    """The change that the command makes. Raises Forbidden and what `decide` refuses with."""
    if principal.kind == "patrimonyUser" and not isinstance(command, _OF_PATRIMONY_USERS):
        raise Forbidden(f"A {principal.kind} may not send {type(command).__name__}.")
    state = load_state(loaded.state) if loaded.state is not None else None
    known = loaded.own
    kept = load_parties(known[1]) if known is not None else None
    if state is not None and kept is not None:
        _require_reach(principal, state, kept)
    before = found_by(state, kept) if state is not None and kept is not None else None
    events = decide(state, command, stamp)
    parties = parties_after(references, loaded.beside, kept)
    for event in events:
        state = evolve(state, event)
    if state is None:
        raise ValueError("a decided command leaves a ticket")
    after = picture(state, parties.shown_by(state))
    return Change(
        [recorded(event) for event in events],
        dump_state(state),
        opened(after) if before is None else moved(int(known[0]), before, known[2], after),
    )


def _require_reach(principal: Principal, state: TicketState, parties: Parties) -> None:
    if not reaches(principal, parties.location.place):
        raise Forbidden(f"The ticket {state.uid} is out of your reach.")
    if principal.kind == "patrimonyUser" and state.access:
        caller = found_by(state, parties).caller
        if caller != principal.uid:
            raise Forbidden(f"The ticket {state.uid} is restricted to its caller.")
