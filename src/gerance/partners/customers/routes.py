"""Customers over HTTP: activate, list, read, offer, terminate."""

import msgspec
from starlette.responses import Response

from gerance.kernel.http.endpoint import Call, Query
from gerance.partners.calls.body import Parameters, read_parameters
from gerance.partners.calls.endpoint import partner_endpoint
from gerance.partners.calls.envelope import AcceptedAnswer, success
from gerance.partners.calls.execute import answer_outcome, execute, language_of_call, today
from gerance.partners.client_parameters import ClientParameters, client_id_in, read_client
from gerance.partners.customers.commands import ActivateService, CustomerCommand
from gerance.partners.customers.decide import decide
from gerance.partners.customers.parameters import (
    MOST_LISTED,
    OfferParameters,
    TerminateParameters,
    read_list_query,
    read_offer,
    read_termination,
)
from gerance.partners.customers.shapes import CustomerAnswer, CustomersAnswer, StatusAnswer
from gerance.partners.lifecycle.queries import read_list, read_one
from gerance.partners.lifecycle.state import STATUSES
from gerance.partners.programme.programme import read_programme

PATH = "/v1/customers"


async def _activate(call: Call, partner: str) -> Response:
    parameters = await read_parameters(call)
    async with call.pool.connection() as connection:
        programme = await read_programme(connection, partner, client_id_in(parameters))
    client_id, details = read_client(parameters, programme, language_of_call(call))
    default = programme.default
    command = ActivateService(
        details,
        {each.code: each.terms for each in programme.campaigns if each.active},
        default.code if default else None,
    )
    outcome = await execute(
        call, partner, client_id, parameters, lambda state, stamp: decide(state, command, stamp)
    )
    return answer_outcome(outcome, programme)


async def _offer(call: Call, partner: str) -> Response:
    parameters = await read_parameters(call)
    return await _change(call, partner, parameters, read_offer(parameters, language_of_call(call)))


async def _terminate(call: Call, partner: str) -> Response:
    parameters = await read_parameters(call)
    return await _change(
        call, partner, parameters, read_termination(parameters, language_of_call(call))
    )


async def _change(
    call: Call, partner: str, parameters: Parameters, command: CustomerCommand
) -> Response:
    client_id = call.request.path_params["client_id"]
    outcome = await execute(
        call, partner, client_id, parameters, lambda state, stamp: decide(state, command, stamp)
    )
    return success({"status": outcome.customer.status}, outcome.headers)


async def _list(call: Call, partner: str) -> Response:
    query = read_list_query(call, language_of_call(call))
    async with call.pool.connection() as connection:
        documents, after = await read_list(
            connection, partner, today(call.settings),
            status=query.status, after=query.after, limit=query.limit,
        )  # fmt: skip
    return success(
        {"customers": [msgspec.Raw(each.encode()) for each in documents], "after": after}
    )


async def _read(call: Call, partner: str) -> Response:
    client_id = call.request.path_params["client_id"]
    async with call.pool.connection() as connection:
        documents = await read_one(connection, partner, client_id, today(call.settings))
    names = ("customer", "history", "billed")
    parts = zip(names, documents, strict=True)
    return success({name: msgspec.Raw(part.encode()) for name, part in parts})


ENDPOINTS = (
    partner_endpoint(
        method="POST",
        path=PATH,
        handler=_activate,
        summary="Activate the paid service",
        description=(
            "For a lead or a new client. The details of a customer are refreshed. The body is JSON,"
            " a form or multipart, in UTF-8."
        ),
        body=ClientParameters,
        answers={200: AcceptedAnswer},
    ),
    partner_endpoint(
        method="GET",
        path=PATH,
        handler=_list,
        summary="List leads and customers by client_id",
        query=(
            Query(
                "status",
                "Return only this status.",
                {"type": "string", "enum": list(STATUSES)},
            ),
            Query("after", "Return clients after this client_id: `after` of the previous page."),
            Query(
                "limit",
                f"The size of a page, {MOST_LISTED} by default.",
                {"type": "integer", "minimum": 1, "maximum": MOST_LISTED},
            ),
        ),
        answers={200: CustomersAnswer},
    ),
    partner_endpoint(
        method="GET",
        path=f"{PATH}/{{client_id}}",
        handler=_read,
        summary="Get a lead or customer with its history and billed months",
        answers={200: CustomerAnswer},
    ),
    partner_endpoint(
        method="POST",
        path=f"{PATH}/{{client_id}}/offer",
        handler=_offer,
        summary="Offer months to a customer",
        description=("The months follow those that have started, free months and earlier offers."),
        body=OfferParameters,
        answers={200: StatusAnswer},
    ),
    partner_endpoint(
        method="POST",
        path=f"{PATH}/{{client_id}}/terminate",
        handler=_terminate,
        summary="End the contract of a customer",
        body=TerminateParameters,
        answers={200: StatusAnswer},
    ),
)
