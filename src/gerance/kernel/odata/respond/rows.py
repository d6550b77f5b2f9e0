"""Rows of a statement as bytes: all at once, or in batches by prepared statements.

psycopg's cursors stream only unprepared statements, and return rows one by one. Most answers that
could be long are short, and parsing and planning would take the database longer than reading. So
this module uses libpq: a statement that a connection executes for the second time is prepared,
except those that need a plan of their own (`kernel.plans`).

When a transaction is rolled back, psycopg discards all prepared statements of the connection,
including those of this module. The statement is then sent again; within a transaction, which such
an error would end, no prepared statements are used.
"""

import asyncio
from collections import OrderedDict
from collections.abc import AsyncGenerator, AsyncIterator, Sequence
from contextlib import asynccontextmanager, suppress
from typing import TypeAlias
from weakref import WeakKeyDictionary

from psycopg import Error, generators
from psycopg.adapt import PyFormat, Transformer
from psycopg.errors import InvalidSqlStatementName, error_from_result
from psycopg.pq import ExecStatus, Format, TransactionStatus
from psycopg.pq.abc import PGresult
from psycopg.rows import TupleRow
from psycopg.types.string import ByteaBinaryLoader
from starlette.responses import Response

from gerance.kernel.db import Connection
from gerance.kernel.errors import NotFound
from gerance.kernel.limits.long_answers import LongAnswers
from gerance.kernel.limits.rates import owner_of
from gerance.kernel.odata.respond.etag import matches, not_modified
from gerance.kernel.odata.respond.failures import timed_out
from gerance.kernel.odata.respond.request import ReadLimits, ReadRequest
from gerance.kernel.odata.sql.statements import Statement
from gerance.kernel.plans import PlannedRawCursor, needs_own_plan

_MOST_PREPARED = 100
_CANCEL_SECONDS = 5.0

_Key: TypeAlias = tuple[str, tuple[int, ...]]


class _StatementNames:
    """The last statements of a connection, by name; one that came once has no name yet."""

    def __init__(self) -> None:
        self.names: OrderedDict[_Key, bytes | None] = OrderedDict()
        self.count = 0


_statement_names: WeakKeyDictionary[Connection, _StatementNames] = WeakKeyDictionary()


@asynccontextmanager
async def short_connection(request: ReadRequest, limits: ReadLimits) -> AsyncIterator[Connection]:
    """A connection for a short answer; one that is costly takes the place of a long answer."""
    if not request.query.plan.costly:
        async with request.pool.connection() as connection:
            yield connection
        return
    long_answers: LongAnswers = request.http.app.state.long_answers
    async with long_answers.connection(owner_of(request.http.scope)) as (connection, _):
        try:
            async with asyncio.timeout(limits.seconds):
                yield connection
        except TimeoutError:
            raise await timed_out(request.pool) from None


async def check_parent(connection: Connection, request: ReadRequest) -> Response | None:
    """304 when the entity of the path exists and the client has the answer. Raises NotFound when it
    does not exist."""
    query = request.query
    if query.existing is None:
        return None
    if not await fetch_rows(connection, query.existing):
        raise NotFound(f"There is no resource at {request.key.path[:200]}.")
    if request.tag is None or query.plan.kind not in ("collection", "count"):
        return None
    etag = f'W/"{request.tag}"'
    return not_modified(etag) if matches(request.headers, etag) else None


async def fetch_rows(connection: Connection, statement: Statement) -> list[TupleRow]:
    """All rows of a short answer. Texts are bytes, sent unchanged."""
    cursor: PlannedRawCursor[TupleRow] = PlannedRawCursor(connection)
    async with cursor:
        cursor.format = Format.BINARY
        cursor.adapters.register_loader("text", ByteaBinaryLoader)
        await cursor.execute(statement.sql, statement.params)
        return await cursor.fetchall()


async def stream_rows(
    connection: Connection, statement: Statement, size: int
) -> AsyncGenerator[list[TupleRow], None]:
    """The rows of texts of a statement, as bytes, in lists of at most `size`.

    The connection, in autocommit or in a transaction, is in use meanwhile. Close the generator to
    cancel the statement before its last row.
    """
    pgconn = connection.pgconn
    values = Transformer.from_context(connection)
    params = values.dump_sequence(statement.params, [PyFormat.AUTO] * len(statement.params))
    types, formats = values.types or (), values.formats
    async with connection.lock:
        name = None
        if not needs_own_plan(statement.params):
            name = await _name(connection, statement.sql, types)
        try:
            while True:
                if name is None:
                    sql = statement.sql.encode()
                    pgconn.send_query_params(sql, params, types, formats, Format.BINARY)
                else:
                    pgconn.send_query_prepared(name, params, formats, Format.BINARY)
                pgconn.set_chunked_rows_mode(size)
                await connection.wait(generators.send(pgconn))
                failure: PGresult | None = None
                while (result := await connection.wait(generators.fetch(pgconn))) is not None:
                    if result.status == ExecStatus.TUPLES_CHUNK:
                        yield _rows(result)
                    elif result.status != ExecStatus.TUPLES_OK:
                        failure = result
                if failure is None:
                    return
                error = error_from_result(failure)
                if name is None or not isinstance(error, InvalidSqlStatementName):
                    raise error
                # It was prepared before a rollback; none of its rows was read.
                _statement_names[connection].names.clear()
                name = None
        finally:
            await _leave(connection)


def _rows(result: PGresult) -> list[TupleRow]:
    value, count = result.get_value, result.ntuples
    if result.nfields == 1:
        return [(value(nth, 0),) for nth in range(count)]
    return [(value(nth, 0), value(nth, 1)) for nth in range(count)]


async def _name(connection: Connection, sql: str, types: Sequence[int]) -> bytes | None:
    """The name under which a statement is prepared, now or before; None when it is new, or within a
    transaction."""
    if connection.pgconn.transaction_status != TransactionStatus.IDLE:
        return None
    statements = _statement_names.setdefault(connection, _StatementNames())
    key = (sql, tuple(types))
    if key not in statements.names:
        statements.names[key] = None
        if len(statements.names) > _MOST_PREPARED:
            _, name = statements.names.popitem(last=False)
            if name is not None:
                connection.pgconn.send_close_prepared(name)
                await _complete(connection)
        return None
    statements.names.move_to_end(key)
    name = statements.names[key]
    if name is None:
        statements.count += 1
        name = b"rows_%d" % statements.count
        connection.pgconn.send_prepare(name, sql.encode(), types)
        await _complete(connection)
        statements.names[key] = name
    return name


async def _complete(connection: Connection) -> None:
    """Wait for what was sent. Raises what the database refuses it for."""
    for each in await connection.wait(generators.execute(connection.pgconn)):
        if each.status != ExecStatus.COMMAND_OK:
            raise error_from_result(each)


async def _leave(connection: Connection) -> None:
    """Have a connection ready for the next statement, whatever this one still does."""
    pgconn = connection.pgconn
    if pgconn.transaction_status != TransactionStatus.ACTIVE:
        return
    with suppress(Error):
        await connection.cancel_safe(timeout=_CANCEL_SECONDS)
        while await connection.wait(generators.fetch(pgconn)) is not None:
            pass
