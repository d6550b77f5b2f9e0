"""A patrimony is referenced once and always has an agency of its company."""

from gerance.incidents.messages import Stamp, heading
from gerance.incidents.patrimonies import commands as c
from gerance.incidents.patrimonies import events as e
from gerance.incidents.patrimonies.state import Patrimony
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
    raise TypeError(f"{type(command)} is no command of a patrimony")


def unknown(uid: str) -> Rejection:
    """The rejection of a command on a patrimony that does not exist."""
    return Rejection(
        "ImpossibleToPerformCommandOnNonExistingPatrimony", f"There is no patrimony {uid}."
    )
