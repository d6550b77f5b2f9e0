"""The connection pool: psycopg 3, autocommit (a transaction is always asked for by name)."""

from psycopg import AsyncConnection
from psycopg.rows import TupleRow
from psycopg_pool import AsyncConnectionPool

from gerance.kernel.textarray import register

Connection = AsyncConnection[TupleRow]
Pool = AsyncConnectionPool[Connection]


def open_pool(url: str, *, size: int, statement_timeout_ms: int) -> Pool:
    """A pool of at most `size` connections, not opened yet: use it as an async context manager.

    Every statement is bounded by `statement_timeout_ms`, every wait for a lock by a third of it.
    """

    async def configure(connection: Connection) -> None:
        register(connection.adapters)
        await connection.execute(
            "SELECT set_config('statement_timeout', %s, false),"
            " set_config('lock_timeout', %s, false),"
            " set_config('idle_in_transaction_session_timeout', %s, false),"
            " set_config('timezone', 'UTC', false)",
            [
                str(statement_timeout_ms),
                str(max(1, statement_timeout_ms // 3)),
                str(2 * statement_timeout_ms),
            ],
        )

    return AsyncConnectionPool(
        url,
        min_size=min(4, size),
        max_size=size,
        open=False,
        timeout=10.0,
        kwargs={"autocommit": True, "prepare_threshold": 3, "application_name": "gerance"},
        configure=configure,
        name="gerance",
    )
