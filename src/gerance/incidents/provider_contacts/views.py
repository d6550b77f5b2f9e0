"""The read table `provider_contact`, its list and its details."""

from collections.abc import Sequence
from typing import Any

from gerance.incidents.editions import Edition
from gerance.incidents.lists import Listing, links_sql
from gerance.incidents.messages import Link
from gerance.incidents.projections import upsert_row
from gerance.incidents.provider_contacts.state import ProviderContact
from gerance.incidents.rights import Columns
from gerance.incidents.values import Value
from gerance.kernel.log.writer import Projection
from gerance.kernel.wire import SafeUUID, Siret

PATH = "/api/v1/providercontacts"
COMMANDS_PATH = "/api/vEvent/providercontacts"
REACH = Columns(company="t.company")

_JOINS = (
    "LEFT JOIN provider_company q ON q.uid = t.provider_company JOIN company c ON c.uid = t.company"
)
_CONTACT_2017 = (
    "'uid', t.uid, 'label', t.name, 'phones', t.phones, 'fax', t.fax, 'emails', t.emails,"
    " 'active', t.active"
)
_CONTACT_2020 = (
    f"{_CONTACT_2017}, 'providerCompany', CASE WHEN q.uid IS NOT NULL THEN"
    " json_build_object('uid', q.uid, 'name', q.name, 'siretNumber', q.siret_number) END,"
    " 'activities', json_build_array()"
)
_DETAIL_2020 = (
    f"{_CONTACT_2020}, 'company', json_build_object('uid', c.uid, 'label', c.name), 'patrimonies',"
    " (SELECT coalesce(json_agg(json_build_object('uid', p.uid, 'ref', p.ref, 'label', p.label)"
    " ORDER BY fold(p.ref) COLLATE \"C\", p.uid), '[]'::json)"
    " FROM patrimony p WHERE p.uid = ANY(t.patrimonies))"
)


def provider_contacts(edition: Edition) -> Listing:
    """Provider contacts by name, as ProviderContactQueryView."""
    return _listing(_CONTACT_2017 if edition == "2017" else _CONTACT_2020, ())


def provider_contact(edition: Edition, commands: Sequence[str]) -> Listing:
    """A provider contact, as ProviderContactDetailedQueryView; in 2017 the same as in lists.

    `commands`: the names of those that its links offer.
    """
    return _listing(_CONTACT_2017 if edition == "2017" else _DETAIL_2020, commands)


def _listing(members: str, commands: Sequence[str]) -> Listing:
    links = links_sql(PATH, "t.uid", COMMANDS_PATH, commands)
    return Listing(
        table="provider_contact t",
        uid="t.uid",
        sort="fold(t.name)",
        joins=_JOINS,
        element=f"json_build_object({members}, '_links', {links})",
    )


_CASTS = {
    "uid": "uuid",
    "company": "uuid",
    "provider_company": "uuid",
    "name": "text",
    "phones": "text[]",
    "fax": "text[]",
    "emails": "text[]",
    "active": "boolean",
    "agencies": "uuid[]",
    "patrimonies": "uuid[]",
}


class ProviderCompanyInContact(Value):
    uid: SafeUUID
    name: str
    siretNumber: Siret


class ItemAbstract(Value):
    uid: SafeUUID
    label: str


class PatrimonyOfContact(Value):
    uid: SafeUUID
    ref: str
    label: str | None = None


class ProviderContactQueryView(Value, kw_only=True, rename={"links": "_links"}):
    """`activities`: always empty; in 2017 there are no activities and no provider company."""

    uid: SafeUUID
    label: str
    activities: list[Any] | None = None
    phones: list[str]
    fax: list[str]
    emails: list[str]
    active: bool
    links: list[Link]
    providerCompany: ProviderCompanyInContact | None = None


class ProviderContactResultView(Value, rename={"links": "_links"}):
    result: list[ProviderContactQueryView]
    links: list[Link]


class ProviderContactDetailedQueryView(ProviderContactQueryView, kw_only=True):
    """`patrimonies`: whose incidents it takes; not in 2017, nor is `company`."""

    patrimonies: list[PatrimonyOfContact] | None = None
    company: ItemAbstract | None = None


def rows(state: ProviderContact, uid: SafeUUID) -> list[Projection]:
    """All the rows that the provider contact's state makes."""
    row = {name: getattr(state, name) for name in _CASTS if name != "uid"}
    row |= {"uid": uid, "name": state.name.full}
    return [upsert_row("provider_contact", row, _CASTS)]
