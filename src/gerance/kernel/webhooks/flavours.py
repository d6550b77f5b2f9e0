"""What a context adds to the delivery engine: the form of its messages and its access rights."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any, NamedTuple, Protocol

import msgspec

from gerance.kernel.db import Connection


class WebhookEndpoint(msgspec.Struct, frozen=True, kw_only=True):
    """A URL that receives webhooks. `flavour`: the format of its messages; `owner`: its owner, as
    the flavour identifies principals; `choice`: further filters of the flavour; `secrets`: the
    valid ones, the newest first, encrypted as stored, like the values of `headers`
    (kernel.stored_secrets); `rate`: requests per second, None for no limit."""

    uid: str
    flavour: str
    owner: str
    url: str
    headers: tuple[tuple[str, str], ...]
    choice: Mapping[str, Any]
    secrets: tuple[str, ...]
    rate: float | None = None


class PendingDelivery(NamedTuple):
    """A pending event of an endpoint, claimed by a worker.

    `failures`: attempts that failed before; `claims`: the number of this claim.
    """

    endpoint: WebhookEndpoint
    position: int
    failures: int
    claims: int
    category: str
    stream: str
    event_type: str
    data: bytes
    sent_date: datetime


class Message(NamedTuple):
    """The body of a delivery, and its media type."""

    body: bytes
    content_type: str = "application/json"


class Flavour(Protocol):
    """The messages of one context."""

    async def render(
        self, connection: Connection, deliveries: Sequence[PendingDelivery]
    ) -> Sequence[Message | None]:
        """A message for each delivery, in order; None where the owner has no right to the event."""
        ...

    def ping(self, endpoint: WebhookEndpoint) -> Message:
        """The message of a ping."""
        ...
