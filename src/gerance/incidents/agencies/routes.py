"""Agencies over HTTP: create, update, list."""

import msgspec
from starlette.responses import Response

from gerance.incidents.agencies.commands import AgencyCommand, CreateAgency, UpdateAgency
from gerance.incidents.agencies.events import AgencyEventResultView
from gerance.incidents.agencies.handle import AGGREGATE
from gerance.incidents.agencies.views import AGENCIES, REACH
from gerance.incidents.command_endpoint import execute, new_aggregate_uid, path_uid
from gerance.incidents.companies.handle import AGGREGATE as COMPANY
from gerance.incidents.companies.views import AgencyQueryView, company_reach
from gerance.incidents.lists import ACTIVE, RANGE, answer_page, flag_parameter
from gerance.incidents.rights import Condition, reach
from gerance.kernel.errors import BadRequest
from gerance.kernel.http.endpoint import Call, Endpoint
from gerance.kernel.wire import SafeUUID


async def _create(call: Call) -> Response:
    command: CreateAgency = await call.message()
    agency = new_aggregate_uid(command.processUid, command.agency.agencyUid)
    return await _execute(call, command, agency, status=201)


async def _update(call: Call) -> Response:
    command: UpdateAgency = await call.message()
    agency = path_uid(call, AGGREGATE, "agency_uid")
    if command.agency.agencyUid not in (None, agency):
        raise BadRequest(
            "Expected the agency in the path - at `$.agency.agencyUid`",
            code="CompanyGenericError",
        )
    return await _execute(call, command, agency)


async def _execute(
    call: Call, command: AgencyCommand, agency: SafeUUID, *, status: int = 200
) -> Response:
    command.agency = msgspec.structs.replace(command.agency, agencyUid=agency)
    company = path_uid(call, COMPANY, "company_uid")
    return await execute(call, AGGREGATE, command, company, status=status)


async def _list(call: Call) -> Response:
    uid = call.uid("company_uid")
    conditions = [
        reach(call.principal, REACH),
        Condition("a.company = %(company)s::uuid", {"company": uid}),
    ]
    if (active := flag_parameter(call, "active")) is not None:
        conditions.append(Condition("a.active = %(active)s", {"active": active}))
    return await answer_page(call, AGENCIES, conditions, parent=company_reach(call.principal, uid))


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
