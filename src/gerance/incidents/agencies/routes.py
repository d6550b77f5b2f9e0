"""Agencies over HTTP: create, update, list."""

import msgspec
from starlette.responses import Response

from gerance.incidents.agencies.commands import AgencyCommand, CreateAgency, UpdateAgency
from gerance.incidents.agencies.events import AgencyEventResultView, CompanyChangeResultView
from gerance.incidents.agencies.handle import AGGREGATE
from gerance.incidents.agencies.views import REACH, agencies
from gerance.incidents.command_endpoint import execute, new_aggregate_uid, path_uid
from gerance.incidents.companies.commands import IncrementCompany
from gerance.incidents.companies.handle import AGGREGATE as COMPANY
from gerance.incidents.companies.values import RawAgency
from gerance.incidents.companies.views import AgencyResultView, company_reach
from gerance.incidents.editions import edition_of_path
from gerance.incidents.lists import ACTIVE, RANGE, answer_page, flag_parameter, self_link
from gerance.incidents.rights import Condition, reach
from gerance.incidents.spellings import read_command
from gerance.kernel.errors import BadRequest
from gerance.kernel.http.endpoint import Call, Endpoint
from gerance.kernel.wire import SafeUUID, members


async def _create(call: Call) -> Response:
    command: CreateAgency = await read_command(call)
    agency = new_aggregate_uid(command.processUid, command.agency.agencyUid)
    return await _execute(call, command, agency, status=201)


async def _change_company(call: Call) -> Response:
    """Commands on a company; those on its agencies name the agency."""
    command = await read_command(call)
    match command:
        case CreateAgency():
            agency = new_aggregate_uid(command.processUid, command.agency.agencyUid)
        case UpdateAgency(agency=RawAgency(agencyUid=None)):
            raise BadRequest(
                "Object missing required field `agencyUid` - at `$.agency`",
                code="CompanyGenericError",
            )
        case UpdateAgency(agency=RawAgency(agencyUid=SafeUUID() as agency)):
            pass
        case _:
            return await execute(call, COMPANY, command, path_uid(call, COMPANY, "company_uid"))
    return await _execute(call, command, agency)


async def _update(call: Call) -> Response:
    command: UpdateAgency = await read_command(call)
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
    return await answer_page(
        call,
        agencies(edition_of_path(call)),
        conditions,
        parent=company_reach(call.principal, uid),
        links=[self_link(call)],
    )


_COMPANY_PATH = "/api/vEvent/clientcompanies/{company_uid}"
_PATH = f"{_COMPANY_PATH}/agencies"
_CHANGES = IncrementCompany | AgencyCommand

ENDPOINTS = (
    Endpoint(
        method="PATCH",
        path=_COMPANY_PATH,
        handler=_change_company,
        summary="Update or identify a company, or change its agencies",
        description=", ".join(kind.__name__ for kind in members(_CHANGES)),
        tag="Companies",
        body=_CHANGES,
        answers={200: CompanyChangeResultView},
        error_family="CompanyEventError",
    ),
    Endpoint(
        method="POST",
        path=_COMPANY_PATH,
        handler=_create,
        summary="Create an agency of a client account, at the path of the company",
        description="As printed in the reference. The same as `POST .../agencies`.",
        tag="Companies",
        body=CreateAgency,
        answers={201: AgencyEventResultView},
        error_family="CompanyEventError",
    ),
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
        answers={200: AgencyResultView, 206: AgencyResultView},
    ),
)
