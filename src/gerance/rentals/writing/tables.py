"""The rentals' tables: their columns, and the statements that insert, update and delete rows.

Statements take one row (scalar parameters) or many (an array for each column): `many` says which.
The text of each is made once.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

from psycopg.rows import dict_row

from gerance.kernel.db import Connection
from gerance.kernel.odata.edm import EntityType
from gerance.kernel.sql_files import load
from gerance.rentals.declare.rules import Numbering, Row

_SQL = load(__name__)
_ESCAPES = str.maketrans({"\\": "\\\\", "\n": "\\n", "\r": "\\r", "\t": "\\t"})
_tables: dict[str, "Table"] = {}


MOST_STATEMENTS = 200
"""Statements of a table that are cached."""


class Statements(dict[Any, Any]):
    """The statements of a table, by what they do. Their number has a bound, because clients choose
    which columns they write, in any order: the one that was made first makes room."""

    def __setitem__(self, key: Any, statement: Any) -> None:
        while len(self) >= MOST_STATEMENTS:
            del self[next(iter(self))]
        super().__setitem__(key, statement)


@dataclass(frozen=True, eq=False)
class Table:
    """The table of an entity type. `columns`: those of its rows here; `types`: of all columns;
    `defaults`: SQL of those that clients write; `generated`: SQL of generated columns;
    `statements`: those already made."""

    entity: EntityType
    columns: tuple[str, ...]
    types: Mapping[str, str]
    defaults: Mapping[str, str]
    generated: Mapping[str, str]
    statements: Statements = field(default_factory=Statements)

    @property
    def source(self) -> str:
        return self.entity.source

    def row(self, values: Sequence[Any]) -> dict[str, Any]:
        return dict(zip(self.columns, values, strict=True))


def columns_of(entity: EntityType) -> list[str]:
    """The columns of a row here: id, version, those of its properties, its links and its scope."""
    names = ["id", "version", *(each.column for each in entity.properties), *entity.scope]
    names += [own for each in entity.navigations if not each.many for own, _ in each.columns]
    return list(dict.fromkeys(names))


async def table_of(connection: Connection, entity: EntityType) -> Table:
    """The table of an entity type, read from the catalogue once."""
    table = _tables.get(entity.name)
    if table is None:
        cursor = await connection.execute(_SQL["columns"], [entity.source])
        rows = await cursor.fetchall()
        columns = tuple(columns_of(entity))
        table = _tables[entity.name] = Table(
            entity,
            columns,
            {name: kind for name, kind, _, _ in rows},
            {
                name: sql
                for name, _, sql, stored in rows
                if sql and not stored and is_written(entity, name, columns)
            },
            {name: sql for name, _, sql, stored in rows if stored},
        )
    return table


def is_written(entity: EntityType, column: str, columns: Iterable[str]) -> bool:
    """Whether it is one of the columns that clients write."""
    if column not in columns or column in ("id", "version"):
        return False
    return not any(each.computed and each.column == column for each in entity.properties)


def parameters(names: Sequence[str], rows: Sequence[Row], *, many: bool) -> dict[str, Any]:
    """The parameters for these columns of the rows."""
    if not many:
        return {name: rows[0][name] for name in names}
    return {name: [row[name] for row in rows] for name in names}


def relation(
    types: Mapping[str, str], names: Sequence[str], *, many: bool, prefix: str = ""
) -> str:
    """SQL: the rows of the parameters, as `k` with the column `nth`."""
    if not many:
        columns = ", ".join(
            f"%({prefix}{each})s::{types[each]} AS {prefix}{each}" for each in names
        )
        return f"(SELECT 1 AS nth, {columns}) k"
    arrays = ", ".join(f"%({prefix}{each})s::{types[each]}[]" for each in names)
    columns = ", ".join(f"{prefix}{each}" for each in names)
    return f"unnest({arrays}) WITH ORDINALITY AS k ({columns}, nth)"


async def insert_rows(
    connection: Connection, table: Table, numbering: Numbering | None, rows: Sequence[Row]
) -> list[Row]:
    """Add rows, which have the same columns; as they are then, in the same order.

    A number of `numbering` follows the last one: its lock is held (`Loader`).
    """
    names, many = tuple(rows[0]), len(rows) > 1
    key = ("insert", names, many)
    if key not in table.statements:
        table.statements[key] = _insert(table, names, numbering, many=many)
    cursor = await connection.execute(table.statements[key], parameters(names, rows, many=many))
    return [table.row(each) for each in await cursor.fetchall()]


async def update_rows(
    connection: Connection, table: Table, rows: Sequence[Row], now: datetime, *, counts: bool
) -> list[Row]:
    """Give rows new values. Each has its `id` and the columns to write, the same for all.

    `counts`: the change counts in their versions. Returns the rows as they are then.
    """
    names, many = tuple(rows[0]), len(rows) > 1
    key = ("update", names, many, counts)
    if key not in table.statements:
        columns = [name for name in names if name != "id"]
        new = "k.{}" if many else "%({0})s"
        sets = [f"{each} = {new.format(each)}" for each in columns]
        if counts:
            sets += ["version = t.version + 1", "modified_at = %(now)s"]
        source = f" FROM {relation(table.types, names, many=True)}" if many else ""
        selection = ", ".join(f"t.{each}" for each in table.columns)
        table.statements[key] = (
            f"UPDATE {table.source} t SET {', '.join(sets)}{source}"
            f" WHERE t.id = {new.format('id')} RETURNING {selection}"
        )
    cursor = await connection.execute(
        table.statements[key], {**parameters(names, rows, many=many), "now": now}
    )
    return [table.row(each) for each in await cursor.fetchall()]


async def delete_rows(connection: Connection, entity: EntityType, ids: Sequence[int]) -> None:
    """Remove rows."""
    await connection.execute(f"DELETE FROM {entity.source} WHERE id = ANY(%s)", [list(ids)])


async def copy_rows(
    connection: Connection,
    entity: EntityType,
    columns: Sequence[str],
    rows: Iterable[Sequence[Any]],
) -> None:
    """Add rows by COPY."""
    lines = "\n".join(["\t".join(map(_cell, row)) for row in rows])
    statement = f"COPY {entity.source} ({', '.join(columns)}) FROM STDIN"
    async with connection.cursor() as cursor, cursor.copy(statement) as copy:
        await copy.write(lines)


async def user_of(connection: Connection, table: Table, row: Row) -> str | None:
    """A table with rows that refer to this one, which is locked for its removal; None without any.

    The foreign keys would find them too, but they lock the rows that they find, and a transaction
    that removes one of those locks this one next.
    """
    if "users" not in table.statements:
        cursor = await connection.execute(_SQL["users"], [table.source])
        cases = [
            f"WHEN EXISTS (SELECT FROM {name} WHERE {condition}) THEN '{label}'"
            for name, label, condition in await cursor.fetchall()
        ]
        sql = f"SELECT CASE {' '.join(cases)} END" if cases else "SELECT NULL"
        table.statements["users"] = sql
    cursor = await connection.execute(table.statements["users"], dict(row))
    user: str | None = (await cursor.fetchall())[0][0]
    return user


async def default_values(connection: Connection, table: Table) -> dict[str, Any]:
    """The values that the columns which clients write have in a new row when nothing is given."""
    values: dict[str, Any] = {
        name: None for name in table.columns if is_written(table.entity, name, table.columns)
    }
    if table.defaults:
        columns = ", ".join(f"{sql} AS {name}" for name, sql in table.defaults.items())
        async with connection.cursor(row_factory=dict_row) as cursor:
            await cursor.execute(f"SELECT {columns}".encode())
            values |= (await cursor.fetchall())[0]
    return values


def _insert(table: Table, names: Sequence[str], numbering: Numbering | None, *, many: bool) -> str:
    columns = list(names)
    values = [f"k.{each}" if many else f"%({each})s" for each in names]
    if numbering is not None:
        own = "k.{}" if many else "%({0})s"
        condition = " AND ".join(f"x.{each} = {own.format(each)}" for each in numbering.per)
        number = (
            f"(SELECT coalesce(floor(max(x.{numbering.column})), 0)::integer"
            f" FROM {table.source} x WHERE {condition})"
        )
        per = ", ".join(f"k.{each}" for each in numbering.per)
        number += f" + row_number() OVER (PARTITION BY {per} ORDER BY k.nth)" if many else " + 1"
        columns.append(numbering.column)
        values.append(number)
    if many:
        rows = f"SELECT {', '.join(values)} FROM {relation(table.types, names, many=True)}"
        rows += " ORDER BY k.nth"
    else:
        rows = f"VALUES ({', '.join(values)})"
    return (
        f"INSERT INTO {table.source} ({', '.join(columns)}) {rows}"
        f" RETURNING {', '.join(table.columns)}"
    )


def _cell(value: Any) -> str:
    """A value in COPY's text format."""
    if value is None:
        return "\\N"
    if isinstance(value, str):
        return value if value.isprintable() and "\\" not in value else value.translate(_ESCAPES)
    if isinstance(value, bytes):
        return "\\\\x" + value.hex()
    if isinstance(value, bool | int | Decimal | float | date | datetime | UUID):
        return str(value)
    raise TypeError(f"{type(value).__name__} is not a value of a column")
