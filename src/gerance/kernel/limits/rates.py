"""Requests per second, of each principal and of each network that sends unauthenticated ones.

A bucket holds `burst` requests and fills with `rate` a second. Only the moment at which it will be
full again is kept (the generic cell rate algorithm). Each process counts for itself.
"""

import math
import time
from collections.abc import Awaitable, Callable
from typing import NamedTuple

from starlette.types import Scope

from gerance.kernel.errors import Rejection, reject
from gerance.kernel.limits.address import client_network
from gerance.kernel.limits.shares import HOLDER

PRINCIPAL = "gerance.principal"
"""The name in a request's scope of the principal that it counts for, e.g. `integrator 5f0c…`."""
FindPrincipal = Callable[[Scope], Awaitable[str | None]]
"""Gives the principal whose valid credential a request shows, None without one."""
BUCKETS = 50_000
"""Buckets that are kept; full ones are forgotten first."""


class Level(NamedTuple):
    """What is left in a bucket: requests, and seconds until it is full."""

    left: int
    reset: int


class RateLimits:
    """The buckets of this process. `rate` 0: no limit."""

    def __init__(self, rate: float, burst: int) -> None:
        self.rate, self.burst = rate, max(1, burst)
        self._full_at: dict[str, float] = {}

    def take(self, key: str) -> Level | None:
        """One request out of a bucket; None when it is empty."""
        now = time.monotonic()
        full_at = max(self._full_at.get(key, 0.0), now) + 1 / self.rate
        missing = full_at - now
        left = self.burst - missing * self.rate
        if left < -1e-6:
            return None
        if key not in self._full_at and len(self._full_at) >= BUCKETS:
            self._forget(now)
        self._full_at[key] = full_at
        return Level(int(left + 1e-6), math.ceil(missing))

    def _forget(self, now: float) -> None:
        self._full_at = {key: full for key, full in self._full_at.items() if full > now}
        while len(self._full_at) >= BUCKETS:
            del self._full_at[next(iter(self._full_at))]

    def headers(self, level: Level) -> list[tuple[bytes, bytes]]:
        """What an answer says of the bucket."""
        return [
            (b"ratelimit-limit", b"%d" % self.burst),
            (b"ratelimit-remaining", b"%d" % level.left),
            (b"ratelimit-reset", b"%d" % level.reset),
        ]

    def rejection(self) -> Rejection:
        """429 `RateLimited`."""
        return reject(
            "RateLimited",
            "rate",
            rate=f"{self.rate:g}",
            headers={
                "Retry-After": str(max(1, math.ceil(1 / self.rate))),
                "RateLimit-Limit": str(self.burst),
                "RateLimit-Remaining": "0",
                "RateLimit-Reset": str(math.ceil(self.burst / self.rate)),
            },
        )


def count_request(scope: Scope, principal: str) -> None:
    """A request turned out to be of this principal. Raises Rejection (429) over its rate."""
    if scope.get(PRINCIPAL) == principal:
        return  # It was authenticated twice.
    scope[PRINCIPAL] = principal
    HOLDER.set(principal)
    limits: RateLimits | None = getattr(scope["app"].state, "rates", None)
    if limits is None or not limits.rate:
        return
    level = limits.take(principal)
    if level is None:
        raise limits.rejection()
    scope["gerance.rate"] = level


def note_login(scope: Scope, principal: str) -> None:
    """A request that showed no valid credential has logged in as this principal. What it stored
    must be answered, so no limit refuses it from now on."""
    scope[PRINCIPAL] = principal


def owner_of(scope: Scope) -> str:
    """Whose a request is: its principal's, else its network's."""
    return str(scope.get(PRINCIPAL) or client_network(scope))
