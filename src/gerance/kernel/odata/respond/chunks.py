"""Rows of an answer that may be long, some at a time, by statements that are prepared.

psycopg's cursors stream only what is not prepared, and hand out rows one by one. Here most answers
that may be long are short, and then the database would parse and plan for longer than it reads. So
this speaks to libpq: a statement that a connection sees for the second time is prepared on it, but
for those that need a plan of their own (`kernel.plans`).

When something is undone on a connection, psycopg forgets all that is prepared there, ours too. Then
the statement is sent anew; within a transaction, which such an error would end, none is prepared.
"""

from collections import OrderedDict
from collections.abc import AsyncGenerator, Sequence
from contextlib import suppress
from typing import TypeAlias
from weakref import WeakKeyDictionary

from psycopg import Error, generators
from psycopg.adapt import PyFormat, Transformer
from psycopg.errors import InvalidSqlStatementName, error_from_result
from psycopg.pq import ExecStatus, Format, TransactionStatus
from psycopg.pq.abc import PGresult
from psycopg.rows import TupleRow

from gerance.kernel.db import Connection
from gerance.kernel.odata.sql.statements import Statement
from gerance.kernel.plans import needs_own_plan

_MOST_PREPARED = 100
_CANCEL_SECONDS = 5.0

_Key: TypeAlias = tuple[str, tuple[int, ...]]


class _Prepared:
    """The statements that a connection has seen lately; those seen once have no name yet."""

    def __init__(self) -> None:
        self.names: OrderedDict[_Key, bytes | None] = OrderedDict()
        self.given = 0


_prepared: WeakKeyDictionary[Connection, _Prepared] = WeakKeyDictionary()


async def some_rows(
    connection: Connection, statement: Statement, size: int
) -> AsyncGenerator[list[TupleRow], None]:
    """The rows of texts that a statement finds, as bytes, in lists of at most `size`.

    The connection, in autocommit or in a transaction, is nobody else's meanwhile. Whoever does not
    want all rows closes the generator, which cancels the statement.
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
                failed: PGresult | None = None
                while (found := await connection.wait(generators.fetch(pgconn))) is not None:
                    if found.status == ExecStatus.TUPLES_CHUNK:
                        yield _rows(found)
                    elif found.status != ExecStatus.TUPLES_OK:
                        failed = found
                if failed is None:
                    return
                error = error_from_result(failed)
                if name is None or not isinstance(error, InvalidSqlStatementName):
                    raise error
                # It was prepared before something was undone; not one row of it was read.
                _prepared[connection].names.clear()
                name = None
        finally:
            await _leave(connection)


def _rows(found: PGresult) -> list[TupleRow]:
    value, count = found.get_value, found.ntuples
    if found.nfields == 1:
        return [(value(nth, 0),) for nth in range(count)]
    return [(value(nth, 0), value(nth, 1)) for nth in range(count)]


async def _name(connection: Connection, sql: str, types: Sequence[int]) -> bytes | None:
    """The name under which a statement is prepared, now or before; None when it is new, or within a
    transaction."""
    if connection.pgconn.transaction_status != TransactionStatus.IDLE:
        return None
    prepared = _prepared.setdefault(connection, _Prepared())
    key = (sql, tuple(types))
    if key not in prepared.names:
        prepared.names[key] = None
        if len(prepared.names) > _MOST_PREPARED:
            _, name = prepared.names.popitem(last=False)
            if name is not None:
                connection.pgconn.send_close_prepared(name)
                await _done(connection)
        return None
    prepared.names.move_to_end(key)
    name = prepared.names[key]
    if name is None:
        prepared.given += 1
        name = b"rows_%d" % prepared.given
        connection.pgconn.send_prepare(name, sql.encode(), types)
        await _done(connection)
        prepared.names[key] = name
    return name


async def _done(connection: Connection) -> None:
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
