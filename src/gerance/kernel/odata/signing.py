"""Signatures of skip and delta tokens: a token is valid for the principal that it was issued to.
Clients cannot make or change one.

The key is a random row of the database, so it is the same in all processes and after a restart.
"""

import base64
import binascii
import hmac
import time
from collections.abc import Sequence
from dataclasses import dataclass

from gerance.kernel.db import Connection, Pool
from gerance.kernel.wire import encode

_BYTES = 16


@dataclass
class TokenSigner:
    """Signs and verifies the tokens of one request. `owner`: the uid of its principal;
    `has_signed`: the answer has a token, so it is for this principal alone."""

    key: bytes
    owner: str
    has_signed: bool = False

    def sign(self, payload: bytes, *subject: str) -> str:
        """The token with this payload. `subject`: what it is valid for: its kind, its query ..."""
        self.has_signed = True
        return base64.urlsafe_b64encode(self._mac(payload, subject) + payload).decode().rstrip("=")

    def verify(self, token: str, *subject: str) -> bytes | None:
        """The payload of a token that was signed for the same subject; None otherwise."""
        try:
            text = base64.b64decode(token + "=" * (-len(token) % 4), altchars=b"-_", validate=True)
        except (binascii.Error, ValueError):
            return None
        mac, payload = text[:_BYTES], text[_BYTES:]
        return payload if hmac.compare_digest(mac, self._mac(payload, subject)) else None

    def _mac(self, payload: bytes, subject: Sequence[str]) -> bytes:
        message = encode([self.owner, *subject]) + b"\x00" + payload
        return hmac.digest(self.key, message, "sha256")[:_BYTES]


class SigningKey:
    """Makes the signer of each request; reads the key once."""

    def __init__(self) -> None:
        self._key: bytes | None = None

    async def signer(self, pool: Pool, owner: str | None) -> TokenSigner:
        """The signer for a principal."""
        if self._key is None:
            async with pool.connection() as connection:
                await self.key(connection)
        assert self._key is not None
        return TokenSigner(self._key, owner or "")

    async def key(self, connection: Connection) -> bytes:
        """The key, read once."""
        if self._key is None:
            rows = await connection.execute("SELECT key FROM token_key")
            ((key,),) = await rows.fetchall()
            self._key = bytes(key)
        return self._key


def today() -> int:
    """The day on which a token is issued, counted since 1970. Answers with tokens are cached within
    one day only, so that a token in them is valid for the days of a token less one at least."""
    return int(time.time() // 86_400)
