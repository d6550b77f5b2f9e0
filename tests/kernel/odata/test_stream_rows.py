"""Rows of long answers: as bytes, some at a time, and the connection is ready afterwards."""

import asyncio
from collections.abc import Awaitable, Callable
from contextlib import aclosing
from typing import Any

import psycopg
import pytest
from tests.waiting import PATIENCE

from gerance.kernel.odata.respond import rows as module
from gerance.kernel.odata.respond.rows import stream_rows
from gerance.kernel.odata.sql.statements import Statement

NUMBERS = "SELECT n::text, NULL::text FROM generate_series(1, $1::int) n"


def on(url: str, work: Callable[[psycopg.AsyncConnection[Any]], Awaitable[Any]]) -> Any:
    async def connected() -> Any:
        async with await psycopg.AsyncConnection.connect(url, autocommit=True) as connection:
            return await work(connection)

    return asyncio.run(connected())


async def read(connection: psycopg.AsyncConnection[Any], statement: Statement) -> list[int]:
    """How many rows came together each time."""
    return [len(rows) async for rows in stream_rows(connection, statement, 100)]


async def prepared(connection: psycopg.AsyncConnection[Any]) -> list[str]:
    rows = await connection.execute(
        "SELECT statement FROM pg_prepared_statements WHERE name LIKE 'rows_%' ORDER BY statement"
    )
    return [row[0] for row in await rows.fetchall()]


def test_rows_come_in_lists_whatever_their_number(database: str) -> None:
    async def work(connection: psycopg.AsyncConnection[Any]) -> Any:
        return [await read(connection, Statement(NUMBERS, [count])) for count in (0, 1, 100, 250)]

    assert on(database, work) == [[], [1], [100], [100, 100, 50]]


def test_texts_come_as_bytes_and_null_as_none(database: str) -> None:
    async def work(connection: psycopg.AsyncConnection[Any]) -> Any:
        statement = Statement("SELECT 'é' || $1::text, NULL::text", ["\\x"])
        return [rows async for rows in stream_rows(connection, statement, 100)]

    assert on(database, work) == [[("é\\x".encode(), None)]]


def test_a_statement_is_prepared_when_it_comes_again(database: str) -> None:
    async def work(connection: psycopg.AsyncConnection[Any]) -> Any:
        seen = []
        for count in (5, 6, 7):
            await read(connection, Statement(NUMBERS, [count]))
            seen.append(await prepared(connection))
        return seen

    assert on(database, work) == [[], [NUMBERS], [NUMBERS]]


def test_the_same_statement_with_values_of_another_type_is_another(database: str) -> None:
    async def work(connection: psycopg.AsyncConnection[Any]) -> Any:
        statements = [Statement("SELECT $1::bigint::text", [n]) for n in (1, 2**20, 2**40)]
        return [await read(connection, each) for each in statements * 3]

    assert on(database, work) == [[1]] * 9


def test_statements_not_used_for_long_are_forgotten(
    database: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "_MOST_PREPARED", 2)

    async def work(connection: psycopg.AsyncConnection[Any]) -> Any:
        for nth in (1, 1, 2, 2, 1, 3, 3):
            await read(connection, Statement(f"SELECT '{nth}'", []))
        return await prepared(connection)

    assert on(database, work) == ["SELECT '1'", "SELECT '3'"]


def test_who_stops_reading_cancels_the_statement(database: str) -> None:
    async def work(connection: psycopg.AsyncConnection[Any]) -> Any:
        endless = Statement("SELECT generate_series(1, 1000000000)::text")
        async with (
            asyncio.timeout(PATIENCE),
            aclosing(stream_rows(connection, endless, 100)) as lists,
        ):
            first = await anext(lists)
        rows = await connection.execute("SELECT 1")
        return len(first), await rows.fetchall()

    assert on(database, work) == (100, [(1,)])


def test_a_task_that_is_cancelled_leaves_the_connection_ready(database: str) -> None:
    async def work(connection: psycopg.AsyncConnection[Any]) -> Any:
        task = asyncio.create_task(read(connection, Statement("SELECT pg_sleep(60)::text")))
        async with await psycopg.AsyncConnection.connect(database, autocommit=True) as other:
            found: list[Any] = []
            while not found:
                rows = await other.execute(
                    "SELECT 1 FROM pg_stat_activity WHERE wait_event = 'PgSleep' AND pid = %s",
                    [connection.info.backend_pid],
                )
                found = await rows.fetchall()
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task
        return await read(connection, Statement(NUMBERS, [3]))

    assert on(database, work) == [3]


@pytest.mark.parametrize("again", [1, 3])
def test_a_failure_amid_the_rows_is_raised_as_psycopg_does(database: str, again: int) -> None:
    async def work(connection: psycopg.AsyncConnection[Any]) -> Any:
        statement = Statement("SELECT (10 / (500 - n))::text FROM generate_series(1, 900) n")
        for _ in range(again):
            with pytest.raises(psycopg.errors.DivisionByZero):
                await read(connection, statement)
        return await read(connection, Statement(NUMBERS, [3]))

    assert on(database, work) == [3]


def test_a_statement_that_is_none_is_refused_each_time(database: str) -> None:
    async def work(connection: psycopg.AsyncConnection[Any]) -> Any:
        for _ in range(3):
            with pytest.raises(psycopg.errors.UndefinedTable):
                await read(connection, Statement("SELECT name FROM nowhere"))
        return await prepared(connection)

    assert on(database, work) == []


@pytest.mark.parametrize("within", [False, True], ids=["by itself", "within a transaction"])
def test_rows_are_read_after_something_was_undone(database: str, within: bool) -> None:
    """psycopg then forgets what is prepared on the connection: DEALLOCATE ALL."""

    async def work(connection: psycopg.AsyncConnection[Any]) -> Any:
        connection.prepare_threshold = 0
        statement = Statement(NUMBERS, [3])
        for _ in range(3):
            await read(connection, statement)
        async with connection.transaction(force_rollback=True):
            await connection.execute("SELECT 1")
        assert await prepared(connection) == []
        if within:
            async with connection.transaction():
                return [await read(connection, statement) for _ in range(3)]
        counts = [await read(connection, statement) for _ in range(3)]
        assert await prepared(connection) == [NUMBERS]
        return counts

    assert on(database, work) == [[3]] * 3


def test_rows_are_read_within_a_transaction(database: str) -> None:
    async def work(connection: psycopg.AsyncConnection[Any]) -> Any:
        async with connection.transaction():
            await connection.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ")
            counts = [await read(connection, Statement(NUMBERS, [150])) for _ in range(3)]
        return counts, connection.info.transaction_status.name

    assert on(database, work) == ([[100, 50]] * 3, "IDLE")
