"""The database is killed while commands come and deliveries go: both find it again."""

import asyncio
import os
import shutil
import signal
import tempfile
from collections.abc import Iterator
from pathlib import Path
from random import Random
from urllib.parse import quote

import pytest
from tests.faults.delivering import Orders
from tests.faults.killing import (
    LONG,
    Crew,
    Watch,
    commands,
    happened_in,
    nothing_owed,
    subscribed,
    times_done,
    working,
)
from tests.receiving import receiving
from tests.waiting import until_async

from gerance import migrations
from gerance.kernel.embedded import leftover
from gerance.kernel.embedded.server import Server

COMMANDS, KILLS = (8000, 20) if LONG else (600, 3)
SEED = 3


@pytest.fixture
def server() -> Iterator[Server]:
    """A server that is nobody else's."""
    home = Path(tempfile.mkdtemp(prefix="gerance-tests-"))
    server = Server(home)
    try:
        server.start()
        yield server
    finally:
        server.stop()
        shutil.rmtree(home)


def kill(server: Server, how: signal.Signals) -> None:
    """Kill the server, and start it again once it is gone."""
    pid = int(leftover.recorded_pid(server.data)[0])
    os.kill(pid, how)
    server.stop()
    server.start()


def test_a_database_that_is_killed_loses_nothing_and_breaks_no_order(server: Server) -> None:
    url = f"postgresql://gerance@/gerance?host={quote(str(server.sockets), safe='/')}"
    migrations.upgrade(url)

    async def story() -> tuple[Crew, Watch]:
        async with receiving() as receiver:
            watch = Watch(receiver, failing=0.03, seed=SEED)
            await subscribed(url, watch, ["/a"])
            crew = Crew(Orders(url), commands(COMMANDS, COMMANDS // 10, SEED))
            chance = Random(SEED)
            async with working(crew):
                for moment in sorted(chance.randrange(2 * COMMANDS) for _ in range(KILLS)):
                    await until_async(lambda: len(crew.acknowledged) + len(watch.done) >= moment)  # noqa: B023
                    how = chance.choice((signal.SIGKILL, signal.SIGQUIT))
                    await asyncio.to_thread(kill, server, how)
                await until_async(lambda: len(crew.acknowledged) == COMMANDS)
                await until_async(lambda: len(watch.done) == COMMANDS)
                await nothing_owed(url)
            return crew, watch

    crew, watch = asyncio.run(story())
    print(watch)  # noqa: T201 - what the long version came to
    assert times_done(url) == dict.fromkeys(crew.sent, 1)
    assert watch.out_of_order(happened_in(url)) == []
    assert watch.forged == 0
