"""The database of an installation, opened for one command.

The embedded PostgreSQL is started when the installation uses it and it is not running.
"""

from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, TypeVar

if TYPE_CHECKING:
    from datetime import date

    from gerance.kernel.db import Connection, Pool
    from gerance.kernel.log.writer import Writer
    from gerance.kernel.settings import Settings

T = TypeVar("T")


@contextmanager
def readable_database(settings: "Settings") -> Iterator[str]:
    """The URL of the installation's database, whose secrets this process can decrypt.

    Raises SecretKeyError when a key is missing.
    """
    import psycopg

    from gerance.kernel.embedded import database
    from gerance.kernel.stored_secrets import require_keys

    with database(settings) as url:
        with psycopg.connect(url) as connection:
            require_keys(connection, settings)
        yield url


def with_connection(home: str | None, execute: "Callable[[Connection], Awaitable[T]]") -> T:
    """Return what `execute` returns on one connection, which commits each statement by itself.

    Times are in UTC, as in the server: some are written into events. `kernel.clock` follows the
    clock of the database.
    """
    import asyncio

    from psycopg import AsyncConnection

    from gerance.kernel import clock
    from gerance.kernel.settings import load_settings

    async def run(url: str) -> T:
        # A command runs few statements over many rows: each is planned for its parameters.
        async with await AsyncConnection.connect(
            url, autocommit=True, prepare_threshold=None
        ) as connection:
            await connection.execute("SET timezone = 'UTC'")
            await clock.synchronise(connection)
            return await execute(connection)

    with readable_database(load_settings(home=home)) as url:
        return asyncio.run(run(url))


def with_partner(home: str | None, code: str, execute: "Callable[[Connection], Awaitable[T]]") -> T:
    """Like `with_connection`. Raises Rejection (`UnknownPartner`) when there is no such partner."""
    from gerance.partners.programme.names import require_partner_exists

    async def check_and_execute(connection: "Connection") -> T:
        await require_partner_exists(connection, code)
        return await execute(connection)

    return with_connection(home, check_and_execute)


def with_pool(home: str | None, execute: "Callable[[Pool, Settings], Awaitable[T]]") -> T:
    """Return what `execute` returns on a pool of connections and the settings."""
    import asyncio

    from gerance.kernel import clock
    from gerance.kernel.db import open_pool
    from gerance.kernel.settings import load_settings

    settings = load_settings(home=home)

    async def run(url: str) -> T:
        limit = settings.statement_timeout_ms
        async with open_pool(url, size=4, statement_timeout_ms=limit) as pool:
            async with pool.connection() as connection:
                await clock.synchronise(connection)
            return await execute(pool, settings)

    with readable_database(settings) as url:
        return asyncio.run(run(url))


def with_writer(home: str | None, execute: "Callable[[Connection, Writer], Awaitable[T]]") -> T:
    """Return what `execute` returns on a connection and a writer of events."""
    from gerance.kernel.errors import Rejection
    from gerance.kernel.log.writer import open_writer

    async def run(pool: "Pool", settings: "Settings") -> T | Rejection:
        async with open_writer(pool) as writer, pool.connection() as connection:
            try:
                return await execute(connection, writer)
            except Rejection as rejection:
                # Raised inside the writer's task group, it would arrive in an ExceptionGroup.
                return rejection

    outcome = with_pool(home, run)
    if isinstance(outcome, Rejection):
        raise outcome
    return outcome


def today(home: str | None) -> "date":
    """The present day in the time zone of the installation, by the clock of its database.

    Call it inside one of the functions above.
    """
    from gerance.kernel import clock
    from gerance.kernel.settings import load_settings

    return clock.today(load_settings(home=home).zone)
