"""A transient failure is retried and never stored twice; any other is answered with what it is."""

import asyncio
from typing import Any

import psycopg
import pytest
from psycopg import errors
from psycopg_pool import PoolTimeout

from gerance.kernel import transactions
from gerance.kernel.db import Connection, NoFreeConnection, open_pool
from gerance.kernel.http.middleware import _explained
from gerance.kernel.transactions import CommitUnknown, classify, in_transaction

KINDS = [
    (errors.DeadlockDetected, "Conflict", True),
    (errors.SerializationFailure, "Conflict", True),
    (errors.TooManyConnections, "DatabaseBusy", True),
    (errors.AdminShutdown, "DatabaseRestarting", True),
    (errors.CannotConnectNow, "DatabaseRestarting", True),
    (psycopg.OperationalError, "DatabaseUnavailable", True),
    (PoolTimeout, "DatabaseUnavailable", False),
    (NoFreeConnection, "Busy", False),
    (CommitUnknown, "CommitUnknown", False),
    (errors.DiskFull, "DiskFull", False),
    (errors.OutOfMemory, "DatabaseOutOfMemory", False),
    (errors.ReadOnlySqlTransaction, "DatabaseReadOnly", False),
    (errors.LockNotAvailable, "LockTimeout", False),
    (errors.QueryCanceled, "TooSlow", False),
]


@pytest.mark.parametrize(("failure", "code", "transient"), KINDS)
def test_each_failure_has_its_code_and_says_when_to_come_back(
    failure: type[Exception], code: str, transient: bool
) -> None:
    kind = classify(failure("x"))
    assert kind is not None
    assert (kind.code, kind.transient) == (code, transient)
    refused = _explained(failure("x"))
    assert refused is not None
    assert (refused.code, refused.status) == (code, 503)
    assert int(refused.headers["Retry-After"]) > 0
    assert "x" not in refused.message.split()


def test_kinds_have_different_words() -> None:
    found = {kind for failure, _, _ in KINDS if (kind := classify(failure("x")))}
    assert len({kind.rejection.message for kind in found}) == len({kind.code for kind in found})


def test_what_is_no_failure_of_the_database_is_none() -> None:
    assert classify(errors.UniqueViolation("x")) is None
    assert classify(ValueError("x")) is None


ADD = "UPDATE counted SET n = n + 1 WHERE id = %s"


async def prepared(connection: Connection) -> None:
    await connection.execute("CREATE TABLE IF NOT EXISTS counted (id int PRIMARY KEY, n int)")
    await connection.execute("TRUNCATE counted")
    await connection.execute("INSERT INTO counted VALUES (1, 0), (2, 0)")


def test_two_that_deadlock_are_both_stored_once(database: str) -> None:
    """Two transactions that lock two rows in opposite orders: one is chosen, and comes again."""

    async def story() -> tuple[list[tuple[Any, ...]], int]:
        tries = 0
        async with open_pool(database, size=4, statement_timeout_ms=10_000) as pool:
            async with pool.connection() as connection:
                await prepared(connection)
            met = asyncio.Barrier(2)

            def act(rows: tuple[int, int]) -> Any:
                first = True

                async def add(connection: Connection) -> None:
                    nonlocal first, tries
                    tries += 1
                    await connection.execute("SET LOCAL deadlock_timeout = '10ms'")
                    for id_ in rows:
                        await connection.execute(
                            "UPDATE counted SET n = n + 1 WHERE id = %s", [id_]
                        )
                        if first:
                            first = False
                            await met.wait()

                return add

            await asyncio.gather(*(in_transaction(pool, act(rows)) for rows in ((1, 2), (2, 1))))
            async with pool.connection() as connection:
                return await (await connection.execute("SELECT n FROM counted")).fetchall(), tries

    counts, tries = asyncio.run(story())
    assert counts == [(2,), (2,)]
    assert tries == 3


def test_a_connection_that_is_lost_before_the_commit_is_replaced(database: str) -> None:
    async def story() -> list[tuple[Any, ...]]:
        killed = False
        async with open_pool(database, size=2, statement_timeout_ms=10_000) as pool:
            async with pool.connection() as connection:
                await prepared(connection)

            async def add(connection: Connection) -> None:
                nonlocal killed
                await connection.execute("UPDATE counted SET n = n + 1")
                if not killed:
                    killed = True
                    with psycopg.connect(database, autocommit=True) as other:
                        pid = connection.info.backend_pid
                        other.execute("SELECT pg_terminate_backend(%s, 5000)", [pid])
                    await connection.execute("SELECT 1")

            await in_transaction(pool, add)
            async with pool.connection() as connection:
                return await (await connection.execute("SELECT n FROM counted")).fetchall()

    assert asyncio.run(story()) == [(1,), (1,)]


def test_a_connection_that_is_lost_during_the_commit_is_not_tried_again(database: str) -> None:
    tries = 0

    async def story() -> None:
        async with open_pool(database, size=2, statement_timeout_ms=10_000) as pool:
            async with pool.connection() as connection:
                await prepared(connection)

            async def add(connection: Connection) -> None:
                nonlocal tries
                tries += 1
                await connection.execute("UPDATE counted SET n = n + 1")
                with psycopg.connect(database, autocommit=True) as other:
                    pid = connection.info.backend_pid
                    other.execute("SELECT pg_terminate_backend(%s, 5000)", [pid])

            await in_transaction(pool, add)

    with pytest.raises(CommitUnknown):
        asyncio.run(story())
    assert tries == 1


def test_what_stays_in_the_way_is_tried_a_bounded_number_of_times(
    database: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(transactions, "PAUSE_SECONDS", 0.0)
    tries = 0

    async def story() -> None:
        async with open_pool(database, size=1, statement_timeout_ms=10_000) as pool:

            async def fail(connection: Connection) -> None:
                nonlocal tries
                tries += 1
                raise errors.SerializationFailure("x")

            await in_transaction(pool, fail)

    with pytest.raises(errors.SerializationFailure):
        asyncio.run(story())
    assert tries == transactions.ATTEMPTS
