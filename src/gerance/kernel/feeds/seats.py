"""How many feeds may wait at once: a process has so many places, each listener a few of them."""

from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager

from gerance.kernel.errors import reject

RETRY_AFTER_SECONDS = 10


class Seats:
    """The places that are taken in this process."""

    def __init__(self) -> None:
        self._counts: Counter[str] = Counter()

    @contextmanager
    def take(self, name: str, *, most: int, most_each: int) -> Iterator[None]:
        """Within the block `name` has a place.

        `most`: places of the process; `most_each`: of each name. Raises Rejection with Retry-After:
        429 `TooManyStreams` when its own are taken, 503 `TooManyStreams` when all are.
        """
        headers = {"Retry-After": str(RETRY_AFTER_SECONDS)}
        if self._counts[name] >= most_each:
            raise reject("TooManyStreams", "own", most=most_each, headers=headers)
        if self._counts.total() >= most:
            raise reject("TooManyStreams", "all", status=503, headers=headers)
        self._counts[name] += 1
        try:
            yield
        finally:
            self._counts[name] -= 1
            if not self._counts[name]:
                del self._counts[name]
