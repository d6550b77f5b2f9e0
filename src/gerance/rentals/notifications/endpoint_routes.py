"""The addresses of an integrator: how they fare, and what it does about it."""

from typing import Any, TypeVar

import msgspec
from starlette.responses import Response

from gerance.kernel.http.body import decode_without_case, read_aside, read_body
from gerance.kernel.http.endpoint import Call, Endpoint, Query
from gerance.kernel.odata.errors import error_response
from gerance.kernel.webhooks import owner_endpoints, shapes
from gerance.kernel.webhooks.guard import Guard
from gerance.kernel.webhooks.owner_routes import DELIVERY_QUERY, OwnerRoutes
from gerance.kernel.wire import encode
from gerance.rentals.access.integrator import authenticate
from gerance.rentals.access.notice import FLAVOUR
from gerance.rentals.notifications.flavour import rentals_flavour
from gerance.rentals.notifications.pascal_case import WebhookAddress, encode_pascal, in_pascal

T = TypeVar("T", bound=msgspec.Struct)


async def patch_endpoint(call: Call) -> Response:
    owner, guard = await _owner(call), Guard(call.settings.webhook_networks)
    patch = await _body(call, shapes.EndpointPatch)
    view = await owner_endpoints.patch_endpoint(call.pool, owner, _uid(call), patch, guard)
    return Response(encode(WebhookAddress.of(view)), media_type="application/json")


async def _owner(call: Call) -> owner_endpoints.Owner:
    return owner_endpoints.Owner(FLAVOUR, (await authenticate(call)).uid)


def _uid(call: Call) -> str:
    return str(call.request.path_params["uid"])


async def _body(call: Call, kind: type[T]) -> T:
    body = await read_body(call.request, limit=call.settings.max_body_bytes)
    return await read_aside(
        len(body), lambda: decode_without_case(kind, body or b"{}", strict=True)
    )


_ROUTES = OwnerRoutes(
    owner=_owner,
    flavour=lambda call: rentals_flavour(call.settings),
    view=WebhookAddress.of,
    encode=encode_pascal,
    decode=_body,
    uid="uid",
)


def _endpoint(method: str, path: str, handler: Any, summary: str, **more: Any) -> Endpoint:
    missing = {404: "There is no such endpoint, or it belongs to another integrator"}
    rejections = (missing if "{uid}" in path else {}) | more.pop("rejections", {})
    return Endpoint(
        method=method,
        path=f"/api/Webhooks{path}",
        handler=handler,
        summary=summary,
        tag="Webhooks",
        rejections=rejections,
        public=True,
        scheme="bearer",
        render=error_response,
        error_schema="ODataError",
        **more,
    )


_DELIVERIES: Any = tuple[in_pascal(shapes.DeliveryView), ...]  # type: ignore[misc]
_PAGE = in_pascal(shapes.DeliveryPage, deliveries=_DELIVERIES)

ENDPOINTS: tuple[Endpoint, ...] = (
    _endpoint(
        "GET", "", _ROUTES.list_endpoints, "Your endpoints", answers={200: list[WebhookAddress]}
    ),
    _endpoint(
        "GET",
        "/Deliveries",
        _ROUTES.list_deliveries,
        "The delivery log",
        description="The latest first. The same is the entity set WebhookDeliveries.",
        query=(
            Query("endpoint", "Only deliveries to the endpoint with this uid."),
            *DELIVERY_QUERY,
        ),
        answers={200: _PAGE},
    ),
    _endpoint("GET", "/{uid}", _ROUTES.one_endpoint, "One endpoint", answers={200: WebhookAddress}),
    _endpoint(
        "PATCH",
        "/{uid}",
        patch_endpoint,
        "Pause, resume or change an endpoint",
        description="`State` active also resumes an endpoint that was switched off.",
        body=in_pascal(shapes.EndpointPatch),
        answers={200: WebhookAddress},
        rejections={409: "An operator has switched it off"},
    ),
    _endpoint(
        "DELETE",
        "/{uid}",
        _ROUTES.remove,
        "Remove an endpoint",
        description="Its subscriptions end, and its pending events are dropped.",
        answers={204: None},
    ),
    _endpoint(
        "POST",
        "/{uid}/Rotate",
        _ROUTES.rotate,
        "Rotate the secret",
        description="It is shown once. Calls are signed with both for `OverlapSeconds`, a day.",
        body=in_pascal(shapes.Rotation),
        answers={200: in_pascal(shapes.NewSecret)},
    ),
    _endpoint(
        "POST",
        "/{uid}/Ping",
        _ROUTES.ping,
        "Test an endpoint",
        description="Calls it at once, in any state, with a test message instead of an entity.",
        answers={200: in_pascal(shapes.PingView)},
        rejections={429: "Too many pings are under way"},
    ),
    _endpoint(
        "POST",
        "/{uid}/Replay",
        _ROUTES.replay,
        "Replay events to an endpoint",
        description="One event (`Position`), all that failed (`Failed`), or all `Since` a moment.",
        body=in_pascal(shapes.ReplayRequest),
        answers={200: in_pascal(shapes.ReplayResult)},
    ),
    _endpoint(
        "POST",
        "/{uid}/GiveUp",
        _ROUTES.give_up,
        "Give up an event",
        description="The events that wait behind it are then delivered.",
        body=in_pascal(shapes.GiveUpRequest),
        answers={204: None},
    ),
)
