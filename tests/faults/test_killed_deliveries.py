"""kill -9 at any moment: what was acknowledged is in the log, told of, and told of in order."""

import asyncio
from random import Random

import pytest
from tests.faults.delivering import Orders
from tests.faults.killing import (
    LONG,
    UNHURRIED_SECONDS,
    Crew,
    Watch,
    commands,
    happened_in,
    leases_over,
    nothing_owed,
    subscribed,
    times_done,
    working,
)
from tests.kernel.webhooks.engine import engine
from tests.receiving import receiving
from tests.waiting import until_async

from gerance.kernel.webhooks.engine import MOST_RUNNING

COMMANDS, KILLS = (20_000, 50) if LONG else (1500, 6)
PATHS = ("/a", "/b")
SEED = 20


def test_processes_that_are_killed_lose_nothing_and_break_no_order(database: str) -> None:
    async def story() -> tuple[Crew, Watch]:
        async with receiving() as receiver:
            watch = Watch(receiver, failing=0.03, seed=SEED)
            await subscribed(database, watch, PATHS)
            crew = Crew(Orders(database), commands(COMMANDS, COMMANDS // 10, SEED))
            chance = Random(SEED)
            to_do = COMMANDS * (1 + len(PATHS))
            moments = sorted(chance.randrange(to_do) for _ in range(KILLS))
            async with working(crew, processes=2):
                for moment in moments:
                    await until_async(lambda: len(crew.acknowledged) + len(watch.done) >= moment)  # noqa: B023
                    seen = crew.kills
                    crew.kill(chance)
                    await until_async(lambda: crew.kills > seen)  # noqa: B023
                await until_async(lambda: len(watch.done) >= COMMANDS * len(PATHS), 300)
                await nothing_owed(database)
            return crew, watch

    crew, watch = asyncio.run(story())
    print(watch)  # noqa: T201 - what the long version came to
    assert crew.kills == KILLS
    assert crew.acknowledged == set(crew.sent)
    assert times_done(database) == dict.fromkeys(crew.sent, 1)
    streams = happened_in(database)
    positions = {position for stream in streams.values() for position in stream}
    assert watch.done == {(path, position) for path in PATHS for position in positions}
    assert watch.out_of_order(streams) == []
    assert watch.again <= KILLS * MOST_RUNNING
    assert watch.refused > 0
    assert watch.forged == 0


@pytest.mark.parametrize(
    ("moment", "act", "again"),
    [
        ("before", "claim", range(1)),
        ("after", "claim", range(1)),
        ("before", "call", range(1)),
        ("after", "call", range(1, 11)),
        ("before", "record", range(1, 11)),
        # What was called and not yet recorded with the others comes again.
        ("after", "record", range(10)),
    ],
)
def test_a_process_that_dies_at_any_step_tells_again_only_what_it_did_not_record(
    database: str, moment: str, act: str, again: range
) -> None:
    async def story() -> tuple[Watch, set[int]]:
        async with receiving() as receiver:
            watch = Watch(receiver)
            await subscribed(database, watch, ["/a"])
            async with engine(database, beside=True) as it:
                for _ in range(10):
                    await it.happen()
            dying = Crew(Orders(database, timeout=UNHURRIED_SECONDS, dies=(moment, act)))
            async with working(dying):
                await until_async(lambda: dying.kills == 1)
            owed = await asyncio.to_thread(leases_over, database)
            async with working(Crew(Orders(database, timeout=UNHURRIED_SECONDS))):
                await nothing_owed(database)
            return watch, owed

    watch, owed = asyncio.run(story())
    assert len(watch.done) == 10
    assert watch.out_of_order(happened_in(database)) == []
    told_again = {position for (_, position), times in watch.times.items() if times > 1}
    assert told_again <= owed
    assert len(told_again) in again
