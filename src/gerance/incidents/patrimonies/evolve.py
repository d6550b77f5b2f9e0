"""How an event changes a patrimony. Pure: the same events always make the same state."""

import msgspec

from gerance.incidents.patrimonies import events as e
from gerance.incidents.patrimonies.state import Patrimony


def evolve(state: Patrimony | None, event: e.PatrimonyEvent) -> Patrimony:
    """The patrimony after the event."""
    match state, event:
        case _, e.PatrimonyReferenced(companyUid=company, agencies=agencies, ref=ref):
            return Patrimony(company, agencies, ref, event.label)
        case Patrimony(), e.PatrimonyUpdated(ref=ref, label=label, comment=comment):
            return msgspec.structs.replace(state, ref=ref, label=label, comment=comment)
        case Patrimony(agencies=agencies), e.PatrimonyAssociatedInAgency(agencyUid=agency):
            return msgspec.structs.replace(state, agencies=[*agencies, agency])
        case Patrimony(agencies=agencies), e.PatrimonyDissociatedFromAgency(agencyUid=agency):
            return msgspec.structs.replace(state, agencies=[a for a in agencies if a != agency])
        case Patrimony(addresses=addresses), e.ComplementaryAddressAddedToPatrimony():
            reference = event.complementaryAddress.reference
            return msgspec.structs.replace(state, addresses=[*addresses, reference])
        case Patrimony(addresses=addresses), e.ComplementaryAddressRemovedFromPatrimony():
            left = [each for each in addresses if each.uid != event.addressUid]
            return msgspec.structs.replace(state, addresses=left)
    raise ValueError("a patrimony starts with its reference")
