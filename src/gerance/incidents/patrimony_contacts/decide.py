"""A patrimony contact is referenced once, and linked with what it has to do with."""

from collections.abc import Mapping

from gerance.incidents.messages import Stamp, heading
from gerance.incidents.patrimony_contacts import commands as c
from gerance.incidents.patrimony_contacts import events as e
from gerance.incidents.patrimony_contacts.state import PatrimonyContact
from gerance.incidents.patrimony_contacts.values import EntityLink, LinkToLot
from gerance.kernel.errors import Rejection
from gerance.kernel.wire import SafeUUID


def decide(
    state: PatrimonyContact | None,
    command: c.ReferencePatrimonyContact | c.LinkPatrimonyContactWithUser,
    stamp: Stamp,
    *,
    company: SafeUUID | None = None,
    patrimony_of: Mapping[SafeUUID, SafeUUID] = {},
) -> list[e.PatrimonyContactEvent]:
    """The events of a command; `company`: whose patrimonies the contact is linked with;
    `patrimony_of`: of each lot that the command names.

    Raises Rejection with a code of PatrimonyContactEventError.
    """
    at = heading(command, stamp)
    if isinstance(command, c.ReferencePatrimonyContact):
        if state is not None:
            raise Rejection(
                "ImpossibleToReferenceAlreadyExistingPatrimonyContact",
                f"The patrimony contact {stamp.aggregate} already exists.",
            )
        assert company is not None
        links = command.linkedWithEntities
        _require_distinct(links)
        return [
            e.PatrimonyContactReferenced(
                name=command.name,
                address=command.address,
                contacts=command.contacts,
                companyUid=company,
                **at,
            ),
            e.PatrimonyContactLinkedWith(
                linkedWith=links, patrimonyOfLots=dict(patrimony_of), **at
            ),
        ]
    if state is None:
        raise unknown(stamp.aggregate)
    if state.user == command.userUid:
        raise _already_linked("the user", command.userUid)
    return [e.PatrimonyContactLinkedWithUser(userUid=command.userUid, **at)]


def unknown(uid: str) -> Rejection:
    """The rejection of a command on a patrimony contact that does not exist."""
    return Rejection(
        "ImpossibleToPerformCommandOnNonExistingPatrimonyContact",
        f"There is no patrimony contact {uid}.",
    )


def _require_distinct(links: list[EntityLink]) -> None:
    for nth, link in enumerate(links):
        if link not in links[:nth]:
            continue
        if isinstance(link, LinkToLot):
            raise _already_linked("the lot", link.place)
        raise _already_linked("the patrimony", link.place)


def _already_linked(what: str, uid: SafeUUID) -> Rejection:
    return Rejection(
        "ImpossibleToLinkAlreadyLinkedEntityWithPatrimonyContact",
        f"The contact is already linked with {what} {uid}.",
    )
