"""Operators over HTTP: reference, list, read."""

from starlette.responses import Response

from gerance.incidents import references
from gerance.incidents.command_endpoint import aggregate_for, carry_out, changed
from gerance.incidents.lists import FULLTEXT, RANGE, answer_detail, answer_page, matching
from gerance.incidents.messages import Stamp
from gerance.incidents.operators.commands import ReferenceOperator
from gerance.incidents.operators.decide import decide
from gerance.incidents.operators.events import OperatorEventResultView
from gerance.incidents.operators.evolve import evolve
from gerance.incidents.operators.state import Operator
from gerance.incidents.operators.views import (
    OPERATORS,
    OperatorQueryView,
    OperatorResultView,
    reach,
    rows,
)
from gerance.incidents.rights import require_kind
from gerance.kernel.errors import BadRequest
from gerance.kernel.http.endpoint import Call, Endpoint
from gerance.kernel.log.writer import Change, Loaded
from gerance.kernel.wire import decode

CATEGORY = "operator"
_PATH = "/api/v1/operators"


async def _reference(call: Call) -> Response:
    command: ReferenceOperator = await call.message()
    principal = call.principal
    require_kind(principal, "superUser", "callCenterUser")
    uid = aggregate_for(command.processUid, command.aggregateUid)

    def decided(loaded: Loaded, stamp: Stamp) -> Change:
        center = references.companies(loaded.beside[0]).get(command.callCenterUid)
        if center is None or center.company_type != "CallCenter":
            raise BadRequest(f"{command.callCenterUid} is no call centre - at `$.callCenterUid`")
        references.require_own(principal, center, "This call centre")
        state = decode(Operator, loaded.state) if loaded.state else None
        events = decide(state, command, stamp)
        return changed(state, events, evolve, lambda operator: rows(operator, uid))

    return await carry_out(
        call,
        category=CATEGORY,
        aggregate=uid,
        process_uid=command.processUid,
        decide=decided,
        reading=references.companies_named([command.callCenterUid]),
        status=201,
    )


async def _list(call: Call) -> Response:
    conditions = [reach(call.principal), *matching(call, "o.first_name", "o.last_name")]
    return await answer_page(call, OPERATORS, conditions, links=())


async def _read(call: Call) -> Response:
    return await answer_detail(call, OPERATORS, "operator_uid", [reach(call.principal)])


ENDPOINTS = (
    Endpoint(
        method="POST",
        path="/api/vEvent/operators",
        handler=_reference,
        summary="Reference an operator of a call centre",
        tag="Operators",
        body=ReferenceOperator,
        answers={201: OperatorEventResultView},
    ),
    Endpoint(
        method="GET",
        path=_PATH,
        handler=_list,
        summary="Operators by last name",
        tag="Operators",
        query=(RANGE, FULLTEXT),
        answers={200: OperatorResultView, 206: OperatorResultView},
    ),
    Endpoint(
        method="GET",
        path=f"{_PATH}/{{operator_uid}}",
        handler=_read,
        summary="An operator",
        tag="Operators",
        answers={200: OperatorQueryView},
    ),
)
