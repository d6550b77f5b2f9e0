"""Agencies over HTTP: create, update, list."""

from starlette.responses import Response

from gerance.incidents import references
from gerance.incidents.agencies.commands import CreateAgency, UpdateAgency
from gerance.incidents.agencies.decide import decide
from gerance.incidents.agencies.events import AgencyEventResultView
from gerance.incidents.agencies.evolve import evolve
from gerance.incidents.agencies.views import AGENCIES, REACH
from gerance.incidents.command_endpoint import aggregate_for, carry_out, changed
from gerance.incidents.companies.routes import CATEGORY, unknown_company
from gerance.incidents.companies.state import Company
from gerance.incidents.companies.views import AgencyQueryView, agency_rows, reached
from gerance.incidents.lists import ACTIVE, RANGE, answer_page, switched
from gerance.incidents.messages import Stamp
from gerance.incidents.name_propagation import after_renaming
from gerance.incidents.rights import Condition, reach, require_kind
from gerance.kernel.errors import BadRequest, Refused
from gerance.kernel.http.endpoint import Call, Endpoint
from gerance.kernel.log.writer import Afterwards, Change, Loaded, Reading
from gerance.kernel.wire import SafeUUID, decode

_TAKEN = "EXISTS (SELECT FROM agency a WHERE a.uid = %(agency)s::uuid)"


async def _create(call: Call) -> Response:
    command: CreateAgency = await call.message()
    agency = aggregate_for(command.processUid, command.agency.agencyUid)
    return await _carry_out(call, command, agency, status=201)


async def _update(call: Call) -> Response:
    command: UpdateAgency = await call.message()
    agency = call.uid("agency_uid")
    if agency is None:
        raise Refused("ImpossibleToPerformCommandOnNonExistingAgency", "The path names no agency.")
    if command.agency.agencyUid not in (None, agency):
        raise BadRequest(
            "Not the agency that the path names - at `$.agency.agencyUid`",
            code="CompanyGenericError",
        )
    return await _carry_out(call, command, agency, afterwards=after_renaming("agencies", agency))


async def _carry_out(
    call: Call,
    command: CreateAgency | UpdateAgency,
    agency: SafeUUID,
    *,
    status: int = 200,
    afterwards: Afterwards | None = None,
) -> Response:
    principal = call.principal
    require_kind(principal, "superUser", "callCenterUser", "clientAccountManager")
    uid = call.uid("company_uid")
    if uid is None:
        raise unknown_company(call.request.path_params["company_uid"])

    def decided(loaded: Loaded, stamp: Stamp) -> Change:
        found, taken = loaded.beside
        state = decode(Company, loaded.state) if loaded.state else None
        if state is not None:
            company = references.companies(found).get(uid)
            references.require_own(principal, company, "This company")
        events = decide(state, command, stamp, agency=agency, taken=taken)
        return changed(state, events, evolve, lambda after: [agency_rows(after, uid, [agency])])

    return await carry_out(
        call,
        category=CATEGORY,
        aggregate=uid,
        process_uid=command.processUid,
        decide=decided,
        reading=references.together(
            references.companies_named([uid]), Reading((_TAKEN,), {"agency": agency})
        ),
        status=status,
        afterwards=afterwards,
    )


async def _list(call: Call) -> Response:
    uid = call.uid("company_uid")
    conditions = [
        reach(call.principal, REACH),
        Condition("a.company = %(company)s::uuid", {"company": uid}),
    ]
    if (active := switched(call, "active")) is not None:
        conditions.append(Condition("a.active = %(active)s", {"active": active}))
    return await answer_page(call, AGENCIES, conditions, parent=reached(call.principal, uid))


_PATH = "/api/vEvent/clientcompanies/{company_uid}/agencies"

ENDPOINTS = (
    Endpoint(
        method="POST",
        path=_PATH,
        handler=_create,
        summary="Create an agency of a client account",
        tag="Companies",
        body=CreateAgency,
        answers={201: AgencyEventResultView},
        error_family="CompanyEventError",
    ),
    Endpoint(
        method="PATCH",
        path=f"{_PATH}/{{agency_uid}}",
        handler=_update,
        summary="Update an agency",
        tag="Companies",
        body=UpdateAgency,
        answers={200: AgencyEventResultView},
        error_family="CompanyEventError",
    ),
    Endpoint(
        method="GET",
        path="/api/v1/clientcompanies/{company_uid}/agencies",
        handler=_list,
        summary="The agencies of a company, by name",
        tag="Companies",
        query=(RANGE, ACTIVE),
        answers={200: list[AgencyQueryView], 206: list[AgencyQueryView]},
    ),
)
