"""Questions made ready: what a request asks for, as statements; the same for the same request."""

import asyncio
from collections import OrderedDict
from dataclasses import dataclass, replace
from typing import Literal

from gerance.kernel.odata.access import Access
from gerance.kernel.odata.edm import Model
from gerance.kernel.odata.errors import LimitExceeded, ODataRefused
from gerance.kernel.odata.parse.options import parse_query
from gerance.kernel.odata.parse.paths import parse_path
from gerance.kernel.odata.parse.syntax import Options
from gerance.kernel.odata.plan.changes import DeltaPlan, delta_plan
from gerance.kernel.odata.plan.nodes import QueryPlan, Shape
from gerance.kernel.odata.plan.resources import plan_request
from gerance.kernel.odata.sql.budget import holds_many, rows_at_most
from gerance.kernel.odata.sql.changes import changes_statement
from gerance.kernel.odata.sql.statements import (
    Statement,
    count_statement,
    exists_statement,
    media_statement,
    one_statement,
    rows_statement,
)
from gerance.kernel.odata.sql.style import Style

ROWS_AT_ONCE = 100
LARGE_ROWS_AT_ONCE = 10
"""Of rows with collections inside, each of which may have as many rows as a budget allows."""
BOUNDED = 1000
"""More rows than a statement has that is known to have few: they come as one list."""
_KEPT = 1024
_LONGEST_KEPT = 2048
"""Characters of a question that is kept: longer ones take some 40 times as many bytes."""


@dataclass(frozen=True)
class QueryKey:
    """What was asked, in the text that was sent: `path` below the root and `query`, both still
    percent-encoded; `page`: the most rows of one answer; `owner`: who asks, where its rows are its
    own and the answer is nobody else's; `after`: the order values of its skip token, whose
    signature was checked; `changes`: not the rows are asked for but
    what has changed of them, in the form of this release of the standard."""

    access: str
    path: str
    query: str
    style: Style
    page: int
    changes: Literal["4.0", "4.01"] | None = None
    owner: str | None = None
    after: tuple[str | None, ...] | None = None


@dataclass(frozen=True)
class CompiledQuery:
    """A plan and its statements. `page`: rows after which the answer ends with a link to the next;
    None when it cannot have more. `bounded`: it has few rows whatever the tables hold, those
    expanded in them included. `delta_plan`: how its changes are followed, None when they cannot be.
    """

    plan: QueryPlan
    options: Options
    statement: Statement | None = None
    counting: Statement | None = None
    existing: Statement | None = None
    page: int | None = None
    bounded: bool = True
    delta_plan: DeltaPlan | None = None

    @property
    def rows_at_once(self) -> int:
        """How many rows of the answer are held in memory at a time."""
        if self.bounded:
            return BOUNDED
        shape = self.plan.shape
        many = shape is not None and any(map(holds_many, shape.expands))
        return LARGE_ROWS_AT_ONCE if many else ROWS_AT_ONCE


class Compiler:
    """Compiles questions over a model; keeps those that it compiled last."""

    def __init__(self, model: Model) -> None:
        self._model = model
        self._kept: OrderedDict[QueryKey, CompiledQuery] = OrderedDict()

    def compile(self, question: QueryKey, access: Access) -> CompiledQuery:
        """The question made ready. Raises what parsing and planning raise."""
        found = self._kept.get(question)
        if found is None:
            try:
                found = self._compile(question, access)
            except RecursionError:
                raise LimitExceeded("The question is nested too deep.") from None
            if len(question.query) <= _LONGEST_KEPT:
                self._kept[question] = found
            if len(self._kept) > _KEPT:
                self._kept.popitem(last=False)
        else:
            self._kept.move_to_end(question)
        return found

    async def compile_aside(self, question: QueryKey, access: Access) -> CompiledQuery:
        """As `compile`; a long question on a thread, so that the event loop goes on."""
        if len(question.query) <= _LONGEST_KEPT:
            return self.compile(question, access)
        return await asyncio.to_thread(self.compile, question, access)

    def _compile(self, question: QueryKey, access: Access) -> CompiledQuery:
        segments = parse_path(question.path)
        query = parse_query(question.query)
        plan = plan_request(self._model, access, segments, query, after=question.after)
        if any(each.owned for each in plan.entities) and question.owner != access.owner:
            raise LookupError(f"{question.path}: an answer for one owner, asked by anybody")
        if question.changes is not None:
            return _with_changes(plan, query.options, question, self._model)
        return _with_statements(plan, query.options, question, self._model)


_FEW = 500


def _with_statements(
    plan: QueryPlan, options: Options, question: QueryKey, model: Model
) -> CompiledQuery:
    shape, style = plan.shape, question.style
    if shape is None:
        if options != Options(format=options.format):
            raise ODataRefused("InvalidOption", "Options do not apply here.")
        return CompiledQuery(plan, options)
    existing = None if shape.within is None else exists_statement(shape.within)
    match plan.kind:
        case "count":
            return CompiledQuery(plan, options, count_statement(shape), existing=existing)
        case "media":
            return CompiledQuery(plan, options, media_statement(shape), existing=existing)
        case "collection":
            top = shape.top
            page = None if top is not None and top <= question.page else question.page
            return CompiledQuery(
                plan,
                options,
                rows_statement(shape, style, page),
                count_statement(_whole(plan)) if shape.count else None,
                existing,
                page,
                rows_at_most(shape, min(question.page, question.page if top is None else top))
                <= _FEW,
                delta_plan(plan, model),
            )
        case _:
            return CompiledQuery(plan, options, one_statement(shape, style), existing=existing)


def _with_changes(
    plan: QueryPlan, options: Options, question: QueryKey, model: Model
) -> CompiledQuery:
    """The statement has to be bound to a moment (`sql.changes.since`)."""
    way = delta_plan(plan, model)
    if way is None or plan.shape is None or question.changes is None:
        return CompiledQuery(plan, options)
    statement = changes_statement(plan.shape, way, question.style, question.changes, question.page)
    return CompiledQuery(
        plan,
        options,
        statement,
        page=question.page,
        bounded=rows_at_most(plan.shape, question.page) <= _FEW,
        delta_plan=way,
    )


def _whole(plan: QueryPlan) -> Shape:
    """The collection without its page: what `$count=true` counts."""
    assert plan.shape is not None
    return replace(plan.shape, after=None, top=None, skip=None)
