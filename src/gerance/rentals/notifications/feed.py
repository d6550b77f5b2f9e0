"""An integrator as listener of a feed: it receives the same messages as its endpoints."""

from collections.abc import Awaitable, Callable, Sequence

from gerance.kernel.db import Connection
from gerance.kernel.errors import BadRequest
from gerance.kernel.feeds.listener import EventFilter, FeedEntry
from gerance.kernel.http.endpoint import Call
from gerance.kernel.identity.bearer import Integrator
from gerance.kernel.log.eventlog import LoggedEvent
from gerance.kernel.webhooks.flavours import PendingDelivery, WebhookEndpoint
from gerance.rentals.access.integrator import authenticate
from gerance.rentals.notifications.entities import ENTITIES
from gerance.rentals.notifications.flavour import FLAVOUR, STATUSES, Rentals, rentals_flavour


class IntegratorListener:
    """A Listener by its token. `reauthenticate`: reads the integrator again while the token is
    valid."""

    categories = tuple(ENTITIES)
    types = frozenset(f"{name}{happened}" for name in ENTITIES for happened in STATUSES)

    def __init__(
        self,
        reauthenticate: Callable[[], Awaitable[Integrator]],
        integrator: Integrator,
        rentals: Rentals,
    ) -> None:
        self._reauthenticate, self._integrator, self._rentals = reauthenticate, integrator, rentals

    @property
    def name(self) -> str:
        return self._integrator.uid

    async def refresh(self) -> "IntegratorListener":
        """With the rights as of now. Raises Rejection (401): the token is good no more."""
        return IntegratorListener(self._reauthenticate, await self._reauthenticate(), self._rentals)

    async def visible_entries(
        self, connection: Connection, events: Sequence[LoggedEvent], event_filter: EventFilter
    ) -> list[FeedEntry]:
        """The messages of those of the events that the integrator may know of."""
        me = WebhookEndpoint(
            uid=self.name, flavour=FLAVOUR, owner=self.name, url="", headers=(), choice={},
            secrets=(),
        )  # fmt: skip
        messages = await self._rentals.render(
            connection, [_pending_delivery(me, event) for event in events]
        )
        return [
            FeedEntry(event.cursor, event.category, event.event_type, message.body)
            for event, message in zip(events, messages, strict=True)
            if message is not None
        ]


async def integrator_listener(call: Call) -> IntegratorListener:
    """Who listens by the token in the header. Raises Rejection (401), and BadRequest for a choice
    of agencies, which rentals do not have."""
    integrator = await authenticate(call)
    if call.parameter("agencies") is not None:
        raise BadRequest("agencies: rentals have no agencies. Use categories.")
    return IntegratorListener(
        lambda: authenticate(call), integrator, rentals_flavour(call.settings)
    )


def _pending_delivery(me: WebhookEndpoint, event: LoggedEvent) -> PendingDelivery:
    return PendingDelivery(
        me,
        event.cursor.position,
        0,
        0,
        event.category,
        event.stream,
        event.event_type,
        event.data,
        event.sent_date,
    )
