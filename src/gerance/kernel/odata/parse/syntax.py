"""The syntax trees. `at`: where in its text a part begins, counted in characters from 0."""

from dataclasses import dataclass, field
from typing import Literal as Only
from typing import TypeAlias

from gerance.kernel.odata.edm import Edm


@dataclass(frozen=True, slots=True)
class Name:
    text: str
    at: int


@dataclass(frozen=True, slots=True)
class Constant:
    """A literal; its `type` is None for null."""

    value: object
    type: Edm | None
    at: int


@dataclass(frozen=True, slots=True)
class Alias:
    """`@name`: the expression that another query option gives."""

    name: str
    at: int


@dataclass(frozen=True, slots=True)
class Path:
    """`Building/Name`, `u/Rent`, `$it/Name`; also a type name where one is expected."""

    names: tuple[Name, ...]

    @property
    def at(self) -> int:
        return self.names[0].at


@dataclass(frozen=True, slots=True)
class CountOf:
    """`Units/$count`, of those that meet `filter` when there is one."""

    path: Path
    filter: "Expression | None"
    at: int


@dataclass(frozen=True, slots=True)
class Quantified:
    """`Units/any(u:u/Rent gt 900)`; `any()` has neither variable nor predicate."""

    kind: Only["any", "all"]
    path: Path
    variable: str | None
    predicate: "Expression | None"
    at: int


@dataclass(frozen=True, slots=True)
class Call:
    name: str
    arguments: tuple["Expression", ...]
    at: int


@dataclass(frozen=True, slots=True)
class Unary:
    """`not` or `-`."""

    operator: Only["not", "-"]
    operand: "Expression"
    at: int


@dataclass(frozen=True, slots=True)
class Binary:
    """A comparison or arithmetic; the operator in small letters."""

    operator: str
    left: "Expression"
    right: "Expression"
    at: int


@dataclass(frozen=True, slots=True)
class Logical:
    """`and` or `or` over two operands or more."""

    operator: Only["and", "or"]
    operands: tuple["Expression", ...]
    at: int


@dataclass(frozen=True, slots=True)
class In:
    operand: "Expression"
    items: tuple["Expression", ...]
    at: int


Expression: TypeAlias = (
    Constant | Alias | Path | CountOf | Quantified | Call | Unary | Binary | Logical | In
)


@dataclass(frozen=True, slots=True)
class Ordering:
    expression: Expression
    descending: bool


@dataclass(frozen=True, slots=True)
class Expanded:
    """An item of `$expand`: `Units($top=5)`, `Units/$ref`, `Units/$count`, `*`."""

    names: tuple[Name, ...]
    options: "Options"
    form: Only["entities", "references", "count"] = "entities"

    @property
    def every(self) -> bool:
        return self.names[0].text == "*"


@dataclass(frozen=True, slots=True)
class Options:
    """The system query options of a request, or of an item of `$expand`; None: not given."""

    select: tuple[Name, ...] | None = None
    filter: Expression | None = None
    orderby: tuple[Ordering, ...] = ()
    expand: tuple[Expanded, ...] = ()
    top: int | None = None
    skip: int | None = None
    count: bool = False
    skiptoken: str | None = None
    format: str | None = None


@dataclass(frozen=True, slots=True)
class Query:
    """A query string: system options, parameter aliases (`@p`), and what else was given."""

    options: Options = field(default_factory=Options)
    aliases: dict[str, Expression] = field(default_factory=dict)
    custom: dict[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Argument:
    """A part of a key, or of a function's parameters; without a name for a single key."""

    name: str | None
    value: Expression


@dataclass(frozen=True, slots=True)
class Segment:
    """`Buildings`, `Buildings(1)`, `ForRent(from=...,to=...)`, `$count`; `arguments`: None without
    parentheses."""

    name: str
    arguments: tuple[Argument, ...] | None
