"""Events of rows, which the database makes from the rows themselves.

An entity's stream has the uid `00000000-0000-8000-8000-` followed by its id in hexadecimal; its
category is the name of the entity's type. The state of a stream is the entity as JSON, by the
names of its properties. A hundred thousand rows cost one statement.
"""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any, Literal, NamedTuple
from uuid import UUID

from gerance.kernel.db import Connection
from gerance.kernel.log.append_sql import append_rows_statement
from gerance.kernel.odata.edm import EntityType
from gerance.kernel.odata.stream_uid import UID
from gerance.kernel.odata.versions import COUNT_CHANGES, sets_changed
from gerance.kernel.sql_files import load

Happening = Literal["Created", "Changed", "Deleted"]

_SQL = load(__name__)
_STREAM_UID = UID.format("t.id")
_BY_ID = "t.id = ANY(%(ids)s)"
_UNLOGGED = (
    f"NOT EXISTS (SELECT FROM stream s WHERE s.category = %(category)s AND s.uid = {_STREAM_UID})"
)
_DATA: Mapping[Happening, str] = {"Created": "rows", "Changed": "changes", "Deleted": "rows"}
"""The common table expression that has the data of the events."""
_VERSIONS = (
    f"versions AS ({COUNT_CHANGES.format(names='(SELECT unnest(%(sets)s::text[]) AS name) n')})"
)
_statements: dict[tuple[str, Happening, bool, str], str] = {}


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


def stream_uid(entity_id: int) -> UUID:
    """The uid of the stream of the entity with that id."""
    return UUID(f"00000000-0000-8000-8000-{entity_id:012x}")


def entity_id(uid: str) -> int:
    """The id of the entity whose stream has that uid."""
    return int(uid[-12:], 16)


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
        properties = ", ".join(f't.{each.column} AS "{each.name}"' for each in entity.properties)
        parts = [_SQL[happening.lower()].format(
            uid=_STREAM_UID, table=entity.source, properties=properties, which=which
        )]  # fmt: skip
        if versions:
            parts.append(_VERSIONS)
        document = "(SELECT state FROM rows WHERE id = %(document_of)s)"
        _statements[key] = append_rows_statement(
            parts, _DATA[happening], f"max(position), {document}"
        )
    return _statements[key]
