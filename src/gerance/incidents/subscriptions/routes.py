"""Subscriptions over HTTP: each user handles those that it made, and no others."""

from typing import Any, TypeVar

import msgspec
from msgspec import UNSET
from starlette.responses import Response

from gerance.incidents.subscriptions.flavour import AGENCIES, FLAVOUR, Incidents
from gerance.incidents.subscriptions.parameters import require_agencies
from gerance.incidents.subscriptions.shapes import (
    NewSubscription,
    Subscription,
    SubscriptionMade,
    SubscriptionPatch,
)
from gerance.incidents.subscriptions.topics import topics
from gerance.kernel.errors import NotFound
from gerance.kernel.http.endpoint import Call, Endpoint
from gerance.kernel.webhooks import owner_endpoints
from gerance.kernel.webhooks.endpoints import add_endpoint, subscribe
from gerance.kernel.webhooks.guard import Guard
from gerance.kernel.webhooks.headers import check_headers
from gerance.kernel.webhooks.owner_endpoints import Owner
from gerance.kernel.webhooks.owner_routes import DELIVERY_QUERY, OwnerRoutes
from gerance.kernel.webhooks.shapes import (
    DeliveryPage,
    DeliveryView,
    GiveUpRequest,
    NewSecret,
    PingView,
    ReplayRequest,
    ReplayResult,
    Rotation,
)
from gerance.kernel.wire import encode

T = TypeVar("T", bound=msgspec.Struct)

PATH = "/api/v1/subscriptions"
_ONE = f"{PATH}/{{subscription_uid}}"
_LONGEST_ID = 18


async def _make(call: Call) -> Response:
    body: NewSubscription = await call.message()
    owner, categories = _owner(call), topics(body.event_types)
    url = owner_endpoints.checked_url(_guard(call), body.url, "url")
    headers = check_headers(body.headers)
    async with call.pool.connection() as connection, connection.transaction():
        if body.agencies is not None:
            await require_agencies(connection, call.principal, body.agencies)
        uid, secret = await add_endpoint(
            connection,
            flavour=owner.flavour,
            owner=owner.name,
            url=url,
            headers=headers,
            choice=_choice(body.agencies),
            rate=body.rate,
        )
        await subscribe(connection, uid, categories)
    endpoint = await owner_endpoints.one_endpoint(call.pool, owner, uid)
    return _json(SubscriptionMade.of(endpoint, secret=secret), 201, Location=f"{PATH}/{uid}")


async def _change(call: Call) -> Response:
    patch: SubscriptionPatch = await call.message()
    choice = None if patch.agencies is UNSET else _choice(patch.agencies)
    categories = None if patch.event_types is UNSET else topics(patch.event_types)
    if patch.agencies is not UNSET and patch.agencies is not None:
        async with call.pool.connection() as connection:
            await require_agencies(connection, call.principal, patch.agencies)
    endpoint = await owner_endpoints.patch_endpoint(
        call.pool,
        _owner(call),
        _uid(call),
        patch,
        _guard(call),
        choice=choice,
        categories=categories,
    )
    return _json(Subscription.of(endpoint))


async def _delivery(call: Call) -> Response:
    text = call.request.path_params["delivery_id"]
    owner = _owner(call)
    one = await owner_endpoints.one_endpoint(call.pool, owner, _uid(call))
    filters = {"endpoint": one.uid, "limit": "1"}
    if text.isascii() and text.isdigit() and len(text) <= _LONGEST_ID:
        filters["before"] = str(int(text) + 1)
    page = await owner_endpoints.list_deliveries(call.pool, owner, filters)
    if not page.deliveries or str(page.deliveries[0].id) != text:
        raise NotFound("There is no delivery with this id.")
    return _json(page.deliveries[0])


def _owner(call: Call) -> Owner:
    return Owner(FLAVOUR, call.principal.uid)


async def _owner_of(call: Call) -> Owner:
    return _owner(call)


async def _decode(call: Call, kind: type[T]) -> T:
    message: T = await call.message()
    return message


def _uid(call: Call) -> str:
    return str(call.request.path_params["subscription_uid"])


def _guard(call: Call) -> Guard:
    return Guard(call.settings.webhook_networks)


def _choice(agencies: Any) -> dict[str, Any]:
    return {} if agencies is None else {AGENCIES: list(dict.fromkeys(agencies))}


def _json(answer: Any, status: int = 200, **headers: str) -> Response:
    return Response(encode(answer), status, headers=headers, media_type="application/json")


_ROUTES = OwnerRoutes(
    owner=_owner_of,
    flavour=lambda call: Incidents(),
    view=Subscription.of,
    encode=encode,
    decode=_decode,
    uid="subscription_uid",
)
_TAG = "Subscriptions"
_UNKNOWN = {404: "Unknown, or it belongs to another user"}

ENDPOINTS = (
    Endpoint(
        method="POST",
        path=PATH,
        handler=_make,
        summary="Subscribe a URL to events",
        description="From now on each event of these types that you may read at that moment is"
        " POSTed to the URL as its command answered it, with a signature (Standard Webhooks). The"
        " secret is in this answer and in no other.",
        tag=_TAG,
        body=NewSubscription,
        answers={201: SubscriptionMade},
        rejections={409: "You have the maximum number of subscriptions"},
    ),
    Endpoint(
        method="GET",
        path=PATH,
        handler=_ROUTES.list_endpoints,
        summary="Your subscriptions, the oldest first",
        tag=_TAG,
        answers={200: list[Subscription]},
    ),
    Endpoint(
        method="GET",
        path=_ONE,
        handler=_ROUTES.one_endpoint,
        summary="One of your subscriptions",
        tag=_TAG,
        answers={200: Subscription},
    ),
    Endpoint(
        method="PATCH",
        path=_ONE,
        handler=_change,
        summary="Change, pause or resume a subscription",
        tag=_TAG,
        body=SubscriptionPatch,
        answers={200: Subscription},
        rejections={**_UNKNOWN, 409: "An operator has switched it off"},
    ),
    Endpoint(
        method="DELETE",
        path=_ONE,
        handler=_ROUTES.remove,
        summary="End a subscription",
        description="Its pending events are dropped.",
        tag=_TAG,
        answers={204: None},
        rejections=_UNKNOWN,
    ),
    Endpoint(
        method="POST",
        path=f"{_ONE}/rotate",
        handler=_ROUTES.rotate,
        summary="Rotate the secret",
        description="Calls are signed with the old one as well for `overlapSeconds`.",
        tag=_TAG,
        body=Rotation,
        answers={200: NewSecret},
        rejections=_UNKNOWN,
    ),
    Endpoint(
        method="POST",
        path=f"{_ONE}/ping",
        handler=_ROUTES.ping,
        summary="Test a subscription",
        description="Sends a call of the type `Ping` at once and returns its result.",
        tag=_TAG,
        answers={200: PingView},
        rejections={**_UNKNOWN, 429: "Pings of yours are under way"},
    ),
    Endpoint(
        method="GET",
        path=f"{_ONE}/deliveries",
        handler=_ROUTES.list_deliveries,
        summary="The deliveries of a subscription, the latest first",
        tag=_TAG,
        query=DELIVERY_QUERY,
        answers={200: DeliveryPage},
    ),
    Endpoint(
        method="GET",
        path=f"{_ONE}/deliveries/{{delivery_id}}",
        handler=_delivery,
        summary="One delivery of a subscription",
        tag=_TAG,
        answers={200: DeliveryView},
    ),
    Endpoint(
        method="POST",
        path=f"{_ONE}/replay",
        handler=_ROUTES.replay,
        summary="Replay events",
        description="Replays one event, all that failed, or all since a moment.",
        tag=_TAG,
        body=ReplayRequest,
        answers={200: ReplayResult},
        rejections=_UNKNOWN,
    ),
    Endpoint(
        method="POST",
        path=f"{_ONE}/giveup",
        handler=_ROUTES.give_up,
        summary="Give up an event that fails",
        description="The later events of the same stream are then delivered.",
        tag=_TAG,
        body=GiveUpRequest,
        answers={204: None},
        rejections=_UNKNOWN,
    ),
)
