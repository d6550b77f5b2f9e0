"""Customers over HTTP: activate, list, read, offer, terminate."""

import msgspec
from starlette.responses import Response

from gerance.kernel.http.endpoint import Call, Query
from gerance.partners.calls.body import Given, given_parameters
from gerance.partners.calls.endpoint import partner_endpoint
from gerance.partners.calls.envelope import Accepted, accepted
from gerance.partners.calls.execute import answer_outcome, carry_out, spoken, today
from gerance.partners.client_parameters import ClientParameters, described, named_client
from gerance.partners.customers.commands import ActivateService, CustomerCommand
from gerance.partners.customers.decide import decide
from gerance.partners.customers.parameters import (
    MOST_LISTED,
    OfferParameters,
    TerminateParameters,
    asked_list,
    asked_offer,
    asked_termination,
)
from gerance.partners.customers.shapes import Changed, CustomerAnswer, CustomersAnswer
from gerance.partners.lifecycle.queries import read_list, read_one
from gerance.partners.lifecycle.state import STATUSES
from gerance.partners.programme.programme import read_programme

PATH = "/v1/customers"


async def _activate(call: Call, partner: str) -> Response:
    given = await given_parameters(call)
    async with call.pool.connection() as connection:
        programme = await read_programme(connection, partner, named_client(given))
    client_id, details = described(given, programme, spoken(call))
    default = programme.default
    command = ActivateService(
        details,
        {each.code: each.terms for each in programme.campaigns if each.active},
        default.code if default else None,
    )
    outcome = await carry_out(
        call, partner, client_id, given, lambda state, stamp: decide(state, command, stamp)
    )
    return answer_outcome(outcome, programme)


async def _offer(call: Call, partner: str) -> Response:
    given = await given_parameters(call)
    return await _change(call, partner, given, asked_offer(given, spoken(call)))


async def _terminate(call: Call, partner: str) -> Response:
    given = await given_parameters(call)
    return await _change(call, partner, given, asked_termination(given, spoken(call)))


async def _change(call: Call, partner: str, given: Given, command: CustomerCommand) -> Response:
    client_id = call.request.path_params["client_id"]
    outcome = await carry_out(
        call, partner, client_id, given, lambda state, stamp: decide(state, command, stamp)
    )
    return accepted({"status": outcome.customer.status}, outcome.headers)


async def _list(call: Call, partner: str) -> Response:
    asked = asked_list(call, spoken(call))
    async with call.pool.connection() as connection:
        found, after = await read_list(
            connection, partner, today(call.settings),
            status=asked.status, after=asked.after, limit=asked.limit,
        )  # fmt: skip
    return accepted({"customers": [msgspec.Raw(each.encode()) for each in found], "after": after})


async def _read(call: Call, partner: str) -> Response:
    client_id = call.request.path_params["client_id"]
    async with call.pool.connection() as connection:
        found = await read_one(connection, partner, client_id, today(call.settings))
    names = ("customer", "history", "billed")
    parts = zip(names, found, strict=True)
    return accepted({name: msgspec.Raw(part.encode()) for name, part in parts})


ENDPOINTS = (
    partner_endpoint(
        method="POST",
        path=PATH,
        handler=_activate,
        summary="Activate the paid service",
        description=(
            "For a known lead or for somebody new; a customer is refreshed. The body is JSON, a"
            " form or multipart, in UTF-8."
        ),
        body=ClientParameters,
        answers={200: Accepted},
    ),
    partner_endpoint(
        method="GET",
        path=PATH,
        handler=_list,
        summary="Leads and customers by client_id",
        query=(
            Query(
                "status",
                "Only those of this status.",
                {"type": "string", "enum": list(STATUSES)},
            ),
            Query("after", "Only those behind this client_id: `after` of the page before."),
            Query(
                "limit",
                f"The most on a page, {MOST_LISTED} unless it says less.",
                {"type": "integer", "minimum": 1, "maximum": MOST_LISTED},
            ),
        ),
        answers={200: CustomersAnswer},
    ),
    partner_endpoint(
        method="GET",
        path=f"{PATH}/{{client_id}}",
        handler=_read,
        summary="A lead or customer: its state, its history, what was billed",
        answers={200: CustomerAnswer},
    ),
    partner_endpoint(
        method="POST",
        path=f"{PATH}/{{client_id}}/offer",
        handler=_offer,
        summary="Offer months to a customer",
        description=(
            "The months follow those that have begun, those that are free and those that were"
            " offered before."
        ),
        body=OfferParameters,
        answers={200: Changed},
    ),
    partner_endpoint(
        method="POST",
        path=f"{PATH}/{{client_id}}/terminate",
        handler=_terminate,
        summary="End the contract of a customer",
        body=TerminateParameters,
        answers={200: Changed},
    ),
)
