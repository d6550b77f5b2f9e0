"""The events of lots, as on the wire and in the log."""

from typing import Annotated

import msgspec
from msgspec import Meta

from gerance.incidents.lots.values import LotAddressReference, LotUsage
from gerance.incidents.messages import Event
from gerance.kernel.wire import SafeUUID


class LotReferenced(Event):
    """A lot was added. `companyUid`: the owner of its patrimony."""

    patrimonyUid: SafeUUID
    ref: str
    lotNumber: str
    usage: LotUsage
    addresses: Annotated[list[LotAddressReference], Meta(min_length=1)]
    companyUid: SafeUUID


class AddressAddedToLot(Event):
    """The lot has one more address."""

    lotAddress: LotAddressReference


class AddressRemovedFromLot(Event):
    """The lot has one address less."""

    addressUid: SafeUUID


class LotReferenceUpdated(Event):
    """The lot has another reference."""

    ref: str


class LotNumberUpdated(Event):
    """The lot has another number. The published type of `lotNumber` is a uid, by mistake."""

    lotNumber: str


class LotUsageUpdated(Event):
    """The lot has another usage."""

    usage: LotUsage


class LotDeleted(Event):
    """The lot no longer exists."""


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
