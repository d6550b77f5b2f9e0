"""What may be asked of lots, as on the wire."""

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
    """A lot of a patrimony. Without `aggregateUid` the server chooses its uid.

    `ref` and `lotNumber` are each of one lot of the patrimony.
    """

    senders: ClassVar = EXECUTIVES

    ref: Code
    lotNumber: Code
    patrimonyUid: SafeUUID
    addresses: Annotated[list[LotAddressCommand], Meta(min_length=1, max_length=MOST_ADDRESSES)]
    usage: LotUsage
    aggregateUid: SafeUUID | None = None


class AddAddressToLot(Command):
    """The server chooses the address's uid where the command has none."""

    senders: ClassVar = EXECUTIVES

    address: GivenLotAddress


class RemoveAddressFromLot(Command):
    """Not the last one: a lot is somewhere."""

    senders: ClassVar = EXECUTIVES

    addressUid: SafeUUID


class UpdateLotReference(Command):
    senders: ClassVar = EXECUTIVES
    ref: NonEmptyCode


class UpdateLotNumber(Command):
    senders: ClassVar = EXECUTIVES
    lotNumber: NonEmptyCode


class UpdateLotUsage(Command):
    senders: ClassVar = EXECUTIVES
    usage: LotUsage


class DeleteLot(Command):
    """The lot is no more; its reference and its number may be given to another."""

    senders: ClassVar = EXECUTIVES


IncrementLot = (
    AddAddressToLot
    | RemoveAddressFromLot
    | UpdateLotReference
    | UpdateLotNumber
    | UpdateLotUsage
    | DeleteLot
)
