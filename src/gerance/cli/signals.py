"""Signals end a command in order: once, and not again while it puts things away."""

import signal
from collections.abc import Iterator
from contextlib import contextmanager
from types import FrameType

_SIGNALS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)


class Asked:
    """Whether this process was asked to stop: the number of the signal that did, else None."""

    signal: int | None = None


@contextmanager
def stoppable() -> Iterator[Asked]:
    """Within the block the first signal raises KeyboardInterrupt in the main thread.

    Later ones do nothing, so that what is put away is put away whole.
    """
    asked = Asked()

    def stop(number: int, _: FrameType | None) -> None:
        asked.signal = number
        shield()
        raise KeyboardInterrupt

    # nohup has the hang-up ignored, and so it stays.
    heeded = [number for number in _SIGNALS if signal.getsignal(number) != signal.SIG_IGN]
    before = {number: signal.signal(number, stop) for number in {*heeded, *_SIGNALS[:2]}}
    try:
        yield asked
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


def shield() -> None:
    """From here on signals do nothing: whatever still runs is the stopping itself."""
    for number in _SIGNALS:
        signal.signal(number, _ignore)


def _ignore(number: int, _: FrameType | None) -> None:
    """A handler rather than SIG_IGN, which child processes would inherit."""
