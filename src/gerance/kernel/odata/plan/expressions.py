"""Expressions: resolves names, checks types, and adds the rights."""

import difflib
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from typing import Any, Literal, get_args

from gerance.kernel.odata.edm import Edm
from gerance.kernel.odata.errors import LimitExceeded, NotSupported, ODataRejection
from gerance.kernel.odata.parse.syntax import (
    Alias,
    Binary,
    Constant,
    CountOf,
    Expression,
    FunctionCall,
    In,
    Logical,
    Name,
    Path,
    Quantified,
    Unary,
)
from gerance.kernel.odata.plan.functions import (
    ABSENT,
    CASTS,
    FUNCTIONS,
    NUMBERS,
    arithmetic_type,
    calculable,
    comparable,
)
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
    RowCount,
)
from gerance.kernel.odata.plan.patterns import as_database
from gerance.kernel.odata.plan.planner import (
    DEEPEST,
    MOST_NODES,
    MOST_RETURNS,
    Planner,
    Scope,
    returns_between,
    unknown_name,
)
from gerance.kernel.odata.plan.values import (
    fit_literal,
    is_entity,
    is_nan,
    is_null,
    part_of_literal,
    require_divisor,
    require_finite,
    type_name,
)

Operator = Literal["eq", "ne", "gt", "ge", "lt", "le"]
_COMPARISONS: dict[str, Operator] = {name: name for name in get_args(Operator)}
_TYPES = {kind.value.lower(): kind for kind in Edm}


def plan_condition(
    planner: Planner,
    expression: Expression,
    row: EntityRow,
    target: str,
    scope: Scope | None = None,
) -> Node:
    """A condition. Raises ODataRejection when it is neither true nor false."""
    node = plan_expression(planner, expression, row, target, scope or {})
    if node.type not in (Edm.BOOLEAN, None):
        raise ODataRejection(
            "TypeMismatch",
            f"{target}: expected a condition, got a value of type {type_name(node)}.",
            target=target,
        )
    return node


def plan_expression(
    planner: Planner, expression: Expression, row: EntityRow, target: str, scope: Scope
) -> Node:
    """A value; names without a variable belong to `row`."""
    return _ExpressionPlanner(planner, row, target, scope).plan(expression)


class _ExpressionPlanner:
    """Plans one expression; `scope` holds the variables of the lambdas around it."""

    def __init__(self, planner: Planner, row: EntityRow, target: str, scope: Scope) -> None:
        self.planner = planner
        self.row = row
        self.target = target
        self.scope = scope
        self._aliases_open: list[str] = []

    def plan(self, expression: Expression) -> Node:
        """A value: an entity is none."""
        node = self._any(expression)
        if is_entity(node):
            raise self._mismatch("an entity can be compared with null only", expression.at)
        return node

    def _any(self, expression: Expression) -> Node:
        """A value or an entity."""
        planner = self.planner
        planner.nodes += 1
        planner.depth += 1
        if planner.nodes > MOST_NODES or planner.depth > DEEPEST:
            raise planner.limit_exceeded(self.target)
        node = _PLANNERS[type(expression)](self, expression)
        planner.depth -= 1
        return node

    def _constant(self, constant: Constant) -> Node:
        return BoundValue(constant.value, constant.type)

    def _logical(self, logical: Logical) -> Node:
        return Junction(logical.operator, tuple(map(self._condition, logical.operands)))

    def _unary(self, unary: Unary) -> Node:
        if unary.operator == "not":
            return Negation(self._condition(unary.operand))
        return self._negative(unary.operand, unary.at)

    def _count(self, count: CountOf) -> Node:
        names = count.path.names
        row = self._many(names)
        with self._loop(row, names[-1]):
            return RowCount(row, self._inside(row, count.filter, None))

    def _condition(self, expression: Expression) -> Node:
        node = self.plan(expression)
        if node.type not in (Edm.BOOLEAN, None):
            raise self._mismatch(f"expected a condition, got {type_name(node)}", expression.at)
        return node

    def _alias(self, alias: Alias) -> Node:
        name = alias.name
        if name in self._aliases_open:
            raise ODataRejection("UnknownAlias", f"{name} refers to itself.", target=name)
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
        if (declaration := row.entity.find(last.text)) is not None:
            return PropertyColumn(row, declaration, declaration.type)
        navigation = row.entity.navigation(last.text)
        if navigation is None:
            raise unknown_name(row.entity, last, self.target)
        if navigation.many:
            raise self._mismatch(f"{last.text} is a collection: use any, all or $count", last.at)
        return self._key(self.planner.join(row, navigation))

    def _start(self, names: tuple[Name, ...]) -> tuple[EntityRow, tuple[Name, ...]]:
        first = names[0].text
        if first in self.scope:
            return self.scope[first], names[1:]
        if first == "$it":
            return self.scope.get("$it", self.row), names[1:]
        if first.startswith("$"):
            raise NotSupported(first[:20], target=self.target)
        return self.row, names

    def _steps(self, row: EntityRow, names: Sequence[Name]) -> EntityRow:
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

    def _many(self, names: tuple[Name, ...]) -> EntityRow:
        row, rest = self._start(names)
        if rest:
            row = self._steps(row, rest[:-1])
            navigation = row.entity.navigation(rest[-1].text)
            if navigation is not None and navigation.many:
                return self.planner.row(self.planner.model.target(navigation), row, navigation)
        raise self._mismatch(f"{names[-1].text} is no collection", names[-1].at)

    @contextmanager
    def _loop(self, row: EntityRow, name: Name) -> Iterator[None]:
        """The scope of an expression over a collection.

        Raises LimitExceeded for nested collections that are not each inside the one before it.

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
                f"{self.target}: any, all and $count return to a collection more than"
                f" {MOST_RETURNS} time, at {name.text[:40]}. Start at the variable of the outer"
                " expression.",
                target=self.target,
                position=name.at,
            )
        self.planner.costly = True
        loops.append((row, returns))
        try:
            yield
        finally:
            loops.pop()

    def _key(self, row: EntityRow) -> Node:
        """An entity itself: it can only be compared with null."""
        key = row.entity.keys[0]
        return Operation("entity", (PropertyColumn(row, key, key.type),), None)

    def _quantified(self, expression: Quantified) -> Node:
        row = self._many(expression.path.names)
        with self._loop(row, expression.path.names[-1]):
            predicate = self._inside(row, expression.predicate, expression.variable)
        return Exists(row, predicate, expression.kind == "all")

    def _inside(
        self, row: EntityRow, condition: Expression | None, variable: str | None
    ) -> Node | None:
        if condition is None:
            return None
        scope = {"$it": self.row, **self.scope}
        if variable is None:
            return plan_condition(self.planner, condition, row, self.target, scope)
        return plan_condition(
            self.planner, condition, self.row, self.target, scope | {variable: row}
        )

    # Operators

    def _binary(self, binary: Binary) -> Node:
        operator, left, right, at = binary.operator, binary.left, binary.right, binary.at
        if operator == "has":
            raise NotSupported("The operator has", target=self.target)
        if (comparison := _COMPARISONS.get(operator)) is not None:
            return self._comparison(comparison, self._any(left), self._any(right), at)
        one, other = self.plan(left), self.plan(right)
        if calculable(operator, one.type, other.type) and (is_null(one) or is_null(other)):
            return BoundValue(None, None)
        kind = arithmetic_type(operator, one.type, other.type)
        if kind is None:
            raise self._mismatch(
                f"{type_name(one)} {operator} {type_name(other)} is no arithmetic", at
            )
        require_finite(self.target, one, other)
        require_divisor(self.target, operator, other, kind)
        return Operation(operator, (one, other), kind)

    def _comparison(self, operator: Operator, one: Node, other: Node, at: int) -> Node:
        entity = is_entity(one) or is_entity(other)
        if entity and not (is_null(one) or is_null(other)):
            raise self._mismatch("an entity can be compared with null only", at)
        if not entity and not comparable(one.type, other.type):
            raise self._mismatch(f"{type_name(one)} and {type_name(other)} cannot be compared", at)
        if is_nan(one) or is_nan(other):
            # It is equal to nothing, not to itself either; PostgreSQL sees that differently.
            return BoundValue(operator == "ne", Edm.BOOLEAN)
        one, other = fit_literal(one, other), fit_literal(other, one)
        return Comparison(operator, one, other)

    def _member(self, member: In) -> Node:
        one, at = self.plan(member.operand), member.at
        values: dict[Edm | None, list[BoundValue]] = {}
        comparisons: list[Node] = []
        for item in map(self.plan, member.items):
            if not comparable(one.type, item.type):
                raise self._mismatch(
                    f"{type_name(one)} and {type_name(item)} cannot be compared", at
                )
            literal = fit_literal(item, one)
            if isinstance(one, BoundValue) or not isinstance(literal, BoundValue):
                comparisons.append(self._comparison("eq", one, item, at))
            elif not is_nan(literal):
                values.setdefault(literal.type, []).append(literal)
        parts: list[Node] = [*(Member(one, tuple(each)) for each in values.values()), *comparisons]
        if not parts:
            return BoundValue(False, Edm.BOOLEAN)
        return parts[0] if len(parts) == 1 else Junction("or", tuple(parts))

    def _negative(self, operand: Expression, at: int) -> Node:
        node = self.plan(operand)
        if node.type not in NUMBERS and node.type not in (Edm.DURATION, None):
            raise self._mismatch(f"{type_name(node)} has no negative", at)
        if is_null(node):
            return node
        return Operation("negative", (node,), node.type)

    # Functions

    def _call(self, call: FunctionCall) -> Node:
        name, arguments, at = call.name, call.arguments, call.at
        if name in ABSENT:
            raise NotSupported(f"The function {name}", target=self.target)
        if name in ("cast", "isof"):
            return self._type_function(name, arguments, at)
        signature = FUNCTIONS.get(name)
        if signature is None:
            near = difflib.get_close_matches(name[:80], FUNCTIONS, 1)
            hint = f"; did you mean {near[0]}?" if near else "."
            raise ODataRejection(
                "UnknownFunction",
                f"{self.target}: there is no function {name[:40]}{hint}",
                target=self.target,
                position=at,
            )
        most = len(signature.takes)
        if not most - signature.optional <= len(arguments) <= most:
            raise self._mismatch(f"{name} takes {most} arguments, got {len(arguments)}", at)
        operands = tuple(self.plan(each) for each in arguments)
        for types, node in zip(signature.takes, operands, strict=False):
            if node.type not in types and not is_null(node):
                raise self._mismatch(f"{name} does not take {type_name(node)}", at)
        self.planner.costly = True
        if name == "now":
            self.planner.cacheable = False
        if name == "matchespattern":
            operands = (operands[0], self._pattern(operands[1]))
        if any(is_null(node) for node in operands):
            return BoundValue(None, None)
        if name in ("round", "floor", "ceiling") and operands[0].type in (Edm.INT32, Edm.INT64):
            return operands[0]
        require_finite(self.target, *operands)
        if name == "substring":
            self._check_length(operands[2:], at)
        kind = signature.gives or operands[0].type
        part = part_of_literal(name, operands[0], kind) if operands else None
        return part or Operation(name, operands, kind)

    def _check_length(self, lengths: tuple[Node, ...], at: int) -> None:
        for node in lengths:
            if isinstance(node, BoundValue) and isinstance(node.value, int) and node.value < 0:
                raise self._mismatch("substring does not take a negative length", at)

    def _pattern(self, node: Node) -> Node:
        if not isinstance(node, BoundValue):
            raise NotSupported("A pattern that is no literal", target=self.target)
        if not isinstance(node.value, str):
            return node
        pattern = as_database(node.value, self.target)
        self.planner.patterns.append(pattern)
        return BoundValue(pattern, node.type)

    def _type_function(self, name: str, arguments: tuple[Expression, ...], at: int) -> Node:
        if len(arguments) != 2 or not isinstance(arguments[1], Path):
            raise NotSupported(f"{name} of the entity itself", target=self.target)
        kind_name = ".".join(each.text for each in arguments[1].names)
        kind = _TYPES.get(kind_name.lower())
        if kind is None:
            raise self._mismatch(f"there is no type {kind_name[:40]} to {name} to", at)
        node = self._any(arguments[0])
        if is_entity(node):
            raise NotSupported(f"{name} of an entity", target=self.target)
        if name == "isof":
            is_it = BoundValue(node.type is kind, Edm.BOOLEAN)
            present = Comparison("ne", node, BoundValue(None, None))
            return Junction("and", (is_it, present))
        if is_null(node) or node.type is kind:
            return node
        if (node.type, kind) not in CASTS:
            raise NotSupported(f"A cast from {type_name(node)} to {kind.value}", target=self.target)
        require_finite(self.target, node)
        cast = f"cast {kind.value}"
        return part_of_literal(cast, node, kind) or Operation(cast, (node,), kind)

    def _mismatch(self, message: str, at: int) -> ODataRejection:
        return ODataRejection(
            "TypeMismatch", f"{self.target}: {message}.", target=self.target, position=at
        )


_PLANNERS: dict[type, Callable[[_ExpressionPlanner, Any], Node]] = {
    Constant: _ExpressionPlanner._constant,
    Path: _ExpressionPlanner._path,
    Binary: _ExpressionPlanner._binary,
    Logical: _ExpressionPlanner._logical,
    Unary: _ExpressionPlanner._unary,
    In: _ExpressionPlanner._member,
    FunctionCall: _ExpressionPlanner._call,
    Quantified: _ExpressionPlanner._quantified,
    CountOf: _ExpressionPlanner._count,
    Alias: _ExpressionPlanner._alias,
}
