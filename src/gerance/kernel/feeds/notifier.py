"""Notifies the feeds of this process of new events: one task polls the log while a feed waits."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager, suppress

import structlog

from gerance.kernel.db import Pool
from gerance.kernel.feeds.cursors import stable_end
from gerance.kernel.log.eventlog import START, Cursor
from gerance.kernel.transactions import PASSING

CHECK_SECONDS = 0.05
WITHOUT_DATABASE_SECONDS = 1.0

log = structlog.get_logger("gerance.feeds")


class News:
    """The end of the log, read by one task; it reads only while a feed is `watching`."""

    def __init__(self) -> None:
        self._end: Cursor = START
        self._change = asyncio.Event()
        self._unwatched = asyncio.Event()
        self._watching = 0
        self._watcher: asyncio.Task[None] | None = None

    @asynccontextmanager
    async def watching(self, pool: Pool) -> AsyncIterator[None]:
        """Within the block `wait_behind` notices new events."""
        self._watching += 1
        self._unwatched.clear()
        if self._watcher is None or self._watcher.done():
            self._watcher = asyncio.create_task(self._watch_log(pool))
        try:
            yield
        finally:
            self._watching -= 1
            if not self._watching:
                self._unwatched.set()

    async def wait_behind(
        self, cursor: Cursor, *, at_most: float, unless: Callable[[], bool]
    ) -> None:
        """Return when there is an event behind `cursor`, after `at_most` seconds, or when
        `unless` holds, which is checked again after each `wake`."""
        try:
            async with asyncio.timeout(at_most):
                while self._end <= cursor and not unless():
                    await self._change.wait()
        except TimeoutError:
            pass

    def wake(self) -> None:
        """Make every waiting feed check again."""
        self._change.set()
        self._change = asyncio.Event()

    async def _watch_log(self, pool: Pool) -> None:
        while self._watching:
            pause = CHECK_SECONDS
            try:
                async with pool.brief() as connection:
                    end = await stable_end(connection)
            except PASSING as failure:
                log.warning("the log cannot be watched", reason=str(failure))
                pause = WITHOUT_DATABASE_SECONDS
            else:
                if end != self._end:
                    self._end = end
                    self.wake()
            # Not cancelled when no feed is left: that would cost the connection that it reads on.
            with suppress(TimeoutError):
                await asyncio.wait_for(self._unwatched.wait(), pause)
