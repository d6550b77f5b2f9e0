"""Which expressions may stand beside the conditions of the rights.

PostgreSQL evaluates the conditions of a WHERE in whatever order it likes. An expression that can
fail would therefore reveal rows that the principal does not see: `1 div (Floor sub 9)` fails where
the floor is 9. Such an expression is evaluated only behind a barrier: a subquery with `OFFSET 0`.
PostgreSQL pushes no condition into it, and only rows that have passed the rights come out of it.

An expression that cannot fail stays where an index serves it. These are comparisons of columns with
values of their type, by operators that PostgreSQL calls leakproof (`pg_proc.proleakproof`; a test
checks that). Keys need one more function: `rtrim` of a code, which cannot fail for any stored text,
although PostgreSQL does not call it leakproof.
"""

from gerance.kernel.odata.edm import Edm
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
    Shape,
)

INTEGERS = frozenset({Edm.INT32, Edm.INT64})
LEAKPROOF = frozenset(
    {
        Edm.BOOLEAN,
        Edm.DATE,
        Edm.DATE_TIME_OFFSET,
        Edm.DOUBLE,
        Edm.DURATION,
        Edm.GUID,
        Edm.STRING,
        Edm.TIME_OF_DAY,
        *INTEGERS,
    }
)
"""Types that PostgreSQL compares by leakproof operators."""


def needs_barrier(shape: Shape) -> bool:
    """Whether a shape, or one that it is expanded with or lies within, has an expression that can
    fail."""
    nodes = [key.node for key in shape.order]
    if shape.filter is not None:
        nodes.append(shape.filter)
    inner = [each.shape for each in shape.expands]
    if shape.within is not None:
        inner.append(shape.within)
    return not all(map(cannot_fail, nodes)) or any(map(needs_barrier, inner))


def cannot_fail(node: Node) -> bool:
    """Whether an expression has a value for whatever rows there are, and reports none of them."""
    match node:
        case BoundValue() | PropertyColumn():
            return True
        case Comparison(_, left, right):
            return _comparison_cannot_fail(left, right)
        case Member(operand, items):
            return all(_comparison_cannot_fail(operand, each) for each in items)
        case Junction(_, operands):
            return all(map(cannot_fail, operands))
        case Negation(operand):
            return cannot_fail(operand)
        case Exists(_, predicate, _) | RowCount(_, predicate):
            return predicate is None or cannot_fail(predicate)
        case Operation(name, arguments):
            return name == "entity" and all(map(cannot_fail, arguments))


def parted(node: Node, row: EntityRow) -> tuple[list[Node], Node | None]:
    """A condition in two: the parts that cannot fail and speak of this row alone, all of which must
    be met, and the rest of it."""
    if isinstance(node, Junction) and node.operator == "and":
        safe: list[Node] = []
        rest: list[Node] = []
        for each in node.operands:
            inner, other = parted(each, row)
            safe += inner
            rest += [] if other is None else [other]
        if not rest:
            return safe, None
        return safe, rest[0] if len(rest) == 1 else Junction("and", tuple(rest))
    if cannot_fail(node) and speaks_of(node, row):
        return [node], None
    return [], node


def speaks_of(node: Node, row: EntityRow) -> bool:
    """Whether an expression has no columns but those of a row itself."""
    match node:
        case BoundValue():
            return True
        case PropertyColumn(of):
            return of is row
        case Comparison(_, left, right):
            return speaks_of(left, row) and speaks_of(right, row)
        case Member(operand) | Negation(operand):
            return speaks_of(operand, row)
        case Junction(_, operands) | Operation(_, operands):
            return all(speaks_of(each, row) for each in operands)
        case Exists() | RowCount():
            return False


def _comparison_cannot_fail(left: Node, right: Node) -> bool:
    if not (cannot_fail(left) and cannot_fail(right)):
        return False
    one, other = left.type, right.type
    if None in (one, other) or {one, other} <= INTEGERS:
        return True
    return one is other and one in LEAKPROOF
