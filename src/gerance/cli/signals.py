"""Signals stop a command once; further ones are ignored while it cleans up."""

import signal
from collections.abc import Coroutine, Iterator
from contextlib import contextmanager, suppress
from types import FrameType
from typing import Any

_SIGNALS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)


class StopRequest:
    """The signal that stopped this process, None until one arrives."""

    signal: int | None = None


@contextmanager
def stoppable() -> Iterator[StopRequest]:
    """Within the block, the first signal raises KeyboardInterrupt in the main thread.

    Further ones are ignored, so that the clean-up is complete.
    """
    request = StopRequest()

    def stop(number: int, _: FrameType | None) -> None:
        request.signal = number
        shield()
        raise KeyboardInterrupt

    # Under nohup, SIGHUP is ignored and stays so.
    active = [number for number in _SIGNALS if signal.getsignal(number) != signal.SIG_IGN]
    before = {number: signal.signal(number, stop) for number in {*active, *_SIGNALS[:2]}}
    try:
        yield request
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


async def until_signal(main: Coroutine[Any, Any, None]) -> None:
    """Run a coroutine until it ends, or until SIGINT or SIGTERM cancels it."""
    import asyncio

    task = asyncio.ensure_future(main)
    for number in (signal.SIGINT, signal.SIGTERM):
        asyncio.get_running_loop().add_signal_handler(number, task.cancel)
    with suppress(asyncio.CancelledError):
        await task


def shield() -> None:
    """Ignore further signals: the process is stopping already."""
    for number in _SIGNALS:
        signal.signal(number, _ignore)


def _ignore(number: int, _: FrameType | None) -> None:
    """Do nothing. Child processes would inherit SIG_IGN, but not a handler."""
