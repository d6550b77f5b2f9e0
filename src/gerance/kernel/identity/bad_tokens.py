"""Rejected tokens and keys, counted for each network in this process.

Tokens and keys are too long to be guessed, so a valid one is always accepted: the limit only makes
rejections cheap. Check the token first; ask here only when it is wrong.
"""

import time

from gerance.kernel.errors import Rejection
from gerance.kernel.identity.security_log import record
from gerance.kernel.identity.throttle import too_many_attempts
from gerance.kernel.limits.address import network_of

PER_NETWORK = 50
WINDOW_SECONDS = 300
NETWORKS = 10_000
"""Networks that are counted at once; the one that began to fail first is forgotten first."""


class BadTokens:
    """Counts the rejected tokens of each network."""

    def __init__(self) -> None:
        self._counts: dict[str, tuple[float, int]] = {}

    def rejected(
        self,
        rejection: Rejection,
        *,
        door: str,
        address: str,
        cause: str,
        principal: str | None = None,
    ) -> Rejection:
        """What to answer for a wrong token: `rejection`, or 429 `TooManyAttempts` where the network
        had PER_NETWORK of them within WINDOW_SECONDS."""
        now = time.monotonic()
        network = network_of(address)
        window_start, count = self._counts.get(network, (now, 0))
        if now - window_start > WINDOW_SECONDS:
            window_start, count = now, 0
            del self._counts[network]
        fields = {"door": door, "principal": principal, "address": address, "cause": cause}
        if count >= PER_NETWORK:
            record("token_throttled", **fields)
            return too_many_attempts(int(window_start + WINDOW_SECONDS - now) + 1)
        while network not in self._counts and len(self._counts) >= NETWORKS:
            del self._counts[next(iter(self._counts))]
        self._counts[network] = (window_start, count + 1)
        record("token_rejected", **fields)
        return rejection
