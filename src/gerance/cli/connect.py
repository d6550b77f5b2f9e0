"""What commands do on the installation's database, started for them if it is the embedded one."""

from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, TypeVar

if TYPE_CHECKING:
    from gerance.kernel.db import Connection
    from gerance.kernel.settings import Settings

T = TypeVar("T")


@contextmanager
def readable_database(settings: "Settings") -> Iterator[str]:
    """The URL of the installation's database, whose secrets this process can read.

    Raises SecretKeyError when a key is missing.
    """
    import psycopg

    from gerance.kernel.embedded import database
    from gerance.kernel.stored_secrets import require_keys

    with database(settings) as url:
        with psycopg.connect(url) as connection:
            require_keys(connection, settings)
        yield url


def with_connection(home: str | None, act: "Callable[[Connection], Awaitable[T]]") -> T:
    """What `act` gives on one connection, which commits each statement by itself.

    Its moments are in UTC, as those of the server: some are written into events. Meanwhile
    `kernel.clock` goes by the database.
    """
    import asyncio

    from psycopg import AsyncConnection

    from gerance.kernel import clock
    from gerance.kernel.settings import load_settings

    async def run(url: str) -> T:
        # Commands do much at a time: each statement is planned for what it is given.
        async with await AsyncConnection.connect(
            url, autocommit=True, prepare_threshold=None
        ) as connection:
            await connection.execute("SET timezone = 'UTC'")
            await clock.synchronise(connection)
            return await act(connection)

    with readable_database(load_settings(home=home)) as url:
        return asyncio.run(run(url))


def of_partner(home: str | None, code: str, act: "Callable[[Connection], Awaitable[T]]") -> T:
    """What `act` gives, of a partner that is there. Raises Refused (`UnknownPartner`)."""
    from gerance.partners.programme.names import require_known

    async def checked(connection: "Connection") -> T:
        await require_known(connection, code)
        return await act(connection)

    return with_connection(home, checked)
