"""How an event changes an agency. Pure: the same events always make the same state."""

import msgspec

from gerance.incidents.agencies.events import AgencyEvent
from gerance.incidents.companies.state import Company


def evolve(state: Company | None, event: AgencyEvent) -> Company:
    """The company after the event."""
    if state is None or event.agency.agencyUid is None:
        raise ValueError("an agency belongs to a company and has a uid")
    return msgspec.structs.replace(
        state, agencies={**state.agencies, event.agency.agencyUid: event.agency}
    )
