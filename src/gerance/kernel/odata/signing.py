"""Signatures of skip and delta tokens: a token is good for the principal that it was issued to, and
nobody else can make or change one.

The key is a random row of the database, so it is the same in all processes and after a restart.
"""

import base64
import binascii
import hmac
from collections.abc import Sequence
from dataclasses import dataclass

from gerance.kernel.db import Pool
from gerance.kernel.wire import encode

_BYTES = 16


@dataclass
class TokenSigner:
    """Signs and opens the tokens of one request. `owner`: the uid of its principal; `used`: it has
    signed one, so that the answer is for this principal alone."""

    key: bytes
    owner: str
    used: bool = False

    def sign(self, payload: bytes, *about: str) -> str:
        """The token with this payload. `about`: what it is good for: its kind, its question ..."""
        self.used = True
        return base64.urlsafe_b64encode(self._mac(payload, about) + payload).decode().rstrip("=")

    def open(self, token: str, *about: str) -> bytes | None:
        """The payload of a token that was signed for the same; None otherwise."""
        try:
            found = base64.b64decode(token + "=" * (-len(token) % 4), altchars=b"-_", validate=True)
        except (binascii.Error, ValueError):
            return None
        mac, payload = found[:_BYTES], found[_BYTES:]
        return payload if hmac.compare_digest(mac, self._mac(payload, about)) else None

    def _mac(self, payload: bytes, about: Sequence[str]) -> bytes:
        message = encode([self.owner, *about]) + b"\x00" + payload
        return hmac.digest(self.key, message, "sha256")[:_BYTES]


class SigningKey:
    """Gives each request its seal; reads the key once."""

    def __init__(self) -> None:
        self._key: bytes | None = None

    async def seal(self, pool: Pool, owner: str | None) -> TokenSigner:
        """The seal for a principal."""
        if self._key is None:
            async with pool.connection() as connection:
                rows = await connection.execute("SELECT key FROM token_key")
                ((key,),) = await rows.fetchall()
            self._key = bytes(key)
        return TokenSigner(self._key, owner or "")
