"""Plans: typed expressions over rows, and the shape of an answer."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Literal, TypeAlias

import msgspec

from gerance.kernel.odata.edm import Edm, EntityType, Navigation, Property


@dataclass(eq=False)
class EntityRow:
    """A row of an entity type that expressions speak of.

    `via`: it is reached from `origin` by this navigation; `places`: only rows of these places are
    seen (see Access); `joins`: the rows that it leads to, one each; `parameters`: of a function.
    """

    entity: EntityType
    places: tuple[Mapping[str, Any], ...] | None = None
    origin: "EntityRow | None" = None
    via: Navigation | None = None
    joins: dict[str, "EntityRow"] = field(default_factory=dict)
    parameters: Mapping[str, "BoundValue"] = field(default_factory=dict)


class BoundValue(msgspec.Struct, frozen=True):
    """A value that a client gave; it goes to the database as a parameter. `type`: None for null."""

    value: object
    type: Edm | None


class PropertyColumn(msgspec.Struct, frozen=True):
    """A property of a row. `sorting`: its form for orders that people see."""

    row: EntityRow
    property: Property
    type: Edm | None
    sorting: bool = False


class Operation(msgspec.Struct, frozen=True):
    """Arithmetic or a function, by the name that `sql` knows it under."""

    name: str
    arguments: tuple["Node", ...]
    type: Edm | None


class Comparison(msgspec.Struct, frozen=True):
    operator: Literal["eq", "ne", "gt", "ge", "lt", "le"]
    left: "Node"
    right: "Node"
    type: Edm | None = Edm.BOOLEAN


class Member(msgspec.Struct, frozen=True):
    """`in`: the operand is one of the values, all of one type; null when they are null."""

    operand: "Node"
    items: tuple[BoundValue, ...]
    type: Edm | None = Edm.BOOLEAN


class Junction(msgspec.Struct, frozen=True):
    operator: Literal["and", "or"]
    operands: tuple["Node", ...]
    type: Edm | None = Edm.BOOLEAN


class Negation(msgspec.Struct, frozen=True):
    operand: "Node"
    type: Edm | None = Edm.BOOLEAN


class Exists(msgspec.Struct, frozen=True):
    """Some row (or with `every`: every row) that `row.via` leads to meets the predicate."""

    row: EntityRow
    predicate: "Node | None"
    every: bool
    type: Edm | None = Edm.BOOLEAN


class RowCount(msgspec.Struct, frozen=True):
    """How many rows `row.via` leads to that meet the predicate."""

    row: EntityRow
    predicate: "Node | None"
    type: Edm | None = Edm.INT64


Node: TypeAlias = (
    BoundValue
    | PropertyColumn
    | Operation
    | Comparison
    | Member
    | Junction
    | Negation
    | Exists
    | RowCount
)


class OrderKey(msgspec.Struct, frozen=True):
    node: Node
    descending: bool
    nullable: bool


@dataclass(frozen=True)
class Shape:
    """Which rows are answered and what of them. `row`: the row that all speaks of.

    `within`: only rows that `row.via` leads to from an entity of this shape (a path like
    `Buildings(1)/Units`); `after`: only rows after one with these order values, as texts.
    """

    row: EntityRow
    properties: tuple[Property, ...]
    expands: "tuple[Expansion, ...]" = ()
    filter: Node | None = None
    order: tuple[OrderKey, ...] = ()
    top: int | None = None
    skip: int | None = None
    count: bool = False
    after: tuple[str | None, ...] | None = None
    within: "Shape | None" = None


@dataclass(frozen=True)
class Expansion:
    """An expanded navigation; the row of its shape is reached by it."""

    navigation: Navigation
    shape: Shape
    form: Literal["entities", "references", "count"]


Kind: TypeAlias = Literal[
    "collection", "entity", "property", "value", "media", "count", "metadata", "service"
]


@dataclass(frozen=True)
class QueryPlan:
    """What a request asks for. `shape` is None for `$metadata` and the service document.

    `property`: the one asked for by itself; `select`: names for the context URL, None without
    `$select`; `entities`: every type that the answer depends on; `cacheable`: it changes only when
    one of them does (no `now()`); `patterns`: the regular expressions in it; `costly`: something
    is computed for each row, by a function or over a collection.
    """

    kind: Kind
    shape: Shape | None = None
    property: Property | None = None
    select: tuple[str, ...] | None = None
    entities: tuple[EntityType, ...] = ()
    cacheable: bool = True
    patterns: tuple[str, ...] = ()
    costly: bool = False
