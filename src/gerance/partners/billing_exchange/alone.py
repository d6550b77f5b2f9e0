"""One at a time, on whatever machine."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from gerance.kernel.db import Connection


@asynccontextmanager
async def alone(connection: Connection, what: str) -> AsyncIterator[None]:
    """Nobody else does the same as long as this lasts; who wants to waits."""
    await connection.execute("SELECT pg_advisory_lock(hashtextextended(%s, 0))", [what])
    try:
        yield
    finally:
        await connection.execute("SELECT pg_advisory_unlock(hashtextextended(%s, 0))", [what])
