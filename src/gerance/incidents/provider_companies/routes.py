"""Provider companies over HTTP: reference, list, read. Every user may read them."""

from starlette.responses import Response

from gerance.incidents.command_endpoint import aggregate_for, carry_out, changed
from gerance.incidents.lists import (
    FULLTEXT,
    RANGE,
    answer_detail,
    answer_page,
    link,
    matching,
    self_link,
)
from gerance.incidents.messages import Stamp
from gerance.incidents.provider_companies.commands import ReferenceProviderCompany
from gerance.incidents.provider_companies.decide import decide
from gerance.incidents.provider_companies.events import ProviderCompanyEventResultView
from gerance.incidents.provider_companies.evolve import evolve
from gerance.incidents.provider_companies.state import ProviderCompany
from gerance.incidents.provider_companies.views import (
    PATH,
    PROVIDER_COMPANIES,
    ProviderCompanyQueryView,
    ProviderCompanyResultView,
    rows,
)
from gerance.incidents.rights import require_kind
from gerance.kernel.http.endpoint import Call, Endpoint
from gerance.kernel.log.writer import Change, Loaded
from gerance.kernel.wire import decode

CATEGORY = "provider_company"
_COMMANDS = "/api/vEvent/providercompanies"
_WRITERS = ("superUser", "callCenterUser", "clientAccountManager")


async def _reference(call: Call) -> Response:
    command: ReferenceProviderCompany = await call.message()
    require_kind(call.principal, *_WRITERS)
    uid = aggregate_for(command.processUid, command.aggregateUid)

    def decided(loaded: Loaded, stamp: Stamp) -> Change:
        state = decode(ProviderCompany, loaded.state) if loaded.state else None
        events = decide(state, command, stamp)
        return changed(state, events, evolve, lambda company: rows(company, uid))

    return await carry_out(
        call,
        category=CATEGORY,
        aggregate=uid,
        process_uid=command.processUid,
        decide=decided,
        status=201,
    )


async def _list(call: Call) -> Response:
    links = [self_link(call)]
    if call.principal.kind in _WRITERS:
        links.append(link("ReferenceProviderCompany", _COMMANDS, "POST"))
    found = matching(call, "q.name", "q.siret_number")
    return await answer_page(call, PROVIDER_COMPANIES, found, links=links)


async def _read(call: Call) -> Response:
    return await answer_detail(call, PROVIDER_COMPANIES, "provider_company_uid", [])


ENDPOINTS = (
    Endpoint(
        method="POST",
        path=_COMMANDS,
        handler=_reference,
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
        query=(RANGE, FULLTEXT),
        answers={200: ProviderCompanyResultView, 206: ProviderCompanyResultView},
    ),
    Endpoint(
        method="GET",
        path=f"{PATH}/{{provider_company_uid}}",
        handler=_read,
        summary="A provider company",
        tag="Providers",
        answers={200: ProviderCompanyQueryView},
    ),
)
