"""One call to an endpoint: its headers, its signature, the answer."""

from datetime import datetime

import msgspec
import structlog

from gerance.kernel import keyring
from gerance.kernel.stored_secrets import ENDPOINT_SECRET, decrypt_pairs
from gerance.kernel.webhooks.client import Answer, Caller
from gerance.kernel.webhooks.flavours import Message, WebhookEndpoint
from gerance.kernel.webhooks.sign import sign

log = structlog.get_logger("gerance.deliveries")


async def send(
    caller: Caller,
    endpoint: WebhookEndpoint,
    message: Message,
    *,
    message_id: str,
    now: datetime,
    position: int | None = None,
) -> Answer:
    """Call the endpoint: the headers of Standard Webhooks beside its own, and the log position.

    Raises SecretKeyError when its secrets cannot be read.
    """
    moment = int(now.timestamp())
    secrets = [keyring.decrypt(ENDPOINT_SECRET, endpoint.uid, each) for each in endpoint.secrets]
    headers: list[tuple[str, str]] = [
        *decrypt_pairs(endpoint.uid, endpoint.headers),
        ("webhook-id", message_id),
        ("webhook-timestamp", str(moment)),
        ("webhook-signature", sign(secrets, message_id, moment, message.body)),
    ]
    if position is not None:
        headers.append(("Gerance-Position", str(position)))
    answer = await caller.post(endpoint.url, message.body, headers, message.content_type)
    if answer.failure == "refused-target":
        # What a name stands for inside is nothing that owners of endpoints should learn.
        log.warning("target refused", endpoint=endpoint.uid, reason=answer.detail)
        return msgspec.structs.replace(answer, detail="This address may not be called from here.")
    return answer
