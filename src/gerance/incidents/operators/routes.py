"""Operators over HTTP: reference, list, read."""

from starlette.responses import Response

from gerance.incidents.command_endpoint import create
from gerance.incidents.lists import FULLTEXT, RANGE, answer_detail, answer_page, fulltext_conditions
from gerance.incidents.operators.commands import ReferenceOperator
from gerance.incidents.operators.events import OperatorEventResultView
from gerance.incidents.operators.handle import AGGREGATE
from gerance.incidents.operators.views import (
    OPERATORS,
    OperatorQueryView,
    OperatorResultView,
    reach,
)
from gerance.kernel.http.endpoint import Call, Endpoint

_PATH = "/api/v1/operators"


async def _list(call: Call) -> Response:
    conditions = [reach(call.principal), *fulltext_conditions(call, "o.first_name", "o.last_name")]
    return await answer_page(call, OPERATORS, conditions)


async def _read(call: Call) -> Response:
    return await answer_detail(call, OPERATORS, "operator_uid", [reach(call.principal)])


ENDPOINTS = (
    Endpoint(
        method="POST",
        path="/api/vEvent/operators",
        handler=create(AGGREGATE),
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
