"""A log restored from another server's dump is read here too."""

import asyncio

import psycopg

from gerance.kernel.db import open_pool
from gerance.kernel.eventlog import START, adopt_log, read_after

FUTURE = "9000000000"


def test_events_of_another_server_are_read_in_their_order(database: str) -> None:
    with psycopg.connect(database, autocommit=True) as connection:
        for nth, transaction in enumerate((FUTURE, "5", FUTURE)):
            connection.execute(
                "INSERT INTO event (transaction_id, category, stream, version, ordinal, event_type,"
                " process_uid, sent_date, data) VALUES (%s, 'ticket', gen_random_uuid(), %s, 0,"
                " 'MessageAdded', gen_random_uuid(), now(), '{}')",
                [transaction, nth + 1],
            )

    async def versions(*, adopted: int) -> list[int]:
        async with open_pool(database, size=4, statement_timeout_ms=5_000) as pool:
            assert await adopt_log(pool) == adopted
            async with pool.connection() as connection:
                return [event.version for event in await read_after(connection, START, limit=9)]

    assert asyncio.run(versions(adopted=3)) == [1, 2, 3]
    assert asyncio.run(versions(adopted=0)) == [1, 2, 3]
