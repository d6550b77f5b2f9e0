"""Expressions to SQL.

A condition that only decides whether a row is answered may be null instead of false (`a = b` can
use an index); where the difference counts, under `not` or as a value, it is `exact`.
"""

import re
from collections.abc import Mapping, Sequence
from typing import Any

from gerance.kernel.odata.edm import Edm, Navigation
from gerance.kernel.odata.errors import LimitExceeded
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
from gerance.kernel.odata.plan.values import is_nonzero
from gerance.kernel.odata.sql.barrier import cannot_fail, parted
from gerance.kernel.odata.sql.functions import (
    CLAMPED,
    OPERATIONS,
    SAME_NUMBER,
    SQL_TYPES,
    SUBSTRING_FROM_END,
    TYPE_OPERATIONS,
    cast_template,
    quotient_template,
)

BY_CODE_POINT = ' COLLATE "C"'
"""Texts compare by their code points, the same on every server."""

FOLDED = 'CASE WHEN octet_length({0}) = length({0}) THEN lower({0} COLLATE "C") ELSE fold({0}) END'
"""A text as people sort it, without accents and case. Texts of ASCII, as most are, cost little."""
LONGEST = 100_000
_SIGNS = {"eq": "=", "ne": "<>", "gt": ">", "ge": ">=", "lt": "<", "le": "<="}
_PARAMETER = re.compile(r"{(\w+)}")


class Emitter:
    """Writes one statement: its parameters, and the alias of each row.

    `barrier`: it has expressions that can fail, so that they are kept from rows that have not
    passed the rights (see `sql.barrier`).
    """

    def __init__(self, *, barrier: bool = True) -> None:
        self.params: list[Any] = []
        self._barrier = barrier
        self._aliases: dict[EntityRow, str] = {}

    def alias(self, row: EntityRow) -> str:
        """The alias of a row, the same each time."""
        return self._aliases.setdefault(row, f"r{len(self._aliases)}")

    def bind(self, value: object, sql_type: str) -> str:
        """A parameter."""
        self.params.append(value)
        return f"${len(self.params)}::{sql_type}"

    # Rows

    def selection(
        self,
        row: EntityRow,
        links: Sequence[str],
        filter_node: Node | None,
        *,
        every: bool = False,
        more: Sequence[str] = (),
        order: str = "",
        plain: bool = False,
    ) -> str:
        """`table alias`, the rows joined to it, and WHERE: the rights, `links` (conditions of the
        service, which cannot fail), `filter_node` (the client's; with `every`: where it is not
        met) and `more`. `order`: in which an index may give the rows; `plain`: no expression that
        can fail refers to the row, so it needs no barrier."""
        conditions = [*self.places(row), *links]
        if self._guarded(row) and not plain:
            if filter_node is not None and not every:
                safe, filter_node = parted(filter_node, row)
                conditions += [f"({self.condition(each, exact=False)})" for each in safe]
            source, conditions = self._behind(row, conditions, order), []
        else:
            source = self._source(row)
        source += "".join(map(self._join, _all_joins(row)))
        if filter_node is not None:
            met = self.condition(filter_node, exact=every)
            conditions.append(f"({met}) IS NOT TRUE" if every else f"({met})")
        conditions += more
        return f"{source} WHERE {' AND '.join(conditions)}" if conditions else source

    def _guarded(self, row: EntityRow) -> bool:
        return self._barrier and row.places is not None

    def _behind(self, row: EntityRow, conditions: Sequence[str], order: str = "") -> str:
        """The rows of a source that meet these conditions, behind a barrier."""
        alias = self.alias(row)
        where = " AND ".join(conditions)
        return f"(SELECT {alias}.* FROM {self._source(row)} WHERE {where}{order} OFFSET 0) {alias}"

    def _join(self, target: EntityRow) -> str:
        assert target.origin is not None
        assert target.via is not None
        conditions = [self.link(target.origin, target.via, target), *self.places(target)]
        if self._guarded(target):
            return f" LEFT JOIN LATERAL {self._behind(target, conditions)} ON true"
        return f" LEFT JOIN {self._source(target)} ON {' AND '.join(conditions)}"

    def link(self, origin: EntityRow, navigation: Navigation, target: EntityRow) -> str:
        """The condition that a navigation leads from one row to another."""
        one, other = self.alias(origin), self.alias(target)
        return " AND ".join(f"{other}.{theirs} = {one}.{own}" for own, theirs in navigation.columns)

    def places(self, row: EntityRow) -> list[str]:
        """The condition that the principal may see a row; empty when there is none."""
        return [] if row.places is None else [self.within(row.places, self.alias(row))]

    def within(self, places: Sequence[Mapping[str, Any]], alias: str) -> str:
        """The condition that a row is of one of these places."""
        by_columns: dict[tuple[str, ...], list[Mapping[str, Any]]] = {}
        for place in places:
            by_columns.setdefault(tuple(place), []).append(place)
        return _any(self._place(alias, *each) for each in by_columns.items())

    def _place(
        self, alias: str, columns: tuple[str, ...], places: Sequence[Mapping[str, Any]]
    ) -> str:
        """That these columns have the values of one of the places, which go as one array each."""
        own = ", ".join(f"{alias}.{column}" for column in columns)
        arrays = ", ".join(self._one_of([place[column] for place in places]) for column in columns)
        if len(columns) == 1:
            return f"{own} = ANY({arrays})"
        return f"({own}) IN (SELECT * FROM unnest({arrays}))"

    def _one_of(self, values: Sequence[Any]) -> str:
        texts = all(isinstance(value, str) for value in values)
        return self.bind(list(values), "text[]" if texts else "integer[]")

    def _source(self, row: EntityRow) -> str:
        def parameter(match: re.Match[str]) -> str:
            return self.value(row.parameters[match[1]])

        return f"{_PARAMETER.sub(parameter, row.entity.source)} {self.alias(row)}"

    # Expressions

    def value(self, node: Node) -> str:
        """A value, null included. Raises LimitExceeded when its text grows out of bounds."""
        text = self._value(node)
        if len(text) > LONGEST:
            raise LimitExceeded(f"An expression has more than {LONGEST} characters of SQL.")
        return text

    def _value(self, node: Node) -> str:
        match node:
            case BoundValue(None, kind):
                return f"NULL::{SQL_TYPES[kind]}" if kind else "NULL"
            case BoundValue(value, kind):
                assert kind is not None
                return self.bind(value, SQL_TYPES[kind])
            case PropertyColumn(row, property_, _, sorting):
                if sorting and property_.sorted_by is not None:
                    return f"{self.alias(row)}.{property_.sorted_by}"
                column = f"{self.alias(row)}.{property_.column}"
                column = f"rtrim({column})" if property_.code else column
                return FOLDED.format(column) if sorting else column
            case Operation(name, arguments, kind):
                return self._operation(name, arguments, kind)
            case RowCount(row, predicate):
                return f"(SELECT count(*) FROM {self._related(row, predicate, every=False)})"
            case _:
                return f"({self.condition(node, exact=True)})"

    def condition(self, node: Node, *, exact: bool) -> str:
        """A condition; see the module about `exact`."""
        match node:
            case Comparison(operator, left, right):
                return self._comparison(operator, left, right, exact)
            case Member(operand, items):
                return self._member(operand, items, exact)
            case Junction(operator, operands):
                word = " AND " if operator == "and" else " OR "
                return word.join(f"({self.condition(each, exact=exact)})" for each in operands)
            case Negation(operand):
                return f"NOT ({self.condition(operand, exact=True)})"
            case Exists(row, predicate, every):
                none = "NOT " if every else ""
                return f"{none}EXISTS (SELECT FROM {self._related(row, predicate, every=every)})"
            case BoundValue(None, _):
                return "NULL::boolean"
            case _:
                return self.value(node)

    def _related(self, row: EntityRow, predicate: Node | None, *, every: bool) -> str:
        assert row.origin is not None
        assert row.via is not None
        link = self.link(row.origin, row.via, row)
        plain = predicate is None or cannot_fail(predicate)
        return self.selection(row, [link], predicate, every=every, plain=plain)

    def _comparison(self, operator: str, left: Node, right: Node, exact: bool) -> str:
        left, right = _entity_key(left), _entity_key(right)
        if _is_null(left) or _is_null(right):
            other = left if _is_null(right) else right
            if operator not in ("eq", "ne"):
                return "false::boolean"  # Not `false`, by which nothing can be ordered.
            return f"{self.value(other)} IS {'NOT ' if operator == 'ne' else ''}NULL"
        one, sign, two = self.value(left), _SIGNS[operator], self.value(right)
        if operator in ("gt", "ge", "lt", "le") and left.type is Edm.STRING:
            one += BY_CODE_POINT
        if may_be_nan(left) or may_be_nan(right):
            if operator in ("eq", "ne"):
                nan = "a" if may_be_nan(left) else "b"
                same = SAME_NUMBER.format(nan=nan, one=one, other=two)
                return same if operator == "eq" else f"NOT {same}"
            one, two = f"nullif({one}, 'NaN')", f"nullif({two}, 'NaN')"
        if operator == "ne":
            return f"{one} IS DISTINCT FROM {two}"
        if operator == "eq" and not (isinstance(left, BoundValue) or isinstance(right, BoundValue)):
            return f"{one} IS NOT DISTINCT FROM {two}"
        return f"({one} {sign} {two}) IS TRUE" if exact else f"{one} {sign} {two}"

    def _member(self, operand: Node, items: tuple[BoundValue, ...], exact: bool) -> str:
        kind = items[0].type
        if kind is None:
            return f"{self.value(operand)} IS NULL"
        array = self.bind([each.value for each in items], f"{SQL_TYPES[kind]}[]")
        condition = f"{self.value(operand)} = ANY({array})"
        return f"({condition}) IS TRUE" if exact else condition

    def _operation(self, name: str, arguments: tuple[Node, ...], kind: Edm | None) -> str:
        if name == "entity":
            return self.value(arguments[0])
        values = [self.value(each) for each in arguments]
        if name == "substring":
            rest = "".join(f", {CLAMPED.format(each)}" for each in values[2:])
            if _is_from_start(arguments[1]):
                return f"substr({values[0]}, {CLAMPED.format(values[1])} + 1{rest})"
            return SUBSTRING_FROM_END.format(text=values[0], start=values[1], rest=rest)
        if _may_be_infinite(name, kind):
            assert kind is not None
            may_be_zero = not is_nonzero(arguments[1])
            return quotient_template(kind, may_be_zero=may_be_zero).format(*values)
        if name.startswith("cast ") and kind is not None:
            return cast_template(kind, arguments[0].type).format(*values)
        if (name, kind) in TYPE_OPERATIONS:
            return TYPE_OPERATIONS[name, kind].format(*values)
        if name in ("add", "sub") and kind is Edm.DATE:
            return f"({OPERATIONS[name].format(*values)})::date"
        if name == "sub" and kind is Edm.DURATION and arguments[0].type is Edm.DATE:
            return f"make_interval(days => {OPERATIONS[name].format(*values)})"
        return OPERATIONS[name].format(*values)


def _all_joins(row: EntityRow) -> list[EntityRow]:
    rows: list[EntityRow] = []
    for target in row.joins.values():
        rows.append(target)
        rows.extend(_all_joins(target))
    return rows


def _any(conditions: Any) -> str:
    condition = " OR ".join(f"({each})" for each in conditions)
    return f"({condition})" if condition else "false"


def _entity_key(node: Node) -> Node:
    return node.arguments[0] if isinstance(node, Operation) and node.name == "entity" else node


def may_be_nan(node: Node) -> bool:
    """Whether a value comes from a division of zero by zero."""
    if not isinstance(node, Operation) or node.type not in (Edm.DECIMAL, Edm.DOUBLE):
        return False
    divides = _may_be_infinite(node.name, node.type) and not is_nonzero(node.arguments[1])
    return divides or any(map(may_be_nan, node.arguments))


def _may_be_infinite(name: str, kind: Edm | None) -> bool:
    return (name == "div" and kind is Edm.DOUBLE) or (
        name == "divby" and kind in (Edm.DECIMAL, Edm.DOUBLE)
    )


def _is_from_start(node: Node) -> bool:
    return isinstance(node, BoundValue) and isinstance(node.value, int) and node.value >= 0


def _is_null(node: Node) -> bool:
    return isinstance(node, BoundValue) and node.value is None
