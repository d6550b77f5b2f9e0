"""Companies over HTTP: create, update, list, read."""

from typing import get_args

from starlette.responses import Response

from gerance.incidents.command_endpoint import create
from gerance.incidents.companies import commands as c
from gerance.incidents.companies.events import CompanyEventResultView
from gerance.incidents.companies.handle import AGGREGATE
from gerance.incidents.companies.values import CompanyType
from gerance.incidents.companies.views import (
    REACH,
    CompanyQueryView,
    CompanyResultView,
    companies,
    company_reach,
)
from gerance.incidents.editions import edition_of_path
from gerance.incidents.lists import (
    FULLTEXT,
    RANGE,
    answer_detail,
    answer_page,
    fulltext_conditions,
    self_link,
    uid_parameter,
)
from gerance.incidents.rights import Condition, reach
from gerance.kernel.errors import BadRequest
from gerance.kernel.http.endpoint import Call, Endpoint, Query
from gerance.kernel.wire import members

_TYPES = {kind.lower(): kind for kind in get_args(CompanyType)}


async def _list(call: Call) -> Response:
    conditions = [
        reach(call.principal, REACH),
        *fulltext_conditions(call, "c.name", "c.siret_number"),
    ]
    if (holding := uid_parameter(call, "holdinguid")) is not None:
        conditions.append(Condition("c.holding = %(holding)s::uuid", {"holding": holding}))
    if company_types := call.array("companytype"):
        kinds = [_TYPES.get(part.lower()) for part in company_types]
        if None in kinds:
            raise BadRequest(f"companytype: expected {', '.join(_TYPES.values())}.")
        conditions.append(Condition("c.company_type = ANY(%(kinds)s::text[])", {"kinds": kinds}))
    return await answer_page(
        call, companies(edition_of_path(call)), conditions, links=[self_link(call)]
    )


async def _subsidiaries(call: Call) -> Response:
    uid = call.uid("company_uid")
    mine = reach(call.principal, REACH)
    of_holding = Condition("c.holding = %(holding)s::uuid", {"holding": uid})
    return await answer_page(
        call,
        companies(edition_of_path(call)),
        [mine, of_holding],
        parent=company_reach(call.principal, uid),
        links=[self_link(call)],
    )


async def _read(call: Call) -> Response:
    mine = reach(call.principal, REACH)
    return await answer_detail(call, companies(edition_of_path(call)), "company_uid", [mine])


_PATH = "/api/v1/clientcompanies"
_PAGES = {200: CompanyResultView, 206: CompanyResultView}

ENDPOINTS = (
    Endpoint(
        method="POST",
        path="/api/vEvent/clientcompanies",
        handler=create(AGGREGATE),
        summary="Create a company",
        description=", ".join(kind.__name__ for kind in members(c.CreateCompany)),
        tag="Companies",
        body=c.CreateCompany,
        answers={201: CompanyEventResultView},
        error_family="CompanyEventError",
    ),
    Endpoint(
        method="GET",
        path=_PATH,
        handler=_list,
        summary="Companies by name",
        tag="Companies",
        query=(
            RANGE,
            Query("holdinguid", "Only the subsidiaries of this holding."),
            Query("companytype", f"Only these, by comma: {', '.join(_TYPES.values())}."),
            FULLTEXT,
        ),
        answers=_PAGES,
    ),
    Endpoint(
        method="GET",
        path=f"{_PATH}/{{company_uid}}",
        handler=_read,
        summary="A company",
        tag="Companies",
        answers={200: CompanyQueryView},
    ),
    Endpoint(
        method="GET",
        path=f"{_PATH}/{{company_uid}}/subsidiaries",
        handler=_subsidiaries,
        summary="The subsidiaries of a holding, by name",
        tag="Companies",
        query=(RANGE,),
        answers=_PAGES,
    ),
)
