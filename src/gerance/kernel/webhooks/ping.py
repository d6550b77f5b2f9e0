"""Tests an endpoint with a ping: a delivery without an event, sent at once and logged."""

from datetime import UTC, datetime
from uuid import uuid4

from gerance.kernel.db import Pool
from gerance.kernel.webhooks.attempts import MOST_REQUEST_BYTES, MOST_RESPONSE_BYTES, printable_text
from gerance.kernel.webhooks.client import RequestOutcome, WebhookClient
from gerance.kernel.webhooks.flavours import Flavour, WebhookEndpoint
from gerance.kernel.webhooks.request import send


async def ping(
    pool: Pool, client: WebhookClient, flavour: Flavour, endpoint: WebhookEndpoint
) -> RequestOutcome:
    """Send a ping and return the outcome. The state of the endpoint does not matter."""
    message, message_id, now = flavour.ping(endpoint), f"ping_{uuid4()}", datetime.now(UTC)
    outcome = await send(client, endpoint, message, message_id=message_id, now=now)
    async with pool.connection() as connection:
        await connection.execute(
            "INSERT INTO delivery (endpoint, flavour, owner, message_id, attempt, url, at,"
            " duration_ms, outcome, status, failure, detail, request, answer)"
            " VALUES (%s, %s, %s, %s, 1, %s, %s, %s, %s, %s, %s, %s, %s, %s)",
            [
                endpoint.uid, endpoint.flavour, endpoint.owner, message_id, endpoint.url, now,
                round(outcome.duration * 1000, 3),
                "delivered" if outcome.failure is None else "failed",
                outcome.status, outcome.failure, outcome.detail,
                printable_text(message.body, MOST_REQUEST_BYTES),
                printable_text(outcome.body, MOST_RESPONSE_BYTES),
            ],
        )  # fmt: skip
    return outcome
