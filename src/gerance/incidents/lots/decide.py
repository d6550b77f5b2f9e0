"""A lot is referenced once, is somewhere, and shares neither reference nor number in its patrimony.

`LotConflicts` says whether another lot has them. Of two commands at once, the unique indexes of the
table `lot` reject one.
"""

from typing import NamedTuple
from uuid import UUID, uuid5

from gerance.incidents.lots import commands as c
from gerance.incidents.lots import events as e
from gerance.incidents.lots.state import Lot
from gerance.incidents.lots.values import (
    MOST_ADDRESSES,
    AddressReference,
    GivenLotAddress,
    LotAddressCommand,
    LotAddressReference,
    fault,
    rational,
)
from gerance.incidents.messages import Stamp, heading
from gerance.kernel.errors import Rejection
from gerance.kernel.wire import SafeUUID


class LotConflicts(NamedTuple):
    """Whether another lot of the patrimony has the reference, or the number, of the command."""

    ref: bool = False
    lot_number: bool = False


NO_CONFLICTS = LotConflicts()


def decide(
    state: Lot | None,
    command: c.ReferenceLot | c.IncrementLot,
    stamp: Stamp,
    *,
    company: SafeUUID | None = None,
    conflicts: LotConflicts = NO_CONFLICTS,
) -> list[e.LotEvent]:
    """The events of a command; `company`: the owner of a new lot's patrimony.

    Raises Rejection with a code of LotEventError.
    """
    at = heading(command, stamp)
    if isinstance(command, c.ReferenceLot):
        assert company is not None
        return _reference(state, command, stamp, company, conflicts)
    if state is None or state.deleted:
        raise unknown(stamp.aggregate)
    match command:
        case c.AddAddressToLot(address=address):
            reference = _located(address, _uid(command, stamp, 0), "$.address")
            uids = {each.addressReference.uid for each in state.addresses}
            if reference.addressReference.uid in uids:
                raise _not_conform("another address of the lot has its uid", "$.address")
            if len(uids) >= MOST_ADDRESSES:
                raise _not_conform(f"a lot has at most {MOST_ADDRESSES}", "$.address")
            return [e.AddressAddedToLot(lotAddress=reference, **at)]
        case c.RemoveAddressFromLot(addressUid=uid):
            _require_removable(state, uid)
            return [e.AddressRemovedFromLot(addressUid=uid, **at)]
        case c.UpdateLotReference(ref=ref):
            if conflicts.ref:
                raise reference_taken(ref)
            return [e.LotReferenceUpdated(ref=ref, **at)]
        case c.UpdateLotNumber(lotNumber=number):
            if conflicts.lot_number:
                raise number_taken(number)
            return [e.LotNumberUpdated(lotNumber=number, **at)]
        case c.UpdateLotUsage(usage=usage):
            return [e.LotUsageUpdated(usage=usage, **at)]
        case c.DeleteLot():
            return [e.LotDeleted(**at)]
    raise TypeError(f"{type(command)} is no command of a lot")


def unknown(uid: str) -> Rejection:
    """The rejection of a command on a lot that does not exist."""
    return Rejection("ImpossibleToPerformCommandOnNonExistingLot", f"There is no lot {uid}.")


def reference_taken(ref: str) -> Rejection:
    return Rejection(
        "LotReferenceAlreadyExist", f"Another lot of the patrimony has the reference {ref!r}."
    )


def number_taken(number: str) -> Rejection:
    return Rejection(
        "LotNumberAlreadyExist", f"Another lot of the patrimony has the number {number!r}."
    )


def _reference(
    state: Lot | None,
    command: c.ReferenceLot,
    stamp: Stamp,
    company: SafeUUID,
    conflicts: LotConflicts,
) -> list[e.LotEvent]:
    if state is not None:
        raise Rejection(
            "ImpossibleToCreateExistingLot", f"The lot {stamp.aggregate} already exists."
        )
    addresses = [
        _located(address, _uid(command, stamp, nth), f"$.addresses[{nth}]")
        for nth, address in enumerate(command.addresses)
    ]
    if conflicts.ref:
        raise reference_taken(command.ref)
    if conflicts.lot_number:
        raise number_taken(command.lotNumber)
    at = heading(command, stamp)
    return [
        e.LotReferenced(
            patrimonyUid=command.patrimonyUid,
            ref=command.ref,
            lotNumber=command.lotNumber,
            usage=command.usage,
            addresses=addresses,
            companyUid=company,
            **at,
        ),
        e.LotNumberUpdated(lotNumber=command.lotNumber, **at),
    ]


def _uid(command: c.ReferenceLot | c.IncrementLot, stamp: Stamp, nth: int) -> SafeUUID:
    """The uid of an address that was given without one: the same when the command is sent again."""
    return SafeUUID(str(uuid5(UUID(stamp.aggregate), f"{command.processUid}/{nth}")))


def _located(
    description: LotAddressCommand | GivenLotAddress, uid: SafeUUID, path: str
) -> LotAddressReference:
    """The address that the command describes. Raises Rejection for an invalid one."""
    if isinstance(description, LotAddressCommand):
        reference = AddressReference(
            uid, rational(description), description.checker, description.geoLocation
        )
    else:
        source = description.addressReference
        reference = AddressReference(
            source.uid or uid,
            source.address or rational(source),
            source.checker,
            source.geoLocation,
        )
    if (wrong := fault(reference)) is not None:
        raise _not_conform(wrong, path)
    if description.building is not None:
        # Patrimonies have no buildings here yet: none of them exists.
        raise Rejection(
            "BuildingDontExist",
            f"The patrimony has no building {description.building} - at `{path}.building`",
        )
    return LotAddressReference(reference)


def _not_conform(wrong: str, path: str) -> Rejection:
    return Rejection("AddressNotConform", f"The address is not valid: {wrong} - at `{path}`")


def _require_removable(state: Lot, uid: SafeUUID) -> None:
    if all(each.addressReference.uid != uid for each in state.addresses):
        raise Rejection(
            "ImpossibleToRemoveNonExistingAddressFromLot", f"The lot has no address {uid}."
        )
    if len(state.addresses) == 1:
        raise Rejection(
            "ImpossibleToRemoveOnlyAddressFromLot",
        )
