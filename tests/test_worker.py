"""The loops go on whatever goes wrong in a turn, and end when they are told to."""

import asyncio

import pytest
from psycopg import OperationalError

from gerance import worker


def test_what_goes_wrong_in_a_turn_ends_no_loop(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(worker, "PAUSE_SECONDS", 0.0)
    failures = [OperationalError("away"), ZeroDivisionError("ours")]

    async def run() -> None:
        well = asyncio.Event()

        async def turn() -> None:
            if failures:
                raise failures.pop()
            well.set()

        task = asyncio.ensure_future(worker._again_and_again(turn, 0.0, "trying again"))
        async with asyncio.timeout(5):
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

        task = asyncio.ensure_future(worker._again_and_again(turn, 0.0, "trying again"))
        await begun.wait()
        task.cancel()
        async with asyncio.timeout(5):
            await task

    asyncio.run(run())
