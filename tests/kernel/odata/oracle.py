"""A second, slow way to answer `$filter` and `$orderby`: over rows in memory, in Python.

Written from the standard, not from the engine: three-valued logic, null equal to itself only.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

import psycopg
from psycopg.rows import dict_row
from tests.kernel.odata.catalogue import CATALOGUE

from gerance.kernel.odata.edm import EntityType

Bindings = Mapping[str, "Row"]
Evaluate = Callable[[Bindings], Any]


@dataclass(eq=False, repr=False)
class Row:
    """An entity: its values and what it leads to."""

    values: dict[str, Any]
    one: dict[str, "Row | None"] = field(default_factory=dict)
    many: dict[str, list["Row"]] = field(default_factory=dict)


def all_rows(url: str, store: int | None = None) -> dict[str, list[Row]]:
    """The rows of each set of the catalogue, linked to one another; only products of the store."""
    found: dict[str, list[Row]] = {}
    records: dict[str, list[tuple[Row, dict[str, Any]]]] = {}
    types = [each for each in CATALOGUE.types.values() if each.base is None]
    with psycopg.connect(url, row_factory=dict_row) as connection:
        for entity in types:
            read = connection.execute(f"SELECT * FROM {entity.source}".encode()).fetchall()
            seen = [each for each in read if store is None or each.get("store", store) == store]
            records[entity.name] = [(_row(entity, each), each) for each in seen]
            found[entity.set_name] = [row for row, _ in records[entity.name]]
    for entity in types:
        for row, record in records[entity.name]:
            _link(entity, row, record, records)
    return found


def _row(entity: EntityType, record: dict[str, Any]) -> Row:
    values = {each.name: record[each.column] for each in entity.properties}
    for each in entity.properties:
        if each.code and values[each.name] is not None:
            values[each.name] = values[each.name].rstrip(" ")
    return Row(values)


def _link(
    entity: EntityType,
    row: Row,
    record: dict[str, Any],
    records: dict[str, list[tuple[Row, dict[str, Any]]]],
) -> None:
    for navigation in entity.navigations:
        ((own, theirs),) = navigation.columns
        found = [
            target
            for target, there in records[navigation.target]
            if record[own] is not None and there[theirs] == record[own]
        ]
        if navigation.many:
            row.many[navigation.name] = found
        else:
            row.one[navigation.name] = found[0] if found else None


def path(variable: str, *names: str) -> Evaluate:
    """The value at the end of a path; null when it does not get there."""

    def evaluate(bindings: Bindings) -> Any:
        row: Row | None = bindings[variable]
        for name in names[:-1]:
            row = row.one[name] if row is not None else None
        return None if row is None else row.values[names[-1]]

    return evaluate


def collection(variable: str, *names: str) -> Callable[[Bindings], list[Row]]:
    """The rows at the end of a path."""

    def evaluate(bindings: Bindings) -> list[Row]:
        row: Row | None = bindings[variable]
        for name in names[:-1]:
            row = row.one[name] if row is not None else None
        return [] if row is None else row.many[names[-1]]

    return evaluate


def compared(operator: str, one: Any, other: Any) -> bool:
    """A comparison is true or false, never null."""
    if operator == "eq":
        return bool(one == other) if one is not None and other is not None else one is other
    if operator == "ne":
        return not compared("eq", one, other)
    if one is None or other is None:
        return False
    return bool({"gt": one > other, "ge": one >= other, "lt": one < other, "le": one <= other}[
        operator
    ])  # fmt: skip


def conjunction(values: Sequence[bool | None]) -> bool | None:
    if any(value is False for value in values):
        return False
    return None if any(value is None for value in values) else True


def disjunction(values: Sequence[bool | None]) -> bool | None:
    if any(value is True for value in values):
        return True
    return None if any(value is None for value in values) else False


def negation(value: bool | None) -> bool | None:
    return None if value is None else not value


def strict(function: Callable[..., Any]) -> Callable[..., Any]:
    """A function that is null when an argument is."""

    def evaluate(*arguments: Any) -> Any:
        return None if any(each is None for each in arguments) else function(*arguments)

    return evaluate


def _quotient(one: Any, other: Any) -> Any:
    if other == 0:
        return None
    if isinstance(one, int) and isinstance(other, int):
        return abs(one) // abs(other) * (1 if (one < 0) == (other < 0) else -1)
    return Decimal(one) / Decimal(other)


def _remainder(one: Any, other: Any) -> Any:
    if other == 0:
        return None
    if isinstance(one, int) and isinstance(other, int):
        return one - other * _quotient(one, other)
    return Decimal(one) % Decimal(other)


ARITHMETIC: dict[str, Callable[..., Any]] = {
    "add": strict(lambda one, other: one + other),
    "sub": strict(lambda one, other: one - other),
    "mul": strict(lambda one, other: one * other),
    "div": strict(_quotient),
    "mod": strict(_remainder),
}

FUNCTIONS: dict[str, Callable[..., Any]] = {
    "contains": strict(lambda text, part: part in text),
    "startswith": strict(lambda text, part: text.startswith(part)),
    "endswith": strict(lambda text, part: text.endswith(part)),
    "concat": strict(lambda one, other: one + other),
    "tolower": strict(lambda text: text.lower()),
    "toupper": strict(lambda text: text.upper()),
    "trim": strict(lambda text: text.strip(" \t\r\n")),
    "length": strict(len),
    "indexof": strict(lambda text, part: text.find(part)),
    "substring": strict(lambda text, start, *length: text[start:][: length[0]]
                        if length else text[start:]),
    "year": strict(lambda moment: moment.year),
    "month": strict(lambda moment: moment.month),
    "day": strict(lambda moment: moment.day),
    "hour": strict(lambda moment: moment.hour),
    "minute": strict(lambda moment: moment.minute),
}  # fmt: skip


def ordered(rows: Sequence[Row], keys: Sequence[tuple[Evaluate, bool]]) -> list[Row]:
    """The rows by these keys (and whether downward), each null the least of its values."""
    found = list(rows)
    for key, descending in reversed(keys):
        found.sort(
            key=lambda row, key=key: _least_first(key({"$it": row})),  # type: ignore[misc]
            reverse=descending,
        )
    return found


def _least_first(value: Any) -> tuple[bool, Any]:
    return (value is not None, value if value is not None else 0)
