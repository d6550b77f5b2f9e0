"""Signatures of calls, as Standard Webhooks has them (https://www.standardwebhooks.com)."""

import base64
import binascii
import hmac
import secrets as random
from collections.abc import Sequence

PREFIX = "whsec_"
SECRET_BYTES = 32


def new_secret() -> str:
    """A new secret: "whsec_" and the base64 of 32 random bytes."""
    return PREFIX + base64.b64encode(random.token_bytes(SECRET_BYTES)).decode()


def sign(secrets: Sequence[str], message_id: str, timestamp: int, body: bytes) -> str:
    """The header `webhook-signature`: one "v1,..." for each secret, a blank between them.

    Two secrets are valid while one takes the other's place: a receiver accepts the call when
    one of the signatures fits. `message_id`: the header `webhook-id`; `timestamp`: seconds since
    1970, the header `webhook-timestamp`. Raises ValueError for a secret that is none.
    """
    signed = f"{message_id}.{timestamp}.".encode() + body
    return " ".join(
        "v1," + base64.b64encode(hmac.digest(_key(secret), signed, "sha256")).decode()
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
