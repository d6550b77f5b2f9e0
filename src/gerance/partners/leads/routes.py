"""Leads over HTTP: the current request, and the contact form of the older edition."""

from starlette.responses import Response

from gerance.kernel.http.endpoint import Call
from gerance.partners.calls.body import read_parameters
from gerance.partners.calls.endpoint import partner_endpoint
from gerance.partners.calls.envelope import (
    AcceptedAnswer,
    OlderAnswer,
    older_rejection,
    older_success,
)
from gerance.partners.calls.execute import answer_outcome, execute, language_of_call
from gerance.partners.client_parameters import ClientParameters, client_id_in, read_client
from gerance.partners.leads.commands import ReceiveLead
from gerance.partners.leads.decide import decide
from gerance.partners.leads.older_form import OlderForm, read_older_form
from gerance.partners.programme.programme import read_programme


async def _receive(call: Call, partner: str) -> Response:
    parameters = await read_parameters(call)
    async with call.pool.connection() as connection:
        programme = await read_programme(connection, partner, client_id_in(parameters))
    client_id, details = read_client(parameters, programme, language_of_call(call))
    command = ReceiveLead(details)
    outcome = await execute(
        call, partner, client_id, parameters, lambda state, stamp: decide(state, command, stamp)
    )
    return answer_outcome(outcome, programme)


async def _receive_form(call: Call, partner: str) -> Response:
    parameters = await read_parameters(call)
    client_id, details = read_older_form(parameters, partner, language_of_call(call))
    command = ReceiveLead(details)
    outcome = await execute(
        call, partner, client_id, parameters, lambda state, stamp: decide(state, command, stamp)
    )
    return older_success(outcome.headers)


ENDPOINTS = (
    partner_endpoint(
        method="POST",
        path="/v1/leads",
        handler=_receive,
        summary="Submit a lead",
        description=(
            "Adds the lead or refreshes it. The body is JSON, a form or multipart, in UTF-8."
        ),
        body=ClientParameters,
        answers={200: AcceptedAnswer},
    ),
    partner_endpoint(
        method="POST",
        path="/users",
        handler=_receive_form,
        summary="Submit a lead by the contact form of the older edition",
        description=(
            "Adds a lead or refreshes it. Its client_id is derived from the e-mail address."
        ),
        render=older_rejection,
        body=OlderForm,
        answers={200: OlderAnswer},
    ),
)
