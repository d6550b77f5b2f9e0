"""How an event changes a patrimony contact. Pure: the same events always make the same state."""

import msgspec

from gerance.incidents.patrimony_contacts import events as e
from gerance.incidents.patrimony_contacts.state import PatrimonyContact


def evolve(state: PatrimonyContact | None, event: e.PatrimonyContactEvent) -> PatrimonyContact:
    """The patrimony contact after the event."""
    match state, event:
        case _, e.PatrimonyContactReferenced(companyUid=company, name=name, contacts=contacts):
            return PatrimonyContact(company, name, contacts, address=event.address)
        case PatrimonyContact(links=links), e.PatrimonyContactLinkedWith(linkedWith=more):
            where = state.patrimony_of | event.patrimonyOfLots
            return msgspec.structs.replace(state, links=[*links, *more], patrimony_of=where)
        case PatrimonyContact(), e.PatrimonyContactLinkedWithUser(userUid=user):
            return msgspec.structs.replace(state, user=user)
    raise ValueError("a patrimony contact starts with its reference")
