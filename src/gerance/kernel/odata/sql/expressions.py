"""Expressions to SQL.

A condition that only decides whether a row is answered may be null instead of false (`a = b` can
use an index); where the difference counts, under `not` or as a value, it is `exact`.
"""

import re
from collections.abc import Mapping
from typing import Any

from gerance.kernel.odata.edm import Edm, Navigation
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
    Tally,
    Value,
)
from gerance.kernel.odata.sql.functions import OPERATIONS, SQL_TYPES, cast_template

_SIGNS = {"eq": "=", "ne": "<>", "gt": ">", "ge": ">=", "lt": "<", "le": "<="}
_PARAMETER = re.compile(r"{(\w+)}")


class Emitter:
    """Writes one statement: its parameters, and the alias of each row."""

    def __init__(self) -> None:
        self.params: list[Any] = []
        self._aliases: dict[Row, str] = {}

    def alias(self, row: Row) -> str:
        """The alias of a row, the same each time."""
        return self._aliases.setdefault(row, f"r{len(self._aliases)}")

    def bind(self, value: object, sql_type: str) -> str:
        """A parameter."""
        self.params.append(value)
        return f"${len(self.params)}::{sql_type}"

    # Rows

    def source(self, row: Row) -> str:
        """`table alias`, and the rows joined to it."""
        parts = [self._source(row)]
        for joined in _all_joined(row):
            assert joined.origin is not None
            assert joined.via is not None
            conditions = [self.link(joined.origin, joined.via, joined), *self.places(joined)]
            parts.append(f"LEFT JOIN {self._source(joined)} ON {' AND '.join(conditions)}")
        return " ".join(parts)

    def link(self, origin: Row, navigation: Navigation, target: Row) -> str:
        """The condition that a navigation leads from one row to another."""
        one, other = self.alias(origin), self.alias(target)
        return " AND ".join(f"{other}.{theirs} = {one}.{own}" for own, theirs in navigation.columns)

    def places(self, row: Row) -> list[str]:
        """The condition that whoever asks may see a row; nothing when there is none."""
        if row.places is None:
            return []
        alias = self.alias(row)
        return [_any(self._place(alias, place) for place in row.places)]

    def _place(self, alias: str, place: Mapping[str, Any]) -> str:
        return " AND ".join(
            f"{alias}.{column} = {self.bind(value, 'integer')}" for column, value in place.items()
        )

    def _source(self, row: Row) -> str:
        def parameter(match: re.Match[str]) -> str:
            return self.value(row.parameters[match[1]])

        return f"{_PARAMETER.sub(parameter, row.entity.source)} {self.alias(row)}"

    # Expressions

    def value(self, node: Node) -> str:
        """A value, null included."""
        match node:
            case Value(None, kind):
                return f"NULL::{SQL_TYPES[kind]}" if kind else "NULL"
            case Value(value, kind):
                assert kind is not None
                return self.bind(value, SQL_TYPES[kind])
            case Column(row, found, _, sorting):
                if sorting:
                    return f"{self.alias(row)}.{found.sorted_by}"
                column = f"{self.alias(row)}.{found.column}"
                return f"rtrim({column})" if found.code else column
            case Operation(name, arguments, kind):
                return self._operation(name, arguments, kind)
            case Tally(row, predicate):
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
            case Value(None, _):
                return "NULL::boolean"
            case _:
                return self.value(node)

    def _related(self, row: Row, predicate: Node | None, *, every: bool) -> str:
        assert row.origin is not None
        assert row.via is not None
        source = self.source(row)
        conditions = [self.link(row.origin, row.via, row), *self.places(row)]
        if predicate is not None:
            met = self.condition(predicate, exact=every)
            conditions.append(f"({met}) IS NOT TRUE" if every else f"({met})")
        return f"{source} WHERE {' AND '.join(conditions)}"

    def _comparison(self, operator: str, left: Node, right: Node, exact: bool) -> str:
        left, right = _entity_key(left), _entity_key(right)
        if _is_null(left) or _is_null(right):
            other = left if _is_null(right) else right
            if operator not in ("eq", "ne"):
                return "false"
            return f"{self.value(other)} IS {'NOT ' if operator == 'ne' else ''}NULL"
        one, sign, two = self.value(left), _SIGNS[operator], self.value(right)
        if operator == "ne":
            return f"{one} IS DISTINCT FROM {two}"
        if operator == "eq" and not (isinstance(left, Value) or isinstance(right, Value)):
            return f"{one} IS NOT DISTINCT FROM {two}"
        return f"({one} {sign} {two}) IS TRUE" if exact else f"{one} {sign} {two}"

    def _member(self, operand: Node, items: tuple[Node, ...], exact: bool) -> str:
        one = self.value(operand)
        values = [each for each in items if isinstance(each, Value) and each.value is not None]
        others = [each for each in items if not isinstance(each, Value)]
        found = [f"{one} = {self.value(each)}" for each in others]
        if values:
            kinds = {each.type for each in values if each.type is not None}
            kind = kinds.pop() if len(kinds) == 1 else _widest(kinds)
            array = self.bind([each.value for each in values], f"{SQL_TYPES[kind]}[]")
            found.append(f"{one} = ANY({array})")
        if any(_is_null(each) for each in items):
            found.append(f"{one} IS NULL")
        condition = _any(found)
        return f"({condition}) IS TRUE" if exact else condition

    def _operation(self, name: str, arguments: tuple[Node, ...], kind: Edm | None) -> str:
        if name == "entity":
            return self.value(arguments[0])
        values = [self.value(each) for each in arguments]
        if name == "substring":
            start = f"greatest({values[1]}, 0) + 1"
            length = f", greatest({values[2]}, 0)" if len(values) > 2 else ""
            return f"substr({values[0]}, {start}{length})"
        if name.startswith("cast ") and kind is not None:
            return cast_template(kind, arguments[0].type).format(*values)
        if name in ("year", "month", "day", "hour", "minute", "second", "fractionalseconds"):
            return OPERATIONS[name].format(*values)
        if name == "mod" and kind is Edm.DOUBLE:
            values = [f"{each}::numeric" for each in values]
        if name in ("add", "sub") and kind is Edm.DATE:
            return f"({OPERATIONS[name].format(*values)})::date"
        if name == "sub" and kind is Edm.DURATION and arguments[0].type is Edm.DATE:
            return f"make_interval(days => {OPERATIONS[name].format(*values)})"
        return OPERATIONS[name].format(*values)


def _all_joined(row: Row) -> list[Row]:
    found: list[Row] = []
    for joined in row.joined.values():
        found.append(joined)
        found.extend(_all_joined(joined))
    return found


def _any(conditions: Any) -> str:
    joined = " OR ".join(f"({each})" for each in conditions)
    return f"({joined})" if joined else "false"


def _entity_key(node: Node) -> Node:
    return node.arguments[0] if isinstance(node, Operation) and node.name == "entity" else node


def _is_null(node: Node) -> bool:
    return isinstance(node, Value) and node.value is None


def _widest(kinds: set[Edm]) -> Edm:
    if Edm.DOUBLE in kinds:
        return Edm.DOUBLE
    return Edm.DECIMAL if kinds <= {Edm.INT32, Edm.INT64, Edm.DECIMAL} else Edm.DATE_TIME_OFFSET
