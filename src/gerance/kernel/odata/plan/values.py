"""Planned values: literals, nulls and entities, and literals converted for a comparison."""

import math
from collections.abc import Callable
from datetime import datetime, timedelta
from decimal import Decimal

from gerance.kernel.odata.edm import Edm, Property
from gerance.kernel.odata.errors import NotSupported, ODataRejection
from gerance.kernel.odata.plan.nodes import BoundValue, Node, Operation, PropertyColumn


def column_property(node: Node) -> Property | None:
    """The property that a node is, if it is one."""
    return node.property if isinstance(node, PropertyColumn) else None


def fit_literal(node: Node, other: Node) -> Node:
    """A literal as the other side of its comparison needs it: of its type, without blanks."""
    if not isinstance(node, BoundValue) or node.value is None:
        return node
    value = node.value
    if isinstance(value, str):
        declaration = column_property(other)
        code = declaration is not None and declaration.code
        return BoundValue(value.rstrip(" "), node.type) if code else node
    if isinstance(value, int) and not isinstance(value, bool):
        if other.type is Edm.DECIMAL:
            return BoundValue(Decimal(value), Edm.DECIMAL)
        if other.type is Edm.DOUBLE:
            return BoundValue(float(value), Edm.DOUBLE)
    if isinstance(value, Decimal) and other.type is Edm.DOUBLE:
        return BoundValue(float(value), Edm.DOUBLE)
    return node


def require_finite(target: str, *nodes: Node) -> None:
    """Raises NotSupported for arithmetic with INF and NaN."""
    values = [node.value for node in nodes if isinstance(node, BoundValue)]
    if any(isinstance(value, float) and not math.isfinite(value) for value in values):
        raise NotSupported("Arithmetic with INF and NaN", target=target)


_PARTS: dict[str, Callable[[datetime], object]] = {
    "year": lambda moment: moment.year,
    "month": lambda moment: moment.month,
    "day": lambda moment: moment.day,
    "hour": lambda moment: moment.hour,
    "minute": lambda moment: moment.minute,
    "second": lambda moment: moment.second,
    "fractionalseconds": lambda moment: Decimal(moment.microsecond) / 1_000_000,
    "date": lambda moment: moment.date(),
    "time": lambda moment: moment.time(),
    "totaloffsetminutes": lambda moment: (
        (moment.utcoffset() or timedelta()) // timedelta(minutes=1)
    ),
    f"cast {Edm.DATE.value}": lambda moment: moment.date(),
    f"cast {Edm.TIME_OF_DAY.value}": lambda moment: moment.time(),
}


def part_of_literal(name: str, node: Node, kind: Edm | None) -> BoundValue | None:
    """What a function returns for a literal moment: it counts in the literal's own time zone."""
    if not isinstance(node, BoundValue) or not isinstance(node.value, datetime):
        return None
    part = _PARTS.get(name)
    return None if part is None else BoundValue(part(node.value), kind)


def is_nonzero(node: Node) -> bool:
    """Whether a node is a literal number other than zero."""
    return (
        isinstance(node, BoundValue)
        and isinstance(node.value, int | float | Decimal)
        and (node.value != 0)
    )


def require_divisor(target: str, operator: str, divisor: Node, kind: Edm | None) -> None:
    """Raises ODataRejection for a division by the literal zero that has no value in any row."""
    if not isinstance(divisor, BoundValue) or is_nonzero(divisor) or is_null(divisor):
        return
    unbounded = kind is Edm.DOUBLE or (operator == "divby" and kind is Edm.DECIMAL)
    if operator == "mod" or (operator in ("div", "divby") and not unbounded):
        raise ODataRejection(
            "CannotCompute", f"{target}: {operator} by zero has no value.", target=target
        )


def is_nan(node: Node) -> bool:
    return isinstance(node, BoundValue) and isinstance(node.value, float) and math.isnan(node.value)


def is_null(node: Node) -> bool:
    return isinstance(node, BoundValue) and node.value is None


def is_entity(node: Node) -> bool:
    return isinstance(node, Operation) and node.name == "entity"


def type_name(node: Node) -> str:
    if is_entity(node):
        return "an entity"
    return "null" if node.type is None else node.type.value
