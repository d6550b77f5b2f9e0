"""Companies over HTTP: create, update, list, read."""

from typing import get_args

from starlette.responses import Response

from gerance.incidents import references
from gerance.incidents.command_endpoint import aggregate_for, carry_out, changed
from gerance.incidents.companies import commands as c
from gerance.incidents.companies.decide import decide
from gerance.incidents.companies.events import CompanyEventResultView
from gerance.incidents.companies.evolve import evolve
from gerance.incidents.companies.state import Company
from gerance.incidents.companies.values import CompanyType
from gerance.incidents.companies.views import (
    COMPANIES,
    REACH,
    CompanyQueryView,
    reached,
    rows,
)
from gerance.incidents.lists import (
    FULLTEXT,
    RANGE,
    answer_detail,
    answer_page,
    chosen,
    matching,
)
from gerance.incidents.messages import Stamp
from gerance.incidents.name_propagation import after_renaming
from gerance.incidents.rights import Condition, reach, require_kind
from gerance.kernel.errors import BadRequest, Refused
from gerance.kernel.http.endpoint import Call, Endpoint, Query
from gerance.kernel.identity.principal import Principal
from gerance.kernel.log.writer import Change, Loaded
from gerance.kernel.wire import decode, members

CATEGORY = "company"
_CODE = "CompanyGenericError"
_TYPES = {kind.lower(): kind for kind in get_args(CompanyType)}


def unknown_company(uid: str) -> Refused:
    """The refusal of a command on a company that is not there."""
    return Refused(
        "ImpossibleToPerfomCommandOnNonExistingCompany", f"There is no company {uid[:60]}."
    )


async def _create(call: Call) -> Response:
    command: c.CreateCompany = await call.message()
    principal = call.principal
    if isinstance(command, c.CreateCallCenter):
        require_kind(principal, "superUser")
    else:
        require_kind(principal, "superUser", "callCenterUser")
    uid = aggregate_for(command.processUid, command.aggregateUid)
    call_center = getattr(command, "callCenterReference", None)
    holding = getattr(command, "holdingReference", None)

    def decided(loaded: Loaded, stamp: Stamp) -> Change:
        found = references.companies(loaded.beside[0])
        if call_center is not None:
            _require_call_center(principal, found, call_center)
        if holding is not None:
            _require_holding(principal, found, holding, call_center)
        state = decode(Company, loaded.state) if loaded.state else None
        events = decide(state, command, stamp)
        return changed(state, events, evolve, lambda company: rows(company, uid))

    return await carry_out(
        call,
        category=CATEGORY,
        aggregate=uid,
        process_uid=command.processUid,
        decide=decided,
        reading=references.companies_named([call_center, holding]),
        status=201,
    )


async def _increment(call: Call) -> Response:
    command: c.IncrementCompany = await call.message()
    principal = call.principal
    require_kind(principal, "superUser", "callCenterUser", "clientAccountManager")
    uid = call.uid("company_uid")
    if uid is None:
        raise unknown_company(call.request.path_params["company_uid"])
    holding = getattr(command, "holdingReference", None)

    def decided(loaded: Loaded, stamp: Stamp) -> Change:
        found = references.companies(loaded.beside[0])
        state = decode(Company, loaded.state) if loaded.state else None
        if state is not None:
            references.require_own(principal, found.get(uid), "This company")
            if holding is not None:
                _require_holding(principal, found, holding, state.call_center)
        events = decide(state, command, stamp)
        return changed(state, events, evolve, lambda company: rows(company, uid))

    return await carry_out(
        call,
        category=CATEGORY,
        aggregate=uid,
        process_uid=command.processUid,
        decide=decided,
        reading=references.companies_named([uid, holding]),
        afterwards=(
            after_renaming("company", uid) if isinstance(command, c.UpdateClientAccount) else None
        ),
    )


def _require_call_center(
    principal: Principal, found: dict[str, references.Company], uid: str
) -> None:
    center = found.get(uid)
    if center is None or center.company_type != "CallCenter":
        raise BadRequest(f"{uid} is no call centre - at `$.callCenterReference`", code=_CODE)
    references.require_own(principal, center, "This call centre")


def _require_holding(
    principal: Principal,
    found: dict[str, references.Company],
    uid: str,
    call_center: str | None,
) -> None:
    path = "$.holdingReference"
    holding = references.require_reached(principal, found, uid, path, code=_CODE)
    if holding.company_type != "ClientAccountHolding":
        raise BadRequest(f"{uid} is no holding - at `{path}`", code=_CODE)
    if holding.call_center != call_center:
        raise BadRequest(f"{uid} is served by another call centre - at `{path}`", code=_CODE)


async def _list(call: Call) -> Response:
    conditions = [reach(call.principal, REACH), *matching(call, "c.name", "c.siret_number")]
    if (holding := chosen(call, "holdinguid")) is not None:
        conditions.append(Condition("c.holding = %(holding)s::uuid", {"holding": holding}))
    if (wanted := call.parameter("companytype")) is not None:
        kinds = [_TYPES.get(part.strip().lower()) for part in wanted.split(",")]
        if None in kinds:
            raise BadRequest(f"companytype: expected {', '.join(_TYPES.values())}.")
        conditions.append(Condition("c.company_type = ANY(%(kinds)s::text[])", {"kinds": kinds}))
    return await answer_page(call, COMPANIES, conditions)


async def _subsidiaries(call: Call) -> Response:
    uid = call.uid("company_uid")
    mine = reach(call.principal, REACH)
    held = Condition("c.holding = %(holding)s::uuid", {"holding": uid})
    return await answer_page(call, COMPANIES, [mine, held], parent=reached(call.principal, uid))


async def _read(call: Call) -> Response:
    return await answer_detail(call, COMPANIES, "company_uid", [reach(call.principal, REACH)])


_PATH = "/api/v1/clientcompanies"
_PAGES = {200: list[CompanyQueryView], 206: list[CompanyQueryView]}

ENDPOINTS = (
    Endpoint(
        method="POST",
        path="/api/vEvent/clientcompanies",
        handler=_create,
        summary="Create a company",
        description=", ".join(kind.__name__ for kind in members(c.CreateCompany)),
        tag="Companies",
        body=c.CreateCompany,
        answers={201: CompanyEventResultView},
        error_family="CompanyEventError",
    ),
    Endpoint(
        method="PATCH",
        path="/api/vEvent/clientcompanies/{company_uid}",
        handler=_increment,
        summary="Update or identify a company",
        description=", ".join(kind.__name__ for kind in members(c.IncrementCompany)),
        tag="Companies",
        body=c.IncrementCompany,
        answers={200: CompanyEventResultView},
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
