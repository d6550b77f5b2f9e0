"""The read table `provider_company`, its list and its details."""

import msgspec

from gerance.incidents.lists import Listing, links_sql
from gerance.incidents.messages import Link
from gerance.incidents.projections import upsert_row
from gerance.incidents.provider_companies.state import ProviderCompany
from gerance.incidents.values import Value
from gerance.kernel.log.writer import Projection
from gerance.kernel.wire import SafeUUID, Siret

PATH = "/api/v1/providercompanies"

_COMMON = "'uid', q.uid, 'name', q.name, 'siretNumber', q.siret_number"

PROVIDER_COMPANIES = Listing(
    table="provider_company q",
    uid="q.uid",
    sort="fold(q.name)",
    element=f"json_build_object({_COMMON})",
)
"""Provider companies by name, as ProviderCompanyQueryView."""

PROVIDER_COMPANY = msgspec.structs.replace(
    PROVIDER_COMPANIES,
    element=f"json_build_object({_COMMON}, '_links', {links_sql(PATH, 'q.uid')})",
)
"""A provider company, as ProviderCompanyDetailView."""

_CASTS = {"uid": "uuid", "name": "text", "siret_number": "text"}


class ProviderCompanyQueryView(Value):
    uid: SafeUUID
    name: str
    siretNumber: Siret


class ProviderCompanyDetailView(ProviderCompanyQueryView, rename={"links": "_links"}):
    links: list[Link]


class ProviderCompanyResultView(Value, rename={"links": "_links"}):
    result: list[ProviderCompanyQueryView]
    links: list[Link]


def rows(state: ProviderCompany, uid: SafeUUID) -> list[Projection]:
    """All the rows that the provider company's state makes."""
    row = {"uid": uid, "name": state.name, "siret_number": state.siret_number}
    return [upsert_row("provider_company", row, _CASTS)]
