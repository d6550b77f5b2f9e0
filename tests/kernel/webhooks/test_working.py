"""The engine at work: it rests when there is nothing, and one trouble does not become another's."""

import asyncio
from collections.abc import Sequence
from datetime import timedelta
from random import Random

import pytest
from tests.kernel.webhooks.engine import LOOPBACK, Clock, Engine, Plain, engine
from tests.kernel.webhooks.loopback import receiving as answering
from tests.receiving import receiving
from tests.waiting import until_async

from gerance.kernel.db import Connection
from gerance.kernel.webhooks.attempts import (
    MOST_RESPONSE_BYTES,
    MOST_SUCCESS_BYTES,
    Attempt,
    record,
)
from gerance.kernel.webhooks.claim import claim
from gerance.kernel.webhooks.client import WebhookClient
from gerance.kernel.webhooks.endpoints import add_endpoint, subscribe
from gerance.kernel.webhooks.engine import (
    MOST_BYTES_RUNNING,
    MOST_PER_ENDPOINT,
    MOST_RUNNING,
    POLL_SECONDS,
    Deliverer,
)
from gerance.kernel.webhooks.flavours import Message, PendingDelivery
from gerance.kernel.webhooks.guard import Guard
from gerance.kernel.webhooks.replay import replay_since


async def taken(
    it: Engine, limit: int = MOST_RUNNING, most_bytes: int = MOST_BYTES_RUNNING, **capacities: int
) -> list[PendingDelivery]:
    """What a worker takes that has so much room, in all and for endpoints by their uids."""
    now = it.clock()
    async with it.pool.connection() as connection:
        claimed = await claim(
            connection, now=now, lease=now + timedelta(seconds=30), limit=limit,
            most_bytes=most_bytes, default_capacity=MOST_PER_ENDPOINT,
            capacities=capacities, flavours=["plain"],
        )  # fmt: skip
        return claimed.deliveries


def test_a_worker_without_work_looks_for_some_about_once_a_second(database: str) -> None:
    async def story() -> None:
        async with engine(database) as it:
            pauses: list[float] = []
            wait = it.deliverer._notifier.wait

            async def noted(at_most: float) -> None:
                pauses.append(at_most)
                await wait(at_most)

            async with it.running():
                await it.until("SELECT 1 FROM sleeper")
                it.deliverer._notifier.wait = noted  # type: ignore[method-assign]
                await until_async(lambda: POLL_SECONDS in pauses)
            assert len(pauses) < 15

    asyncio.run(story())


def test_workers_that_crashed_in_their_sleep_are_forgotten(database: str) -> None:
    async def story() -> None:
        async with engine(database) as it:
            async with it.pool.connection() as connection:
                await connection.execute(
                    "INSERT INTO sleeper SELECT gen_random_uuid(), now() - interval '1 day'"
                    " FROM generate_series(1, 3)"
                )
            async with it.running():
                await it.until("SELECT 1 FROM sleeper WHERE until > now()")
                assert await it.rows("SELECT count(*) FROM sleeper") == [(1,)]

    asyncio.run(story())


def test_what_this_worker_cannot_word_is_left_to_others(database: str) -> None:
    async def story() -> None:
        async with engine(database) as it, receiving() as receiver:
            await it.endpoint(receiver.url)
            async with it.pool.connection() as connection:
                uid, _ = await add_endpoint(
                    connection, flavour="newer", owner="somebody", url=receiver.url
                )
                await subscribe(connection, uid, {"thing": None})
            await it.happen()
            assert await it.deliver() == 1
            assert await it.rows("SELECT claims FROM outbox WHERE endpoint = %s", uid) == [(0,)]

    asyncio.run(story())


def test_those_that_are_told_of_least_come_first_when_there_is_not_room_for_all(
    database: str,
) -> None:
    async def story() -> None:
        async with engine(database) as it:
            busy = [await it.endpoint(f"http://127.0.0.1/{nth}") for nth in range(3)]
            quiet = await it.endpoint("http://127.0.0.1/quiet")
            await it.happen()
            deliveries = await taken(it, limit=1, **dict.fromkeys(busy, MOST_PER_ENDPOINT // 2))
            assert [each.endpoint.uid for each in deliveries] == [quiet]

    asyncio.run(story())


def test_large_events_are_taken_a_few_at_a_time(database: str) -> None:
    async def story() -> None:
        async with engine(database) as it, receiving() as receiver:
            uid = await it.endpoint(receiver.url, category="large")
            large = b'{"text": "%s"}' % (b"x" * (MOST_BYTES_RUNNING // 4))
            for _ in range(6):
                await it.happen(category="large", data=large)
            assert await taken(it, most_bytes=0) == []
            # Three come to less than the most, the fourth goes beyond.
            assert [await it.deliverer.turn(), await it.deliverer.turn()] == [4, 0]
            await it.deliverer.settle()
            assert await it.deliver() == 2
            async with it.pool.connection() as connection:
                await replay_since(connection, uid, it.clock() - timedelta(days=1))
            assert len(await taken(it, most_bytes=2 * len(large))) == 2
            assert len(await taken(it, most_bytes=1)) == 1

    asyncio.run(story())


def test_of_long_answers_more_is_kept_where_something_is_wrong(database: str) -> None:
    async def story() -> None:
        long = b"Content-Length: 70000\r\n\r\n" + b"x" * 70_000
        async with engine(database) as it:
            for status in (b"200 OK", b"500 No"):
                async with answering(b"HTTP/1.1 %s\r\n%s" % (status, long)) as receiver:
                    await it.endpoint(receiver.url, category=receiver.url)
                    await it.happen(category=receiver.url)
                    await it.deliver()
            kept = await it.rows("SELECT outcome, length(answer) FROM delivery ORDER BY id")
            assert kept == [("delivered", MOST_SUCCESS_BYTES), ("failed", MOST_RESPONSE_BYTES)]

    asyncio.run(story())


@pytest.mark.parametrize("outcome", ["failed", "delivered"])
def test_what_is_recorded_twice_counts_once(database: str, outcome: str) -> None:
    async def story() -> None:
        async with engine(database) as it:
            uid = await it.endpoint("http://127.0.0.1/")
            await it.happen()
            (deliveries,) = await taken(it)
            told = Attempt(deliveries, None, outcome, it.clock(), due=it.clock())
            async with it.pool.connection() as connection:
                for _ in range(2):
                    await record(connection, [told], it.clock())
            left = await it.rows("SELECT failures FROM outbox WHERE endpoint = %s", uid)
            assert left == ([(1,)] if outcome == "failed" else [])

    asyncio.run(story())


def test_an_endpoint_that_cannot_be_called_at_all_is_told_apart(database: str) -> None:
    async def story() -> None:
        async with engine(database) as it, receiving() as receiver:
            ill = await it.endpoint(receiver.url, secret="whsec_?")
            await it.endpoint(receiver.url)
            await it.happen()
            assert await it.deliver() == 2
            assert len(receiver.received) == 1
            assert await it.rows("SELECT failure FROM delivery WHERE endpoint = %s", ill) == [
                ("rendering",)
            ]

    asyncio.run(story())


def test_workers_that_record_for_the_same_endpoints_do_not_wait_for_each_other(
    database: str,
) -> None:
    async def story() -> None:
        async with engine(database) as it:
            for nth in range(40):
                await it.endpoint(f"http://127.0.0.1/{nth}")
            await it.happen()
            deliveries = await taken(it)
            chance = Random(4)

            async def worker() -> None:
                for _ in range(40):
                    some = chance.sample(deliveries, 20)
                    ill = [
                        Attempt(each, None, "failed", it.clock(), due=it.clock()) for each in some
                    ]
                    async with it.pool.connection() as connection:
                        await record(connection, ill, it.clock())

            await asyncio.gather(*(worker() for _ in range(4)))

    asyncio.run(story())


def test_a_worker_that_was_held_up_leaves_what_it_took_to_others(database: str) -> None:
    clock = Clock()

    class Slow(Plain):
        async def render(
            self, connection: Connection, deliveries: Sequence[PendingDelivery]
        ) -> Sequence[Message | None]:
            clock.pass_by(seconds=31)
            return await super().render(connection, deliveries)

    async def story() -> None:
        async with (
            engine(database, clock) as it,
            receiving() as receiver,
            WebhookClient(Guard(LOOPBACK)) as caller,
        ):
            await it.endpoint(receiver.url)
            await it.happen()
            slow = Deliverer(it.pool, caller, {"plain": Slow()}, lease=30, clock=clock)
            assert await slow.turn() == 0
            assert await it.deliver() == 1
            await slow.settle()
            assert len(receiver.received) == 1

    asyncio.run(story())
