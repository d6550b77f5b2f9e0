"""The syntax trees. `at`: where in its text a part begins, counted in characters from 0."""

from typing import Literal as Only
from typing import TypeAlias

import msgspec

from gerance.kernel.odata.edm import Edm


class Name(msgspec.Struct, frozen=True):
    text: str
    at: int


class Constant(msgspec.Struct, frozen=True):
    """A literal; its `type` is None for null."""

    value: object
    type: Edm | None
    at: int


class Alias(msgspec.Struct, frozen=True):
    """`@name`: the expression that another query option gives."""

    name: str
    at: int


class Path(msgspec.Struct, frozen=True):
    """`Building/Name`, `u/Rent`, `$it/Name`; also a type name where one is expected."""

    names: tuple[Name, ...]

    @property
    def at(self) -> int:
        return self.names[0].at


class CountOf(msgspec.Struct, frozen=True):
    """`Units/$count`, of those that meet `filter` when there is one."""

    path: Path
    filter: "Expression | None"
    at: int


class Quantified(msgspec.Struct, frozen=True):
    """`Units/any(u:u/Rent gt 900)`; `any()` has neither variable nor predicate."""

    kind: Only["any", "all"]
    path: Path
    variable: str | None
    predicate: "Expression | None"
    at: int


class FunctionCall(msgspec.Struct, frozen=True):
    name: str
    arguments: tuple["Expression", ...]
    at: int


class Unary(msgspec.Struct, frozen=True):
    """`not` or `-`."""

    operator: Only["not", "-"]
    operand: "Expression"
    at: int


class Binary(msgspec.Struct, frozen=True):
    """A comparison or arithmetic; the operator in small letters."""

    operator: str
    left: "Expression"
    right: "Expression"
    at: int


class Logical(msgspec.Struct, frozen=True):
    """`and` or `or` over two operands or more."""

    operator: Only["and", "or"]
    operands: tuple["Expression", ...]
    at: int


class In(msgspec.Struct, frozen=True):
    operand: "Expression"
    items: tuple["Expression", ...]
    at: int


Expression: TypeAlias = (
    Constant | Alias | Path | CountOf | Quantified | FunctionCall | Unary | Binary | Logical | In
)


class Ordering(msgspec.Struct, frozen=True):
    expression: Expression
    descending: bool


class ExpandItem(msgspec.Struct, frozen=True):
    """An item of `$expand`: `Units($top=5)`, `Units/$ref`, `Units/$count`, `*`."""

    names: tuple[Name, ...]
    options: "Options"
    form: Only["entities", "references", "count"] = "entities"

    @property
    def every(self) -> bool:
        return self.names[0].text == "*"


class Options(msgspec.Struct, frozen=True):
    """The system query options of a request, or of an item of `$expand`; None: not given."""

    select: tuple[Name, ...] | None = None
    filter: Expression | None = None
    orderby: tuple[Ordering, ...] = ()
    expand: tuple[ExpandItem, ...] = ()
    top: int | None = None
    skip: int | None = None
    count: bool = False
    skiptoken: str | None = None
    format: str | None = None


class QueryOptions(msgspec.Struct, frozen=True):
    """A query string: system options, parameter aliases (`@p`), and what else was given."""

    options: Options = msgspec.field(default_factory=Options)
    aliases: dict[str, Expression] = msgspec.field(default_factory=dict)
    custom: dict[str, str] = msgspec.field(default_factory=dict)


class Argument(msgspec.Struct, frozen=True):
    """A part of a key, or of a function's parameters; without a name for a single key."""

    name: str | None
    value: Expression


class Segment(msgspec.Struct, frozen=True):
    """`Buildings`, `Buildings(1)`, `ForRent(from=...,to=...)`, `$count`; `arguments`: None without
    parentheses."""

    name: str
    arguments: tuple[Argument, ...] | None
