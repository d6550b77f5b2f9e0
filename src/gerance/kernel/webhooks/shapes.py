"""Endpoints and deliveries as their owners read and change them over HTTP.

The names are those of the incident API; the rental API converts them to its own case.
"""

from collections.abc import Mapping
from datetime import datetime
from typing import Annotated, Any, Literal

import msgspec
from msgspec import UNSET, Meta, UnsetType

from gerance.kernel.webhooks.delivery_log import Delivery
from gerance.kernel.webhooks.endpoints import MOST_OVERLAP_SECONDS, StoredEndpoint
from gerance.kernel.wire import DateTime

LEAST_RATE, MOST_RATE = 0.001, 1000
DAY_SECONDS = 24 * 3600

Rate = Annotated[float, Meta(ge=LEAST_RATE, le=MOST_RATE)]
Position = Annotated[int, Meta(ge=1, le=2**63 - 1)]


class EndpointView(msgspec.Struct, frozen=True, kw_only=True, rename="camel"):
    """An endpoint and the state of its deliveries. No secret and no header's value is shown.

    `headers`: the names of its own headers; `choice`: its further filters; `rate`: calls a second
    at most, null for no limit; `state`: active, paused (its events are collected) or off (they are
    not); `reason`: why it is off: failing (no delivery succeeded for five days), gone (it answered
    410), operator; `healthy`: it is not off, and the last delivery succeeded; `failing_since`: no
    delivery has succeeded since then; `subscriptions`: the categories that it receives, each with
    the types of events or null for all; `waiting`: the number of pending events; `failing`: how
    many of them failed and will be retried; `dead`: how many are given up until they are
    replayed.
    """

    uid: str
    url: str
    headers: tuple[str, ...]
    choice: Mapping[str, Any]
    rate: float | None
    state: str
    reason: str | None
    healthy: bool
    failing_since: DateTime | None
    created: DateTime
    subscriptions: Mapping[str, tuple[str, ...] | None]
    waiting: int
    failing: int
    dead: int


class EndpointPatch(msgspec.Struct, frozen=True, kw_only=True, rename="camel"):
    """What to change of an endpoint; what is left out stays.

    `state`: paused keeps for it what happens; active calls it, also one that was switched off;
    `url`: where calls go from now on; `headers`: instead of all that it had; `rate`: calls a second
    at most, null for no limit.
    """

    state: Literal["active", "paused"] | UnsetType = UNSET
    url: str | UnsetType = UNSET
    headers: dict[str, str] | UnsetType = UNSET
    rate: Rate | UnsetType | None = UNSET


class Rotation(msgspec.Struct, frozen=True, kw_only=True, rename="camel"):
    """The rotation of a secret. `overlap_seconds`: deliveries are signed with both for this
    long."""

    overlap_seconds: Annotated[int, Meta(ge=0, le=MOST_OVERLAP_SECONDS)] = DAY_SECONDS


class NewSecret(msgspec.Struct, frozen=True, kw_only=True, rename="camel"):
    """A new secret, which is never shown again. `overlap_seconds`: deliveries are signed with the
    previous one as well for this long."""

    secret: str
    overlap_seconds: int


class PingView(msgspec.Struct, frozen=True, kw_only=True, rename="camel"):
    """The answer of an endpoint to a ping. `delivered`: it answered 2xx; `status`: null without an
    answer; `failure`: the kind of failure, null without one; `detail`: a line for people; `answer`:
    the beginning of the body."""

    delivered: bool
    status: int | None
    failure: str | None
    detail: str
    duration_ms: float
    answer: str


class DeliveryView(msgspec.Struct, frozen=True, kw_only=True, rename="camel"):
    """One attempt to deliver an event to an endpoint.

    `position`, `category`, `stream`, `event_type`: those of the event, null for a ping;
    `message_id`: its header webhook-id; `attempt`: the number of this attempt; `outcome`:
    delivered, failed or dead (failed, and not retried); `failure`, `detail`: why; `request`,
    `answer`: the beginnings of the two bodies; `next_attempt`: when it is retried.
    """

    id: int
    endpoint: str
    position: int | None
    category: str | None
    stream: str | None
    event_type: str | None
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


class DeliveryPage(msgspec.Struct, frozen=True, kw_only=True, rename="camel"):
    """A page of attempts, the latest first. `before`: the parameter of the next page, null at the
    end."""

    deliveries: tuple[DeliveryView, ...]
    before: int | None


class ReplayRequest(msgspec.Struct, frozen=True, kw_only=True, rename="camel"):
    """The events to replay: give exactly one of the three.

    `position`: the event at this position; `failed`: true for all that failed, given up or not;
    `since`: all events from this moment on that the endpoint subscribes to.
    """

    position: Position | UnsetType = UNSET
    failed: Literal[True] | UnsetType = UNSET
    since: DateTime | UnsetType = UNSET


class GiveUpRequest(msgspec.Struct, frozen=True, kw_only=True, rename="camel"):
    """The log position of an event that the endpoint is not to receive any more."""

    position: Position


class ReplayResult(msgspec.Struct, frozen=True, kw_only=True, rename="camel"):
    """How many events are replayed to the endpoint."""

    replayed: int


def view(endpoint: StoredEndpoint) -> EndpointView:
    """An endpoint as it is shown."""
    return EndpointView(
        uid=endpoint.uid,
        url=endpoint.url,
        headers=tuple(name for name, _ in endpoint.headers),
        choice=endpoint.choice,
        rate=endpoint.rate,
        state=endpoint.state,
        reason=endpoint.reason,
        healthy=endpoint.state != "off" and endpoint.failing_since is None,
        failing_since=_moment(endpoint.failing_since),
        created=DateTime.of(endpoint.created),
        subscriptions={
            category: None if types is None else tuple(types)
            for category, types in sorted(endpoint.subscriptions.items())
        },
        waiting=endpoint.waiting,
        failing=endpoint.failing,
        dead=endpoint.dead,
    )


def view_of_delivery(delivery: Delivery) -> DeliveryView:
    """An attempt as it is shown."""
    return DeliveryView(
        id=delivery.id,
        endpoint=delivery.endpoint,
        position=delivery.position,
        category=delivery.category,
        stream=delivery.stream,
        event_type=delivery.event_type,
        message_id=delivery.message_id,
        attempt=delivery.attempt,
        url=delivery.url,
        at=DateTime.of(delivery.at),
        duration_ms=delivery.duration_ms,
        outcome=delivery.outcome,
        status=delivery.status,
        failure=delivery.failure,
        detail=delivery.detail,
        request=delivery.request,
        answer=delivery.answer,
        next_attempt=_moment(delivery.next_attempt),
    )


def _moment(at: datetime | None) -> DateTime | None:
    return None if at is None else DateTime.of(at)
