"""Share the connections for long answers among those who read them.

A long answer holds a database connection for as long as its client reads. So each principal has a
limited number at once, a request that waits too long for a place is rejected, and a client that
does not read loses its place to a request that waits.
"""

import asyncio
from collections import Counter
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import structlog
from starlette.types import Message, Send

from gerance.kernel.db import Connection, Pool
from gerance.kernel.errors import Rejection, reject

PATIENCE_SECONDS = 60.0
"""How long a client may leave a part untaken."""
YIELD_SECONDS = 5.0
"""The same when another principal waits for a place."""
CHECK_SECONDS = 0.5
RETRY_AFTER_SECONDS = 5

_log = structlog.get_logger("gerance.http")


class AnswerSlot:
    """One long answer under way: whose it is, and how long it has waited for its reader."""

    def __init__(self, owner: str) -> None:
        self.owner = owner
        self._seconds_waited = 0.0
        self._since: float | None = None
        self._timeout: asyncio.Timeout | None = None
        self._cut = False

    async def send(self, send: Send, message: Message) -> None:
        """Send a part. Raises TimeoutError when the client does not take it, or yields."""
        loop = asyncio.get_running_loop()
        self._since = loop.time()
        try:
            async with asyncio.timeout(0 if self._cut else PATIENCE_SECONDS) as self._timeout:
                await send(message)
        finally:
            self._seconds_waited += loop.time() - self._since
            self._since = self._timeout = None

    def seconds_waited(self, now: float) -> float:
        """Seconds that its reader has made it wait in all."""
        return self._seconds_waited + self.stalled(now)

    def stalled(self, now: float) -> float:
        """Seconds for which its reader has not taken the present part."""
        return 0.0 if self._since is None else now - self._since

    def cut(self) -> None:
        """Have the answer end: its place is needed."""
        self._cut = True
        if self._timeout is not None and not self._timeout.expired():
            self._timeout.reschedule(asyncio.get_running_loop().time())


class LongAnswers:
    """The places for long answers of this process, each with a connection of `pool`.

    `most_each`: places of one principal; `seconds`: how long one waits for a place.
    """

    def __init__(self, pool: Pool, *, most_each: int, seconds: float) -> None:
        self._pool = pool
        self._most, self._most_each, self._seconds = pool.max_size, most_each, seconds
        self._places: dict[AnswerSlot, None] = {}
        self._counts: Counter[str] = Counter()
        self._queue: dict[asyncio.Future[AnswerSlot], str] = {}
        self._watch: asyncio.TimerHandle | None = None

    @asynccontextmanager
    async def connection(self, owner: str) -> AsyncIterator[tuple[Connection, AnswerSlot]]:
        """A connection and the place that it is for, within the block.

        Raises Rejection with Retry-After when none is free in time: 429 `TooManyLongAnswers` when
        the principal's own are taken, 503 `Busy` when all are.
        """
        place = await self._enter(owner)
        try:
            async with self._pool.connection() as connection:
                yield connection, place
        finally:
            self._leave(place)

    async def _enter(self, owner: str) -> AnswerSlot:
        if self._may_take(owner):
            return self._take(owner)
        loop = asyncio.get_running_loop()
        turn: asyncio.Future[AnswerSlot] = loop.create_future()
        self._queue[turn] = owner
        if self._watch is None:
            self._watch = loop.call_later(CHECK_SECONDS, self._free_slot)
        try:
            async with asyncio.timeout(self._seconds):
                return await turn
        except BaseException as failure:
            # A cancellation too: the slot must not stay with a request that is gone.
            if turn.done() and not turn.cancelled():
                self._leave(turn.result())
            if isinstance(failure, TimeoutError):
                raise self._rejection(owner) from None
            raise
        finally:
            self._queue.pop(turn, None)

    def _may_have(self, owner: str) -> bool:
        return self._counts[owner] < self._most_each

    def _may_take(self, owner: str) -> bool:
        """Whether a place is free for this principal. The last quarter of the places is for
        principals that have none: a few with many answers do not take all."""
        free = self._most - len(self._places)
        return self._may_have(owner) and free > (self._most // 4 if self._counts[owner] else 0)

    def _take(self, owner: str) -> AnswerSlot:
        place = AnswerSlot(owner)
        self._places[place] = None
        self._counts[owner] += 1
        return place

    def _leave(self, place: AnswerSlot) -> None:
        del self._places[place]
        self._counts[place.owner] -= 1
        if not self._counts[place.owner]:
            del self._counts[place.owner]
        self._grant()

    def _grant(self) -> None:
        """Give free places to waiting requests: principals with the fewest first, then in turn."""
        while turns := [each for each in self._next_turns() if self._may_take(self._queue[each])]:
            turn = min(turns, key=lambda each: self._counts[self._queue[each]])
            turn.set_result(self._take(self._queue.pop(turn)))

    def _next_turns(self) -> list[asyncio.Future[AnswerSlot]]:
        """Those who lack nothing but a free place, in their turn."""
        return [
            turn for turn, owner in self._queue.items() if not turn.done() and self._may_have(owner)
        ]

    def _free_slot(self) -> None:
        """Cut the slowest reader, if it reads nothing, or has more than its share and is slow."""
        loop = asyncio.get_running_loop()
        self._watch = loop.call_later(CHECK_SECONDS, self._free_slot) if self._queue else None
        turns = self._next_turns()
        if not turns:
            return
        now = loop.time()
        share = self._most / len({*self._counts, *(self._queue[turn] for turn in turns)})
        slow = [
            place
            for place in self._places
            if place.stalled(now) >= YIELD_SECONDS
            or (self._counts[place.owner] > share and place.seconds_waited(now) >= YIELD_SECONDS)
        ]
        if slow:
            slowest = max(slow, key=lambda place: place.seconds_waited(now))
            _log.info("a slow reader yields its place", owner=slowest.owner)
            slowest.cut()

    def _rejection(self, owner: str) -> Rejection:
        headers = {"Retry-After": str(RETRY_AFTER_SECONDS)}
        if not self._may_have(owner):
            return reject("TooManyLongAnswers", "most", most=self._most_each, headers=headers)
        return reject("Busy", "long_answers", headers=headers)
