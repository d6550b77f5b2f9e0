"""Places for long answers are shared: nobody has all of them, and nobody waits for long."""

import asyncio
import socket
from collections.abc import Iterator
from contextlib import AsyncExitStack, ExitStack
from pathlib import Path
from urllib.parse import urlsplit

import httpx2
import psycopg
import pytest
from tests.app import in_patrimony, open_ticket
from tests.feeds.conftest import serving
from tests.incidents.conftest import User, World
from tests.waiting import PATIENCE, until

from gerance.kernel.db import open_pool
from gerance.kernel.errors import Rejection
from gerance.kernel.limits import long_answers
from gerance.kernel.limits.long_answers import AnswerSlot, LongAnswers

TICKETS, BIG = 8, 1_000_000


async def never(_: object) -> None:
    await asyncio.Event().wait()


async def unread(place: AnswerSlot) -> None:
    """An answer whose client reads nothing, until it is cut."""
    with pytest.raises(TimeoutError):
        await place.send(never, {"type": "http.response.body"})


def test_places_go_to_whoever_has_fewest_and_a_wait_ends(database: str) -> None:
    async def share() -> None:
        async with open_pool(database, size=5, statement_timeout_ms=0) as pool:
            answers = LongAnswers(pool, most_each=3, seconds=0.3)
            async with AsyncExitStack() as held:
                for owner in ("a", "a", "a", "b", "d"):
                    await held.enter_async_context(answers.connection(owner))
                for owner, code, status in (("a", "TooManyLongAnswers", 429), ("c", "Busy", 503)):
                    with pytest.raises(Rejection) as refused:
                        await held.enter_async_context(answers.connection(owner))
                    assert (refused.value.code, refused.value.status) == (code, status)
                    assert int(refused.value.headers["Retry-After"]) > 0
            order: list[str] = []

            async def take(owner: str) -> None:
                async with answers.connection(owner):
                    order.append(owner)

            answers = LongAnswers(pool, most_each=3, seconds=30)
            async with answers.connection("b"), answers.connection("c"), answers.connection("d"):
                async with answers.connection("f"), answers.connection("g"):
                    waiting = [asyncio.create_task(take(owner)) for owner in ("b", "b", "e", "c")]
                    await asyncio.sleep(0)
                await asyncio.gather(*waiting)
            # Nobody has fewer than e, who has none; the others follow, each once they may.
            assert order[0] == "e"
            assert sorted(order) == ["b", "b", "c", "e"]

    asyncio.run(share())


def test_two_principals_with_many_answers_leave_places_for_others(database: str) -> None:
    async def share() -> None:
        async with open_pool(database, size=8, statement_timeout_ms=0) as pool:
            answers = LongAnswers(pool, most_each=6, seconds=0.1)
            async with AsyncExitStack() as held:
                codes = []
                for owner in ("a", "b") * 8:
                    try:
                        await held.enter_async_context(answers.connection(owner))
                    except Rejection as rejection:
                        codes.append(rejection.code)
                assert set(codes) == {"Busy"}
                for owner in ("c", "d"):
                    await held.enter_async_context(answers.connection(owner))
                with pytest.raises(Rejection, match="as many long answers as it can"):
                    await held.enter_async_context(answers.connection("e"))

    asyncio.run(share())


def test_a_slow_reader_yields_and_a_fast_one_does_not(
    database: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(long_answers, "YIELD_SECONDS", 0.2)
    monkeypatch.setattr(long_answers, "CHECK_SECONDS", 0.05)

    async def share() -> None:
        async with open_pool(database, size=4, statement_timeout_ms=0) as pool:
            answers = LongAnswers(pool, most_each=4, seconds=30)
            ended: list[str] = []

            async def read(owner: str, over: asyncio.Event | None) -> None:
                async with answers.connection(owner) as (_, place):
                    await (unread(place) if over is None else over.wait())
                ended.append(owner)

            over = asyncio.Event()
            readers = [asyncio.create_task(read("fast", over)) for _ in range(3)]
            readers.append(asyncio.create_task(read("slow", None)))
            await asyncio.sleep(0)
            async with answers.connection("other"):
                assert ended == ["slow"]
            over.set()
            await asyncio.gather(*readers)

    asyncio.run(share())


@pytest.fixture
def exporting(
    database: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Iterator[tuple[World, str]]:
    """A world whose export has some megabytes, served with eight places, all for one user."""
    monkeypatch.setattr(long_answers, "YIELD_SECONDS", 0.5)
    with (
        serving(
            database, tmp_path, long_answers_per_principal=8, long_answer_wait_seconds=20.0
        ) as (url, _),
        httpx2.Client(base_url=url, timeout=PATIENCE) as http,
    ):
        world = World(http, database)
        for _ in range(TICKETS):
            open_ticket(world.root, in_patrimony(world.patrimony))
        with psycopg.connect(database, autocommit=True) as connection:
            connection.execute(
                'UPDATE ticket_document SET exported = exported || \',"x":"\''
                " || repeat('x', %s) || '\"'",
                [BIG],
            )
        yield world, url


def test_unread_exports_of_one_user_hold_nobody_up(exporting: tuple[World, str]) -> None:
    world, url = exporting
    other = world.login("superUser")
    with ExitStack() as clients:
        slow = [clients.enter_context(_unread_export(url, world.root)) for _ in range(8)]
        for client in slow:
            assert client.recv(16, socket.MSG_WAITALL).startswith(b"HTTP/1.1 200")
        answer = other.read("tickets/export")
        assert answer.status_code == 200
        assert len(answer.content) > TICKETS * BIG
        until(lambda: other.read("tickets/export").status_code == 200)


def _unread_export(url: str, user: User) -> socket.socket:
    address = urlsplit(url)
    client = socket.socket()
    client.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
    client.settimeout(60)
    client.connect((str(address.hostname), address.port or 0))
    client.sendall(
        "GET /api/v1/tickets/export HTTP/1.1\r\nHost: x\r\n"
        f"Cookie: {user._headers['Cookie']}\r\n\r\n".encode()
    )
    return client
