"""A patrimony contact is referenced once, and linked with what it has to do with."""

import msgspec

from gerance.incidents.messages import Stamp, heading
from gerance.incidents.patrimony_contacts import commands as c
from gerance.incidents.patrimony_contacts import events as e
from gerance.incidents.patrimony_contacts.values import (
    ContactAddress,
    ContactInfo,
    EntityLink,
    LinkToLot,
    PatrimonyLink,
    contact_info,
)
from gerance.incidents.values import Name
from gerance.kernel.errors import BadRequest, Refused
from gerance.kernel.wire import SafeUUID


class PatrimonyContact(msgspec.Struct, frozen=True, omit_defaults=True):
    """A contact as it is. `contacts`: the first is the one to call; `user`: who it is, if known."""

    company: SafeUUID
    name: Name
    contacts: list[ContactInfo]
    links: list[PatrimonyLink] = []
    address: ContactAddress | None = None
    user: SafeUUID | None = None


def patrimony_links(links: list[EntityLink], path: str) -> list[PatrimonyLink]:
    """The links, all of them with patrimonies. Raises BadRequest for a link with a lot."""
    for nth, link in enumerate(links):
        if isinstance(link, LinkToLot):
            raise BadRequest(
                f"There are no lots here: link the contact with the patrimony - at `{path}[{nth}]`"
            )
    return [link for link in links if not isinstance(link, LinkToLot)]


def decide(
    state: PatrimonyContact | None,
    command: c.ReferencePatrimonyContact | c.LinkPatrimonyContactWithUser,
    stamp: Stamp,
    *,
    company: SafeUUID,
) -> list[e.PatrimonyContactEvent]:
    """The events of a command; `company`: whose patrimonies the contact is linked with.

    Raises Refused with a code of PatrimonyContactEventError, BadRequest for a link with a lot.
    """
    at = heading(command, stamp)
    if isinstance(command, c.ReferencePatrimonyContact):
        if state is not None:
            raise Refused(
                "ImpossibleToReferenceAlreadyExistingPatrimonyContact",
                f"The patrimony contact {stamp.aggregate} exists.",
            )
        links = patrimony_links(command.linkedWithEntities, "$.linkedWithEntities")
        _require_distinct(links)
        return [
            e.PatrimonyContactReferenced(
                name=command.name,
                address=command.address,
                contacts=[contact_info(medium) for medium in command.contacts],
                companyUid=company,
                **at,
            ),
            e.PatrimonyContactLinkedWith(linkedWith=links, **at),
        ]
    if state is None:
        raise Refused(
            "ImpossibleToPerformCommandOnNonExistingPatrimonyContact",
            f"There is no patrimony contact {stamp.aggregate}.",
        )
    if state.user == command.userUid:
        raise _already_linked("the user", command.userUid)
    return [e.PatrimonyContactLinkedWithUser(userUid=command.userUid, **at)]


def _require_distinct(links: list[PatrimonyLink]) -> None:
    for nth, link in enumerate(links):
        if link in links[:nth]:
            raise _already_linked("the patrimony", link.patrimonyUid)


def _already_linked(what: str, uid: SafeUUID) -> Refused:
    return Refused(
        "ImpossibleToLinkAlreadyLinkedEntityWithPatrimonyContact",
        f"The contact is already linked with {what} {uid}.",
    )


def evolve(state: PatrimonyContact | None, event: e.PatrimonyContactEvent) -> PatrimonyContact:
    """The patrimony contact after the event."""
    match state, event:
        case _, e.PatrimonyContactReferenced(companyUid=company, name=name, contacts=contacts):
            return PatrimonyContact(company, name, contacts, address=event.address)
        case PatrimonyContact(links=links), e.PatrimonyContactLinkedWith(linkedWith=more):
            return msgspec.structs.replace(state, links=[*links, *more])
        case PatrimonyContact(), e.PatrimonyContactLinkedWithUser(userUid=user):
            return msgspec.structs.replace(state, user=user)
    raise ValueError("a patrimony contact starts with its reference")
