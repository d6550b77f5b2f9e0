"""A log restored from another server's dump is read here too."""

import asyncio

import psycopg

from gerance.kernel.db import open_pool
from gerance.kernel.log.eventlog import START, adopt_log, read_after
from gerance.kernel.log.follower import read_cursor

FUTURE = "9000000000"


def log_event(connection: psycopg.Connection, transaction: str, version: int) -> None:
    connection.execute(
        "INSERT INTO event (transaction_id, category, stream, version, ordinal, event_type,"
        " process_uid, sent_date, data) VALUES (%s, 'ticket', gen_random_uuid(), %s, 0,"
        " 'MessageAdded', gen_random_uuid(), now(), '{}')",
        [transaction, version],
    )


def test_events_of_another_server_are_read_in_their_order(database: str) -> None:
    with psycopg.connect(database, autocommit=True) as connection:
        for nth, transaction in enumerate((FUTURE, "5", FUTURE)):
            log_event(connection, transaction, nth + 1)

        connection.execute(
            "INSERT INTO follower SELECT event_type || version, transaction_id, position FROM event"
        )

    async def versions(*, adopted: int) -> list[int]:
        async with open_pool(database, size=4, statement_timeout_ms=5_000) as pool:
            assert await adopt_log(pool) == adopted
            async with pool.connection() as connection:
                return [event.version for event in await read_after(connection, START, limit=9)]

    assert asyncio.run(versions(adopted=3)) == [1, 2, 3]
    with psycopg.connect(database) as connection:
        followers = connection.execute(
            "SELECT name, (SELECT coalesce(min(version), 4) FROM event e WHERE"
            " (e.transaction_id, e.position) > (f.transaction_id, f.position))"
            " FROM follower f ORDER BY name"
        ).fetchall()
    # In the other server's order they were 2, 1, 3: nobody steps over what is still to be read.
    assert followers == [("MessageAdded1", 3), ("MessageAdded2", 1), ("MessageAdded3", 4)]
    assert asyncio.run(versions(adopted=0)) == [1, 2, 3]


def test_what_was_written_here_before_the_log_was_adopted_is_not_stepped_over(
    database: str,
) -> None:
    with psycopg.connect(database, autocommit=True) as connection:
        log_event(connection, FUTURE, 1)
        connection.execute(
            "INSERT INTO follower SELECT 'all', transaction_id, position FROM event"
            " ORDER BY transaction_id DESC, position DESC LIMIT 1"
        )
        log_event(connection, "7", 2)

    async def adopt() -> list[int]:
        async with open_pool(database, size=4, statement_timeout_ms=5_000) as pool:
            await adopt_log(pool)
            async with pool.connection() as connection:
                cursor = await read_cursor(connection, "all")
                return [event.version for event in await read_after(connection, cursor, limit=9)]

    assert asyncio.run(adopt()) == [2]
