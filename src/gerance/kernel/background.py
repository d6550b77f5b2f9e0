"""Background loops: a turn is repeated until the loop is cancelled, whatever fails in one turn."""

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any

import structlog

from gerance.kernel.transactions import classify

_log = structlog.get_logger("gerance.background")

RETRY_SECONDS = 1.0


async def repeat(
    turn: Callable[[], Awaitable[None]],
    *,
    seconds: float,
    failure: str,
    retry_seconds: float = RETRY_SECONDS,
    log: Any = _log,
) -> None:
    """Take a turn, pause for `seconds`, and so on until cancelled.

    A turn that raises is logged as `failure` and followed by a pause of `retry_seconds`: a warning
    when the database failed, an exception with its traceback for anything else.
    """
    task = asyncio.current_task()
    while True:
        try:
            await turn()
            pause = seconds
        except Exception as error:
            # Any exception: a loop that ended would stop its job until the process restarts.
            if classify(error) is None:
                log.exception(failure)
            else:
                log.warning(failure, reason=str(error))
            pause = retry_seconds
        if task is not None and task.cancelling():
            # A connection broke while the turn was cancelled, and its error took the place of the
            # cancellation.
            return
        await asyncio.sleep(pause)
