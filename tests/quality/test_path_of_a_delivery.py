"""A delivery reads straight down through few files."""

import asyncio
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import psycopg
import pytest
from tests.app import in_patrimony, opening
from tests.incidents.conftest import World
from tests.living import running
from tests.quality.path_trace import MOST_FILES, files_of_call
from tests.receiving import Receiver, receiving

from gerance import worker
from gerance.kernel.db import open_pool
from gerance.kernel.settings import Settings
from gerance.kernel.webhooks.engine import Deliverer

LOOPBACK = ("127.0.0.0/8",)


@pytest.fixture
def world(database: str, tmp_path: Path) -> Iterator[World]:
    with running(database, tmp_path, webhook_networks=LOOPBACK) as http:
        yield World(http, database)
    with psycopg.connect(database, autocommit=True) as connection:
        connection.execute("DELETE FROM endpoint")


@pytest.mark.parametrize("status", [204, 500])
def test_a_delivery_passes_through_at_most_15_files(
    world: World, tmp_path: Path, status: int
) -> None:
    settings = Settings(home=tmp_path, database_url=world.database, webhook_networks=LOOPBACK)

    def subscribe(receiver: Receiver) -> None:
        # A name, not an address: resolving it is part of the path.
        url = receiver.url.replace("127.0.0.1", "localhost")
        body = {"url": url, "eventTypes": ["TicketOpened"]}
        user = world.operator_user
        answer = user.http.post("/api/v1/subscriptions", json=body, headers=user._headers)
        assert answer.status_code == 201, answer.text
        opened = world.root.send("POST", "tickets", opening(in_patrimony(world.patrimony)))
        assert opened.status_code == 201, opened.text

    async def deliver() -> tuple[list[str], list[Any]]:
        async with (
            receiving() as receiver,
            open_pool(world.database, size=4, statement_timeout_ms=30_000) as pool,
            worker.webhook_client(settings) as caller,
        ):
            receiver.answer = lambda received: status
            await asyncio.to_thread(subscribe, receiver)
            deliverer = Deliverer(pool, caller, worker.flavours(settings), lease=30)

            async def turn() -> None:
                assert await deliverer.turn() == 1
                await deliverer.settle()

            files, _ = await files_of_call(turn)
            return files, [call.json()["eventType"] for call in receiver.received]

    files, received = asyncio.run(deliver())
    assert received == ["TicketOpened"]
    assert "kernel/webhooks/engine.py" in files
    assert len(files) <= MOST_FILES, "\n".join(["A delivery passes through:", *files])
