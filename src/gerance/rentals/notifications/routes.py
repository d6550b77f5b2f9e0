"""Subscribing to changes of rentals, as the reference has it (002, webhooks)."""

from typing import Annotated

import msgspec
from msgspec import Meta, UnsetType
from starlette.responses import Response

from gerance.kernel.http.body import decode_body, decode_without_case, read_aside, read_body
from gerance.kernel.http.endpoint import Call, Endpoint
from gerance.kernel.odata.errors import error_response
from gerance.kernel.webhooks.guard import Guard
from gerance.kernel.webhooks.headers import parse_headers
from gerance.kernel.webhooks.owner_endpoints import checked_url
from gerance.kernel.wire import encode
from gerance.rentals.access.integrator import authenticate
from gerance.rentals.access.notice import notice
from gerance.rentals.notifications.endpoint_routes import ENDPOINTS as OF_ENDPOINTS
from gerance.rentals.notifications.entities import ENTITIES, named_entities
from gerance.rentals.notifications.flavour import rentals_flavour
from gerance.rentals.notifications.subscriptions import (
    subscribe_entities,
    subscribed_entities,
    unsubscribe_entities,
)

Names = Annotated[list[str], Meta(max_length=100)]


class SubscribeRequest(msgspec.Struct, rename="pascal"):
    """The entities to subscribe to, and the URL that receives their changes.

    `response_url`: called with POST; `response_headers`: sent with each call,
    `name:value;name2:value2`, an empty text or null for none; `entities`: names of entities, in any
    case, singular or plural.
    """

    response_url: str
    entities: Annotated[list[str], Meta(min_length=1, max_length=100)]
    response_headers: str | None = None


class EntitySubscription(msgspec.Struct, rename="pascal"):
    """An endpoint and all entities that it receives. `uid`: its name below `/api/Webhooks`;
    `secret`: signs its calls; returned only when the endpoint is new, and never shown again."""

    uid: str
    response_url: str
    entities: list[str]
    secret: str | UnsetType = msgspec.UNSET


async def subscribe(call: Call) -> Response:
    """200 with the address and its entities."""
    integrator = await authenticate(call)
    body = await read_body(call.request, limit=call.settings.max_body_bytes)
    request = await read_aside(len(body), lambda: decode_without_case(SubscribeRequest, body))
    entities = named_entities(request.entities)
    access = rentals_flavour(call.settings).access(integrator)
    for entity in entities:
        access.require(entity)
    headers = parse_headers(request.response_headers)
    url = checked_url(Guard(call.settings.webhook_networks), request.response_url, "ResponseUrl")
    async with call.pool.connection() as connection:
        subscription = await subscribe_entities(
            connection, integrator.uid, url, headers, [each.name for each in entities]
        )
    answer = EntitySubscription(
        subscription.uid,
        subscription.url,
        subscription.entities,
        subscription.secret or msgspec.UNSET,
    )
    return Response(encode(answer), media_type="application/json")


async def list_subscribed(call: Call) -> Response:
    """200 with the names of the entities."""
    integrator = await authenticate(call)
    async with call.pool.connection() as connection:
        names = await subscribed_entities(connection, integrator.uid)
        headers = await notice(connection, integrator.uid)
    return Response(encode(names), headers=headers, media_type="application/json")


async def unsubscribe(call: Call) -> Response:
    """200 with the names of the entities that are still subscribed to."""
    integrator = await authenticate(call)
    body = await read_body(call.request, limit=call.settings.max_body_bytes)
    entities = named_entities(await read_aside(len(body), lambda: decode_body(Names, body)))
    async with call.pool.connection() as connection:
        left = await unsubscribe_entities(
            connection, integrator.uid, [each.name for each in entities]
        )
    return Response(encode(left), media_type="application/json")


_AVAILABLE = f"Available: {', '.join(ENTITIES)}."

ENDPOINTS: tuple[Endpoint, ...] = (
    Endpoint(
        method="POST",
        path="/api/subscribe",
        handler=subscribe,
        summary="Subscribe to changes of entities",
        description=(
            "`ResponseUrl` is called for each entity that is created, changed or deleted. The names"
            " of members and entities are read without case; entities in the singular or plural."
            " Different entities may go to different endpoints; an entity that is subscribed again"
            " moves to the new one. An integrator that only reads may subscribe as well."
            f" {_AVAILABLE}"
        ),
        tag="Webhooks",
        body=SubscribeRequest,
        answers={200: EntitySubscription},
        rejections={
            403: "Without the right to read the entity",
            409: "There are too many endpoints already, or an operator has switched this one off",
        },
        public=True,
        scheme="bearer",
        render=error_response,
        error_schema="ODataError",
    ),
    Endpoint(
        method="GET",
        path="/api/subscribe",
        handler=list_subscribed,
        summary="The entities subscribed to",
        description=(
            "The header `Gerance-Notice` of the answer names endpoints that are switched off."
        ),
        tag="Webhooks",
        answers={200: list[str]},
        public=True,
        scheme="bearer",
        render=error_response,
        error_schema="ODataError",
    ),
    Endpoint(
        method="POST",
        path="/api/unsubscribe",
        handler=unsubscribe,
        summary="End subscriptions",
        description=(
            "A list of entities, named as in subscribing; those that are not subscribed to do not"
            " matter. Their pending events are dropped, and an endpoint without entities is"
            " removed. Returns the entities that are still subscribed to."
        ),
        tag="Webhooks",
        body=Names,
        answers={200: list[str]},
        public=True,
        scheme="bearer",
        render=error_response,
        error_schema="ODataError",
    ),
    *OF_ENDPOINTS,
)
