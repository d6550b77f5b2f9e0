"""The connection pool: psycopg 3, autocommit (a transaction is always asked for by name).

No statement waits for ever. The server bounds each one by `statement_timeout`. A server that has
fallen silent bounds nothing, so the client has deadlines too: for the attempt to connect, for sent
data that is not acknowledged, and for the answer to each statement.
"""

import asyncio
import os
import select
import socket
import threading
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager, suppress
from typing import TypeVar
from weakref import WeakSet

import psycopg
from psycopg import AsyncConnection, OperationalError
from psycopg.abc import PQGen
from psycopg.conninfo import conninfo_to_dict, make_conninfo
from psycopg.rows import TupleRow
from psycopg_pool import AsyncConnectionPool, PoolTimeout

from gerance.kernel.limits.shares import HOLDER, Shares
from gerance.kernel.plans import PlannedCursor
from gerance.kernel.textarray import register

T = TypeVar("T")

Connection = AsyncConnection[TupleRow]

RECONNECT_SECONDS = 2.0
"""How long the pool tries by itself to replace a lost connection, with growing pauses.

After that, each request for a connection makes the pool try at once. So no request waits for the
pool's next attempt after a long outage, which would come as late as the outage was long.
"""
SILENCE_SECONDS = 5.0
"""A statement that the server has not answered so long after its own timeout is given up."""
CHECK_SECONDS = 5.0
"""The same for what is read on behalf of every request: its session, its integrator."""
READY_SECONDS = 3.0
"""The same for `/ready`, which has to answer before its caller gives up."""
STOP_SECONDS = 2.0
"""A process that stops waits no longer for the database."""
MODE = "SELECT pg_is_in_recovery() OR current_setting('transaction_read_only')::boolean"
"""SQL: whether the database takes no writes: a replica, or an installation that is read-only."""
_NETWORK = {
    "connect_timeout": "5",
    "keepalives": "1",
    "keepalives_idle": "10",
    "keepalives_interval": "3",
    "keepalives_count": "3",
    "tcp_user_timeout": "10000",
}
"""libpq's parameters that notice a network that swallows packets; a URL may say otherwise."""


def conninfo(url: str) -> str:
    """The libpq connection string for a URL, with bounds on what a dead network may cost."""
    params = conninfo_to_dict(url)
    return make_conninfo(url, **{name: _NETWORK[name] for name in _NETWORK.keys() - params.keys()})


class BoundedConnection(AsyncConnection[TupleRow]):
    """A connection that gives a statement up, and itself, when the server stays silent.

    `deadline`: seconds for each wait for the server, None for no bound.
    """

    deadline: float | None = None

    async def wait(
        self,
        gen: PQGen[T],
        interval: float = 0.1,
        timeout: float | None = None,  # noqa: ASYNC109 - the base class's name
    ) -> T:
        """See the base class. Raises OperationalError after the deadline."""
        if timeout is not None or self.deadline is None:
            return await super().wait(gen, interval, timeout)
        try:
            return await super().wait(gen, interval, self.deadline)
        except psycopg.errors._WaitTimeout as silent:
            self.pgconn.finish()
            raise OperationalError(
                f"the database did not answer within {self.deadline:g} seconds"
            ) from silent


@contextmanager
def answered_within(connection: Connection, seconds: float) -> Iterator[None]:
    """Within the block the connection waits no longer than this for each answer."""
    if not isinstance(connection, BoundedConnection):
        yield
        return
    before = connection.deadline
    connection.deadline = seconds if before is None else min(before, seconds)
    try:
        yield
    finally:
        connection.deadline = before


class NoFreeConnection(PoolTimeout):
    """Every connection of a pool was in use, for as long as a request waits for one."""


class Pool(AsyncConnectionPool[Connection]):
    """A connection pool. It never lends a connection that the server closed while it was idle."""

    lines: WeakSet[Connection]
    """Every connection that it has opened and that is still there."""
    shares: Shares | None = None
    """How principals share the connections; None: they do not."""
    _end: asyncio.Future[None]

    async def getconn(self, timeout: float | None = None) -> Connection:  # noqa: ASYNC109
        # The pool's own `check` waits longer and longer after each connection that it finds lost.
        while True:
            try:
                connection = await super().getconn(timeout)
            except PoolTimeout as failure:
                if sum(not line.closed for line in self.lines) < self.max_size:
                    raise
                raise NoFreeConnection(f"all {self.max_size} connections are in use") from failure
            lost = True
            try:
                lost = await is_lost(connection)
            finally:
                if lost:
                    await self.putconn(connection)
            if not lost:
                return connection

    @asynccontextmanager
    async def connection(
        self,
        timeout: float | None = None,  # noqa: ASYNC109 - the base class's name
    ) -> AsyncIterator[Connection]:
        """A connection; where a principal is asking (`HOLDER`), one of its share. Raises
        PoolTimeout, and Rejection as `Shares` says."""
        seconds = self.timeout if timeout is None else timeout
        owner = HOLDER.get()
        if owner is None or self.shares is None:
            async with _Lent(self, seconds) as connection:
                yield connection
            return
        await self.shares.take(owner, seconds)
        try:
            async with _Lent(self, seconds) as connection:
                yield connection
        finally:
            self.shares.give_back(owner)

    @asynccontextmanager
    async def brief(self, seconds: float = CHECK_SECONDS) -> AsyncIterator[Connection]:
        """A connection for short statements, often on behalf of several principals. It counts for
        no principal's share, and waits at most `seconds` for its turn and for each answer."""
        async with _Lent(self, min(seconds, self.timeout)) as connection:
            with answered_within(connection, seconds):
                yield connection

    def abandon(self) -> None:
        """End every connection at once and open no other: code that waits on one, or for one, gets
        an OperationalError."""
        self._end = asyncio.ensure_future(self.close(timeout=1.0))
        for connection in tuple(self.lines):
            if not connection.closed:
                with _line(connection.fileno()) as line:
                    _hang_up(line)


class _Lent:
    """A connection out of the pool, within the block.

    The pool's own block also commits. Here each connection is in autocommit, and the pool rolls
    back what comes back unfinished, so there is nothing to commit.
    """

    __slots__ = ("_connection", "_pool", "_seconds")

    def __init__(self, pool: Pool, seconds: float) -> None:
        self._pool, self._seconds = pool, seconds

    async def __aenter__(self) -> Connection:
        self._connection = await self._pool.getconn(self._seconds)
        return self._connection

    async def __aexit__(self, *_: object) -> None:
        await self._pool.putconn(self._connection)


async def is_lost(connection: Connection) -> bool:
    """Whether an idle connection is closed, by us or by the server.

    Costs no round trip while the connection is healthy: the server then sends nothing unasked.
    """
    if connection.closed:
        return True
    unasked = select.poll()
    unasked.register(connection.pgconn.socket, select.POLLIN)
    if not unasked.poll(0):
        return False
    try:
        with answered_within(connection, CHECK_SECONDS):
            await Pool.check_connection(connection)
    except OperationalError:
        return True
    return False


def open_pool(
    url: str,
    *,
    size: int,
    statement_timeout_ms: int,
    silence_ms: int = 0,
    shares: Shares | None = None,
) -> Pool:
    """A pool of at most `size` connections, not opened yet: use it as an async context manager.

    Every statement is bounded by `statement_timeout_ms`, every wait for a lock by a third of it;
    0 bounds neither. The client waits for each answer a little longer than the server may take, or
    for `silence_ms` where the server has no bound (0: as long as it takes).
    """
    connections: WeakSet[Connection] = WeakSet()

    async def configure(connection: Connection) -> None:
        register(connection.adapters)
        connection.cursor_factory = PlannedCursor
        connections.add(connection)
        if isinstance(connection, BoundedConnection) and (statement_timeout_ms or silence_ms):
            connection.deadline = (statement_timeout_ms or silence_ms) / 1000 + SILENCE_SECONDS
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

    pool = Pool(
        conninfo(url),
        connection_class=BoundedConnection,
        min_size=min(4, size),
        max_size=size,
        open=False,
        timeout=10.0,
        reconnect_timeout=RECONNECT_SECONDS,
        kwargs={"autocommit": True, "prepare_threshold": 3, "application_name": "gerance"},
        configure=configure,
        name="gerance",
    )
    pool.lines, pool.shares = connections, shares
    return pool


@asynccontextmanager
async def given_up_at_the_end(*pools: Pool) -> AsyncIterator[None]:
    """Ends every connection of the pools STOP_SECONDS after the block, so that nothing that still
    waits for the database keeps the process from ending."""
    try:
        yield
    finally:
        for pool in pools:
            asyncio.get_running_loop().call_later(STOP_SECONDS, pool.abandon)


@contextmanager
def brief_connection(url: str, seconds: float) -> Iterator[psycopg.Connection]:
    """A connection in autocommit that ends after `seconds`, whatever hangs.

    Raises psycopg.OperationalError, also within the block when its time is over.
    """
    with (
        psycopg.connect(
            conninfo(url), autocommit=True, connect_timeout=max(2, int(seconds))
        ) as connection,
        _line(connection.fileno()) as line,
    ):
        timer = threading.Timer(seconds, _hang_up, [line])
        timer.daemon = True
        timer.start()
        try:
            yield connection
        finally:
            timer.cancel()


def _line(descriptor: int) -> socket.socket:
    """The socket of a connection, as one more descriptor of it."""
    return socket.socket(fileno=os.dup(descriptor))


def _hang_up(line: socket.socket) -> None:
    """Shut a socket down: code that waits for an answer on it sees the end of the stream."""
    with suppress(OSError):
        line.shutdown(socket.SHUT_RDWR)
