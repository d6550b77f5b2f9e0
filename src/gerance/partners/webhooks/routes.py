"""The delivery log over HTTP. Each partner reads its own."""

import msgspec
from starlette.responses import Response

from gerance.kernel.http.endpoint import Call
from gerance.kernel.webhooks import owner_endpoints
from gerance.kernel.webhooks.owner_routes import DELIVERY_QUERY
from gerance.kernel.webhooks.shapes import DeliveryView
from gerance.kernel.wire import DateTime
from gerance.partners.calls.endpoint import partner_endpoint
from gerance.partners.calls.envelope import success
from gerance.partners.parameters.parser import Reader
from gerance.partners.parameters.problems import WrongParameter, reject_parameters
from gerance.partners.parameters.values import between
from gerance.partners.webhooks.flavour import FLAVOUR
from gerance.partners.webhooks.parameters import EVENT_TYPES

PATH = "/v1/webhook-deliveries"
_LAST = 2**63 - 1


class DeliveryAttempt(msgspec.Struct, frozen=True, kw_only=True):
    """One attempt to deliver an event to the partner. `position`: that of the event, null for a
    ping; `event_type`: its number; `message_id`: its header webhook-id, the same for every attempt
    and replay of an event; `attempt`: the number of this attempt; `outcome`: delivered, failed or
    dead (failed, and not retried); `failure`, `detail`: why; `request`, `answer`: the beginnings
    of both bodies; `next_attempt`: when it is retried."""

    id: int
    position: int | None
    event_type: int | None
    message_id: str
    attempt: int
    url: str
    at: DateTime
    duration_ms: float
    outcome: str
    status: int | None
    failure: str | None
    detail: str
    request: str
    answer: str
    next_attempt: DateTime | None


class DeliveriesAnswer(msgspec.Struct):
    """Calls, the latest first. `before`: ask with it for those before them, null at the end."""

    response: int
    text: str
    deliveries: list[DeliveryAttempt]
    before: int | None


async def _list(call: Call, partner: str) -> Response:
    query = _read_query(call)
    page = await owner_endpoints.list_deliveries(
        call.pool, owner_endpoints.Owner(FLAVOUR, partner), query
    )
    return success(
        {"deliveries": [attempt_view(each) for each in page.deliveries], "before": page.before}
    )


def _read_query(call: Call) -> dict[str, str]:
    """The query of the log. Raises Rejection (400 `InvalidParameters`)."""
    query = call.request.query_params
    read = Reader({name: query.getlist(name) for name in query})
    values = {
        "outcome": read.value("outcome", _outcome, 20),
        "before": read.value("before", lambda text: between(text, _LAST, "limit"), 19),
        "limit": read.value(
            "limit", lambda text: between(text, owner_endpoints.MOST_DELIVERIES, "limit"), 9
        ),
    }
    if read.wrong:
        raise reject_parameters(read.wrong)
    return {name: str(value) for name, value in values.items() if value is not None}


def _outcome(text: str) -> str:
    if text not in owner_endpoints.OUTCOMES:
        raise WrongParameter("outcome")
    return text


def attempt_view(delivery: DeliveryView) -> DeliveryAttempt:
    """An attempt in the log as the partner reads it."""
    fields = {name: getattr(delivery, name) for name in DeliveryAttempt.__struct_fields__}
    number = EVENT_TYPES.get(delivery.event_type) if delivery.event_type else None
    return DeliveryAttempt(**fields | {"event_type": number})


ENDPOINTS = (
    partner_endpoint(
        method="GET",
        path=PATH,
        handler=_list,
        summary="List the deliveries to the partner's webhook endpoint",
        description="The latest first, with their bodies and outcomes. The log has the last days.",
        query=DELIVERY_QUERY,
        answers={200: DeliveriesAnswer},
    ),
)
