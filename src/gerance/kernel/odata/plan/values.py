"""Planned values: literals, nulls and entities, and literals converted for a comparison."""

import math
from decimal import Decimal

from gerance.kernel.odata.edm import Edm, Property
from gerance.kernel.odata.errors import NotSupported
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
