"""The commands on lots, as on the wire."""

from typing import Annotated, ClassVar

from msgspec import Meta

from gerance.incidents.lots.values import (
    MOST_ADDRESSES,
    Code,
    GivenLotAddress,
    LotAddressCommand,
    LotUsage,
    NonEmptyCode,
)
from gerance.incidents.messages import Command
from gerance.incidents.rights import EXECUTIVES
from gerance.kernel.wire import SafeUUID


class ReferenceLot(Command):
    """Add a lot to a patrimony. Without `aggregateUid` the server chooses its uid.

    `ref` and `lotNumber` are unique within the patrimony.
    """

    senders: ClassVar = EXECUTIVES

    ref: Code
    lotNumber: Code
    patrimonyUid: SafeUUID
    addresses: Annotated[list[LotAddressCommand], Meta(min_length=1, max_length=MOST_ADDRESSES)]
    usage: LotUsage
    aggregateUid: SafeUUID | None = None


class AddAddressToLot(Command):
    """Add an address to the lot. Without a uid of the address the server chooses one."""

    senders: ClassVar = EXECUTIVES

    address: GivenLotAddress


class RemoveAddressFromLot(Command):
    """Remove an address from the lot. One address always remains."""

    senders: ClassVar = EXECUTIVES

    addressUid: SafeUUID


class UpdateLotReference(Command):
    """Change the reference of the lot."""

    senders: ClassVar = EXECUTIVES
    ref: NonEmptyCode


class UpdateLotNumber(Command):
    """Change the number of the lot."""

    senders: ClassVar = EXECUTIVES
    lotNumber: NonEmptyCode


class UpdateLotUsage(Command):
    """Change the usage of the lot."""

    senders: ClassVar = EXECUTIVES
    usage: LotUsage


class DeleteLot(Command):
    """Delete the lot. Another one may have its reference and its number then."""

    senders: ClassVar = EXECUTIVES


IncrementLot = (
    AddAddressToLot
    | RemoveAddressFromLot
    | UpdateLotReference
    | UpdateLotNumber
    | UpdateLotUsage
    | DeleteLot
)
