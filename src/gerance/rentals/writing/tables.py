"""Rows of the rentals' tables, one at a time: read under a lock, added, changed, removed."""

from collections.abc import Mapping
from typing import Any

from psycopg.rows import dict_row
from psycopg.sql import SQL, Identifier, Placeholder

from gerance.kernel.db import Connection
from gerance.kernel.errors import NotFound, Refused
from gerance.kernel.locks import hold, numbers_of
from gerance.kernel.odata.edm import EntityType
from gerance.kernel.odata.writing.payload import EntityWrite
from gerance.rentals.declare.rules import Numbering, Reference, Row

_defaults: dict[str, tuple[tuple[str, str], ...]] = {}
_users: dict[str, str] = {}


def columns_of(entity: EntityType) -> list[str]:
    """The columns that a row of the type is known by: id, version, those of its properties, of its
    links and of its scope."""
    named = ["id", "version", *(each.column for each in entity.properties), *entity.scope]
    named += [own for each in entity.navigations if not each.many for own, _ in each.columns]
    return list(dict.fromkeys(named))


async def defaults(connection: Connection, entity: EntityType) -> dict[str, Any]:
    """What the columns that clients write have in a new row when nothing is given."""
    written = [each for each in columns_of(entity) if _is_written(entity, each)]
    if entity.name not in _defaults:
        rows = await connection.execute(
            "SELECT a.attname, pg_get_expr(d.adbin, d.adrelid) FROM pg_attribute a"
            " JOIN pg_attrdef d ON d.adrelid = a.attrelid AND d.adnum = a.attnum"
            " WHERE a.attrelid = %s::regclass AND a.attgenerated = '' AND a.attname = ANY(%s)",
            [entity.source, written],
        )
        _defaults[entity.name] = tuple((name, expr) for name, expr in await rows.fetchall())
    found = dict.fromkeys(written)
    if expressions := _defaults[entity.name]:
        row = await connection.execute(f"SELECT {', '.join(expr for _, expr in expressions)}")
        values = (await row.fetchall())[0]
        found |= dict(zip((name for name, _ in expressions), values, strict=True))
    return found


async def locked_row(
    connection: Connection, entity: EntityType, writing: EntityWrite
) -> dict[str, Any]:
    """The row that is to be written, locked until the transaction ends.

    Raises NotFound, and Refused (412) when it has another version than is expected.
    """
    assert writing.key is not None
    lock = "FOR UPDATE" if writing.kind == "delete" else "FOR NO KEY UPDATE"
    condition = " AND ".join(f"{each.column} = %({each.column})s" for each in entity.keys)
    async with connection.cursor(row_factory=dict_row) as cursor:
        await cursor.execute(
            f"SELECT {', '.join(columns_of(entity))} FROM {entity.source} WHERE {condition} {lock}",
            {each.column: writing.key[each.name] for each in entity.keys},
        )
        row = await cursor.fetchone()
    if row is None:
        raise NotFound(f"There is no such {entity.name}.")
    if writing.expected is not None and str(row["version"]) not in writing.expected:
        raise Refused(
            "PreconditionFailed",
            f"This {entity.name} has changed since: it has the version {row['version']}.",
        )
    return row


async def lock_owner(
    connection: Connection, entity: EntityType, reference: Reference, key: Mapping[str, Any]
) -> None:
    """Lock the row to which the row with that key refers, for good, before that row itself."""
    own, theirs = (", ".join(names) for names in zip(*reference.by, strict=True))
    condition = " AND ".join(f"{each.column} = %({each.column})s" for each in entity.keys)
    await connection.execute(
        f"SELECT FROM {reference.to.source} WHERE ({theirs}) ="
        f" (SELECT {own} FROM {entity.source} WHERE {condition}) FOR {reference.lock}",
        {each.column: key[each.name] for each in entity.keys},
    )


async def user_of(connection: Connection, entity: EntityType, row: Row) -> str | None:
    """A table with rows that refer to this one, which is locked for its removal; None without any.

    The foreign keys would say the same, but they lock the rows that they find: whoever removes one
    of those wants to lock this one next.
    """
    if entity.name not in _users:
        rows = await connection.execute(
            "SELECT c.conrelid::regclass::text, r.relname, string_agg(format('%%I = %%%%(%%s)s',"
            " own.attname, theirs.attname), ' AND ' ORDER BY k.nth) FROM pg_constraint c"
            " JOIN pg_class r ON r.oid = c.conrelid CROSS JOIN LATERAL unnest(c.conkey, c.confkey)"
            " WITH ORDINALITY AS k (own, theirs, nth)"
            " JOIN pg_attribute own ON own.attrelid = c.conrelid AND own.attnum = k.own"
            " JOIN pg_attribute theirs ON theirs.attrelid = c.confrelid"
            " AND theirs.attnum = k.theirs"
            " WHERE c.contype = 'f' AND c.confrelid = %s::regclass GROUP BY c.oid, r.relname"
            " ORDER BY c.oid",
            [entity.source],
        )
        cases = [
            f"WHEN EXISTS (SELECT FROM {table} WHERE {condition}) THEN '{name}'"
            for table, name, condition in await rows.fetchall()
        ]
        _users[entity.name] = f"SELECT CASE {' '.join(cases)} END" if cases else "SELECT NULL"
    found = await connection.execute(_users[entity.name], dict(row))
    user: str | None = (await found.fetchall())[0][0]
    return user


async def row_by_id(connection: Connection, entity: EntityType, id_: int) -> dict[str, Any]:
    """The row with that id, locked until the transaction ends. Raises NotFound."""
    async with connection.cursor(row_factory=dict_row) as cursor:
        await cursor.execute(
            f"SELECT {', '.join(columns_of(entity))} FROM {entity.source} WHERE id = %s"
            " FOR NO KEY UPDATE",
            [id_],
        )
        row = await cursor.fetchone()
    if row is None:
        raise NotFound(f"There is no {entity.name} {id_}.")
    return row


async def insert_row(
    connection: Connection,
    entity: EntityType,
    numbering: Numbering | None,
    values: Mapping[str, Any],
) -> dict[str, Any]:
    """Add a row; as it is then."""
    values = dict(values)
    if numbering is not None:
        values[numbering.column] = await _next_number(connection, entity, numbering, values)
    statement = SQL("INSERT INTO {table} ({columns}) VALUES ({values}) RETURNING {shown}").format(
        table=_table(entity),
        columns=SQL(", ").join(map(Identifier, values)),
        values=SQL(", ").join(map(Placeholder, values)),
        shown=SQL(", ").join(map(Identifier, columns_of(entity))),
    )
    async with connection.cursor(row_factory=dict_row) as cursor:
        await cursor.execute(statement, values)
        return (await cursor.fetchall())[0]


async def update_row(
    connection: Connection, entity: EntityType, id_: int, values: Mapping[str, Any]
) -> dict[str, Any]:
    """Give a row new values; as it is then."""
    statement = SQL("UPDATE {table} SET {assigned} WHERE id = {id} RETURNING {shown}").format(
        table=_table(entity),
        assigned=SQL(", ").join(
            SQL("{} = {}").format(Identifier(name), Placeholder(name)) for name in values
        ),
        id=Placeholder("id"),
        shown=SQL(", ").join(map(Identifier, columns_of(entity))),
    )
    async with connection.cursor(row_factory=dict_row) as cursor:
        await cursor.execute(statement, {**values, "id": id_})
        return (await cursor.fetchall())[0]


async def delete_row(connection: Connection, entity: EntityType, id_: int) -> None:
    """Remove a row."""
    await connection.execute(f"DELETE FROM {entity.source} WHERE id = %s", [id_])


def _is_written(entity: EntityType, column: str) -> bool:
    if column in ("id", "version"):
        return False
    return not any(each.computed and each.column == column for each in entity.properties)


async def _next_number(
    connection: Connection, entity: EntityType, numbering: Numbering, row: Mapping[str, Any]
) -> int:
    """The number after the last one; whoever else asks waits until this transaction ends."""
    per = [row[name] for name in numbering.per]
    await hold(connection, numbers_of(entity.source, numbering.column, per))
    condition = " AND ".join(f"{name} = %s" for name in numbering.per)
    rows = await connection.execute(
        f"SELECT coalesce(floor(max({numbering.column})), 0)::integer + 1 FROM {entity.source}"
        f" WHERE {condition}",
        per,
    )
    number: int = (await rows.fetchall())[0][0]
    return number


def _table(entity: EntityType) -> Identifier:
    return Identifier(*entity.source.split("."))
