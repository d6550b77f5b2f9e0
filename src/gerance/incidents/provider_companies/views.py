"""The read table `provider_company`, its list and its details."""

from gerance.incidents.lists import Listing, self_link_sql
from gerance.incidents.messages import Link
from gerance.incidents.projections import upsert_row
from gerance.incidents.provider_companies.state import ProviderCompany
from gerance.incidents.values import Value
from gerance.kernel.log.writer import Projection
from gerance.kernel.wire import SafeUUID, Siret

PATH = "/api/v1/providercompanies"

PROVIDER_COMPANIES = Listing(
    table="provider_company q",
    uid="q.uid",
    sort="fold(q.name)",
    element=(
        "json_build_object('uid', q.uid, 'name', q.name, 'siretNumber', q.siret_number,"
        f" '_links', {self_link_sql(PATH, 'q.uid')})"
    ),
)
"""Provider companies by name, as ProviderCompanyQueryView."""

_CASTS = {"uid": "uuid", "name": "text", "siret_number": "text"}


class ProviderCompanyQueryView(Value, rename={"links": "_links"}):
    uid: SafeUUID
    name: str
    siretNumber: Siret
    links: list[Link]


class ProviderCompanyResultView(Value, rename={"links": "_links"}):
    result: list[ProviderCompanyQueryView]
    links: list[Link]


def rows(state: ProviderCompany, uid: SafeUUID) -> list[Projection]:
    """All the rows that the provider company's state makes."""
    row = {"uid": uid, "name": state.name, "siret_number": state.siret_number}
    return [upsert_row("provider_company", row, _CASTS)]
