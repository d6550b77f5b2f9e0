"""The read table `provider_contact`, its list and its details."""

from typing import Any

from gerance.incidents.lists import Listing, self_link_sql
from gerance.incidents.messages import Link
from gerance.incidents.projections import upsert_row
from gerance.incidents.provider_contacts.state import ProviderContact
from gerance.incidents.rights import Columns
from gerance.incidents.values import Value
from gerance.kernel.log.writer import Projection
from gerance.kernel.wire import SafeUUID, Siret

PATH = "/api/v1/providercontacts"
REACH = Columns(company="t.company")

_JOINS = "LEFT JOIN provider_company q ON q.uid = t.provider_company"
_COMMON = (
    "'uid', t.uid, 'label', t.name, 'providerCompany', CASE WHEN q.uid IS NOT NULL THEN"
    " json_build_object('uid', q.uid, 'name', q.name, 'siretNumber', q.siret_number) END,"
    " 'activities', json_build_array(), 'phones', t.phones, 'fax', t.fax, 'emails', t.emails,"
    f" 'active', t.active, '_links', {self_link_sql(PATH, 't.uid')}"
)

PROVIDER_CONTACTS = Listing(
    table="provider_contact t",
    uid="t.uid",
    sort="fold(t.name)",
    joins=_JOINS,
    element=f"json_build_object({_COMMON})",
)
"""Provider contacts by name, as ProviderContactQueryView."""

PROVIDER_CONTACT = Listing(
    table="provider_contact t",
    uid="t.uid",
    sort="fold(t.name)",
    joins=f"{_JOINS} JOIN company c ON c.uid = t.company",
    element=(
        f"json_build_object({_COMMON}, 'patrimonies', json_build_array(),"
        " 'company', json_build_object('uid', c.uid, 'label', c.name))"
    ),
)
"""A provider contact, as ProviderContactDetailedQueryView."""

_CASTS = {
    "uid": "uuid",
    "company": "uuid",
    "provider_company": "uuid",
    "name": "text",
    "phones": "text[]",
    "fax": "text[]",
    "emails": "text[]",
    "active": "boolean",
}


class ProviderCompanyInContact(Value):
    uid: SafeUUID
    name: str
    siretNumber: Siret


class ItemAbstract(Value):
    uid: SafeUUID
    label: str


class ProviderContactQueryView(Value, kw_only=True, rename={"links": "_links"}):
    uid: SafeUUID
    label: str
    activities: list[Any]
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
    patrimonies: list[Any]
    company: ItemAbstract


def rows(state: ProviderContact, uid: SafeUUID) -> list[Projection]:
    """All the rows that the provider contact's state makes."""
    row = {name: getattr(state, name) for name in _CASTS if name != "uid"}
    row |= {"uid": uid, "name": state.name.full}
    return [upsert_row("provider_contact", row, _CASTS)]
