"""Expressions: names and types looked up, rights added."""

import difflib
import math
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from decimal import Decimal

from gerance.kernel.odata.access import Access
from gerance.kernel.odata.edm import Edm, EntityType, Model, Navigation, Property
from gerance.kernel.odata.errors import LimitExceeded, NotSupported, ODataRefused
from gerance.kernel.odata.parse.syntax import (
    Alias,
    Binary,
    Call,
    Constant,
    CountOf,
    Expression,
    In,
    Logical,
    Name,
    Path,
    Quantified,
    Unary,
)
from gerance.kernel.odata.plan.functions import (
    ABSENT,
    FUNCTIONS,
    NUMBERS,
    arithmetic_type,
    calculable,
    comparable,
)
from gerance.kernel.odata.plan.nodes import (
    Column,
    Comparison,
    Exists,
    Junction,
    Member,
    Negation,
    Node,
    Operation,
    Row,
    RowCount,
    Value,
)
from gerance.kernel.odata.plan.patterns import as_database

MOST_RELATIONS = 60
MOST_RETURNS = 1
"""How often an expansion, or collections in one another in an expression, may lead from many back
to many: each time multiplies the rows that are read."""
MOST_NODES = 4000
DEEPEST = 120
Scope = Mapping[str, Row]
_COMPARISONS = frozenset({"eq", "ne", "gt", "ge", "lt", "le"})
_TYPES = {kind.value.lower(): kind for kind in Edm}


class Planner:
    """Plans the expressions of one request, and notes what they depend on."""

    def __init__(self, model: Model, access: Access, aliases: Mapping[str, Expression]) -> None:
        self.model = model
        self.access = access
        self.entities: dict[str, EntityType] = {}
        self.lasting = True
        self.patterns: list[str] = []
        self.costly = False
        """Whether something is computed for each row: a function, or over a collection."""
        self.loops: list[tuple[Row, int]] = []
        """The collections that the expression goes through, from the outermost, and how often the
        way to each led from many back to many."""
        self._aliases = aliases
        self._relations = 0
        self._nodes = 0
        self._depth = 0
        self._beyond: Row | None = None

    def row(
        self,
        entity: EntityType,
        origin: Row | None = None,
        via: Navigation | None = None,
        parameters: Mapping[str, Value] | None = None,
    ) -> Row:
        """A row of the type; raises Refused (403) when the access does not reach its set.

        With `parameters` it is what a function answers, which has no set of its own.
        """
        if parameters is None:
            self.access.require(entity)
        self._relations += 1
        if self._relations > MOST_RELATIONS:
            raise LimitExceeded(f"The question reaches over more than {MOST_RELATIONS} sets.")
        self.entities[entity.name] = entity
        return Row(entity, self.access.rows(entity), origin, via, parameters=parameters or {})

    def predicate(
        self, expression: Expression, row: Row, target: str, scope: Scope | None = None
    ) -> Node:
        """A condition. Raises ODataRefused when it is neither true nor false."""
        node = self.expression(expression, row, target, scope or {})
        if node.type not in (Edm.BOOLEAN, None):
            raise ODataRefused(
                "TypeMismatch",
                f"{target}: expected a condition, got a value of type {_name(node)}.",
                target=target,
            )
        return node

    def expression(self, expression: Expression, row: Row, target: str, scope: Scope) -> Node:
        """A value; `row` is what names without a variable belong to."""
        return _Planning(self, row, target, scope).plan(expression)

    def join(self, row: Row, navigation: Navigation) -> Row:
        """The row that a navigation to one leads to, the same each time."""
        if row is self._beyond:
            raise NotSupported(f"A path from $it over {navigation.name} inside $expand")
        found = row.joined.get(navigation.name)
        if found is None:
            found = self.row(self.model.target(navigation), row, navigation)
            row.joined[navigation.name] = found
        return found

    @contextmanager
    def inside(self, row: Row) -> Iterator[None]:
        """While what the row is expanded with is planned: its columns are there, no others."""
        outer, self._beyond = self._beyond, row
        try:
            yield
        finally:
            self._beyond = outer

    @contextmanager
    def node(self, target: str) -> Iterator[None]:
        """While a node is planned. Aliases make trees larger than the text that was parsed, so
        it is here that they are bounded."""
        self._nodes += 1
        self._depth += 1
        if self._nodes > MOST_NODES:
            raise LimitExceeded(f"{target}: has more than {MOST_NODES} parts.", target=target)
        if self._depth > DEEPEST:
            raise LimitExceeded(f"{target}: is nested more than {DEEPEST} deep.", target=target)
        try:
            yield
        finally:
            self._depth -= 1

    def alias(self, name: str) -> Expression:
        """What a parameter alias stands for. Raises ODataRefused: not given, or by itself."""
        if name not in self._aliases:
            raise ODataRefused("UnknownAlias", f"{name} is not given in the query.", target=name)
        return self._aliases[name]


def returns_between(row: Row, root: Row) -> int:
    """How often the way from the root to a row leads from many to one and back to many.

    Each return multiplies the rows: `Units($expand=Building($expand=Units))` has all units of a
    building for each of them. Down from one to many alone, no row comes twice.
    """
    returns = 0
    while row is not root and row.via is not None and row.origin is not None:
        here, row = row, row.origin
        back = row is not root and row.via is not None and not row.via.many
        returns += here.via is not None and here.via.many and back
    return returns


class _Planning:
    """One expression on its way: what its names may mean."""

    def __init__(self, planner: Planner, row: Row, target: str, scope: Scope) -> None:
        self.planner = planner
        self.row = row
        self.target = target
        self.scope = scope
        self._aliases_open: list[str] = []

    def plan(self, expression: Expression) -> Node:
        """A value: an entity is none."""
        node = self._any(expression)
        if _is_entity(node):
            raise self._mismatch("an entity can be compared with null only", expression.at)
        return node

    def _any(self, expression: Expression) -> Node:
        with self.planner.node(self.target):
            return self._planned(expression)

    def _planned(self, expression: Expression) -> Node:
        match expression:
            case Constant(value, kind):
                return Value(value, kind)
            case Path():
                return self._path(expression)
            case Logical(operator, operands):
                return Junction(operator, tuple(self._condition(each) for each in operands))
            case Binary(operator, left, right):
                return self._binary(operator, left, right, expression.at)
            case Unary("not", operand):
                return Negation(self._condition(operand))
            case Unary(_, operand):
                return self._negative(operand, expression.at)
            case In(operand, items):
                return self._member(operand, items, expression.at)
            case Call(name, arguments):
                return self._call(name, arguments, expression.at)
            case Quantified():
                return self._quantified(expression)
            case CountOf(path, condition):
                row = self._many(path.names)
                with self._loop(row, path.names[-1]):
                    return RowCount(row, self._inside(row, condition, None))
            case Alias(name):
                return self._alias(name)
        raise AssertionError(expression)

    def _condition(self, expression: Expression) -> Node:
        node = self.plan(expression)
        if node.type not in (Edm.BOOLEAN, None):
            raise self._mismatch(f"expected a condition, got {_name(node)}", expression.at)
        return node

    def _alias(self, name: str) -> Node:
        if name in self._aliases_open:
            raise ODataRefused("UnknownAlias", f"{name} stands for itself.", target=name)
        self._aliases_open.append(name)
        try:
            return self._any(self.planner.alias(name))
        finally:
            self._aliases_open.pop()

    # Names

    def _path(self, path: Path) -> Node:
        row, rest = self._start(path.names)
        if not rest:
            return self._key(row)
        row = self._steps(row, rest[:-1])
        last = rest[-1]
        if (found := row.entity.find(last.text)) is not None:
            return Column(row, found, found.type)
        navigation = row.entity.navigation(last.text)
        if navigation is None:
            raise unknown_name(row.entity, last, self.target)
        if navigation.many:
            raise self._mismatch(f"{last.text} is a collection: use any, all or $count", last.at)
        return self._key(self.planner.join(row, navigation))

    def _start(self, names: tuple[Name, ...]) -> tuple[Row, tuple[Name, ...]]:
        first = names[0].text
        if first in self.scope:
            return self.scope[first], names[1:]
        if first == "$it":
            return self.scope.get("$it", self.row), names[1:]
        if first.startswith("$"):
            raise NotSupported(first[:20], target=self.target)
        return self.row, names

    def _steps(self, row: Row, names: Sequence[Name]) -> Row:
        for name in names:
            navigation = row.entity.navigation(name.text)
            if navigation is None:
                raise unknown_name(row.entity, name, self.target)
            if navigation.many:
                raise self._mismatch(
                    f"{name.text} is a collection: use any, all or $count", name.at
                )
            row = self.planner.join(row, navigation)
        return row

    def _many(self, names: tuple[Name, ...]) -> Row:
        row, rest = self._start(names)
        if rest:
            row = self._steps(row, rest[:-1])
            navigation = row.entity.navigation(rest[-1].text)
            if navigation is not None and navigation.many:
                return self.planner.row(self.planner.model.target(navigation), row, navigation)
        raise self._mismatch(f"{names[-1].text} is no collection", names[-1].at)

    @contextmanager
    def _loop(self, row: Row, name: Name) -> Iterator[None]:
        """While an expression over a collection is planned. Raises LimitExceeded where it goes
        through collections in one another that are not each inside the one before it.

        `Units/any(u:u/Leases/any(...))` comes to each lease once;
        `Units/any(u:Units/any(...))` comes to all units of a building for each of them.
        """
        loops = self.planner.loops
        if loops:
            outer, returns = loops[-1]
        else:
            outer = self.row
            returns = returns_between(self.row, self.scope.get("$it", self.row))
        returns += row.origin is not outer
        if returns > MOST_RETURNS:
            raise LimitExceeded(
                f"{self.target}: any, all and $count lead from many back to many more than"
                f" {MOST_RETURNS} time, at {name.text[:40]}: begin it at the variable around it.",
                target=self.target,
                position=name.at,
            )
        self.planner.costly = True
        loops.append((row, returns))
        try:
            yield
        finally:
            loops.pop()

    def _key(self, row: Row) -> Node:
        """An entity itself: it can only be compared with null."""
        key = row.entity.keys[0]
        return Operation("entity", (Column(row, key, key.type),), None)

    def _quantified(self, expression: Quantified) -> Node:
        row = self._many(expression.path.names)
        with self._loop(row, expression.path.names[-1]):
            predicate = self._inside(row, expression.predicate, expression.variable)
        return Exists(row, predicate, expression.kind == "all")

    def _inside(self, row: Row, condition: Expression | None, variable: str | None) -> Node | None:
        if condition is None:
            return None
        scope = {"$it": self.row, **self.scope}
        if variable is None:
            return self.planner.predicate(condition, row, self.target, scope)
        return self.planner.predicate(condition, self.row, self.target, scope | {variable: row})

    # Operators

    def _binary(self, operator: str, left: Expression, right: Expression, at: int) -> Node:
        if operator == "has":
            raise NotSupported("The operator has", target=self.target)
        if operator in _COMPARISONS:
            return self._comparison(operator, self._any(left), self._any(right), at)
        one, other = self.plan(left), self.plan(right)
        if calculable(operator, one.type, other.type) and (_is_null(one) or _is_null(other)):
            return Value(None, None)
        kind = arithmetic_type(operator, one.type, other.type)
        if kind is None:
            raise self._mismatch(f"{_name(one)} {operator} {_name(other)} is no arithmetic", at)
        self._finite(one, other)
        return Operation(operator, (one, other), kind)

    def _comparison(self, operator: str, one: Node, other: Node, at: int) -> Node:
        entity = _is_entity(one) or _is_entity(other)
        if entity and not (_is_null(one) or _is_null(other)):
            raise self._mismatch("an entity can be compared with null only", at)
        if not entity and not comparable(one.type, other.type):
            raise self._mismatch(f"{_name(one)} and {_name(other)} cannot be compared", at)
        if _is_nan(one) or _is_nan(other):
            # It is equal to nothing, not to itself either; PostgreSQL sees that differently.
            return Value(operator == "ne", Edm.BOOLEAN)
        one, other = _fitted(one, other), _fitted(other, one)
        match operator:
            case "eq" | "ne" | "gt" | "ge" | "lt" | "le":
                return Comparison(operator, one, other)
        raise AssertionError(operator)

    def _member(self, operand: Expression, items: tuple[Expression, ...], at: int) -> Node:
        one = self.plan(operand)
        values: dict[Edm | None, list[Value]] = {}
        compared: list[Node] = []
        for item in [self.plan(each) for each in items]:
            if not comparable(one.type, item.type):
                raise self._mismatch(f"{_name(one)} and {_name(item)} cannot be compared", at)
            fitted = _fitted(item, one)
            if isinstance(one, Value) or not isinstance(fitted, Value):
                compared.append(self._comparison("eq", one, item, at))
            elif not _is_nan(fitted):
                values.setdefault(fitted.type, []).append(fitted)
        parts: list[Node] = [*(Member(one, tuple(each)) for each in values.values()), *compared]
        if not parts:
            return Value(False, Edm.BOOLEAN)
        return parts[0] if len(parts) == 1 else Junction("or", tuple(parts))

    def _negative(self, operand: Expression, at: int) -> Node:
        node = self.plan(operand)
        if node.type not in NUMBERS and node.type not in (Edm.DURATION, None):
            raise self._mismatch(f"{_name(node)} has no negative", at)
        if _is_null(node):
            return node
        return Operation("negative", (node,), node.type)

    # Functions

    def _call(self, name: str, arguments: tuple[Expression, ...], at: int) -> Node:
        if name in ABSENT:
            raise NotSupported(f"The function {name}", target=self.target)
        if name in ("cast", "isof"):
            return self._typed(name, arguments, at)
        signature = FUNCTIONS.get(name)
        if signature is None:
            near = difflib.get_close_matches(name[:80], FUNCTIONS, 1)
            hint = f"; did you mean {near[0]}?" if near else "."
            raise ODataRefused(
                "UnknownFunction",
                f"{self.target}: there is no function {name[:40]}{hint}",
                target=self.target,
                position=at,
            )
        most = len(signature.takes)
        if not most - signature.optional <= len(arguments) <= most:
            raise self._mismatch(f"{name} takes {most} arguments, got {len(arguments)}", at)
        planned = tuple(self.plan(each) for each in arguments)
        for taken, node in zip(signature.takes, planned, strict=False):
            if node.type not in taken and not _is_null(node):
                raise self._mismatch(f"{name} does not take {_name(node)}", at)
        self.planner.costly = True
        if name == "now":
            self.planner.lasting = False
        if name == "matchespattern":
            planned = (planned[0], self._pattern(planned[1]))
        if any(_is_null(node) for node in planned):
            return Value(None, None)
        if name in ("round", "floor", "ceiling") and planned[0].type in (Edm.INT32, Edm.INT64):
            return planned[0]
        self._finite(*planned)
        return Operation(name, planned, signature.gives or planned[0].type)

    def _pattern(self, node: Node) -> Node:
        if not isinstance(node, Value):
            raise NotSupported("A pattern that is no literal", target=self.target)
        if not isinstance(node.value, str):
            return node
        pattern = as_database(node.value, self.target)
        self.planner.patterns.append(pattern)
        return Value(pattern, node.type)

    def _typed(self, name: str, arguments: tuple[Expression, ...], at: int) -> Node:
        if len(arguments) != 2 or not isinstance(arguments[1], Path):
            raise NotSupported(f"{name} of the entity itself", target=self.target)
        kind_name = ".".join(each.text for each in arguments[1].names)
        kind = _TYPES.get(kind_name.lower())
        if kind is None:
            raise self._mismatch(f"there is no type {kind_name[:40]} to {name} to", at)
        node = self._any(arguments[0])
        if _is_entity(node):
            raise NotSupported(f"{name} of an entity", target=self.target)
        if name == "isof":
            is_it = Value(node.type is kind, Edm.BOOLEAN)
            present = Comparison("ne", node, Value(None, None))
            return Junction("and", (is_it, present))
        if _is_null(node) or node.type is kind:
            return node
        if (node.type, kind) not in _CASTS:
            raise NotSupported(f"A cast from {_name(node)} to {kind.value}", target=self.target)
        self._finite(node)
        return Operation(f"cast {kind.value}", (node,), kind)

    def _finite(self, *nodes: Node) -> None:
        if any(isinstance(n, Value) and isinstance(n.value, float) and not math.isfinite(n.value)
               for n in nodes):  # fmt: skip
            raise NotSupported("Arithmetic with INF and NaN", target=self.target)

    def _mismatch(self, message: str, at: int) -> ODataRefused:
        return ODataRefused(
            "TypeMismatch", f"{self.target}: {message}.", target=self.target, position=at
        )


_CASTS = frozenset(
    [(one, Edm.STRING) for one in Edm if one is not Edm.DURATION]
    + [(one, other) for one in NUMBERS for other in NUMBERS]
    + [(Edm.STRING, other) for other in (*NUMBERS, Edm.GUID, Edm.BOOLEAN)]
    + [(Edm.DATE, Edm.DATE_TIME_OFFSET), (Edm.DATE_TIME_OFFSET, Edm.DATE)]
    + [(Edm.DATE_TIME_OFFSET, Edm.TIME_OF_DAY)]
)


def unknown_name(entity: EntityType, name: Name, target: str) -> ODataRefused:
    """The refusal of a name that an entity type does not have, with the nearest that it has."""
    if "." in name.text or name.text.startswith("$"):
        return NotSupported(f"{name.text[:80]} in a path", target=target)
    names = [each.name for each in entity.properties]
    names += [each.name for each in entity.navigations]
    known = {each.lower(): each for each in names}
    near = difflib.get_close_matches(name.text[:80].lower(), known, 1)
    hint = f"; did you mean {known[near[0]]}?" if near else "."
    return ODataRefused(
        "UnknownProperty",
        f"{target}: {entity.name} has no property {name.text[:80]}{hint}",
        target=target,
        position=name.at,
    )


def property_of(node: Node) -> Property | None:
    """The property that a node is, if it is one."""
    return node.property if isinstance(node, Column) else None


def _fitted(node: Node, other: Node) -> Node:
    """A literal as the other side of its comparison needs it: of its type, without blanks."""
    if not isinstance(node, Value) or node.value is None:
        return node
    value = node.value
    if isinstance(value, str):
        found = property_of(other)
        return Value(value.rstrip(" "), node.type) if found is not None and found.code else node
    if isinstance(value, int) and not isinstance(value, bool):
        if other.type is Edm.DECIMAL:
            return Value(Decimal(value), Edm.DECIMAL)
        if other.type is Edm.DOUBLE:
            return Value(float(value), Edm.DOUBLE)
    if isinstance(value, Decimal) and other.type is Edm.DOUBLE:
        return Value(float(value), Edm.DOUBLE)
    return node


def _is_nan(node: Node) -> bool:
    return isinstance(node, Value) and isinstance(node.value, float) and math.isnan(node.value)


def _is_null(node: Node) -> bool:
    return isinstance(node, Value) and node.value is None


def _is_entity(node: Node) -> bool:
    return isinstance(node, Operation) and node.name == "entity"


def _name(node: Node) -> str:
    if _is_entity(node):
        return "an entity"
    return "null" if node.type is None else node.type.value
