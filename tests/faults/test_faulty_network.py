"""Resets, latency, halves of connections, a byte a second: all arrives, in order, in the end."""

import asyncio
from collections import Counter
from urllib.parse import urlsplit

import psycopg
from tests.faults.delivering import Orders
from tests.faults.killing import (
    LONG,
    Crew,
    Watch,
    commands,
    happened_in,
    nothing_owed,
    subscribed,
    working,
)
from tests.faults.proxy import FAULTS, Proxy, proxied
from tests.receiving import receiving
from tests.waiting import until_async

COMMANDS = 400 if LONG else 20
PATHS = tuple(f"/{nth}" for nth in range(8))
SEED = 1
LONGEST_MS = 20_000
"""Less than an answer takes that comes a byte a second."""


def test_everything_arrives_through_a_network_that_fails(database: str) -> None:
    async def story() -> tuple[Watch, Proxy]:
        async with receiving() as receiver:
            watch = Watch(receiver)
            port = urlsplit(receiver.url).port
            assert port is not None
            async with proxied(port, SEED) as proxy:
                await subscribed(database, watch, PATHS, through=proxy.url)
                crew = Crew(Orders(database, timeout=0.4), commands(COMMANDS, COMMANDS // 4, SEED))
                async with working(crew):
                    await until_async(lambda: len(watch.done) == COMMANDS * len(PATHS), 600)
                    await nothing_owed(database)
            return watch, proxy

    watch, proxy = asyncio.run(story())
    print(watch, dict(proxy.seen))  # noqa: T201 - what the long version came to
    assert proxy.seen.keys() == {fault.__name__ for fault in FAULTS} | {"passed"}
    assert watch.out_of_order(happened_in(database)) == []
    assert watch.forged == 0
    with psycopg.connect(database) as connection:
        logged = connection.execute("SELECT failure, duration_ms FROM delivery").fetchall()
    assert Counter(failure for failure, _ in logged)[None] == COMMANDS * len(PATHS)
    assert {failure for failure, _ in logged} == {None, "timeout", "connection"}
    assert max(duration for _, duration in logged) < LONGEST_MS
