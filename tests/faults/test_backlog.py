"""Long queues: told no faster than the endpoint wants, and with signatures that always verify."""

import asyncio
from collections import deque

import psycopg
from standardwebhooks import Webhook
from tests.faults.delivering import Orders
from tests.faults.killing import (
    LONG,
    UNHURRIED_SECONDS,
    Crew,
    Watch,
    commands,
    happened_in,
    nothing_owed,
    subscribed,
    working,
)
from tests.kernel.webhooks.engine import engine
from tests.receiving import Received, receiving
from tests.waiting import until_async

from gerance.kernel.webhooks.endpoints import rotate_secret
from gerance.kernel.webhooks.engine import MOST_PER_ENDPOINT

BACKLOG, RATE = (10_000, 400) if LONG else (600, 200)
ROTATIONS, LOAD = (20, 20_000) if LONG else (4, 1500)
MORE = 3 * MOST_PER_ENDPOINT
"""More calls than are under way to one endpoint."""


def most_within(times: list[float], seconds: float) -> int:
    """The most of the moments, in order, that lie within so many seconds."""
    most, recent = 0, deque[float]()
    for moment in times:
        recent.append(moment)
        while recent[0] <= moment - seconds:
            recent.popleft()
        most = max(most, len(recent))
    return most


def test_a_backlog_is_drained_at_the_limit_of_its_endpoint_and_in_order(database: str) -> None:
    async def story() -> tuple[Watch, list[float]]:
        times: list[float] = []
        async with receiving() as receiver:
            watch = Watch(receiver)
            judge, clock = receiver.answer, asyncio.get_running_loop().time

            def answer(call: Received) -> int | tuple[int, str]:
                times.append(clock())
                return judge(call)

            receiver.answer = answer
            await subscribed(database, watch, ["/a"], rate=RATE)
            async with engine(database, beside=True) as it:
                streams = [stream for _, stream in commands(BACKLOG, BACKLOG // 20, 5)]
                for first in range(0, BACKLOG, 48):
                    await asyncio.gather(
                        *(it.happen(stream=each) for each in streams[first : first + 48])
                    )
                async with it.running():
                    await until_async(lambda: len(watch.done) == BACKLOG)
                    await nothing_owed(database)
        return watch, times

    watch, times = asyncio.run(story())
    print(f"{BACKLOG} in {times[-1] - times[0]:.1f} s, limit {RATE}/s")  # noqa: T201
    # A second has its own calls, a burst of a tenth of them, and those that came late.
    assert most_within(times, 1.0) <= 1.1 * RATE + MOST_PER_ENDPOINT
    assert watch.out_of_order(happened_in(database)) == []
    assert (watch.again, watch.forged) == (0, 0)


async def more(watch: Watch) -> None:
    """Wait until all calls that are under way now have come."""
    calls = watch.calls + MORE
    await until_async(lambda: watch.calls >= calls)


def test_every_call_verifies_while_secrets_are_rotated_under_load(database: str) -> None:
    async def story() -> Watch:
        async with receiving() as receiver:
            watch = Watch(receiver)
            (uid,) = await subscribed(database, watch, ["/a"])
            orders = Orders(database, timeout=UNHURRIED_SECONDS)
            crew = Crew(orders, commands(LOAD, LOAD // 10, 6))
            async with (
                working(crew),
                await psycopg.AsyncConnection.connect(database, autocommit=True) as connection,
            ):
                for _ in range(ROTATIONS):
                    await more(watch)
                    secret = await rotate_secret(
                        connection, uid, owner="somebody", overlap_seconds=3600
                    )
                    # The receiver takes the new secret later, and the old one is good until then.
                    await more(watch)
                    watch.secrets["/a"] = Webhook(secret)
                await until_async(lambda: len(watch.done) == LOAD, 300)
                await nothing_owed(database)
            return watch

    watch = asyncio.run(story())
    assert watch.forged == 0
    assert watch.calls == LOAD
