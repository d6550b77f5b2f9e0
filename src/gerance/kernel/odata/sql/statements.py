"""Shapes to statements.

A row's JSON is a chain of texts: control information, expanded entities (from lateral joins),
properties. With its ETag it takes as long as `row_to_json` takes without, which cannot add one for
less than a fifth of its time.

An expansion has a row budget: one entity's document never grows without bound. A document is built
in the memory of a database process, which `work_mem` does not bound. So each expanded collection
reads one row more than `MOST_ROWS` at most and then fails, and a collection whose rows are expanded
again adds up the rows that they hold, as it reads them. The failure is a subquery that finds two
rows where one is allowed: SQLSTATE 21000, cardinality violation.
"""

from dataclasses import dataclass, field, replace
from typing import Any

from gerance.kernel.odata.edm import Edm, Property
from gerance.kernel.odata.plan.nodes import Expansion, OrderKey, PropertyColumn, Shape
from gerance.kernel.odata.sql.annotations import annotations, entity_id, media_links
from gerance.kernel.odata.sql.barrier import cannot_fail, needs_barrier, speaks_of
from gerance.kernel.odata.sql.expressions import BY_CODE_POINT, Emitter
from gerance.kernel.odata.sql.functions import SQL_TYPES
from gerance.kernel.odata.sql.style import Style

_FEW = 1000
"""Rows of a page that are read in the order of an index, if there is one."""
MOST_ROWS = 10_000
"""Rows that one expanded collection holds, with all that is expanded inside them."""

_PLAIN = frozenset({Edm.BOOLEAN, Edm.INT32, Edm.INT64, Edm.DECIMAL})
"""Types whose texts in PostgreSQL are JSON."""
_GROUP = 4
"""Members that are joined to one text."""
_TOO_MANY = "SELECT g FROM generate_series(1, least({rows}, 2)) g"


@dataclass(frozen=True)
class Statement:
    """SQL with `$1` ..., and its parameters."""

    sql: str
    params: list[Any] = field(default_factory=list)


def rows_statement(shape: Shape, style: Style, page: int | None = None) -> Statement:
    """The rows of a collection: each one's JSON, and with a `page` (a number of rows) a second
    column, which in the page's last row has the values to go on after; one row more is read."""
    emitter = Emitter(barrier=needs_barrier(shape))
    return Statement(_documents(emitter, shape, style, page), emitter.params)


def one_statement(shape: Shape, style: Style) -> Statement:
    """A single entity: its JSON, and its version or null."""
    emitter = Emitter(barrier=needs_barrier(shape))
    row = shape.row
    version = f"{emitter.alias(row)}.{row.entity.version}" if row.entity.version else "NULL"
    sql = _documents(emitter, shape, style, None, f", {version}::text")
    return Statement(sql, emitter.params)


def count_statement(shape: Shape) -> Statement:
    """How many rows the shape has in all, whatever its `$top` and `$skip`."""
    emitter = Emitter(barrier=needs_barrier(shape))
    return Statement(f"SELECT count(*) FROM {_source(emitter, shape)}", emitter.params)


def exists_statement(shape: Shape) -> Statement:
    """One row when the shape has any."""
    emitter = Emitter(barrier=needs_barrier(shape))
    return Statement(f"SELECT 1 FROM {_source(emitter, shape)} LIMIT 1", emitter.params)


def media_statement(shape: Shape) -> Statement:
    """The content of an entity, and its type."""
    emitter = Emitter(barrier=needs_barrier(shape))
    alias = emitter.alias(shape.row)
    sql = f"SELECT {alias}.content, {alias}.content_type::text FROM {_source(emitter, shape)}"
    return Statement(sql, emitter.params)


def documents_select(emitter: Emitter, shape: Shape, style: Style) -> str:
    """SELECT of one column, the JSON of each row, as a part of a larger statement."""
    return _documents(emitter, shape, style, None)


def _documents(
    emitter: Emitter,
    shape: Shape,
    style: Style,
    page: int | None,
    more: str = "",
    *,
    limit: int | None = None,
    measured: bool = False,
) -> str:
    """SELECT of one column, the JSON of each row, in the shape's order; if `measured` also of the
    number of rows that its document stands for."""
    alias = emitter.alias(shape.row)
    keys, token = "", ""
    if page is not None:
        keys, token = _token(emitter, shape, page)
    rows = _rows(emitter, shape, keys, limit if page is None else page + 1)
    laterals: list[str] = []
    members = _control_information(emitter, shape, style)
    for nth, expansion in enumerate(shape.expands):
        _expand(emitter, expansion, style, f"{alias}e{nth}", laterals, members)
    if style.metadata != "references":
        members += [_member(alias, each, style) for each in shape.properties]
    if measured:
        more += f", {_size(shape, alias)} AS size"
    document = _object(members)
    return f"SELECT {document} AS doc{token}{more} FROM ({rows}) {alias} {' '.join(laterals)}"


def _control_information(emitter: Emitter, shape: Shape, style: Style) -> list[str]:
    """SQL of the members before the properties: the ETag, and what clients cannot compute."""
    entity = shape.row.entity
    members = annotations(emitter, shape, style) if style.metadata in ("full", "references") else []
    if style.metadata in ("none", "references") or entity.base is not None:
        return members
    if style.metadata == "minimal":
        if any(key not in shape.properties for key in entity.keys):
            members.append(entity_id(emitter, shape, style))
        members += media_links(emitter, shape, style) if entity.media else []
    if entity.version is not None:
        version = f"{emitter.alias(shape.row)}.{entity.version}"
        members.insert(0, f"""'"@odata.etag":"W/\\"' || {version} || '\\""'""")
    return members


def _object(members: list[str]) -> str:
    """SQL of an object with these members. Each `||` copies what stands before it, so they are
    joined in groups; neighbouring literals become one."""
    if not members:
        return "'{}'"
    texts = [f"'{',' if nth else '{'}{each[1:]}" for nth, each in enumerate(members)]
    texts.append("'}'")
    groups = [" || ".join(texts[nth : nth + _GROUP]) for nth in range(0, len(texts), _GROUP)]
    document = groups[0] if len(groups) == 1 else " || ".join(f"({group})" for group in groups)
    return document.replace("' || '", "")


def _size(shape: Shape, alias: str) -> str:
    """SQL: the rows that the document of a row stands for, itself and those expanded in it."""
    inside = [
        f"coalesce({alias}e{nth}.size, 0)" if holds_many(expansion) else "1"
        for nth, expansion in enumerate(shape.expands)
        if expansion.form != "count"
    ]
    return " + ".join(["1", *inside])


def _member(alias: str, property_: Property, style: Style) -> str:
    """SQL of a property's name and value in JSON."""
    column = f"{alias}.{property_.column}"
    if property_.type not in _PLAIN:
        value = f"to_json({column})::text"
    elif style.exact_numbers and property_.type in (Edm.INT64, Edm.DECIMAL):
        value = f"'\"' || {column}::text || '\"'"
    else:
        value = f"{column}::text"
    return f"'\"{property_.name}\":' || coalesce({value}, 'null')"


def _expand(
    emitter: Emitter,
    expansion: Expansion,
    style: Style,
    name: str,
    laterals: list[str],
    members: list[str],
) -> None:
    """Add what an expansion answers to the members, and where it comes from to the laterals."""
    navigation, shape = expansion.navigation, expansion.shape
    label = f'"{navigation.name}'
    if shape.count or expansion.form == "count":
        count_query = f"(SELECT count(*) FROM {_source(emitter, shape)})"
        quote = '"' if style.exact_numbers else ""
        members.append(f"'{label}@odata.count\":{quote}' || {count_query}::text || '{quote}'")
    if expansion.form == "count":
        return
    if expansion.form == "references":
        style = replace(style, metadata="references")
    measured = any(map(holds_many, shape.expands))
    limit = _read_at_most(shape) if navigation.many else None
    documents = _documents(emitter, shape, style, None, limit=limit, measured=measured)
    if navigation.many:
        documents = _aggregated(documents, measured=measured)
        members.append(f"'{label}\":[' || coalesce({name}.doc, '') || ']'")
    else:
        # Looked up row by row: a hash join would answer the rows in whatever order.
        documents += " OFFSET 0"
        members.append(f"'{label}\":' || coalesce({name}.doc, 'null')")
    laterals.append(f"LEFT JOIN LATERAL ({documents}) {name} ON true")


def _rows(emitter: Emitter, shape: Shape, keys: str, limit: int | None) -> str:
    """SELECT of the shape's rows with all columns, in its order."""
    alias = emitter.alias(shape.row)
    order = ", ".join(_ordering(emitter, key) for key in shape.order)
    order = f" ORDER BY {order}" if order else ""
    limits = [each for each in (shape.top, limit) if each is not None]
    # Few rows come from an index in their order; many are sorted when the others are left out.
    few = bool(limits) and min(limits) <= _FEW and _ordered_by(shape)
    source = _source(emitter, shape, order=order if few else "")
    sql = f"SELECT {alias}.*{keys} FROM {source}{order}"
    if limits:
        # A number and no parameter: the plan that a prepared statement keeps depends on it.
        sql += f" LIMIT {min(limits):d}"
    if shape.skip:
        sql += f" OFFSET {emitter.bind(shape.skip, 'bigint')}"
    return sql


def _source(emitter: Emitter, shape: Shape, below: str | None = None, order: str = "") -> str:
    """FROM and WHERE of the shape. `below`: a condition that links it with rows that lie within;
    `order`: in which its rows are wanted."""
    row = shape.row
    conditions = [] if below is None else [below]
    more: list[str] = []
    if row.via is not None and row.origin is not None:
        link = emitter.link(row.origin, row.via, row)
        if shape.within is None:
            conditions.append(link)
        else:
            conditions.append(f"EXISTS (SELECT FROM {_source(emitter, shape.within, link)})")
    if shape.after is not None:
        after = _after(emitter, shape.order, shape.after)
        (conditions if _ordered_by(shape) else more).append(after)
    plain = below is not None and (shape.filter is None or cannot_fail(shape.filter))
    return emitter.selection(row, conditions, shape.filter, more=more, order=order, plain=plain)


def _ordered_by(shape: Shape) -> bool:
    """Whether its own columns alone order a shape, so that an index may."""
    nodes = [key.node for key in shape.order]
    return all(cannot_fail(each) and speaks_of(each, shape.row) for each in nodes)


def _ordering(emitter: Emitter, key: OrderKey) -> str:
    """Null is the least of all values (the standard), so it comes first upward, last downward."""
    nulls = (" NULLS LAST" if key.descending else " NULLS FIRST") if key.nullable else ""
    return f"{_place(emitter, key)}{' DESC' if key.descending else ''}{nulls}"


def _place(emitter: Emitter, key: OrderKey) -> str:
    collation = BY_CODE_POINT if key.node.type is Edm.STRING else ""
    return f"{emitter.value(key.node)}{collation}"


def _after(emitter: Emitter, order: tuple[OrderKey, ...], values: tuple[str | None, ...]) -> str:
    """The rows behind one, in the order given: by its first value, else by its second ..."""
    (key, *keys), (value, *rest) = order, values
    expression = _place(emitter, key)
    if value is None:
        same = f"{expression} IS NULL"
        behind = "false" if key.descending else f"{expression} IS NOT NULL"
    else:
        assert key.node.type is not None
        conditions = f"{emitter.bind(value, 'text')}::{SQL_TYPES[key.node.type]}"
        same = f"{expression} = {conditions}"
        behind = f"{expression} {'<' if key.descending else '>'} {conditions}"
        if key.nullable and key.descending:
            behind = f"({behind} OR {expression} IS NULL)"
    if not keys:
        return f"({behind})"
    return f"({behind} OR ({same} AND {_after(emitter, tuple(keys), tuple(rest))}))"


def _token(emitter: Emitter, shape: Shape, page: int) -> tuple[str, str]:
    """Columns for the rows' SELECT, and for that of their JSON."""
    alias = emitter.alias(shape.row)
    extra: list[str] = []
    values: list[str] = []
    for nth, key in enumerate(shape.order):
        if isinstance(key.node, PropertyColumn) and key.node.row is shape.row:
            values.append(f"{emitter.value(key.node)}::text")
        else:
            extra.append(f', {emitter.value(key.node)} AS "{alias}k{nth}"')
            values.append(f'{alias}."{alias}k{nth}"::text')
    last = emitter.bind(page, "bigint")
    token = (
        f", CASE WHEN row_number() OVER () = {last}"
        f" THEN json_build_array({', '.join(values)})::text END AS token"
    )
    return "".join(extra), token


def holds_many(expansion: Expansion) -> bool:
    """Whether a collection is expanded here or inside."""
    if expansion.form == "count":
        return False
    return expansion.navigation.many or any(map(holds_many, expansion.shape.expands))


def rows_at_most(shape: Shape, top: int) -> int:
    """The most rows of an answer of `top` rows, with those expanded in them."""
    inside = 0
    for expansion in filter(holds_many, shape.expands):
        limit = expansion.shape.top
        rows = 1 if not expansion.navigation.many else MOST_ROWS if limit is None else limit
        inside += min(rows_at_most(expansion.shape, rows), MOST_ROWS)
    return top * (1 + inside)


def _read_at_most(shape: Shape) -> int | None:
    """The LIMIT of an expanded collection; None where `$top` is below the budget."""
    return None if shape.top is not None and shape.top <= MOST_ROWS else MOST_ROWS + 1


def _aggregated(documents: str, *, measured: bool) -> str:
    """SELECT of the JSON of a collection (`doc`) and the number of its rows (`size`).

    `documents`: SELECT of the JSON of each row, and if `measured` of the rows that it stands for.
    """
    if not measured:
        return (
            f"SELECT CASE WHEN a.size > {MOST_ROWS} THEN ({_TOO_MANY.format(rows='a.size')})::text"
            " ELSE a.doc END AS doc, a.size FROM"
            f" (SELECT string_agg(c.doc, ',') AS doc, count(*)::integer AS size"
            f" FROM ({documents}) c) a"
        )
    fits = f"CASE WHEN c.size > {MOST_ROWS} THEN ({_TOO_MANY.format(rows='c.size')}) = 0"
    return (
        f"SELECT string_agg(c.doc, ',') FILTER (WHERE {fits} ELSE true END) AS doc,"
        " max(c.size)::integer AS size FROM"
        " (SELECT d.doc, sum(d.size) OVER (ROWS UNBOUNDED PRECEDING) AS size"
        f" FROM ({documents}) d) c"
    )
