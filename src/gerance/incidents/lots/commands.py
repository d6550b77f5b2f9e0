"""What may be asked of lots, as on the wire."""

from typing import Annotated

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
from gerance.kernel.wire import SafeUUID


class ReferenceLot(Command):
    """A lot of a patrimony. Without `aggregateUid` the server chooses its uid.

    `ref` and `lotNumber` are each of one lot of the patrimony.
    """

    ref: Code
    lotNumber: Code
    patrimonyUid: SafeUUID
    addresses: Annotated[list[LotAddressCommand], Meta(min_length=1, max_length=MOST_ADDRESSES)]
    usage: LotUsage
    aggregateUid: SafeUUID | None = None


class AddAddressToLot(Command):
    """The server chooses the address's uid where the command has none."""

    address: GivenLotAddress


class RemoveAddressFromLot(Command):
    """Not the last one: a lot is somewhere."""

    addressUid: SafeUUID


class UpdateLotReference(Command):
    ref: NonEmptyCode


class UpdateLotNumber(Command):
    lotNumber: NonEmptyCode


class UpdateLotUsage(Command):
    usage: LotUsage


class DeleteLot(Command):
    """The lot is no more; its reference and its number may be given to another."""


IncrementLot = (
    AddAddressToLot
    | RemoveAddressFromLot
    | UpdateLotReference
    | UpdateLotNumber
    | UpdateLotUsage
    | DeleteLot
)
