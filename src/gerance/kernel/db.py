"""The connection pool: psycopg 3, autocommit (a transaction is always asked for by name)."""

import select

from psycopg import AsyncConnection, OperationalError
from psycopg.rows import TupleRow
from psycopg_pool import AsyncConnectionPool

from gerance.kernel.textarray import register

Connection = AsyncConnection[TupleRow]

RECONNECT_SECONDS = 2.0
"""How long the pool tries by itself to replace a lost connection, less and less often.

Then whoever wants one makes it try at once: after a long outage nobody waits for its next attempt,
which would come as late as the outage was long.
"""


class Pool(AsyncConnectionPool[Connection]):
    """Connections; none that the server closed while nobody used it is given out."""

    async def getconn(self, timeout: float | None = None) -> Connection:  # noqa: ASYNC109
        # The pool's own `check` waits longer and longer after each connection that it finds lost.
        while True:
            connection = await super().getconn(timeout)
            lost = True
            try:
                lost = await is_lost(connection)
            finally:
                if lost:
                    await self.putconn(connection)
            if not lost:
                return connection


async def is_lost(connection: Connection) -> bool:
    """Whether a connection on which nothing goes on is closed, by us or by the server.

    No round trip as long as all is well: then the server says nothing unasked.
    """
    if connection.closed:
        return True
    unasked = select.poll()
    unasked.register(connection.fileno(), select.POLLIN)
    if not unasked.poll(0):
        return False
    try:
        await Pool.check_connection(connection)
    except OperationalError:
        return True
    return False


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
                str(max(1, statement_timeout_ms // 3) if statement_timeout_ms else 0),
                str(2 * statement_timeout_ms),
            ],
        )

    return Pool(
        url,
        min_size=min(4, size),
        max_size=size,
        open=False,
        timeout=10.0,
        reconnect_timeout=RECONNECT_SECONDS,
        kwargs={"autocommit": True, "prepare_threshold": 3, "application_name": "gerance"},
        configure=configure,
        name="gerance",
    )
