"""The backoff of failed deliveries: short delays first, then longer ones, for three days.

The steps are those that Standard Webhooks recommends, 75.5 hours in all. A receiver that is down
from Friday evening until Monday morning loses nothing.
"""

from datetime import datetime, timedelta
from random import SystemRandom

STEPS = (
    timedelta(seconds=5),
    timedelta(minutes=5),
    timedelta(minutes=30),
    timedelta(hours=2),
    timedelta(hours=5),
    timedelta(hours=10),
    timedelta(hours=14),
    timedelta(hours=20),
    timedelta(hours=24),
)
"""The pause after the first failure, the second, and so on."""

JITTER = 0.1
_CHANCE = SystemRandom()
SWITCHED_OFF_AFTER = timedelta(days=5)
"""An endpoint to which every call has failed for so long gets none any more."""


def next_attempt(
    failures: int, now: datetime, retry_after: float | None = None, chance: float | None = None
) -> datetime | None:
    """When to retry after `failures` failed attempts (1 or more); None after the last one.

    A delay is extended by up to a tenth at random, so deliveries that failed together are not
    retried together. `retry_after`: the seconds that the receiver requested; no attempt is made
    before they have passed. `chance`: 0 to 1, instead of a random number.
    """
    if failures > len(STEPS):
        return None
    chance = _CHANCE.random() if chance is None else chance
    pause = STEPS[failures - 1] * (1 + JITTER * chance)
    return now + max(pause, timedelta(seconds=retry_after or 0))
