"""Rows from the database, as bytes, some at a time."""

from collections.abc import AsyncGenerator
from contextlib import aclosing

from psycopg.pq import Format
from psycopg.rows import TupleRow
from psycopg.types.string import ByteaBinaryLoader

from gerance.kernel.db import Connection
from gerance.kernel.odata.respond.chunks import some_rows
from gerance.kernel.odata.sql.statements import Statement
from gerance.kernel.plans import PlannedRawCursor


def cursor(connection: Connection) -> PlannedRawCursor[TupleRow]:
    """A cursor that takes `$1` and gives texts as bytes: they go out as they came."""
    opened: PlannedRawCursor[TupleRow] = PlannedRawCursor(connection)
    opened.format = Format.BINARY
    opened.adapters.register_loader("text", ByteaBinaryLoader)
    return opened


async def all_rows(connection: Connection, statement: Statement) -> list[TupleRow]:
    """Every row of a statement that has few."""
    async with cursor(connection) as opened:
        await opened.execute(statement.sql, statement.params)
        return await opened.fetchall()


async def documents(
    connection: Connection, statement: Statement, size: int
) -> AsyncGenerator[list[TupleRow], None]:
    """The rows of a collection as lists of (json, token or nothing), each of at most `size` rows;
    memory holds one list."""
    async with aclosing(some_rows(connection, statement, size)) as lists:
        async for rows in lists:
            yield rows
