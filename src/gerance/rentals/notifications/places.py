"""Where the rows of events are and were, and which others they mention: looked up in the tables,
and for rows that are no more in the log.
"""

from collections.abc import Mapping, Sequence
from functools import lru_cache
from typing import Any, NamedTuple

from gerance.kernel.db import Connection
from gerance.kernel.odata.edm import EntityType, Navigation
from gerance.kernel.odata.plan.changes import property_of_column
from gerance.kernel.odata.stream_uid import NUMBER, UID
from gerance.rentals.notifications.entities import ENTITIES, EXTRA_PROPERTIES


class EventRow(NamedTuple):
    """What is known of the row of an event.

    `places`: its companies and divisions, by column: where it is, or was when it was deleted, and
    where it was before this event; `extra`: the values that a message gives beside the Id.
    """

    places: Sequence[Mapping[str, Any]]
    extra: Mapping[str, Any]


async def look_up(
    connection: Connection, category: str, positions: Sequence[int]
) -> dict[int, EventRow]:
    """What is known of the rows of these events of one category, by position: one statement."""
    rows = await connection.execute(
        _statement(category), {"category": category, "positions": list(positions)}
    )
    return {
        position: EventRow(places or (), extra) for position, places, extra in await rows.fetchall()
    }


@lru_cache
def _statement(category: str) -> str:
    entity = ENTITIES[category]
    names = EXTRA_PROPERTIES.get(category, ())
    columns = {name: _column(entity, name) for name in names}
    live = ", ".join(f"'{name}', t.{column}" for name, column in columns.items())
    data_pairs = ", ".join(f"'{name}', d.data -> '{name}'" for name in names)
    return (
        "SELECT e.position,"
        f" {_places(entity) if entity.scope else 'NULL::json'} AS places,"
        f" coalesce((SELECT json_build_object({live}) FROM {entity.source} t"
        " WHERE t.id = e.number),"
        f" (SELECT json_build_object({data_pairs}) FROM ({_last('%(category)s', 'e.stream')}) d))"
        f" AS mentioned FROM (SELECT *, {NUMBER.format('event.stream')} AS number FROM event"
        " WHERE position = ANY(%(positions)s) AND category = %(category)s OFFSET 0) e"
    )
    # EXPLAIN: each event by its position; each row by its id, else its last event by
    # event_version. No event that is not asked for is read, but for rows that went elsewhere.


def _places(entity: EntityType) -> str:
    """SELECT of the places of the row `e.number`, as a JSON array of objects by column."""
    of_row = f"SELECT {_scope(entity, 't')} AS place FROM {entity.source} t WHERE t.id = "
    is_deleted = f"NOT EXISTS (SELECT FROM {entity.source} t WHERE t.id = e.number)"
    parts = [f"{of_row}e.number"]
    last = _last("%(category)s", "e.stream")
    if _shows(entity):
        parts.append(f"SELECT {_scope_of_data(entity, 'd')} FROM ({last}) d WHERE {is_deleted}")
    else:
        way = _way(entity)
        owner = ENTITIES[way.target]
        (own, _), *_ = way.referential
        number = f"(d.data ->> '{own}')::integer"
        before = (
            "SELECT o.data FROM event o WHERE o.category = %(category)s AND o.stream = e.stream"
            f" AND o.version < e.version AND (o.data ->> '{own}') IS NOT NULL"
            f" AND e.event_type = '{entity.name}Changed' AND (e.data ->> '{own}') IS NOT NULL"
            " ORDER BY o.version DESC LIMIT 1"
        )
        last_of_owner = _last(f"'{owner.name}'", UID.format("l.number"))
        parts.append(
            f"SELECT coalesce((SELECT {_scope(owner, 't')} FROM {owner.source} t"
            f" WHERE t.id = l.number), (SELECT {_scope_of_data(owner, 'd')}"
            f" FROM ({last_of_owner}) d))"
            f" FROM (SELECT {number} AS number FROM ({last}) d WHERE {is_deleted}"
            f" UNION ALL SELECT {number} FROM ({before}) d) l"
        )
    return (
        f"(SELECT json_agg(p.place) FROM ({' UNION ALL '.join(parts)}) p WHERE p.place IS NOT NULL)"
    )


def _last(category: str, stream: str) -> str:
    """SELECT of the last event of a stream: of a row that is no more, it has the whole of it."""
    return (
        f"SELECT s.data FROM event s WHERE s.category = {category} AND s.stream = {stream}"
        " ORDER BY s.version DESC LIMIT 1"
    )


def _scope(entity: EntityType, alias: str) -> str:
    pairs = ", ".join(f"'{column}', {alias}.{column}" for column in entity.scope)
    return f"json_build_object({pairs})"


def _scope_of_data(entity: EntityType, alias: str) -> str:
    properties = {column: property_of_column(entity, column) for column in entity.scope}
    pairs = ", ".join(
        f"'{column}', {alias}.data -> '{each.name}'" for column, each in properties.items() if each
    )
    return f"json_build_object({pairs})"


def _shows(entity: EntityType) -> bool:
    """Whether an entity's own properties say where it is."""
    return all(property_of_column(entity, column) for column in entity.scope)


def _way(entity: EntityType) -> Navigation:
    """The way to the entity that says where this one is."""
    for navigation in entity.navigations:
        target = ENTITIES.get(navigation.target)
        if not navigation.many and navigation.referential and target and _shows(target):
            return navigation
    raise LookupError(f"nothing says where a {entity.name} is")


def _column(entity: EntityType, name: str) -> str:
    property_ = entity.find(name)
    assert property_ is not None
    return property_.column
