"""What has changed in a collection since a moment, as one statement.

From the log come the numbers of the entities whose content may have changed: their own events, and
those of all that they show or are filtered by, with the links that these have and had. Each is then
looked up by itself. Nothing depends on how large the set is.
"""

from dataclasses import replace
from typing import Literal

from gerance.kernel.odata.edm import EntityType, Property
from gerance.kernel.odata.plan.changes import DeltaPlan, PlaceProperties, property_of_column
from gerance.kernel.odata.plan.nodes import EntityRow, Shape
from gerance.kernel.odata.sql.annotations import key_text
from gerance.kernel.odata.sql.expressions import Emitter
from gerance.kernel.odata.sql.functions import SQL_TYPES
from gerance.kernel.odata.sql.statements import Statement, documents_select
from gerance.kernel.odata.sql.style import Style
from gerance.kernel.odata.stream_uid import NUMBER, UID

Form = Literal["4.0", "4.01"]
"""The release of the standard after whose rules an entity that is gone is written."""


class _Emitter(Emitter):
    """`only`: a condition that the rows of `root` must meet as well."""

    def __init__(self, root: EntityRow) -> None:
        super().__init__()
        self.root = root
        self.only: str | None = None
        self.since = self.bind("0", "text") + "::xid8"
        self.after = self.bind(-1, "bigint")

    def places(self, row: EntityRow) -> list[str]:
        conditions = super().places(row)
        return [*conditions, self.only] if row is self.root and self.only else conditions


def changes_statement(
    shape: Shape, plan: DeltaPlan, style: Style, form: Form, page: int
) -> Statement:
    """For each entity that may have changed, by its number: its JSON as it is now, or that of one
    that is gone; and the number. One row more than a page.

    Bind it with `since` before it is executed.
    """
    emitter = _Emitter(shape.row)
    entity = shape.row.entity
    alias = emitter.alias(shape.row)
    categories = sorted({entity.name, *(row.entity.name for row in plan.rows)})
    names = emitter.bind(categories, "text[]")
    numbers = [
        f"SELECT {NUMBER.format('c.stream')} AS n FROM since c WHERE {_category(emitter, entity)}",
        *(_roots(emitter, row, plan) for row in plan.rows),
    ]
    if plan.running:
        numbers.append(_later(emitter, entity))
    removal = (
        f"CASE WHEN {_was_there(emitter, shape, plan)}"
        f" THEN {_removal(emitter, entity, style, form)} END"
    )
    emitter.only = f"{alias}.{entity.logged} = t.n"
    keys = tuple(key for key in entity.keys if key not in shape.properties)
    document = replace(shape, properties=shape.properties + keys, order=(), count=False)
    select = documents_select(emitter, document, style)
    sql = (
        "WITH since AS MATERIALIZED (SELECT category, stream, position FROM event"
        f" WHERE transaction_id >= {emitter.since} AND category = ANY({names}))"
        # Entities that were never in reach do not count: neither rows nor pages reveal them.
        " SELECT d.doc, d.n::text FROM ("
        f"SELECT coalesce(f.doc, {removal}) AS doc, t.n"
        f" FROM (SELECT DISTINCT n FROM ({' UNION ALL '.join(numbers)}) u WHERE n > {emitter.after}"
        " ORDER BY n) t"
        f" LEFT JOIN LATERAL ({select} OFFSET 0) f ON true"
        f" LEFT JOIN LATERAL ({_key(emitter, entity)}) k ON f.doc IS NULL ORDER BY t.n OFFSET 0"
        f") d WHERE d.doc IS NOT NULL ORDER BY d.n LIMIT {page + 1:d}"
    )
    return Statement(sql, emitter.params)


def since(statement: Statement, transaction_id: int, after: int | None) -> Statement:
    """The statement for all that was written by this transaction or a later one; only of entities
    with a number above `after`."""
    low = -1 if after is None else after
    return Statement(statement.sql, [str(transaction_id), low, *statement.params[2:]])


def _category(emitter: Emitter, entity: EntityType, alias: str = "c") -> str:
    return f"{alias}.category = {emitter.bind(entity.name, 'text')}"


def _later(emitter: Emitter, entity: EntityType) -> str:
    """SELECT of the numbers of the entities after one with an event: their totals differ."""
    running = entity.running
    assert running is not None
    order = ", ".join(f"f.{each}" for each in running.order)
    later = ", ".join(f"r.{each}" for each in running.order)
    return (
        f"SELECT r.{entity.logged} AS n FROM (SELECT DISTINCT ON (f.{running.group}) f.*"
        f" FROM since c JOIN {entity.source} f ON f.{entity.logged} = {NUMBER.format('c.stream')}"
        f" WHERE {_category(emitter, entity)} ORDER BY f.{running.group}, {order}) f"
        f" JOIN {entity.source} r ON r.{running.group} = f.{running.group}"
        f" AND ({later}) > ({order})"
    )


def _roots(emitter: _Emitter, row: EntityRow, plan: DeltaPlan) -> str:
    """SELECT of the numbers of the collection's entities that lead to a row with an event, or led
    there; the steps between are as they are now: where they changed, they have events too."""
    assert row.via is not None
    assert row.origin is not None
    links = _links(emitter, row, plan)
    columns = [own for own, _ in row.via.columns]
    step, name, depth = row.origin, "l", 0
    joins = ""
    if step is not emitter.root or columns != [step.entity.logged]:
        while True:
            met = " AND ".join(
                f"p{depth}.{own} = {name}.{'c' + str(nth) if name == 'l' else theirs}"
                for nth, (own, theirs) in enumerate(row.via.columns)
            )
            joins += f" JOIN {step.entity.source} p{depth} ON {met}"
            name = f"p{depth}"
            if step.via is None or step.origin is None:
                break
            row, step, depth = step, step.origin, depth + 1
            assert row.via is not None
    number = "l.c0" if name == "l" else f"{name}.{step.entity.logged}"
    return f"SELECT {number} AS n FROM ({links}) l{joins} WHERE {number} IS NOT NULL"


def _links(emitter: _Emitter, row: EntityRow, plan: DeltaPlan) -> str:
    """SELECT of the values that the rows with an event have, and had, in the columns that lead to
    them."""
    assert row.via is not None
    entity = row.entity
    columns = [theirs for _, theirs in row.via.columns]
    here = _category(emitter, entity)
    number = NUMBER.format("c.stream")
    if row.places is not None:
        here += f" AND {_in_places(emitter, row, plan, 'c.stream', number)}"
    if columns == [entity.logged]:
        return f"SELECT {number} AS c0 FROM since c WHERE {here}"
    now = ", ".join(f"x.{column} AS c{nth}" for nth, column in enumerate(columns))
    then = ", ".join(f"w.{column} AS c{nth}" for nth, column in enumerate(columns))
    properties = [property_ for each in columns if (property_ := property_of_column(entity, each))]
    read = f"FROM since c JOIN event s ON s.position = c.position WHERE {here}"
    former = _former(emitter, entity, properties, read)
    return (
        f"SELECT {now} FROM since c JOIN {entity.source} x ON x.{entity.logged} = {number}"
        f" WHERE {here} UNION SELECT {then} FROM ({former}) w"
    )


def _former(emitter: Emitter, entity: EntityType, properties: list[Property], read: str) -> str:
    """SELECT of rows with the columns of these properties, as they were before and after each event
    that has one of them. `read`: FROM and WHERE of the events `s`."""
    names = emitter.bind([each.name for each in properties], "text[]")
    columns = ", ".join(
        f"(v.state ->> '{each.name}')::{SQL_TYPES[each.type]} AS {each.column}"
        for each in properties
    )
    return (
        f"SELECT {columns} FROM (SELECT (SELECT jsonb_object_agg(p.key, p.value ORDER BY o.version)"
        " FROM event o CROSS JOIN LATERAL json_each(o.data) p"
        " WHERE o.category = e.category AND o.stream = e.stream"
        f" AND o.version <= e.version - g.back AND p.key = ANY({names})) AS state"
        f" FROM (SELECT s.category, s.stream, s.version {read} AND s.data::jsonb ?| {names}) e"
        # OFFSET 0: what a state is made of is read once, not for each of its columns.
        " CROSS JOIN (VALUES (0), (1)) g(back) OFFSET 0) v WHERE v.state IS NOT NULL"
    )


def _was_there(emitter: _Emitter, shape: Shape, plan: DeltaPlan) -> str:
    """Whether the principal may have the entity that is not there now: it was in reach, as far as
    the log can decide that, and met the filter, unless the log cannot decide that."""
    row, alias = shape.row, emitter.alias(shape.row)
    reach = plan.reaches.get(row.entity.name)
    if row.places is not None and (row.places == () or reach is None):
        return "false"
    if row.places is None and not plan.decisive:
        return "true"
    former_rows = (*(plan.decisive or ()), *(reach.properties if reach else ()))
    properties = list({each.name: each for each in former_rows}.values())
    states = _states(emitter, row.entity, properties, UID.format("t.n"), "t.n")
    if row.places is not None and reach is not None:
        visible = _in_reach(emitter, row, reach, alias)
        states = f"SELECT * FROM ({states}) {alias} WHERE {visible} OFFSET 0"
    if shape.filter is None or plan.decisive is None:
        return f"EXISTS ({states})"
    met = emitter.condition(shape.filter, exact=False)
    return f"EXISTS (SELECT FROM ({states}) {alias} WHERE {met})"


def _in_places(emitter: _Emitter, row: EntityRow, plan: DeltaPlan, stream: str, number: str) -> str:
    """Whether the entity of a stream is in reach, or was since."""
    reach = plan.reaches.get(row.entity.name)
    if not row.places or reach is None:
        return "false"
    states = _states(emitter, row.entity, list(reach.properties), stream, number)
    return f"EXISTS (SELECT FROM ({states}) w WHERE {_in_reach(emitter, row, reach, 'w')})"


def _in_reach(emitter: _Emitter, row: EntityRow, reach: PlaceProperties, alias: str) -> str:
    """Whether a state of an entity is in one of the places that are seen."""
    assert row.places is not None
    if reach.owner is None or reach.via is None:
        return emitter.within(row.places, alias)
    ((own, _),) = reach.via.columns
    number = f"{alias}.{own}"
    places = [each for each in reach.owner.properties if each.column in reach.owner.scope]
    states = _states(emitter, reach.owner, places, UID.format(number), number)
    return f"EXISTS (SELECT FROM ({states}) q WHERE {emitter.within(row.places, 'q')})"


def _states(
    emitter: _Emitter, entity: EntityType, properties: list[Property], stream: str, number: str
) -> str:
    """SELECT of an entity as it is and as it was since, with the columns of these properties."""
    # OFFSET 0: the events of one stream are read, not all those since, for each entity.
    read = (
        f"FROM (SELECT * FROM event WHERE {_category(emitter, entity, 'event')}"
        f" AND stream = {stream} OFFSET 0) s WHERE s.transaction_id >= {emitter.since}"
    )
    columns = ", ".join(f"x.{each.column}::{SQL_TYPES[each.type]}" for each in properties)
    return (
        f"SELECT {columns} FROM {entity.source} x WHERE x.{entity.logged} = {number}"
        f" UNION ALL {_former(emitter, entity, properties, read)}"
    )


def _removal(emitter: Emitter, entity: EntityType, style: Style, form: Form) -> str:
    """SQL of the JSON of an entity that is gone, whose key is in `k`."""
    there = f"EXISTS (SELECT FROM {entity.source} x WHERE x.{entity.logged} = t.n)"
    reason = f"CASE WHEN {there} THEN 'changed' ELSE 'deleted' END"
    address = f"to_json('{entity.set_name}(' || {key_text('k', entity)} || ')')::text"
    begin = "'{'"
    if form == "4.0" or style.metadata == "full":
        url = emitter.bind(f"{style.root}$metadata#{entity.set_name}/$deletedEntity", "text")
        begin = f"'{{\"@odata.context\":' || to_json({url})::text || ','"
    if form == "4.0":
        return f"{begin} || '\"id\":' || {address} || ',\"reason\":\"' || {reason} || '\"}}'"
    keys = ", ".join(f'k.{each.column} AS "{each.name}"' for each in entity.keys)
    key = f"(SELECT substr(row_to_json(y)::text, 2) FROM (SELECT {keys}) y)"
    return (
        f'{begin} || \'"@removed":{{"reason":"\' || {reason} || \'"}},"@odata.id":\''
        f" || {address} || ',' || {key}"
    )


def _key(emitter: Emitter, entity: EntityType) -> str:
    """SELECT of the key of the entity with the number `t.n`: it never changes, so its first event
    has it."""
    if [each.column for each in entity.keys] == [entity.logged]:
        return f"SELECT t.n AS {entity.logged}"
    columns = ", ".join(
        f"(s.data ->> '{each.name}')::{SQL_TYPES[each.type]} AS {each.column}"
        for each in entity.keys
    )
    return (
        f"SELECT {columns} FROM event s WHERE {_category(emitter, entity, 's')}"
        f" AND s.stream = {UID.format('t.n')} ORDER BY s.version LIMIT 1"
    )
