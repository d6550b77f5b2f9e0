"""A patrimony is referenced once and always has an agency of its company."""

from uuid import UUID, uuid5

from gerance.incidents.lots.values import AddressReference, fault
from gerance.incidents.messages import Stamp, heading
from gerance.incidents.patrimonies import commands as c
from gerance.incidents.patrimonies import events as e
from gerance.incidents.patrimonies.state import Patrimony
from gerance.incidents.patrimonies.values import MOST_ADDRESSES, ValidAddress
from gerance.kernel.errors import Rejection
from gerance.kernel.wire import SafeUUID


def decide(
    state: Patrimony | None,
    command: c.ReferencePatrimony | c.IncrementPatrimony,
    stamp: Stamp,
    *,
    company: SafeUUID | None = None,
) -> list[e.PatrimonyEvent]:
    """The events of a command. `company`: the owner of a new patrimony's agencies.

    Raises Rejection with a code of PatrimonyEventError.
    """
    at = heading(command, stamp)
    match state, command:
        case None, c.ReferencePatrimony(ref=ref, agencyUids=agencies, label=label):
            assert company is not None
            return [
                e.PatrimonyReferenced(
                    ref=ref,
                    label=label,
                    agencies=list(dict.fromkeys(agencies)),
                    companyUid=company,
                    **at,
                )
            ]
        case Patrimony(), c.ReferencePatrimony():
            raise Rejection(
                "ImpossibleToCreateExistingPatrimony",
                f"The patrimony {stamp.aggregate} already exists.",
            )
        case None, _:
            raise unknown(stamp.aggregate)
        case Patrimony(), c.UpdatePatrimony(ref=ref, label=label, comment=comment):
            return [e.PatrimonyUpdated(ref=ref, label=label, comment=comment, **at)]
        case Patrimony(agencies=agencies), c.AssociatePatrimonyInAgency(agencyUid=agency):
            if agency in agencies:
                raise Rejection(
                    "ImpossibleToAssociatePatrimonyInAgencyForAlreadyAssociatedAgency",
                    f"The patrimony is already associated with the agency {agency}.",
                )
            return [e.PatrimonyAssociatedInAgency(agencyUid=agency, **at)]
        case Patrimony(agencies=agencies), c.DissociatePatrimonyFromAgency(agencyUid=agency):
            if agency not in agencies:
                raise Rejection(
                    "ImpossibleToDissociatePatrimonyFromAgencyThatDoesntExist",
                    f"The patrimony is not associated with the agency {agency}.",
                )
            if len(agencies) == 1:
                raise Rejection(
                    "ImpossibleToDissociatePatrimonyFromAgencyRemainOnlyOneAgency",
                )
            return [e.PatrimonyDissociatedFromAgency(agencyUid=agency, **at)]
        case Patrimony(), c.AddComplementaryAddressToPatrimony(complementaryAddress=address):
            reference = address.identified(_address_uid(command, stamp))
            _check(state, reference)
            return [
                e.ComplementaryAddressAddedToPatrimony(
                    complementaryAddress=ValidAddress.of(reference), **at
                )
            ]
        case Patrimony(addresses=addresses), c.RemoveComplementaryAddressFromPatrimony():
            if all(each.uid != command.addressUid for each in addresses):
                raise Rejection(
                    "ImpossibleToRemoveNonExistingComplementaryAddressFromPatrimony",
                    f"The patrimony has no complementary address {command.addressUid}.",
                )
            return [e.ComplementaryAddressRemovedFromPatrimony(addressUid=command.addressUid, **at)]
    raise TypeError(f"{type(command)} is no command of a patrimony")


def _address_uid(command: c.AddComplementaryAddressToPatrimony, stamp: Stamp) -> SafeUUID:
    """The uid of a new address: the same when the command is sent again."""
    return SafeUUID(str(uuid5(UUID(stamp.aggregate), command.processUid)))


def _check(state: Patrimony, reference: AddressReference) -> None:
    at = "`$.complementaryAddress`"
    if (wrong := fault(reference)) is not None:
        raise Rejection("PatrimonyGenericError", f"The address is not valid: {wrong} - at {at}")
    if any(each.address == reference.address for each in state.addresses):
        raise Rejection(
            "ImpossibleToAddAlreadyExistingComplementaryAddressToPatrimony",
            f"The patrimony has this address already - at {at}",
        )
    if len(state.addresses) >= MOST_ADDRESSES:
        raise Rejection(
            "PatrimonyGenericError",
            f"A patrimony has at most {MOST_ADDRESSES} complementary addresses - at {at}",
        )


def unknown(uid: str) -> Rejection:
    """The rejection of a command on a patrimony that does not exist."""
    return Rejection(
        "ImpossibleToPerformCommandOnNonExistingPatrimony", f"There is no patrimony {uid}."
    )
