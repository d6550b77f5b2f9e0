"""A patrimony contact is referenced once, and linked with what it has to do with."""

from collections.abc import Mapping

import msgspec

from gerance.incidents.messages import Stamp, heading
from gerance.incidents.patrimony_contacts import commands as c
from gerance.incidents.patrimony_contacts import events as e
from gerance.incidents.patrimony_contacts.values import (
    ContactAddress,
    ContactInfo,
    EntityLink,
    LinkToLot,
    contact_info,
)
from gerance.incidents.values import Name
from gerance.kernel.errors import Refused
from gerance.kernel.wire import SafeUUID


class PatrimonyContact(msgspec.Struct, frozen=True, omit_defaults=True):
    """A contact as it is. `contacts`: the first is the one to call; `user`: who it is, if known;
    `patrimony_of`: of each lot that `links` name."""

    company: SafeUUID
    name: Name
    contacts: list[ContactInfo]
    links: list[EntityLink] = []
    address: ContactAddress | None = None
    user: SafeUUID | None = None
    patrimony_of: dict[SafeUUID, SafeUUID] = {}


def decide(
    state: PatrimonyContact | None,
    command: c.ReferencePatrimonyContact | c.LinkPatrimonyContactWithUser,
    stamp: Stamp,
    *,
    company: SafeUUID,
    patrimony_of: Mapping[SafeUUID, SafeUUID] = {},
) -> list[e.PatrimonyContactEvent]:
    """The events of a command; `company`: whose patrimonies the contact is linked with;
    `patrimony_of`: of each lot that the command names.

    Raises Refused with a code of PatrimonyContactEventError.
    """
    at = heading(command, stamp)
    if isinstance(command, c.ReferencePatrimonyContact):
        if state is not None:
            raise Refused(
                "ImpossibleToReferenceAlreadyExistingPatrimonyContact",
                f"The patrimony contact {stamp.aggregate} exists.",
            )
        links = command.linkedWithEntities
        _require_distinct(links)
        return [
            e.PatrimonyContactReferenced(
                name=command.name,
                address=command.address,
                contacts=[contact_info(medium) for medium in command.contacts],
                companyUid=company,
                **at,
            ),
            e.PatrimonyContactLinkedWith(
                linkedWith=links, patrimonyOfLots=dict(patrimony_of), **at
            ),
        ]
    if state is None:
        raise Refused(
            "ImpossibleToPerformCommandOnNonExistingPatrimonyContact",
            f"There is no patrimony contact {stamp.aggregate}.",
        )
    if state.user == command.userUid:
        raise _already_linked("the user", command.userUid)
    return [e.PatrimonyContactLinkedWithUser(userUid=command.userUid, **at)]


def _require_distinct(links: list[EntityLink]) -> None:
    for nth, link in enumerate(links):
        if link not in links[:nth]:
            continue
        if isinstance(link, LinkToLot):
            raise _already_linked("the lot", link.lotUid)
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
            where = state.patrimony_of | event.patrimonyOfLots
            return msgspec.structs.replace(state, links=[*links, *more], patrimony_of=where)
        case PatrimonyContact(), e.PatrimonyContactLinkedWithUser(userUid=user):
            return msgspec.structs.replace(state, user=user)
    raise ValueError("a patrimony contact starts with its reference")
