"""The read table `patrimony_contact`, its list and its details.

Its `document` has `view`, what is answered, and `medium`, what a ticket shows of its caller.
"""

from typing import Annotated

from msgspec import Meta

from gerance.incidents.lists import Listing, links_sql
from gerance.incidents.messages import Link
from gerance.incidents.patrimony_contacts.state import PatrimonyContact
from gerance.incidents.patrimony_contacts.values import (
    ContactAddress,
    ContactInfo,
    EntityLink,
    LinkToLot,
    medium_view,
)
from gerance.incidents.projections import upsert_row
from gerance.incidents.values import CivilName, Name, Value
from gerance.kernel.log.writer import Projection
from gerance.kernel.wire import SafeUUID, encode

PATH = "/api/v1/patrimonycontacts"

PATRIMONY_CONTACTS = Listing(
    table="patrimony_contact t",
    uid="t.uid",
    sort="fold(t.name)",
    element=(
        "((t.document::jsonb -> 'view')"
        f" || jsonb_build_object('_links', {links_sql(PATH, 't.uid')}))::json"
    ),
)
"""Patrimony contacts by name, as PatrimonyContactQueryView."""

_CASTS = {
    "uid": "uuid",
    "company": "uuid",
    "patrimonies": "uuid[]",
    "account": "uuid",
    "name": "text",
    "document": "text",
    "lots": "uuid[]",
}


class PatrimonyContactQueryView(Value, rename={"links": "_links"}):
    """`company`: the one that the contact speaks for."""

    uid: SafeUUID
    name: Name
    contacts: Annotated[list[ContactInfo], Meta(min_length=1)]
    linkedWith: Annotated[list[EntityLink], Meta(min_length=1)]
    links: list[Link]
    company: str | None = None
    address: ContactAddress | None = None


class PatrimonyContactResultView(Value, rename={"links": "_links"}):
    result: list[PatrimonyContactQueryView]
    links: list[Link]


class _Document(Value):
    view: PatrimonyContactQueryView
    medium: dict[str, str]


def rows(state: PatrimonyContact, uid: SafeUUID) -> list[Projection]:
    """All the rows that the patrimony contact's state makes."""
    view = PatrimonyContactQueryView(
        uid=uid,
        name=state.name,
        company=state.name.company if isinstance(state.name, CivilName) else None,
        address=state.address,
        contacts=state.contacts,
        linkedWith=state.links,
        links=[],
    )
    row = {
        "uid": uid,
        "company": state.company,
        "patrimonies": list(dict.fromkeys(_patrimony(link, state) for link in state.links)),
        "account": state.user,
        "name": state.name.full,
        "document": encode(_Document(view, medium_view(state.contacts[0]))).decode(),
        "lots": [lot for lot, patrimony in state.patrimony_of.items() if lot != patrimony],
    }
    return [upsert_row("patrimony_contact", row, _CASTS)]


def _patrimony(link: EntityLink, state: PatrimonyContact) -> SafeUUID:
    if isinstance(link, LinkToLot):
        return state.patrimony_of[link.lotUid]
    return state.patrimony_of.get(link.place, link.place)
