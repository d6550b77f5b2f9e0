"""Leads over HTTP: the present call, and the contact form of the older edition."""

from starlette.responses import Response

from gerance.kernel.http.endpoint import Call
from gerance.partners.calls.body import given_parameters
from gerance.partners.calls.endpoint import partner_endpoint
from gerance.partners.calls.envelope import (
    Accepted,
    OlderAnswer,
    older_accepted,
    older_refusal,
)
from gerance.partners.calls.execute import answer_outcome, carry_out, spoken
from gerance.partners.client_parameters import ClientParameters, described, named_client
from gerance.partners.leads.commands import ReceiveLead
from gerance.partners.leads.decide import decide
from gerance.partners.leads.older_form import OlderForm, described_by_form
from gerance.partners.programme.programme import read_programme


async def _receive(call: Call, partner: str) -> Response:
    given = await given_parameters(call)
    async with call.pool.connection() as connection:
        programme = await read_programme(connection, partner, named_client(given))
    client_id, details = described(given, programme, spoken(call))
    command = ReceiveLead(details)
    outcome = await carry_out(
        call, partner, client_id, given, lambda state, stamp: decide(state, command, stamp)
    )
    return answer_outcome(outcome, programme)


async def _receive_form(call: Call, partner: str) -> Response:
    given = await given_parameters(call)
    client_id, details = described_by_form(given, partner, spoken(call))
    command = ReceiveLead(details)
    outcome = await carry_out(
        call, partner, client_id, given, lambda state, stamp: decide(state, command, stamp)
    )
    return older_accepted(outcome.headers)


ENDPOINTS = (
    partner_endpoint(
        method="POST",
        path="/v1/leads",
        handler=_receive,
        summary="Ask for a free mock-up of the service",
        description=(
            "Creates the lead, or refreshes it. The body is JSON, a form or multipart, in UTF-8."
        ),
        body=ClientParameters,
        answers={200: Accepted},
    ),
    partner_endpoint(
        method="POST",
        path="/users",
        handler=_receive_form,
        summary="The older edition's contact form",
        description=(
            "Creates a lead, or refreshes it; its client_id follows from the e-mail address."
        ),
        render=older_refusal,
        body=OlderForm,
        answers={200: OlderAnswer},
    ),
)
