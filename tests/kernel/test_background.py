"""Background loops continue after a turn that fails, and end when they are cancelled."""

import asyncio

import pytest
from psycopg import OperationalError
from tests.waiting import PATIENCE

from gerance.kernel.background import repeat


def test_what_goes_wrong_in_a_turn_ends_no_loop() -> None:
    failures = [OperationalError("away"), ZeroDivisionError("ours")]

    async def run() -> None:
        well = asyncio.Event()

        async def turn() -> None:
            if failures:
                raise failures.pop()
            well.set()

        task = asyncio.ensure_future(
            repeat(turn, seconds=0.0, retry_seconds=0.0, failure="trying again")
        )
        async with asyncio.timeout(PATIENCE):
            await well.wait()
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task

    asyncio.run(run())


def test_a_turn_that_breaks_while_it_is_cancelled_is_the_last() -> None:
    """As when the connection is lost on which it undoes what it was at."""

    async def run() -> None:
        begun = asyncio.Event()

        async def turn() -> None:
            begun.set()
            try:
                await asyncio.Event().wait()
            except asyncio.CancelledError:
                raise OperationalError("the connection is lost") from None

        task = asyncio.ensure_future(
            repeat(turn, seconds=0.0, retry_seconds=0.0, failure="trying again")
        )
        await begun.wait()
        task.cancel()
        async with asyncio.timeout(PATIENCE):
            await task

    asyncio.run(run())
