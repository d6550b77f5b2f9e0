"""One request to an endpoint: its headers and signature, as Standard Webhooks defines them
(https://www.standardwebhooks.com)."""

import base64
import binascii
import hmac
from collections.abc import Sequence
from datetime import datetime

import msgspec
import structlog

from gerance.kernel import keyring
from gerance.kernel.stored_secrets import ENDPOINT_SECRET, decrypt_pairs
from gerance.kernel.webhooks.client import RequestOutcome, WebhookClient
from gerance.kernel.webhooks.flavours import Message, WebhookEndpoint

PREFIX = "whsec_"

log = structlog.get_logger("gerance.deliveries")


async def send(
    caller: WebhookClient,
    endpoint: WebhookEndpoint,
    message: Message,
    *,
    message_id: str,
    now: datetime,
    position: int | None = None,
) -> RequestOutcome:
    """Send a delivery with the Standard Webhooks headers, the endpoint's own headers and the log
    position.

    Raises SecretKeyError when the secrets cannot be read.
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


def sign(secrets: Sequence[str], message_id: str, timestamp: int, body: bytes) -> str:
    """The header `webhook-signature`: one "v1,..." for each secret, separated by spaces.

    During a rotation two secrets are valid: a receiver accepts the delivery when one of the
    signatures matches. `message_id`: the header `webhook-id`; `timestamp`: seconds since 1970, the
    header `webhook-timestamp`. Raises ValueError for an invalid secret.
    """
    content = f"{message_id}.{timestamp}.".encode() + body
    return " ".join(
        "v1," + base64.b64encode(hmac.digest(_key(secret), content, "sha256")).decode()
        for secret in secrets
    )


def _key(secret: str) -> bytes:
    try:
        key = base64.b64decode(secret.removeprefix(PREFIX), validate=True)
    except binascii.Error:
        key = b""
    if not key:
        raise ValueError("a secret of webhooks that is not base64")  # and is not told
    return key
