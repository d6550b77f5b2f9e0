"""Provider companies over HTTP: reference, list, read. Every user may read them."""

from starlette.responses import Response

from gerance.incidents.command_endpoint import create
from gerance.incidents.lists import (
    FULLTEXT,
    RANGE,
    answer_detail,
    answer_page,
    flag_parameter,
    fulltext_conditions,
    link,
    self_link,
)
from gerance.incidents.provider_companies.commands import ReferenceProviderCompany
from gerance.incidents.provider_companies.events import ProviderCompanyEventResultView
from gerance.incidents.provider_companies.handle import AGGREGATE
from gerance.incidents.provider_companies.views import (
    PATH,
    PROVIDER_COMPANIES,
    PROVIDER_COMPANY,
    ProviderCompanyDetailView,
    ProviderCompanyResultView,
)
from gerance.incidents.provider_contacts.views import REACH as CONTACT_REACH
from gerance.incidents.rights import Condition, reach
from gerance.kernel.http.endpoint import Call, Endpoint, Query

_COMMANDS = "/api/vEvent/providercompanies"


async def _list(call: Call) -> Response:
    links = [self_link(call)]
    if call.principal.kind in ReferenceProviderCompany.senders:
        links.append(link(call, "ReferenceProviderCompany", _COMMANDS, "POST"))
    conditions = fulltext_conditions(call, "q.name", "q.siret_number")
    if flag_parameter(call, "filtered"):
        mine = reach(call.principal, CONTACT_REACH)
        conditions.append(
            Condition(
                "EXISTS (SELECT FROM provider_contact t WHERE t.provider_company = q.uid"
                f" AND {mine.sql})",
                mine.params,
            )
        )
    return await answer_page(call, PROVIDER_COMPANIES, conditions, links=links)


async def _read(call: Call) -> Response:
    return await answer_detail(call, PROVIDER_COMPANY, "provider_company_uid", [])


ENDPOINTS = (
    Endpoint(
        method="POST",
        path=_COMMANDS,
        handler=create(AGGREGATE),
        summary="Reference a provider company",
        tag="Providers",
        body=ReferenceProviderCompany,
        answers={201: ProviderCompanyEventResultView},
        error_family="ProviderCompanyEventError",
    ),
    Endpoint(
        method="GET",
        path=PATH,
        handler=_list,
        summary="Provider companies by name",
        tag="Providers",
        query=(
            RANGE,
            FULLTEXT,
            Query(
                "filtered",
                "true: only those that a provider contact works for which you may read.",
                {"type": "boolean", "default": False},
            ),
        ),
        answers={200: ProviderCompanyResultView, 206: ProviderCompanyResultView},
    ),
    Endpoint(
        method="GET",
        path=f"{PATH}/{{provider_company_uid}}",
        handler=_read,
        summary="A provider company",
        tag="Providers",
        answers={200: ProviderCompanyDetailView},
    ),
)
