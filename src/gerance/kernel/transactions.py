"""What a failure of the database means, and which failures are retried: the one place for both.

A failure is transient when the transaction certainly stored nothing and may succeed the next time.
It is retried a bounded number of times, after pauses of random length, so that transactions that
collided retry at different times. When the connection is lost during the commit, it is unknown
whether the write was stored: that is never retried here. The client decides, with its idempotency
key.
"""

import asyncio
import random
from collections.abc import Awaitable, Callable
from typing import NamedTuple, TypeVar

import structlog
from psycopg import Error, OperationalError, errors
from psycopg_pool import PoolClosed, PoolTimeout

from gerance.kernel.db import Connection, NoFreeConnection, Pool
from gerance.kernel.errors import Rejection

log = structlog.get_logger("gerance.transactions")

T = TypeVar("T")

ATTEMPTS = 6
PAUSE_SECONDS = 0.05


class CommitUnknown(OperationalError):
    """The connection was lost while a write was committed: it is stored, or it is not."""


class Kind(NamedTuple):
    """What a failure means: the published code, when to come back (`retry_after`, seconds);
    `transient`: nothing was stored, and it may succeed the next time; `message`: where the
    catalogue has one text for several causes."""

    code: str
    retry_after: int
    transient: bool = False
    message: str | None = None

    @property
    def rejection(self) -> Rejection:
        """The answer to a client."""
        headers = {"Retry-After": str(self.retry_after)}
        return Rejection(self.code, self.message, status=503, headers=headers)


CONFLICT = Kind(
    "Conflict",
    1,
    transient=True,
    message="Other requests kept changing the same data. Send the request again.",
)
COMMIT_UNKNOWN = Kind("CommitUnknown", 5)
READ_ONLY = Kind("DatabaseReadOnly", 10)
DISK_FULL = Kind("DiskFull", 60)
OUT_OF_MEMORY = Kind("DatabaseOutOfMemory", 10)
TOO_MANY_CONNECTIONS = Kind("DatabaseBusy", 2, transient=True)
LOCK_TIMEOUT = Kind("LockTimeout", 2)
TOO_SLOW = Kind("TooSlow", 1)
RESTARTING = Kind("DatabaseRestarting", 5, transient=True)
UNAVAILABLE = Kind("DatabaseUnavailable", 5, transient=True)
NO_CONNECTION = UNAVAILABLE._replace(transient=False)
"""The pool could not open a connection in time. A request does not wait for that several times."""
BUSY = Kind("Busy", 2)
"""All connections of the pool were in use."""

_KINDS: tuple[tuple[type[BaseException], Kind | None], ...] = (
    (CommitUnknown, COMMIT_UNKNOWN),
    (NoFreeConnection, BUSY),
    (PoolTimeout, NO_CONNECTION),
    (PoolClosed, NO_CONNECTION),
    (errors.DeadlockDetected, CONFLICT),
    (errors.SerializationFailure, CONFLICT),
    (errors.ReadOnlySqlTransaction, READ_ONLY),
    (errors.DiskFull, DISK_FULL),
    (errors.OutOfMemory, OUT_OF_MEMORY),
    (errors.TooManyConnections, TOO_MANY_CONNECTIONS),
    (errors.LockNotAvailable, LOCK_TIMEOUT),
    (errors.QueryCanceled, TOO_SLOW),
    (errors.AdminShutdown, RESTARTING),
    (errors.CrashShutdown, RESTARTING),
    (errors.CannotConnectNow, RESTARTING),
    (errors.ProgramLimitExceeded, None),
    (OperationalError, UNAVAILABLE),
)
"""The first that fits. None: a failure of the request, not of the database."""


PASSING = (OperationalError, PoolTimeout, errors.ReadOnlySqlTransaction)
"""What is raised while the database cannot serve: trying again later may succeed."""


def classify(failure: BaseException) -> Kind | None:
    """What a failure means; None when it is not one of the database itself."""
    if isinstance(failure, errors.FeatureNotSupported) and "recovery" in str(failure):
        # How a replica rejects a statement that names a table without write-ahead log.
        return READ_ONLY
    return next((kind for type_, kind in _KINDS if isinstance(failure, type_)), None)


def is_connection_lost(failure: BaseException) -> bool:
    """Whether the failure ended the connection, so that the outcome of its work is unknown."""
    return classify(failure) in (UNAVAILABLE, RESTARTING)


async def committed(connection: Connection, act: Callable[[Connection], Awaitable[T]]) -> T:
    """Run `act` in one transaction. Raises CommitUnknown when the connection is lost during the
    commit."""
    ended = False
    try:
        async with connection.transaction():
            result = await act(connection)
            ended = True
    except Error as failure:
        if ended and is_connection_lost(failure):
            raise CommitUnknown(str(failure)) from failure
        raise
    return result


async def in_transaction(pool: Pool, act: Callable[[Connection], Awaitable[T]]) -> T:
    """Do something in one transaction on a connection of the pool, and again after a transient
    failure. `act` has no effects beside those on the connection."""

    async def attempt() -> T:
        async with pool.connection() as connection:
            return await committed(connection, act)

    return await retried(attempt)


async def undone(pool: Pool, act: Callable[[Connection], Awaitable[T]]) -> T:
    """Do something in a transaction that is rolled back; the result of `act`."""

    async def attempt() -> T:
        async with pool.connection() as connection, connection.transaction(force_rollback=True):
            return await act(connection)

    return await retried(attempt)


async def retried(attempt: Callable[[], Awaitable[T]]) -> T:
    """Do something, and again after a transient failure; it raises the last one."""
    for nth in range(1, ATTEMPTS):
        try:
            return await attempt()
        except Error as failure:
            kind = classify(failure)
            if kind is None or not kind.transient:
                raise
            log.info("trying again", attempt=nth, code=kind.code, reason=str(failure))
        await asyncio.sleep(random.uniform(0, PAUSE_SECONDS * 2**nth))  # noqa: S311 - spreads them
    return await attempt()
