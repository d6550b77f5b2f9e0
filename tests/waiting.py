"""Waiting for a condition: no test sleeps for a fixed time or asserts how long it took."""

import asyncio
import inspect
import time
from collections.abc import Awaitable, Callable

PATIENCE = 120.0
"""Seconds after which a test hangs: far more than anything takes on a busy machine."""

_STEP_SECONDS = 0.01


def until(holds: Callable[[], object], *, detail: Callable[[], object] = lambda: "") -> None:
    """Wait until `holds` gives something true. `detail`: what a failure shows."""
    deadline = time.monotonic() + PATIENCE
    while not holds():
        assert time.monotonic() < deadline, f"it does not come to hold {detail()}"
        time.sleep(_STEP_SECONDS)


async def until_async(
    holds: Callable[[], object | Awaitable[object]], patience: float = PATIENCE
) -> None:
    """Wait until `holds` gives something true; it may be a coroutine function. `patience`: seconds,
    for tests that work for minutes."""
    async with asyncio.timeout(patience):
        while True:
            value = holds()
            if await value if inspect.isawaitable(value) else value:
                return
            await asyncio.sleep(_STEP_SECONDS)
