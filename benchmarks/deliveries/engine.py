"""A process that delivers: the product's engine, with messages that cost nothing to word.

.venv/bin/python -m benchmarks.deliveries.engine postgresql://...
"""

import sys
from collections.abc import Sequence

import uvloop

from gerance.kernel.db import Connection, open_pool
from gerance.kernel.logging import configure_logging
from gerance.kernel.webhooks.client import WebhookClient
from gerance.kernel.webhooks.engine import Deliverer, lease_seconds
from gerance.kernel.webhooks.flavours import Message, PendingDelivery, WebhookEndpoint
from gerance.kernel.webhooks.guard import Guard
from gerance.kernel.wire import encode

TIMEOUT = 15.0


class Plain:
    """What happened, and what the event says of it."""

    async def render(
        self, connection: Connection, owed: Sequence[PendingDelivery]
    ) -> Sequence[Message | None]:
        return [
            Message(b'{"type":%s,"data":%s}' % (encode(each.event_type), each.data))
            for each in owed
        ]

    def ping(self, endpoint: WebhookEndpoint) -> Message:
        return Message(encode({"type": "ping"}))


async def main(url: str) -> None:
    async with (
        open_pool(url, size=6, statement_timeout_ms=30_000) as pool,
        WebhookClient(Guard(["127.0.0.0/8"]), timeout=TIMEOUT) as caller,
    ):
        await Deliverer(pool, caller, {"plain": Plain()}, lease=lease_seconds(TIMEOUT)).run(url)


if __name__ == "__main__":
    configure_logging(log_level="warning")
    uvloop.run(main(sys.argv[1]))
