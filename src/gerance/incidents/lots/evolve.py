"""How an event changes a lot. Pure: the same events always make the same state."""

import msgspec

from gerance.incidents.lots import events as e
from gerance.incidents.lots.state import Lot


def evolve(state: Lot | None, event: e.LotEvent) -> Lot:
    """The lot after the event."""
    replace = msgspec.structs.replace
    match state, event:
        case _, e.LotReferenced(companyUid=company, patrimonyUid=patrimony, ref=ref):
            return Lot(company, patrimony, ref, event.lotNumber, event.usage, event.addresses)
        case Lot(addresses=addresses), e.AddressAddedToLot(lotAddress=address):
            return replace(state, addresses=[*addresses, address])
        case Lot(addresses=addresses), e.AddressRemovedFromLot(addressUid=uid):
            left = [each for each in addresses if each.addressReference.uid != uid]
            return replace(state, addresses=left)
        case Lot(), e.LotReferenceUpdated(ref=ref):
            return replace(state, ref=ref)
        case Lot(), e.LotNumberUpdated(lotNumber=number):
            return replace(state, lot_number=number)
        case Lot(), e.LotUsageUpdated(usage=usage):
            return replace(state, usage=usage)
        case Lot(), e.LotDeleted():
            return replace(state, deleted=True)
    raise ValueError("a lot starts with its reference")
