"""Queries compiled to statements: three stages (parse, plan, sql), and a cache of their results."""

import asyncio
from collections import OrderedDict
from dataclasses import dataclass, replace
from typing import Literal

from gerance.kernel.odata.access import Access
from gerance.kernel.odata.edm import Model
from gerance.kernel.odata.errors import LimitExceeded, ODataRejection
from gerance.kernel.odata.parse.options import parse_query
from gerance.kernel.odata.parse.paths import parse_path
from gerance.kernel.odata.parse.syntax import Options, QueryOptions, Segment
from gerance.kernel.odata.plan.changes import delta_plan
from gerance.kernel.odata.plan.nodes import Expansion, QueryPlan, Shape
from gerance.kernel.odata.plan.resources import plan_request
from gerance.kernel.odata.sql.changes import changes_statement
from gerance.kernel.odata.sql.statements import (
    Statement,
    count_statement,
    exists_statement,
    holds_many,
    media_statement,
    one_statement,
    rows_at_most,
    rows_statement,
)
from gerance.kernel.odata.sql.style import Style
from gerance.kernel.wire import encode

BATCH = 100
"""Rows of an answer in memory at a time."""
SMALL_BATCH = 10
"""The same for rows with expanded collections, each of which may fill a row budget."""
BOUNDED_BATCH = 1000
"""The same for a bounded query: all its rows."""
BOUNDED_ROWS = 500
"""The most rows of a bounded query, expanded ones included."""
CACHE_SIZE = 1024
LONGEST_INLINE = 2048
"""Characters of a query that is compiled on the event loop and cached. A longer one is compiled on
a thread; its statements take some 40 times as many bytes as its text."""


@dataclass(frozen=True)
class QueryKey:
    """A query as it was sent: `path` below the root and `query`, both still percent-encoded.

    `access`: the key of the principal's rights; `page`: the most rows of one answer; `owner`: the
    principal, where rows belong to principals; `after`: the order values of its skip token, whose
    signature was checked; `changes`: the query reads the changes of its rows, in the format of this
    release of the standard.
    """

    access: str
    path: str
    query: str
    style: Style
    page: int
    changes: Literal["4.0", "4.01"] | None = None
    owner: str | None = None
    after: tuple[str | None, ...] | None = None


@dataclass(frozen=True)
class SyntaxTree:
    """A parsed query: the segments of its path, and its options."""

    segments: tuple[Segment, ...]
    query: QueryOptions


@dataclass(frozen=True)
class CompiledQuery:
    """A plan and its statements.

    `counting`: counts the rows for `$count=true`; `existing`: finds the entity that the path leads
    over; `page`: rows after which the answer ends with a link to the next page, None when it has no
    more; `bounded`: it has few rows whatever the tables hold; `context`: the member
    `@odata.context`, with its comma.
    """

    plan: QueryPlan
    options: Options
    statement: Statement | None = None
    counting: Statement | None = None
    existing: Statement | None = None
    page: int | None = None
    bounded: bool = True
    context: bytes = b""

    @property
    def batch(self) -> int:
        """The rows of the answer in memory at a time."""
        if self.bounded:
            return BOUNDED_BATCH
        return SMALL_BATCH if any(map(holds_many, self.expansions)) else BATCH

    @property
    def expansions(self) -> tuple[Expansion, ...]:
        return () if self.plan.shape is None else self.plan.shape.expands


class Compiler:
    """Compiles queries over a model, and caches the results of the latest ones."""

    def __init__(self, model: Model) -> None:
        self.model = model
        self._cache: OrderedDict[QueryKey, CompiledQuery] = OrderedDict()

    def cached(self, key: QueryKey) -> CompiledQuery | None:
        query = self._cache.get(key)
        if query is not None:
            self._cache.move_to_end(key)
        return query

    def store(self, key: QueryKey, query: CompiledQuery) -> None:
        if len(key.query) <= LONGEST_INLINE:
            self._cache[key] = query
        if len(self._cache) > CACHE_SIZE:
            self._cache.popitem(last=False)

    def compile(self, key: QueryKey, access: Access) -> CompiledQuery:
        """The statements of a query. Raises what the three stages raise."""
        query = self.cached(key)
        if query is None:
            try:
                tree = parse(key)
                plan = plan_query(self.model, access, key, tree)
                query = write_sql(self.model, plan, key, tree)
            except RecursionError:
                raise nested_too_deep() from None
            self.store(key, query)
        return query

    async def compile_aside(self, key: QueryKey, access: Access) -> CompiledQuery:
        """As `compile`; an expensive query is compiled on a thread, off the event loop."""
        if compiles_inline(key):
            return self.compile(key, access)
        return await asyncio.to_thread(self.compile, key, access)


def compiles_inline(key: QueryKey) -> bool:
    """Whether a query compiles fast enough for the event loop: it is short, and has no parameter
    aliases, which multiply what they stand for."""
    query = key.query
    return len(query) <= LONGEST_INLINE and "@" not in query and "%40" not in query


def parse(key: QueryKey) -> SyntaxTree:
    """The first stage: text to a syntax tree. Raises ODataRejection."""
    return SyntaxTree(parse_path(key.path), parse_query(key.query))


def plan_query(model: Model, access: Access, key: QueryKey, tree: SyntaxTree) -> QueryPlan:
    """The second stage: names, types, rights and limits. Raises NotFound, Rejection (403),
    ODataRejection."""
    plan = plan_request(model, access, tree.segments, tree.query, after=key.after)
    if any(each.owner_column for each in plan.entities) and key.owner != access.owner:
        raise LookupError(f"{key.path}: rows of one principal in a query of no principal")
    return plan


def write_sql(model: Model, plan: QueryPlan, key: QueryKey, tree: SyntaxTree) -> CompiledQuery:
    """The third stage: a plan to statements. Raises ODataRejection."""
    options, shape = tree.query.options, plan.shape
    if shape is None:
        if options != Options(format=options.format):
            raise ODataRejection("InvalidOption", "Query options do not apply to this path.")
        return CompiledQuery(plan, options)
    context = _context(plan, key)
    if key.changes is not None:
        return _changes(model, plan, shape, key, options, context)
    existing = None if shape.within is None else exists_statement(shape.within)
    if plan.kind == "collection":
        top = shape.top
        page = None if top is not None and top <= key.page else key.page
        rows = rows_at_most(shape, min(key.page, key.page if top is None else top))
        counting = count_statement(_all_pages(shape)) if shape.count else None
        statement = rows_statement(shape, key.style, page)
        bounded = rows <= BOUNDED_ROWS
        return CompiledQuery(plan, options, statement, counting, existing, page, bounded, context)
    if plan.kind == "count":
        statement = count_statement(shape)
    elif plan.kind == "media":
        statement = media_statement(shape)
    else:
        alone = plan.property is not None
        style = replace(key.style, metadata="none") if alone else key.style
        statement = one_statement(shape, style)
    return CompiledQuery(plan, options, statement, existing=existing, context=context)


def nested_too_deep() -> LimitExceeded:
    return LimitExceeded("The query is nested too deeply.")


def _changes(
    model: Model, plan: QueryPlan, shape: Shape, key: QueryKey, options: Options, context: bytes
) -> CompiledQuery:
    """The statement has to be bound to a moment (`sql.changes.since`)."""
    changes = delta_plan(plan, model)
    if changes is None or key.changes is None:
        return CompiledQuery(plan, options)
    return CompiledQuery(
        plan,
        options,
        changes_statement(shape, changes, key.style, key.changes, key.page),
        page=key.page,
        bounded=rows_at_most(shape, key.page) <= BOUNDED_ROWS,
        context=context,
    )


def _all_pages(shape: Shape) -> Shape:
    """The collection without its page: what `$count=true` counts."""
    return replace(shape, after=None, top=None, skip=None)


def _context(plan: QueryPlan, key: QueryKey) -> bytes:
    """`"@odata.context":"...",`, or nothing when the client wants no metadata.

    The select list has the expanded navigations in answers of 4.01 only: spreadsheets, which speak
    4.0, refuse to read those.
    """
    style, shape = key.style, plan.shape
    if style.metadata == "none" or shape is None:
        return b""
    entity = shape.row.entity
    fragment = entity.set_name
    if entity.base is not None:
        fragment = f"Collection({style.namespace}.{entity.name})"
    if plan.property is not None:
        fragment = plan.property.type.value
        if shape.within is None:
            key_text = key.path.split("/", 1)[0].partition("(")[2]
            fragment = f"{entity.set_name}({key_text}/{plan.property.name}"
    else:
        names = list(plan.select or ())
        names += _select_list(shape) if style.release == "4.01" else []
        fragment += f"({','.join(names)})" if names or plan.select is not None else ""
    if plan.kind == "entity":
        fragment += "/$entity"
    elif key.changes is not None:
        fragment += "/$delta"
    return b'"@odata.context":' + encode(f"{style.root}$metadata#{fragment}") + b","


def _select_list(shape: Shape) -> list[str]:
    """The expanded navigations of a select list: `Units(Id,UnitCode)`, `Building()`."""
    items = []
    for each in shape.expands:
        inner = each.shape
        names = [] if inner.properties == inner.row.entity.properties else [
            property_.name for property_ in inner.properties
        ]  # fmt: skip
        names += _select_list(inner)
        if each.form == "entities":
            items.append(f"{each.navigation.name}({','.join(names)})")
    return items
