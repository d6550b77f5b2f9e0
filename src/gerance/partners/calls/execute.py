"""Execution of a partner request: command, idempotency key, answer."""

from datetime import date
from typing import NamedTuple

import msgspec
from starlette.responses import Response

from gerance.kernel import clock
from gerance.kernel.errors import CommandAlreadySent, Language, reject
from gerance.kernel.http.endpoint import Call
from gerance.kernel.settings import Settings
from gerance.partners.calls.body import Parameters
from gerance.partners.calls.envelope import success
from gerance.partners.lifecycle.queries import read_state
from gerance.partners.lifecycle.state import Customer
from gerance.partners.lifecycle.writer import (
    ChangeRequest,
    Decide,
    change,
    process_of,
    reject_reused_key,
)
from gerance.partners.programme.programme import Programme
from gerance.partners.programme.redirect import redirect_to
from gerance.partners.wording import language_of

_LONGEST_KEY = 255


class CallOutcome(NamedTuple):
    """The result of a request: the customer afterwards, and headers of the answer."""

    customer: Customer
    headers: dict[str, str]


def today(settings: Settings) -> date:
    """The present day in the time zone of the installation."""
    return clock.today(settings.zone)


def language_of_call(call: Call) -> Language:
    """The language of the answer."""
    return language_of(",".join(call.request.headers.getlist("accept-language")))


async def execute(
    call: Call, partner: str, client_id: str, parameters: Parameters, decide: Decide
) -> CallOutcome:
    """Execute the command that `decide` makes of a request with these parameters.

    A request that was accepted before with the same `Idempotency-Key` changes nothing. Raises
    Rejection as `decide` does; 409 `IdempotencyKeyReused` for the key of another request.
    """
    key = call.request.headers.get("idempotency-key", "")
    if len(key) > _LONGEST_KEY:
        raise reject("BadIdempotencyKey", "long", most=_LONGEST_KEY)
    process = None
    if key:
        request_bytes = msgspec.json.encode((call.request.url.path, parameters), order="sorted")
        process = process_of(partner, key, request_bytes)
        async with call.pool.connection() as connection:
            await reject_reused_key(connection, partner, client_id, process)
    request = ChangeRequest("partner", today(call.settings), process, call.dry_run)
    try:
        result = await change(call.writer, partner, client_id, request, decide)
    except CommandAlreadySent:
        async with call.pool.connection() as connection:
            customer = await read_state(connection, partner, client_id)
        return CallOutcome(customer, {})
    headers = {} if result.position is None else {"Gerance-Position": str(result.position)}
    if call.dry_run:
        headers = {"Preference-Applied": "handling=dry-run"}
    return CallOutcome(result.customer, headers)


def answer_outcome(outcome: CallOutcome, programme: Programme) -> Response:
    """The envelope of an accepted request, with the URL to which the client is redirected."""
    details = outcome.customer.details
    campaign = programme.campaign_or_default(details.campaign_code)
    address = None
    if campaign is not None and campaign.redirect_template is not None:
        address = redirect_to(
            campaign.redirect_template,
            client_id=outcome.customer.client_id,
            partner_code=programme.partner,
            campaign_code=campaign.code,
            source=details.source,
        )
    return success({"redirect_to": address}, outcome.headers)
