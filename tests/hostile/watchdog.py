"""The event loop's watchdog: how long its thread computes, or waits for another that does.

It counts processor time, not the time on a clock: what else runs on the machine does not count,
nor waiting for the database.
"""

import asyncio
import gc
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from threading import get_ident
from typing import Any

import msgspec
import pytest

TRIES = 3
_STEPS = 550_000
_MEMBERS = 50_000
_BEAT_SECONDS = 0.001


class Watchdog:
    """The longest that one callback of the loop in a thread computed, and the longest pause of
    that loop while the process computed. `loop`: that thread's id.

    A pause that the computing of a callback does not explain is that of a thread which holds the
    interpreter. It counts as the lesser of the time on the clock and the time that the process
    computed: a machine that does something else makes only the former longer.
    """

    def __init__(self, loop: int) -> None:
        self._loop = loop
        self._beat = (0.0, 0.0)
        self.longest = self.pause = 0.0

    def __repr__(self) -> str:
        return f"computed {self.longest:.3f} s, paused {self.pause:.3f} s"

    def note(self, seconds: float) -> None:
        if get_ident() == self._loop:
            self.longest = max(self.longest, seconds)

    async def listen(self) -> None:
        """Beat in the loop for as long as it is not cancelled."""
        while True:
            begun = time.perf_counter(), time.process_time()
            await asyncio.sleep(_BEAT_SECONDS)
            lasted = time.perf_counter() - begun[0], time.process_time() - begun[1]
            self.pause = max(self.pause, min(lasted))

    def within_budget(self, act: Callable[[], Any]) -> bool:
        """Whether no callback computes longer than the budget while this is done, and nothing
        holds the interpreter for longer, in one of some tries: the first ones also import and
        compile, and another process may disturb one."""
        for _ in range(TRIES):
            self.longest = self.pause = 0.0
            act()
            if max(self.longest, self.pause) <= budget():
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
        beats = portal.start_task_soon(dog.listen)
        try:
            yield dog
        finally:
            beats.cancel()
            gc.unfreeze()


async def _ident() -> int:
    return get_ident()


def budget() -> float:
    """The processor seconds that this machine takes now for what takes 20 ms on a plain one:
    steps of the interpreter, or members of an object, which ask more of its memory."""
    return max(0.020, *(min(_seconds(work) for _ in range(TRIES)) for work in (_steps, _members)))


def _seconds(work: Callable[[], object]) -> float:
    begun = time.thread_time()
    work()
    return time.thread_time() - begun


def _steps() -> int:
    return sum(each & 3 for each in range(_STEPS))


def _members() -> dict[str, str]:
    read = msgspec.json.decode(msgspec.json.encode({f"k{nth}": "x" for nth in range(_MEMBERS)}))
    return {name: text for name, text in read.items() if text}
