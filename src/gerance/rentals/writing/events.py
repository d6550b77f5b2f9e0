"""Rows of the rentals, and what the log has of them.

An entity's stream has the uid `00000000-0000-8000-8000-` followed by its id in hexadecimal; its
category is the name of the entity's type. The state of a stream is the entity as JSON, by the
names of its properties. Events are made in the database from the rows themselves, so a hundred
thousand rows cost one statement.
"""

from collections.abc import Iterable, Sequence
from datetime import date, datetime
from decimal import Decimal
from typing import Any, NotRequired, TypedDict, Unpack
from uuid import UUID, uuid4

from gerance.kernel.db import Connection
from gerance.kernel.log.outbox import OUTBOXED, WOKEN
from gerance.kernel.odata.edm import EntityType
from gerance.kernel.odata.stream_uid import UID
from gerance.kernel.odata.versions import sets_changed

_ESCAPES = str.maketrans({"\\": "\\\\", "\n": "\\n", "\r": "\\r", "\t": "\\t"})

_STREAM_UID = UID.format("t.id")

_APPEND = (
    "appended AS (INSERT INTO event (category, stream, version, ordinal, event_type, process_uid,"
    " sent_date, actor, data, caused_by) SELECT %(category)s, uid, version, 0, %(event_type)s,"
    " %(process)s::uuid, %(now)s, %(actor)s::uuid, {data}::json, %(caused_by)s::bigint"
    " FROM {source} ORDER BY id"
    f" RETURNING stream, version, position, event_type, data), {OUTBOXED}"
    f" SELECT max(position) FROM appended WHERE {WOKEN} >= 0"
)

_CREATED = (
    "WITH made AS MATERIALIZED (SELECT t.id, t.version, {uid} AS uid, row_to_json(r)::text AS state"
    " FROM {table} t CROSS JOIN LATERAL (SELECT {shown}) r WHERE {which}),"
    " opened AS (INSERT INTO stream (category, uid, version, state)"
    " SELECT %(category)s, uid, version, state FROM made ORDER BY id),"
)

_CHANGED = (
    "WITH made AS (SELECT t.id, t.version, {uid} AS uid, row_to_json(r)::text AS state"
    " FROM {table} t CROSS JOIN LATERAL (SELECT {shown}) r WHERE {which}),"
    " changed AS MATERIALIZED (SELECT m.*, (SELECT json_object_agg(n.key, n.value)"
    " FROM json_each(m.state::json) n LEFT JOIN json_each(s.state::json) o ON o.key = n.key"
    " WHERE n.value::text IS DISTINCT FROM o.value::text) AS data"
    " FROM made m JOIN stream s ON s.category = %(category)s AND s.uid = m.uid),"
    " moved AS (UPDATE stream s SET version = c.version, state = c.state FROM changed c"
    " WHERE s.category = %(category)s AND s.uid = c.uid),"
)

_DELETED = (
    "WITH made AS MATERIALIZED (SELECT t.id, t.version + 1 AS version, {uid} AS uid,"
    " row_to_json(r)::text AS state"
    " FROM {table} t CROSS JOIN LATERAL (SELECT {shown}) r WHERE {which}),"
    " ended AS (DELETE FROM stream s USING made m"
    " WHERE s.category = %(category)s AND s.uid = m.uid),"
)


class Stamp(TypedDict):
    """When and by whom something was done. `process`: the uid that all events of one act have, a
    new one without it; `caused_by`: the position of the event to which a reaction answers."""

    now: datetime
    actor: NotRequired[str | None]
    process: NotRequired[str | None]
    caused_by: NotRequired[int | None]


def stream_uid(entity_id: int) -> UUID:
    """The uid of the stream of the entity with that id."""
    return UUID(f"00000000-0000-8000-8000-{entity_id:012x}")


def entity_id(uid: str) -> int:
    """The id of the entity whose stream has that uid."""
    return int(uid[-12:], 16)


async def copy_rows(
    connection: Connection,
    entity: EntityType,
    columns: Sequence[str],
    rows: Iterable[Sequence[Any]],
) -> None:
    """Add rows to the entity's table, but tell nobody: `record_created` does."""
    lines = "\n".join(["\t".join(map(_cell, row)) for row in rows])
    statement = f"COPY {entity.source} ({', '.join(columns)}) FROM STDIN"
    async with connection.cursor() as cursor, cursor.copy(statement) as copy:
        await copy.write(lines)


async def record_created(
    connection: Connection,
    entities: Iterable[EntityType],
    *,
    now: datetime,
    actor: str | None = None,
    process: str | None = None,
    caused_by: int | None = None,
) -> int | None:
    """Append an event `<name>Created` for each row of these types that has no stream yet.

    Their sets have changed with it; ids that rows were given are not given again. `caused_by`:
    the position of the event to which a reaction answers. Answers the last position of the log.
    """
    position: int | None = None
    process = process or str(uuid4())
    touched: list[str] = []
    for entity in entities:
        position = (
            await _append(
                connection,
                _CREATED,
                entity,
                event_type=f"{entity.name}Created",
                which="NOT EXISTS (SELECT FROM stream s WHERE s.category = %(category)s"
                f" AND s.uid = {_STREAM_UID})",
                data="state",
                source="made",
                process=process,
                now=now,
                actor=actor,
                caused_by=caused_by,
            )
            or position
        )
        await connection.execute(
            "SELECT setval(pg_get_serial_sequence(%(table)s, 'id'), max(id))"
            f" FROM {entity.source} HAVING max(id) IS NOT NULL",
            {"table": entity.source},
        )
        touched.append(entity.set_name)
    await sets_changed(connection, touched)
    return position


async def record_added(
    connection: Connection,
    entity: EntityType,
    ids: Sequence[int],
    **stamp: Unpack[Stamp],
) -> int | None:
    """Append an event `<name>Created` for each of these rows, which are new.

    Whoever calls says that the set changed. Answers the last position of the log.
    """
    return await _append_for(
        connection, _CREATED, entity, "Created", ids, data="state", source="made", **stamp
    )


async def record_changed(
    connection: Connection,
    entity: EntityType,
    ids: Sequence[int],
    **stamp: Unpack[Stamp],
) -> int | None:
    """Append an event `<name>Changed` for each of these rows, with the properties that changed.

    Counts the change in `version` and `modified_at`. Whoever calls says that the sets changed.
    Answers the last position of the log.
    """
    await count_change(connection, entity, ids, stamp["now"])
    return await _append_for(
        connection, _CHANGED, entity, "Changed", ids, data="data", source="changed", **stamp
    )


async def count_change(
    connection: Connection, entity: EntityType, ids: Sequence[int], now: datetime
) -> None:
    """Give these rows, which changed, their next version: ETags follow from it."""
    await connection.execute(
        f"UPDATE {entity.source} SET version = version + 1, modified_at = %s WHERE id = ANY(%s)",
        [now, list(ids)],
    )


async def record_deleted(
    connection: Connection,
    entity: EntityType,
    ids: Sequence[int],
    **stamp: Unpack[Stamp],
) -> int | None:
    """Append an event `<name>Deleted` for each of these rows, which are still there: its data are
    the whole entity. Their streams end.

    Whoever calls then removes the rows and says that the set changed. Answers the last position of
    the log.
    """
    return await _append_for(
        connection, _DELETED, entity, "Deleted", ids, data="state", source="made", **stamp
    )


async def _append_for(
    connection: Connection,
    begin: str,
    entity: EntityType,
    happened: str,
    ids: Sequence[int],
    *,
    data: str,
    source: str,
    **stamp: Unpack[Stamp],
) -> int | None:
    """Append what happened to these rows."""
    return await _append(
        connection,
        begin,
        entity,
        event_type=f"{entity.name}{happened}",
        which="t.id = ANY(%(ids)s)",
        data=data,
        source=source,
        ids=list(ids),
        now=stamp["now"],
        actor=stamp.get("actor"),
        process=stamp.get("process") or str(uuid4()),
        caused_by=stamp.get("caused_by"),
    )


async def _append(
    connection: Connection,
    begin: str,
    entity: EntityType,
    *,
    which: str,
    data: str,
    source: str,
    **params: Any,
) -> int | None:
    shown = ", ".join(f't.{each.column} AS "{each.name}"' for each in entity.properties)
    heading = begin.format(uid=_STREAM_UID, table=entity.source, shown=shown, which=which)
    rows = await connection.execute(
        heading + _APPEND.format(data=data, source=source),
        {"category": entity.name, "caused_by": None, **params},
    )
    position: int | None = (await rows.fetchall())[0][0]
    return position


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
    raise TypeError(f"{type(value).__name__} is no value of a column")
