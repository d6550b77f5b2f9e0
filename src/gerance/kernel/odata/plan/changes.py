"""What a collection depends on: whose changes change it, on which of their own properties its
entities are found, and by which of them the log can decide who saw an entity."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from gerance.kernel.odata.edm import EntityType, Model, Navigation, Property
from gerance.kernel.odata.plan.nodes import (
    BoundValue,
    Comparison,
    EntityRow,
    Exists,
    Junction,
    Member,
    Negation,
    Node,
    Operation,
    PropertyColumn,
    QueryPlan,
    RowCount,
    Shape,
)


@dataclass(frozen=True)
class PlaceProperties:
    """How the log tells in which place an entity is or was: by these properties of its own; with
    `via` and `owner`, by those of the entity that they lead to."""

    properties: tuple[Property, ...]
    via: Navigation | None = None
    owner: EntityType | None = None


@dataclass(frozen=True)
class DeltaPlan:
    """How a delta link reports the changes of a collection.

    `rows`: every row beyond its own that it shows or is filtered by, once for each way that leads
    there, and the rows by which their places are known; each one's `origin` is another of them or
    the collection's own. `decisive`: the properties of its own by which alone it is decided whether
    an entity meets the filter; None when other rows, or columns that are no properties, decide too.
    `reaches`: of each entity type of which only some places are seen, how the log names them; a
    type that is missing counts as out of reach. `running`: its own entities are shown with, or
    filtered by, a running total.
    """

    rows: tuple[EntityRow, ...]
    decisive: tuple[Property, ...] | None
    reaches: Mapping[str, PlaceProperties]
    running: bool = False


def delta_plan(plan: QueryPlan, model: Model) -> DeltaPlan | None:
    """The delta plan of a collection; None when it has none: it is no entity set, it changes by
    itself (`now()`), or the log does not have all that it depends on."""
    shape = plan.shape
    if plan.kind != "collection" or not plan.cacheable or shape is None or shape.within is not None:
        return None
    root = shape.row
    paths: dict[tuple[str, ...], EntityRow] = {}
    for row in _rows(shape, ()):
        for each in _chain(row):
            if each.via is not None:
                paths.setdefault(_way(each), each)
    reaches: dict[str, PlaceProperties] = {}
    for row in (root, *paths.values()):
        if row.places is None or (reach := _reach(row.entity, model)) is None:
            continue
        reaches[row.entity.name] = reach
        if reach.owner is not None:
            owner = EntityRow(reach.owner, row.places, row, reach.via)
            paths = {_way(owner): owner, **paths}
            reaches[reach.owner.name] = PlaceProperties(_properties(reach.owner, reach.owner.scope))
    rows = tuple(paths[way] for way in sorted(paths, key=lambda way: (len(way), way)))
    if root.parameters or not _logged(root.entity) or not all(map(_reachable, rows)):
        return None
    return DeltaPlan(rows, _decisive(shape), reaches, _running(shape))


def property_of_column(entity: EntityType, column: str) -> Property | None:
    """The property that a column stores."""
    return next((each for each in entity.properties if each.column == column), None)


def is_running(entity: EntityType, column: Property) -> bool:
    """Whether a property changes with entities before this one, without an event of its own."""
    return entity.running is not None and entity.running.property == column.name


def _running(shape: Shape) -> bool:
    entity = shape.row.entity
    parts = () if shape.filter is None else _parts(shape.filter)
    properties = [
        each.property
        for each in parts
        if isinstance(each, PropertyColumn) and each.row is shape.row
    ]
    return any(is_running(entity, each) for each in (*shape.properties, *properties))


def _reach(entity: EntityType, model: Model) -> PlaceProperties | None:
    if own := _properties(entity, entity.scope):
        return PlaceProperties(own)
    for navigation in entity.navigations:
        owner = model.target(navigation)
        leads = [theirs for _, theirs in navigation.columns] == [owner.logged]
        if (
            navigation.many
            or not leads
            or not _logged(owner)
            or not _properties(owner, owner.scope)
        ):
            continue
        if way := _properties(entity, [own for own, _ in navigation.columns]):
            return PlaceProperties(way, navigation, owner)
    return None


def _properties(entity: EntityType, columns: Sequence[str]) -> tuple[Property, ...]:
    """The properties that these columns store; none unless every column stores one."""
    properties = [property_of_column(entity, each) for each in columns]
    return tuple(each for each in properties if each is not None) if all(properties) else ()


def _logged(entity: EntityType) -> bool:
    return entity.versioned and entity.logged is not None


def _reachable(row: EntityRow) -> bool:
    """Whether those that lead to the row are found from the log of the row."""
    assert row.via is not None
    columns = [theirs for _, theirs in row.via.columns]
    return _logged(row.entity) and (
        columns == [row.entity.logged]
        or all(property_of_column(row.entity, each) for each in columns)
    )


def _chain(row: EntityRow) -> Iterator[EntityRow]:
    step: EntityRow | None = row
    while step is not None:
        yield step
        step = step.origin


def _way(row: EntityRow) -> tuple[str, ...]:
    """The names of the navigations that lead to a row."""
    return tuple(each.via.name for each in _chain(row) if each.via is not None)[::-1]


def _rows(shape: Shape, order: tuple[Node, ...]) -> Iterator[EntityRow]:
    """The rows that a shape shows or speaks of; `order`: what orders it, where that matters."""
    for node in (*order, *(() if shape.filter is None else (shape.filter,))):
        for part in _parts(node):
            if isinstance(part, PropertyColumn | Exists | RowCount):
                yield part.row
    for expansion in shape.expands:
        yield expansion.shape.row
        yield from _rows(expansion.shape, tuple(key.node for key in expansion.shape.order))


def _parts(node: Node) -> Iterator[Node]:
    yield node
    match node:
        case BoundValue() | PropertyColumn():
            inside: tuple[Node | None, ...] = ()
        case Operation(_, arguments):
            inside = arguments
        case Comparison(_, left, right):
            inside = (left, right)
        case Junction(_, operands):
            inside = operands
        case Member(operand, _) | Negation(operand):
            inside = (operand,)
        case Exists(_, predicate) | RowCount(_, predicate):
            inside = (predicate,)
    for each in inside:
        if each is not None:
            yield from _parts(each)


def _decisive(shape: Shape) -> tuple[Property, ...] | None:
    row = shape.row
    properties: dict[str, Property] = {}
    for part in () if shape.filter is None else _parts(shape.filter):
        if isinstance(part, Exists | RowCount) or (
            isinstance(part, PropertyColumn) and part.row is not row
        ):
            return None
        if isinstance(part, PropertyColumn) and is_running(row.entity, part.property):
            return None
        if isinstance(part, PropertyColumn):
            properties[part.property.name] = part.property
    return tuple(properties.values())
