"""Share the connections for short answers among the principals whose requests need them.

Without shares one principal's slow statements hold every connection, and the requests of the others
wait. So a principal holds a limited number at once, all principals together hold fewer than the
pool has, and a request over its share waits for its turn, up to a deadline. Work that belongs to no
principal (log-ins, `/ready`, jobs, the writer) uses the connections that remain.
"""

import asyncio
from collections import Counter, deque
from contextvars import ContextVar

from gerance.kernel.errors import Rejection, reject

HOLDER: ContextVar[str | None] = ContextVar("gerance.holder", default=None)
"""The principal that the present task works for; None: no principal."""
RETRY_AFTER_SECONDS = 2


class Shares:
    """How many connections of one pool principals hold: `most` together, `most_each` alone."""

    def __init__(self, *, most: int, most_each: int) -> None:
        self._free, self._most_each = most, most_each
        self._counts: Counter[str] = Counter()
        self._queues: dict[str, deque[asyncio.Future[None]]] = {}

    async def take(self, owner: str, seconds: float) -> None:
        """Wait for one connection of the owner's share, until it calls `give_back`.

        Raises Rejection with Retry-After after so many seconds: 429 `TooManyConcurrentRequests`
        when the owner's own requests hold its share, 503 `Busy` when other principals hold the
        rest.
        """
        if self._free > 0 and owner not in self._queues and self._counts[owner] < self._most_each:
            self._take(owner)
        else:
            await self._wait(owner, seconds)

    def give_back(self, owner: str) -> None:
        """Return the owner's connection and grant it to the next request in turn."""
        self._free += 1
        self._counts[owner] -= 1
        if not self._counts[owner]:
            del self._counts[owner]
        if self._queues:
            self._grant()

    async def _wait(self, owner: str, seconds: float) -> None:
        turn: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._queues.setdefault(owner, deque()).append(turn)
        try:
            async with asyncio.timeout(seconds):
                await turn
        except BaseException as failure:
            # A cancellation too: the turn must not stay with a request that is gone.
            if turn.done() and not turn.cancelled():
                self.give_back(owner)
            else:
                self._forget(owner, turn)
            if isinstance(failure, TimeoutError):
                raise self._rejection(owner) from None
            raise

    def _take(self, owner: str) -> None:
        self._free -= 1
        self._counts[owner] += 1

    def _grant(self) -> None:
        """Give what is free to those who wait: first to the owner that holds fewest."""
        while self._free > 0:
            turns = [each for each in self._queues if self._counts[each] < self._most_each]
            if not turns:
                return
            owner = min(turns, key=self._counts.__getitem__)
            queue = self._queues.pop(owner)
            turn = queue.popleft()
            if queue:
                # Behind the others that hold as many.
                self._queues[owner] = queue
            if not turn.done():
                self._take(owner)
                turn.set_result(None)

    def _forget(self, owner: str, turn: asyncio.Future[None]) -> None:
        queue = self._queues.get(owner)
        if queue is not None and turn in queue:
            queue.remove(turn)
            if not queue:
                del self._queues[owner]

    def _rejection(self, owner: str) -> Rejection:
        headers = {"Retry-After": str(RETRY_AFTER_SECONDS)}
        if self._counts[owner] >= self._most_each:
            return reject(
                "TooManyConcurrentRequests", "most", most=self._most_each, headers=headers
            )
        return reject("Busy", "database", headers=headers)
