"""After an outage whoever wants a connection has one, however long it was."""

import asyncio
from contextlib import suppress
from urllib.parse import urlsplit

import psycopg
from psycopg import sql
from psycopg_pool import PoolTimeout
from tests.conftest import made_database
from tests.waiting import PATIENCE, until_async

from gerance.kernel.db import open_pool

SIZE = 4


def test_a_pool_does_not_wait_for_an_attempt_of_its_own_after_an_outage(database_url: str) -> None:
    async def story(url: str, maintenance: psycopg.Connection) -> None:
        name = urlsplit(url).path[1:]
        allow = sql.SQL("ALTER DATABASE {} ALLOW_CONNECTIONS {}")
        async with open_pool(url, size=SIZE, statement_timeout_ms=5_000) as pool:
            await pool.wait()
            maintenance.execute(allow.format(sql.Identifier(name), sql.SQL("false")))
            maintenance.execute(
                "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = %s", [name]
            )
            async with asyncio.timeout(PATIENCE):
                while pool.get_stats().get("returns_bad", 0) < SIZE:
                    with suppress(PoolTimeout, psycopg.OperationalError):
                        async with pool.connection(timeout=0.1) as connection:
                            await connection.execute("SELECT 1")
                await until_async(lambda: not pool.get_stats()["pool_size"])
            maintenance.execute(allow.format(sql.Identifier(name), sql.SQL("true")))
            async with pool.connection() as connection:
                rows = await connection.execute("SELECT 1")
                assert await rows.fetchone() == (1,)

    with (
        made_database(database_url) as url,
        psycopg.connect(database_url, autocommit=True) as maintenance,
    ):
        asyncio.run(story(url, maintenance))
