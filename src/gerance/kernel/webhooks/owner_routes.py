"""The handlers of endpoint routes, shared by every API that has webhooks.

Each API adds its paths and texts, its body format, and the operations of its own endpoints.
"""

from collections.abc import Awaitable, Callable
from typing import Any, NamedTuple, Protocol, TypeVar

import msgspec
from starlette.responses import Response

from gerance.kernel.http.endpoint import Call, Query
from gerance.kernel.webhooks import owner_endpoints
from gerance.kernel.webhooks.flavours import Flavour
from gerance.kernel.webhooks.owner_endpoints import Owner, Pings
from gerance.kernel.webhooks.shapes import EndpointView, GiveUpRequest, ReplayRequest, Rotation

T = TypeVar("T", bound=msgspec.Struct)

DELIVERY_FILTERS = ("endpoint", "outcome", "before", "limit")

DELIVERY_QUERY = (
    Query(
        "outcome",
        "Only deliveries with this outcome.",
        {"type": "string", "enum": list(owner_endpoints.OUTCOMES)},
    ),
    Query(
        "before",
        "The `before` of the previous page: the deliveries before those.",
        {"type": "integer", "minimum": 1},
    ),
    Query(
        "limit",
        "The most deliveries of a page.",
        {
            "type": "integer",
            "minimum": 1,
            "maximum": owner_endpoints.MOST_DELIVERIES,
            "default": 100,
        },
    ),
)
"""Query parameters of a page of the delivery log."""


class Decode(Protocol):
    """Reads the body of a request as a type. Raises BadRequest."""

    def __call__(self, call: Call, kind: type[T], /) -> Awaitable[T]: ...


class OwnerRoutes(NamedTuple):
    """The handlers of one API.

    `owner`: authenticates the request; `view`: an endpoint as the API shows it; `encode`: JSON with
    the API's names; `uid`: the path parameter with the uid of an endpoint.
    """

    owner: Callable[[Call], Awaitable[Owner]]
    flavour: Callable[[Call], Flavour]
    view: Callable[[EndpointView], Any]
    encode: Callable[[Any], bytes]
    decode: Decode
    uid: str

    async def list_endpoints(self, call: Call) -> Response:
        views = await owner_endpoints.list_endpoints(call.pool, await self.owner(call))
        return self._json([self.view(each) for each in views])

    async def one_endpoint(self, call: Call) -> Response:
        owner = await self.owner(call)
        return self._json(
            self.view(await owner_endpoints.one_endpoint(call.pool, owner, self._uid(call)))
        )

    async def remove(self, call: Call) -> Response:
        await owner_endpoints.remove_endpoint(call.pool, await self.owner(call), self._uid(call))
        return Response(status_code=204)

    async def rotate(self, call: Call) -> Response:
        owner = await self.owner(call)
        rotation = await self.decode(call, Rotation)
        return self._json(
            await owner_endpoints.rotate_secret(call.pool, owner, self._uid(call), rotation)
        )

    async def ping(self, call: Call) -> Response:
        result = await owner_endpoints.try_endpoint(
            call.pool,
            await self.owner(call),
            self._uid(call),
            caller=call.request.app.state.caller,
            flavour=self.flavour(call),
            pings=call.instance(Pings),
        )
        return self._json(result)

    async def replay(self, call: Call) -> Response:
        owner = await self.owner(call)
        request = await self.decode(call, ReplayRequest)
        return self._json(
            await owner_endpoints.replay_events(call.pool, owner, self._uid(call), request)
        )

    async def give_up(self, call: Call) -> Response:
        owner = await self.owner(call)
        request = await self.decode(call, GiveUpRequest)
        await owner_endpoints.give_up(call.pool, owner, self._uid(call), request.position)
        return Response(status_code=204)

    async def list_deliveries(self, call: Call) -> Response:
        """A page of the delivery log: of the endpoint that the path names, else of the owner."""
        owner = await self.owner(call)
        filters = {
            name: text for name in DELIVERY_FILTERS if (text := call.parameter(name)) is not None
        }
        if self.uid in call.request.path_params:
            one = await owner_endpoints.one_endpoint(call.pool, owner, self._uid(call))
            filters["endpoint"] = one.uid
        return self._json(await owner_endpoints.list_deliveries(call.pool, owner, filters))

    def _uid(self, call: Call) -> str:
        return str(call.request.path_params[self.uid])

    def _json(self, value: Any) -> Response:
        return Response(self.encode(value), media_type="application/json")
