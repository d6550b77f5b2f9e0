"""What a collection depends on: whose changes change it, and on which of their own properties its
entities are found."""

from collections.abc import Iterator
from dataclasses import dataclass

from gerance.kernel.odata.edm import EntityType, Property
from gerance.kernel.odata.plan.nodes import (
    Column,
    Comparison,
    Exists,
    Junction,
    Member,
    Negation,
    Node,
    Operation,
    Plan,
    Row,
    Shape,
    Tally,
    Value,
)


@dataclass(frozen=True)
class Followed:
    """How the changes of a collection are followed.

    `rows`: every row beyond its own that it shows or is filtered by, once for each way that leads
    there; each one's `origin` is another of them or the collection's own. `decisive`: the
    properties of its own by which alone it is decided whether an entity belongs to it, and whether
    whoever asks may see it; None when other rows, or columns that are no properties, decide too.
    """

    rows: tuple[Row, ...]
    decisive: tuple[Property, ...] | None


def followed(plan: Plan) -> Followed | None:
    """How the collection of a plan is followed; None when it cannot be: it is no entity set, it
    changes by itself (`now()`), or not all that it depends on is in the log."""
    shape = plan.shape
    if plan.kind != "collection" or not plan.lasting or shape is None or shape.within is not None:
        return None
    root = shape.row
    found: dict[tuple[str, ...], Row] = {}
    for row in _rows(shape, ()):
        for each in _chain(row):
            if each.via is not None:
                found.setdefault(_way(each), each)
    rows = tuple(found[way] for way in sorted(found, key=lambda way: (len(way), way)))
    if root.parameters or not _logged(root.entity) or not all(map(_reachable, rows)):
        return None
    return Followed(rows, _decisive(shape))


def property_of(entity: EntityType, column: str) -> Property | None:
    """The property that is kept in a column."""
    return next((each for each in entity.properties if each.column == column), None)


def _logged(entity: EntityType) -> bool:
    return entity.versioned and entity.logged is not None


def _reachable(row: Row) -> bool:
    """Whether those that lead to the row are found from the log of the row."""
    assert row.via is not None
    columns = [theirs for _, theirs in row.via.columns]
    return _logged(row.entity) and (
        columns == [row.entity.logged] or all(property_of(row.entity, each) for each in columns)
    )


def _chain(row: Row) -> Iterator[Row]:
    step: Row | None = row
    while step is not None:
        yield step
        step = step.origin


def _way(row: Row) -> tuple[str, ...]:
    """The names of the navigations that lead to a row."""
    return tuple(each.via.name for each in _chain(row) if each.via is not None)[::-1]


def _rows(shape: Shape, order: tuple[Node, ...]) -> Iterator[Row]:
    """The rows that a shape shows or speaks of; `order`: what orders it, where that matters."""
    for node in (*order, *(() if shape.filter is None else (shape.filter,))):
        for part in _parts(node):
            if isinstance(part, Column | Exists | Tally):
                yield part.row
    for expansion in shape.expands:
        yield expansion.shape.row
        yield from _rows(expansion.shape, tuple(key.node for key in expansion.shape.order))


def _parts(node: Node) -> Iterator[Node]:
    yield node
    match node:
        case Value() | Column():
            inside: tuple[Node | None, ...] = ()
        case Operation(_, arguments):
            inside = arguments
        case Comparison(_, left, right):
            inside = (left, right)
        case Junction(_, operands):
            inside = operands
        case Member(operand, _) | Negation(operand):
            inside = (operand,)
        case Exists(_, predicate) | Tally(_, predicate):
            inside = (predicate,)
    for each in inside:
        if each is not None:
            yield from _parts(each)


def _decisive(shape: Shape) -> tuple[Property, ...] | None:
    row = shape.row
    found: dict[str, Property] = {}
    for part in () if shape.filter is None else _parts(shape.filter):
        if isinstance(part, Exists | Tally) or (isinstance(part, Column) and part.row is not row):
            return None
        if isinstance(part, Column):
            found[part.property.name] = part.property
    for column in {column for place in row.places or () for column in place}:
        seen = property_of(row.entity, column)
        if seen is None:
            return None
        found[seen.name] = seen
    return tuple(found.values())
