"""Events of rows, which the database makes from the rows themselves.

An entity's stream has the uid `00000000-0000-8000-8000-` followed by its id in hexadecimal; its
category is the name of the entity's type. The state of a stream is the entity as JSON, by the
names of its properties. A hundred thousand rows cost one statement.
"""

from collections.abc import Iterable, Mapping, Sequence
from datetime import date, datetime
from typing import Any, Literal, NamedTuple
from uuid import UUID

from gerance.kernel.db import Connection
from gerance.kernel.log.append_sql import append_rows_statement
from gerance.kernel.odata.edm import EntityType
from gerance.kernel.odata.stream_uid import UID
from gerance.kernel.odata.versions import COUNT_CHANGES, sets_changed
from gerance.kernel.sql_files import load
from gerance.kernel.textarray import TextArray, as_text
from gerance.rentals.declare.derivation import Derivation
from gerance.rentals.declare.rules import Row
from gerance.rentals.writing.derived_columns import EFFECTIVE_DAY, derived_from
from gerance.rentals.writing.tables import Table

Happening = Literal["Created", "Changed", "Deleted"]

_SQL = load(__name__)
_STREAM_UID = UID.format("t.id")
_BY_ID = "t.id = ANY(%(ids)s)"
_UNLOGGED = (
    f"NOT EXISTS (SELECT FROM stream s WHERE s.category = %(category)s AND s.uid = {_STREAM_UID})"
)
_DATA: Mapping[Happening, str] = {
    "Created": "rows e",
    "Changed": "changes e",
    "Deleted": "rows e",
}
"""The common table expression that has the data of the events."""
_VERSIONS = (
    f"versions AS ({COUNT_CHANGES.format(names='(SELECT unnest(%(sets)s::text[]) AS name) n')})"
)
_UPDATED_VERSIONS = (
    "versions AS ("
    + COUNT_CHANGES.format(names="(SELECT DISTINCT %(set)s AS name FROM target) n")
    + ")"
)
_statements: dict[tuple[Any, ...], str] = {}


class Origin(NamedTuple):
    """When and by whom something was done. `process`: the uid that all events of one unit of work
    have; `caused_by`: the position of the event to which a reaction responds."""

    now: datetime
    process: str
    actor: str | None = None
    caused_by: int | None = None


class Appended(NamedTuple):
    """The last position of the log, and the JSON of one of the rows, if it was wanted."""

    position: int | None
    document: str | None


class RowUpdate(NamedTuple):
    """New values of a row that has this version. `process`: the uid that its event has."""

    id: int
    version: int
    process: str
    values: Row


def stream_uid(entity_id: int) -> UUID:
    """The uid of the stream of the entity with that id."""
    return UUID(f"00000000-0000-8000-8000-{entity_id:012x}")


def entity_id(uid: str) -> int:
    """The id of the entity whose stream has that uid."""
    return int(uid[-12:], 16)


def prepare(entities: Iterable[EntityType]) -> None:
    """Write the statements that append events of these types."""
    for entity in entities:
        for happening in _DATA:
            for versions in (False, True):
                _statement(entity, happening, _BY_ID, versions=versions)


async def append_events(
    connection: Connection,
    entity: EntityType,
    happening: Happening,
    ids: Sequence[int],
    origin: Origin,
    *,
    sets: Sequence[str] = (),
    document_of: int | None = None,
) -> Appended:
    """Append an event `<name>Created`, `Changed` or `Deleted` for each of these rows.

    Of a changed row it has the properties that changed, of others the whole entity. Rows are still
    there when they are deleted: their streams end here. `sets`: names of the entity sets that
    change with the transaction, in order; `document_of`: the id of the row whose JSON is wanted.
    """
    rows = await connection.execute(
        _statement(entity, happening, _BY_ID, versions=bool(sets)),
        {
            **_parameters(entity, happening, origin),
            "ids": ids if isinstance(ids, list) else list(ids),
            "sets": list(sets),
            "document_of": document_of,
        },
    )
    return Appended(*(await rows.fetchall())[0])


async def update_and_append(
    connection: Connection,
    table: Table,
    updates: Sequence[RowUpdate],
    *,
    now: datetime,
    actor: str | None,
    derivations: Sequence[Derivation],
    today: date,
    locked: bool,
) -> dict[int, Appended]:
    """Give rows new values and append their events, in one statement, with the version of their
    set. Returns what was appended for each row, by its id.

    All have the same columns. `locked`: the rows are locked, and so is the effective day; if not,
    rows that others have locked are left out, and so are those that have another version by now.
    `derivations`: those of the rows' own columns that are recomputed with them, as of the effective
    day.
    """
    columns = tuple(updates[0].values)
    key = ("update", columns, locked, tuple(each.columns for each in derivations))
    statement = table.statements.get(key)
    if statement is None:
        statement = table.statements[key] = _update(table, columns, derivations, locked=locked)
    parameters = {
        "category": table.entity.name,
        "event_type": f"{table.entity.name}Changed",
        "now": now,
        "actor": actor,
        "caused_by": None,
        "ids": TextArray(str(each.id) for each in updates),
        "versions": TextArray(str(each.version) for each in updates),
        "processes": TextArray(each.process for each in updates),
        **{f"new_{name}": TextArray(as_text(each.values[name]) for each in updates)
           for name in columns},
        "set": table.entity.set_name,
        "today": today,
    }  # fmt: skip
    cursor = await connection.execute(statement, parameters)
    return {id_: Appended(*rest) for id_, *rest in await cursor.fetchall()}


def _update(
    table: Table, columns: Sequence[str], derivations: Sequence[Derivation], *, locked: bool
) -> str:
    types = {"id": "integer", "version": "integer", "process": "uuid"}
    types |= {f"new_{name}": table.types[name] for name in columns}
    arrays = ", ".join(["%(ids)s", "%(versions)s", "%(processes)s", *(
        f"%(new_{name})s" for name in columns)])  # fmt: skip
    casts = ", ".join(f"{name}::{kind} AS {name}" for name, kind in types.items())
    unnested = f"unnest({arrays}) AS a ({', '.join(types)})"
    parts = [f"updates AS MATERIALIZED (SELECT {casts} FROM {unnested})"]
    sets, joins = [f"{name} = k.new_{name}" for name in columns], ""
    if not locked:
        parts.append(
            f"locked AS MATERIALIZED (SELECT t.id FROM {table.source} t JOIN updates k"
            " ON k.id = t.id AND k.version = t.version ORDER BY t.id"
            " FOR NO KEY UPDATE OF t SKIP LOCKED)"
        )
        joins += " JOIN locked ON locked.id = k.id"
    if derivations:
        # The rows as they will be, of which the generated columns follow from the others.
        stored = [name for name in table.types if name not in table.generated]
        row = ", ".join(f"{f'k.new_{n}' if n in columns else f't.{n}'} AS {n}" for n in stored)
        queries = " ".join(each.query for each in derivations)
        generated = "".join(
            f", {sql} AS {name}" for name, sql in table.generated.items() if name in queries
        )
        stored_rows = f"SELECT {row} FROM {table.source} t JOIN updates k ON k.id = t.id"
        parts += [
            EFFECTIVE_DAY,
            f"new AS MATERIALIZED (SELECT b.*{generated} FROM ({stored_rows}) b)",
        ]
    for nth, each in enumerate(derivations):
        name = f"derived_{nth}"
        parts.append(f"{name} AS MATERIALIZED ({derived_from(each, 'new')})")
        joins += f" JOIN {name} ON {name}.id = k.id"
        sets += [f"{column} = {name}.{column}" for column in each.columns]
    parts += [
        (
            f"target AS (UPDATE {table.source} t SET {', '.join(sets)}, version = t.version + 1,"
            f" modified_at = %(now)s FROM updates k{joins}"
            " WHERE t.id = k.id AND t.version = k.version RETURNING t.*)"
        ),
        _rows(table.entity, "Changed", "target", "true"),
        _UPDATED_VERSIONS,
    ]
    return append_rows_statement(
        parts,
        "changes e JOIN updates k ON k.id = e.id",
        "rows.id, appended.position, rows.state FROM rows"
        " LEFT JOIN appended ON appended.stream = rows.uid",
        "k.process",
    )


async def append_unlogged(
    connection: Connection, entities: Iterable[EntityType], origin: Origin
) -> int | None:
    """Append an event `<name>Created` for each row of these types that has no stream yet.

    Their sets change with it, and ids that rows have are not given again. Returns the last position
    of the log.
    """
    position: int | None = None
    sets: list[str] = []
    for entity in entities:
        rows = await connection.execute(
            _statement(entity, "Created", _UNLOGGED, versions=False),
            {**_parameters(entity, "Created", origin), "document_of": None},
        )
        position = (await rows.fetchall())[0][0] or position
        await advance_ids(connection, entity)
        sets.append(entity.set_name)
    await sets_changed(connection, sets)
    return position


async def advance_ids(connection: Connection, entity: EntityType) -> None:
    """Ids that rows of the table have are not given to new rows."""
    await connection.execute(
        "SELECT setval(pg_get_serial_sequence(%(table)s, 'id'), max(id))"
        f" FROM {entity.source} HAVING max(id) IS NOT NULL",
        {"table": entity.source},
    )


def _parameters(entity: EntityType, happening: Happening, origin: Origin) -> dict[str, Any]:
    return {
        "category": entity.name,
        "event_type": f"{entity.name}{happening}",
        **origin._asdict(),
    }


def _statement(entity: EntityType, happening: Happening, which: str, *, versions: bool) -> str:
    key = (entity.name, happening, versions, which)
    if key not in _statements:
        parts = [_rows(entity, happening, entity.source, which)]
        if versions:
            parts.append(_VERSIONS)
        document = "(SELECT state FROM rows WHERE id = %(document_of)s)"
        _statements[key] = append_rows_statement(
            parts, _DATA[happening], f"max(position), {document} FROM appended"
        )
    return _statements[key]


def _rows(entity: EntityType, happening: Happening, table: str, which: str) -> str:
    properties = ", ".join(f't.{each.column} AS "{each.name}"' for each in entity.properties)
    sql = _SQL[happening.lower()]
    return sql.format(uid=_STREAM_UID, table=table, properties=properties, which=which)
