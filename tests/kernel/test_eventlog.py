"""Reading the log: nothing is stepped over, whoever commits late."""

import asyncio
import random
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from uuid import uuid4

import psycopg
import pytest
from tests.waiting import PATIENCE

from gerance.kernel.db import Connection, Pool, open_pool
from gerance.kernel.errors import Rejection
from gerance.kernel.log.eventlog import START, Cursor, read_after, wait_for_position

WRITERS = 8
WRITING_SECONDS = 2.0
INSERT = (
    "INSERT INTO event (category, stream, version, ordinal, event_type, process_uid, sent_date,"
    " actor, data) VALUES (%s, %s, 1, 0, 'Happened', %s, now(), %s, %s) RETURNING position"
)


@asynccontextmanager
async def connected(url: str) -> AsyncIterator[Connection]:
    async with await psycopg.AsyncConnection.connect(url, autocommit=True) as connection:
        yield connection


def pooled(url: str) -> Pool:
    return open_pool(url, size=4, statement_timeout_ms=5000)


async def insert(connection: Connection, category: str = "test", data: str = "{}") -> int:
    """The position of a new event."""
    cursor = await connection.execute(INSERT, [category, uuid4(), uuid4(), uuid4(), data])
    return int((await cursor.fetchall())[0][0])


async def write_slowly(url: str, seed: int) -> int:
    """Transactions that take their id, then their position, then commit, each after a while."""
    chance = random.Random(seed)
    until = time.monotonic() + WRITING_SECONDS
    written = 0
    async with connected(url) as connection:
        while time.monotonic() < until:
            async with connection.transaction():
                await connection.execute("SELECT pg_current_xact_id()")
                await connection.execute("SELECT pg_sleep(%s)", [chance.random() / 100])
                await insert(connection)
                await connection.execute("SELECT pg_sleep(%s)", [chance.random() / 50])
            written += 1
    return written


async def follow(url: str, enough: asyncio.Future[int]) -> list[Cursor]:
    """What a follower by (transaction, position) sees until it saw as many as were written."""
    seen: list[Cursor] = []
    deadline = time.monotonic() + WRITING_SECONDS + PATIENCE
    async with connected(url) as connection:
        while time.monotonic() < deadline and not (enough.done() and len(seen) >= enough.result()):
            cursor = seen[-1] if seen else START
            seen += [event.cursor for event in await read_after(connection, cursor, limit=20)]
    return seen


async def follow_positions(url: str, written: asyncio.Future[int]) -> list[int]:
    """What a follower by position alone sees until nothing is written or new any more."""
    seen: list[int] = []
    async with connected(url) as connection:
        while True:
            over = written.done()
            cursor = await connection.execute(
                "SELECT position FROM event WHERE position > %s ORDER BY position LIMIT 20",
                [seen[-1] if seen else 0],
            )
            new = [position for (position,) in await cursor.fetchall()]
            if over and not new:
                return seen
            seen += new


def test_a_follower_never_steps_over_a_slow_commit(database: str) -> None:
    async def run() -> tuple[list[Cursor], list[int]]:
        written: asyncio.Future[int] = asyncio.get_running_loop().create_future()

        async def write() -> None:
            writers = (write_slowly(database, seed) for seed in range(WRITERS))
            written.set_result(sum(await asyncio.gather(*writers)))

        followed, positions, _ = await asyncio.gather(
            follow(database, written), follow_positions(database, written), write()
        )
        return followed, positions

    followed, positions = asyncio.run(run())
    with psycopg.connect(database) as connection:
        log = connection.execute(
            "SELECT transaction_id::text::bigint, position FROM event"
            " ORDER BY transaction_id, position"
        ).fetchall()
    assert len(log) > 100
    assert [tuple(cursor) for cursor in followed] == log
    missed = {position for _, position in log}.difference(positions)
    assert missed, "these commits were too orderly to prove anything"


def test_a_reader_takes_what_it_asks_for_and_goes_on_from_there(database: str) -> None:
    async def run() -> None:
        async with connected(database) as connection:
            start = Cursor(*await _end(connection))
            for category in ("a", "b", "a", "c", "a"):
                await insert(connection, category, f'{{"in":"{category}"}}')
            first = await read_after(connection, start, limit=2, categories=["a", "c"])
            rest = await read_after(connection, first[-1].cursor, limit=9, categories=["a", "c"])
            everything = await read_after(connection, start, limit=9)
            assert [event.category for event in first] == ["a", "a"]
            assert [event.category for event in rest] == ["c", "a"]
            assert [event.data for event in rest] == [b'{"in":"c"}', b'{"in":"a"}']
            assert [event.category for event in everything] == ["a", "b", "a", "c", "a"]
            assert await read_after(connection, everything[-1].cursor, limit=9) == []
            assert everything[-1].cursor.position == await _highest(connection)

    asyncio.run(run())


async def _highest(connection: Connection) -> int:
    cursor = await connection.execute("SELECT max(position) FROM event")
    return (await cursor.fetchall())[0][0] or 0


async def _end(connection: Connection) -> tuple[int, int]:
    cursor = await connection.execute(
        "SELECT transaction_id::text::bigint, position FROM event"
        " ORDER BY transaction_id DESC, position DESC LIMIT 1"
    )
    return (await cursor.fetchone()) or (0, 0)


def test_a_position_that_is_there_is_not_waited_for(database: str) -> None:
    async def run() -> None:
        async with pooled(database) as pool, connected(database) as connection:
            await wait_for_position(pool, await insert(connection), at_most=0.0)

    asyncio.run(run())


def test_a_position_is_reached_when_its_transaction_commits(database: str) -> None:
    async def run() -> None:
        async with pooled(database) as pool, connected(database) as connection:
            async with connection.transaction():
                position = await insert(connection)
                waiting = asyncio.create_task(wait_for_position(pool, position, at_most=PATIENCE))
                with pytest.raises(Rejection):
                    await wait_for_position(pool, position, at_most=0.05)
                assert not waiting.done()
            await waiting

    asyncio.run(run())


def test_a_position_is_not_reached_while_something_before_it_may_still_appear(
    database: str,
) -> None:
    async def run() -> None:
        async with (
            pooled(database) as pool,
            connected(database) as slow,
            connected(database) as quick,
        ):
            async with slow.transaction():
                earlier = await insert(slow)
                position = await insert(quick)
                assert earlier < position
                with pytest.raises(Rejection):
                    await wait_for_position(pool, position, at_most=0.05)
            await wait_for_position(pool, position, at_most=PATIENCE)

    asyncio.run(run())


def test_a_position_out_of_reach_is_refused_within_its_bound(database: str) -> None:
    async def run() -> None:
        async with pooled(database) as pool, connected(database) as connection:
            position = await _highest(connection) + 1_000_000
            with pytest.raises(Rejection) as refused:
                await wait_for_position(pool, position, at_most=0.3)
            assert (refused.value.status, refused.value.code) == (503, "PositionNotReached")
            assert refused.value.headers["Retry-After"]
            assert str(position) in refused.value.message

    asyncio.run(run())
