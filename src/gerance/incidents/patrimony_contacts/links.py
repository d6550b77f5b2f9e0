"""What a contact is linked with: that it is there, within reach, and all of one company."""

from collections.abc import Sequence

from gerance.incidents import references
from gerance.incidents.patrimony_contacts.values import (
    EntityLink,
    LinkToLot,
    LinkToNonReferencedLot,
)
from gerance.kernel.identity.principal import Principal
from gerance.kernel.log.writer import Reading
from gerance.kernel.wire import SafeUUID


def read_links(links: Sequence[EntityLink]) -> Reading:
    """Reads what the links name, in two columns: patrimonies, lots."""
    patrimonies = [link.place for link in links if not isinstance(link, LinkToLot)]
    lots = [link.place for link in links if isinstance(link, LinkToLot | LinkToNonReferencedLot)]
    return references.together(
        references.patrimonies_named(patrimonies), references.lots_named(lots)
    )


def check_links(
    principal: Principal, links: Sequence[EntityLink], patrimonies: str, lots: str, path: str
) -> tuple[SafeUUID, dict[SafeUUID, SafeUUID]]:
    """The company that all of it is of, and the patrimony of each lot that the links name.

    `patrimonies`, `lots`: what `read_links` read; `path`: of the links in the command. Raises
    BadRequest as `references.require_reached`.
    """
    company: str | None = None
    patrimony_of: dict[SafeUUID, SafeUUID] = {}
    known_patrimonies, known_lots = references.places(patrimonies), references.places(lots)
    for nth, link in enumerate(links):
        uid = link.place
        if isinstance(link, LinkToLot):
            field, places = "lotUid", known_lots
        else:
            field, places = "patrimonyUid", known_patrimonies
            if isinstance(link, LinkToNonReferencedLot):
                places = known_patrimonies | known_lots
        place = references.require_reached(
            principal, places, uid, f"{path}[{nth}].{field}", company=company
        )
        company = place.company
        if isinstance(link, LinkToLot | LinkToNonReferencedLot):
            patrimony_of[uid] = SafeUUID(place.patrimonies[0])
    assert company is not None
    return SafeUUID(company), patrimony_of
