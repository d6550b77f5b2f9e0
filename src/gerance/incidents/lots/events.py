"""What happened to a lot."""

from typing import Annotated

import msgspec
from msgspec import Meta

from gerance.incidents.lots.values import LotAddressReference, LotUsage
from gerance.incidents.messages import Event
from gerance.kernel.wire import SafeUUID


class LotReferenced(Event):
    """`companyUid`: whose patrimony it is."""

    patrimonyUid: SafeUUID
    ref: str
    lotNumber: str
    usage: LotUsage
    addresses: Annotated[list[LotAddressReference], Meta(min_length=1)]
    companyUid: SafeUUID


class AddressAddedToLot(Event):
    lotAddress: LotAddressReference


class AddressRemovedFromLot(Event):
    addressUid: SafeUUID


class LotReferenceUpdated(Event):
    ref: str


class LotNumberUpdated(Event):
    """The reference has a uid as the type of `lotNumber`, by a slip: it is the command's text."""

    lotNumber: str


class LotUsageUpdated(Event):
    usage: LotUsage


class LotDeleted(Event):
    pass


LotEvent = (
    LotReferenced
    | AddressAddedToLot
    | AddressRemovedFromLot
    | LotReferenceUpdated
    | LotNumberUpdated
    | LotUsageUpdated
    | LotDeleted
)


class LotEventResultView(msgspec.Struct, frozen=True):
    events: list[LotEvent]
