"""A category whose rows or tables somebody has locked does not hold up the commands of others."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from uuid import uuid4

import msgspec
import psycopg
import pytest
from psycopg.errors import LockNotAvailable
from tests.waiting import PATIENCE

from gerance.kernel.db import Pool, open_pool
from gerance.kernel.errors import Rejection
from gerance.kernel.log import writer as log_writer
from gerance.kernel.log.eventlog import NewEvent
from gerance.kernel.log.writer import (
    AggregateRow,
    Change,
    Projection,
    Writer,
    WriteRequest,
    WriteResult,
    open_writer,
)

CASTS = (("uid", "uuid"),)


def intent(category: str, stream: str | None = None, sql: str | None = None) -> WriteRequest:
    uid = stream or str(uuid4())

    def decide(loaded: AggregateRow) -> Change:
        rows = (Projection(sql, CASTS, [{"uid": uid}]),) if sql else ()
        return Change([NewEvent("Happened", b"{}", datetime.now(UTC))], b"{}", rows)

    return WriteRequest(
        category=category, stream=uid, process_uid=str(uuid4()), actor=None, decide=decide
    )


@asynccontextmanager
async def writing(url: str, size: int = 8) -> AsyncIterator[tuple[Pool, Writer]]:
    async with (
        open_pool(url, size=size, statement_timeout_ms=30_000) as pool,
        open_writer(pool) as writer,
    ):
        yield pool, writer


@asynccontextmanager
async def locked(url: str, statement: str, *params: object) -> AsyncIterator[None]:
    """Somebody has locked something."""
    async with await psycopg.AsyncConnection.connect(url) as connection:
        await connection.execute(statement, params)
        yield
        await connection.rollback()


TABLE = "LOCK TABLE written_by_one IN ACCESS EXCLUSIVE MODE"
WAITS = "INSERT INTO written_by_one SELECT r.uid FROM {rows} r"


@pytest.fixture(scope="module", autouse=True)
def table(database: str) -> None:
    with psycopg.connect(database) as connection:
        connection.execute("CREATE TABLE written_by_one (uid uuid)")


def test_a_locked_table_holds_up_only_the_category_that_writes_it(database: str) -> None:
    async def story() -> None:
        async with writing(database) as (_, writer):
            async with locked(database, TABLE):
                stuck = [
                    asyncio.ensure_future(writer.execute(intent("stuck", sql=WAITS)))
                    for _ in range(200)
                ]
                for _ in range(20):
                    others = [intent(f"other {nth % 3}") for nth in range(30)]
                    done = await asyncio.gather(*map(writer.execute, others))
                    assert all(isinstance(each, WriteResult) for each in done)
                assert not any(each.done() for each in stuck)
            # Nobody was refused for the wait, which was short.
            assert len({(await each).position for each in stuck}) == 200

    asyncio.run(story())


def test_commands_that_wait_too_long_are_answered(
    database: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(log_writer, "LOCK_SECONDS", 0.1)
    monkeypatch.setattr(log_writer, "PATIENCE_SECONDS", 0.5)

    async def story() -> list[WriteResult | BaseException]:
        async with writing(database) as (_, writer), locked(database, TABLE):
            return await asyncio.gather(
                *(writer.execute(intent("stuck", sql=WAITS)) for _ in range(200)),
                return_exceptions=True,
            )

    answers = asyncio.run(story())
    for each in answers:
        assert isinstance(each, LockNotAvailable) or (
            isinstance(each, Rejection) and (each.code, each.status) == ("CommandsBusy", 503)
        )
    assert any(isinstance(each, Rejection) for each in answers)


def test_a_locked_aggregate_holds_up_only_its_own_commands(
    database: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(log_writer, "LOCK_SECONDS", 0.1)
    row = "SELECT FROM stream WHERE uid = %s FOR UPDATE"

    async def story() -> None:
        async with writing(database) as (_, writer):
            busy = str(uuid4())
            await writer.execute(intent("one", busy))
            async with locked(database, row, busy):
                waits = asyncio.ensure_future(writer.execute(intent("one", busy)))
                others = [intent("one") for _ in range(100)]
                await asyncio.gather(*map(writer.execute, others))
                assert not waits.done()
            assert (await waits).position is not None

    asyncio.run(story())


def test_what_reads_a_locked_table_leaves_connections_to_others(database: str) -> None:
    async def story() -> None:
        async with writing(database, size=8) as (pool, writer):
            async with locked(database, TABLE):
                reading = log_writer.Reading(("(SELECT count(*) FROM written_by_one)",))
                stuck = [
                    asyncio.ensure_future(
                        writer.execute(msgspec.structs.replace(intent("stuck"), reading=reading))
                    )
                    for _ in range(50)
                ]
                await asyncio.gather(*(writer.execute(intent("other")) for _ in range(50)))
                async with pool.connection(timeout=PATIENCE) as connection:
                    await connection.execute("SELECT 1")
                assert not any(each.done() for each in stuck)
            await asyncio.gather(*stuck)

    asyncio.run(story())
