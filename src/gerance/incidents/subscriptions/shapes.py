"""Subscriptions as they are asked for and shown; what endpoints share is in the kernel."""

from typing import Annotated, Any, Self

import msgspec
from msgspec import UNSET, Meta, UnsetType

from gerance.incidents.subscriptions.flavour import AGENCIES
from gerance.incidents.subscriptions.topics import event_types_in
from gerance.kernel.webhooks.shapes import EndpointPatch, EndpointView, Rate
from gerance.kernel.wire import DateTime, SafeUUID

EventTypes = Annotated[tuple[str, ...], Meta(min_length=1, max_length=200)]
Agencies = Annotated[tuple[SafeUUID, ...], Meta(min_length=1, max_length=100)]


class NewSubscription(
    msgspec.Struct, frozen=True, kw_only=True, rename="camel", forbid_unknown_fields=True
):
    """What is subscribed to, and where calls go.

    `event_types`: names of the wire, e.g. TicketOpened; null for all; `agencies`: only what belongs
    to one of them; null for all that you may read; `headers`: yours, sent with each call; `rate`:
    calls a second at most, null for no limit.
    """

    url: str
    event_types: EventTypes | None = None
    agencies: Agencies | None = None
    headers: dict[str, str] = {}
    rate: Rate | None = None


class SubscriptionPatch(
    EndpointPatch, frozen=True, kw_only=True, rename="camel", forbid_unknown_fields=True
):
    """What to change of a subscription; what is left out stays.

    `state`: paused keeps for it what happens; active calls it, also one that was switched off;
    `headers`: instead of all that it had; `event_types`, `agencies`, `rate`: null for no limit.
    """

    event_types: EventTypes | UnsetType | None = UNSET
    agencies: Agencies | UnsetType | None = UNSET


class Subscription(msgspec.Struct, frozen=True, kw_only=True, rename="camel"):
    """A subscription: its event types, its endpoint and the state of its deliveries.

    `event_types`: null for all; `agencies`: null for all; `headers`: the names of its own headers;
    `rate`: deliveries a second at most; `state`: active, paused (events are stored for it) or off
    (they are not); `reason`: why it is off: failing (no delivery succeeded for five days), gone (
    410 was answered), operator; `healthy`: the last delivery succeeded; `failing_since`: none
    has succeeded since; `waiting`: pending events; `failing`: those whose last attempt failed;
    `dead`: those that are no longer retried until they are replayed.
    """

    uid: str
    url: str
    event_types: tuple[str, ...] | None
    agencies: tuple[str, ...] | None
    headers: tuple[str, ...]
    rate: float | None
    state: str
    reason: str | None
    healthy: bool
    failing_since: DateTime | None
    created: DateTime
    waiting: int
    failing: int
    dead: int

    @classmethod
    def of(cls, endpoint: EndpointView, **more: Any) -> Self:
        """An endpoint of the flavour as a subscription; `more`: further fields of the class."""
        own = set(cls.__struct_fields__) - {"event_types", "agencies"} - set(more)
        fields: dict[str, Any] = {name: getattr(endpoint, name) for name in own}
        types: Any = event_types_in(endpoint.subscriptions)
        agencies: Any = endpoint.choice.get(AGENCIES)
        return cls(
            event_types=None if types is None else tuple(types),
            agencies=None if agencies is None else tuple(agencies),
            **fields,
            **more,
        )


class SubscriptionMade(Subscription, frozen=True, kw_only=True, rename="camel"):
    """A new subscription. `secret`: what its calls are signed with; it is not shown again."""

    secret: str
