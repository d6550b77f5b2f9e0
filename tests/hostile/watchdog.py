"""The event loop's watchdog: how long its thread computes without a pause.

It counts the processor time of the loop's thread in each callback, not the time on a clock: what
else runs on the machine does not count, nor waiting for the database.
"""

import asyncio
import gc
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from threading import get_ident
from typing import Any

import pytest

TRIES = 3
_STEPS = 250_000


class Watchdog:
    """The longest that one callback of the loop in a thread computed. `loop`: that thread's id."""

    def __init__(self, loop: int) -> None:
        self._loop = loop
        self.longest = 0.0

    def note(self, seconds: float) -> None:
        if get_ident() == self._loop:
            self.longest = max(self.longest, seconds)

    def within_budget(self, act: Callable[[], Any]) -> bool:
        """Whether no callback computes longer than the budget while this is done, in one of some
        tries: the first ones also import and compile, and another process may disturb one."""
        for _ in range(TRIES):
            self.longest = 0.0
            act()
            if self.longest <= budget():
                return True
        return False


@contextmanager
def watched(portal: Any) -> Iterator[Watchdog]:
    """A watchdog over the loop of a portal."""
    dog = Watchdog(portal.call(_ident))
    run = asyncio.Handle._run

    def timed(handle: asyncio.Handle) -> None:
        begun = time.thread_time()
        try:
            run(handle)
        finally:
            dog.note(time.thread_time() - begun)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(asyncio.Handle, "_run", timed)
        gc.freeze()
        try:
            yield dog
        finally:
            gc.unfreeze()


async def _ident() -> int:
    return get_ident()


def budget() -> float:
    """The processor seconds that this machine takes now for what takes 20 ms on a plain one."""
    times = []
    for _ in range(TRIES):
        begun, total = time.thread_time(), 0
        for each in range(_STEPS):
            total += each & 3
        times.append(time.thread_time() - begun)
    return max(0.020, min(times))
