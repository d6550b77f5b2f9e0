"""Syntax trees for Hypothesis to draw, and their texts as any client may write them."""

from collections.abc import Sequence
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal
from random import Random
from typing import Any

import msgspec
from hypothesis import strategies as st

from gerance.kernel.odata.edm import Edm
from gerance.kernel.odata.parse.syntax import (
    Alias,
    Binary,
    Constant,
    CountOf,
    ExpandItem,
    Expression,
    FunctionCall,
    In,
    Logical,
    Name,
    Options,
    Ordering,
    Path,
    Quantified,
    Unary,
)

_STRENGTH = {"or": 1, "and": 2, "eq": 3, "ne": 3, "gt": 4, "ge": 4, "lt": 4, "le": 4, "in": 4,
             "has": 4, "add": 5, "sub": 5, "mul": 6, "div": 6, "divby": 6, "mod": 6}  # fmt: skip
_WORDS = {"and", "or", "not", "asc", "desc", "any", "all", "null", "true", "false", "inf", "nan",
          "case", "search", "filter", *_STRENGTH}  # fmt: skip

NAMES = (
    st.text("abcdeABZé_李9", min_size=1, max_size=5)
    .map(lambda text: f"n{text}")
    .filter(lambda text: text.lower() not in _WORDS)
)


def constant(value: Any, kind: Edm | None) -> Constant:
    return Constant(value, kind, 0)


CONSTANTS: st.SearchStrategy[Constant] = st.one_of(
    st.just(constant(None, None)),
    st.booleans().map(lambda v: constant(v, Edm.BOOLEAN)),
    st.integers(-(2**31) + 1, 2**31 - 1).map(lambda v: constant(v, Edm.INT32)),
    st.integers(2**31, 2**63 - 1).map(lambda v: constant(v, Edm.INT64)),
    st.decimals(-(10**12), 10**12, places=3).map(lambda v: constant(v, Edm.DECIMAL)),
    st.floats(allow_nan=False).map(lambda v: constant(v, Edm.DOUBLE)),
    st.text(max_size=8).filter(lambda v: "\0" not in v).map(
        lambda v: constant(v, Edm.STRING)
    ),
    st.uuids().map(lambda v: constant(v, Edm.GUID)),
    st.dates().map(lambda v: constant(v, Edm.DATE)),
    st.times().map(lambda v: constant(v, Edm.TIME_OF_DAY)),
    st.datetimes(timezones=st.just(UTC)).map(lambda v: constant(v, Edm.DATE_TIME_OFFSET)),
    st.timedeltas(timedelta(0), timedelta(9_000_000)).map(lambda v: constant(v, Edm.DURATION)),
)  # fmt: skip


def _names(most: int) -> st.SearchStrategy[tuple[Name, ...]]:
    return st.lists(NAMES.map(lambda text: Name(text, 0)), min_size=1, max_size=most).map(tuple)


PATHS = _names(3).map(Path)
_LEAVES = st.one_of(
    CONSTANTS,
    PATHS,
    NAMES.map(lambda text: Alias(f"@{text}", 0)),
    PATHS.map(lambda path: CountOf(path, None, 0)),
    PATHS.map(lambda path: Quantified("any", path, None, None, 0)),
)


def _is_number(expression: Expression) -> bool:
    return isinstance(expression, Constant) and isinstance(
        expression.value, int | float | Decimal
    ) and not isinstance(expression.value, bool)  # fmt: skip


def _composed(inner: st.SearchStrategy[Expression]) -> st.SearchStrategy[Expression]:
    some = st.lists(inner, max_size=3).map(tuple)
    return st.one_of(
        st.tuples(inner).map(lambda each: Unary("not", each[0], 0)),
        inner.filter(lambda each: not _is_number(each)).map(lambda each: Unary("-", each, 0)),
        st.builds(lambda operator, one, other: Binary(operator, one, other, 0),
                  st.sampled_from(sorted(_STRENGTH.keys() - {"or", "and", "in"})), inner, inner),
        st.builds(lambda operator, operands: Logical(operator, tuple(operands), 0),
                  st.sampled_from(["and", "or"]), st.lists(inner, min_size=2, max_size=3)),
        st.builds(lambda one, items: In(one, items, 0), inner, some),
        st.builds(lambda name, arguments: FunctionCall(name.lower(), arguments, 0), NAMES, some),
        st.builds(lambda path, condition: CountOf(path, condition, 0), PATHS, inner),
        st.builds(lambda kind, path, name, inner: Quantified(kind, path, name, inner, 0),
                  st.sampled_from(["any", "all"]), PATHS, NAMES, inner),
    )  # fmt: skip


EXPRESSIONS: st.SearchStrategy[Expression] = st.recursive(_LEAVES, _composed, max_leaves=12)

ORDERINGS = st.builds(Ordering, EXPRESSIONS, st.booleans())
_NUMBERS = st.none() | st.integers(0, 2**31 - 1)
_SELECTION = st.none() | _names(3)


@st.composite
def options(draw: st.DrawFn, depth: int = 2) -> Options:
    """Query options with `$expand` at most so deep."""
    items: list[ExpandItem] = []
    for _ in range(draw(st.integers(0, 2)) if depth else 0):
        form = draw(st.sampled_from(["entities", "entities", "references", "count"]))
        items.append(ExpandItem(draw(_names(2)), draw(options(depth=depth - 1)), form))
    return Options(
        select=draw(_SELECTION),
        filter=draw(st.none() | EXPRESSIONS),
        orderby=tuple(draw(st.lists(ORDERINGS, max_size=2))),
        expand=tuple(items),
        top=draw(_NUMBERS),
        skip=draw(_NUMBERS),
        count=draw(st.booleans()),
    )


class Writer:
    """Writes trees: with the parentheses that they need, blanks and case as chance has it."""

    def __init__(self, random: Random) -> None:
        self._random = random

    def blank(self) -> str:
        return self._random.choice(["", "", " ", "  ", "\t"])

    def word(self, text: str) -> str:
        """A word in any case, with the blanks around it that it needs."""
        cased = "".join(self._random.choice([c.lower(), c.upper()]) for c in text)
        return f" {self.blank()}{cased}{self.blank()} "

    def listed(self, texts: Sequence[str]) -> str:
        return f"{self.blank()},{self.blank()}".join(texts)

    def expression(self, tree: Expression, least: int = 0) -> str:
        """The text of an expression, in parentheses when it binds weaker than `least`."""
        text, strength = self._written(tree)
        if strength < least or self._random.random() < 0.1:
            return f"({self.blank()}{text}{self.blank()})"
        return text

    def _written(self, tree: Expression) -> tuple[str, int]:
        match tree:
            case Logical(operator, operands):
                strength = _STRENGTH[operator]
                texts = [self.expression(each, strength + 1) for each in operands]
                return self.word(operator).join(texts), strength
            case Binary(operator, left, right):
                strength = _STRENGTH[operator]
                one, other = self.expression(left, strength), self.expression(right, strength + 1)
                return f"{one}{self.word(operator)}{other}", strength
            case In(operand, items):
                one = self.expression(operand, _STRENGTH["in"])
                texts = [self.expression(each) for each in items]
                return f"{one}{self.word('in')}({self.listed(texts)})", _STRENGTH["in"]
            case Unary("not", operand):
                return f"{self.word('not')}{self.expression(operand, 7)}", 7
            case Unary(_, operand):
                return (
                    f"- {self.expression(operand, 7)}",
                    7,
                )  # `-2026-01-15` is a year before Christ.
            case Constant(value, _):
                return literal(value), 7 if _is_number(tree) else 8
            case _:
                return self._primary(tree), 8

    def _primary(self, tree: Expression) -> str:
        match tree:
            case Alias(name):
                return name
            case Path():
                return self.path(tree.names)
            case CountOf(path, None):
                return f"{self.path(path.names)}/$count"
            case CountOf(path, condition):
                assert condition is not None
                return f"{self.path(path.names)}/$count($filter={self.expression(condition)})"
            case Quantified(kind, path, None, _):
                return f"{self.path(path.names)}/{kind}({self.blank()})"
            case Quantified(kind, path, variable, predicate):
                assert predicate is not None
                inner = f"{variable}{self.blank()}:{self.blank()}{self.expression(predicate)}"
                return f"{self.path(path.names)}/{kind}({inner})"
            case FunctionCall(name, arguments):
                return f"{name}({self.listed([self.expression(each) for each in arguments])})"
        raise AssertionError(tree)

    def path(self, names: Sequence[Name]) -> str:
        return "/".join(name.text for name in names)

    def options(self, tree: Options) -> dict[str, str]:
        """The text of each option that is given, by names as clients write them."""
        texts: dict[str, str] = {}
        if tree.select is not None:
            texts["select"] = self.listed([name.text for name in tree.select])
        if tree.filter is not None:
            texts[self._random.choice(["filter", "where"])] = self.expression(tree.filter)
        if tree.orderby:
            texts["orderby"] = self.listed([self._ordering(each) for each in tree.orderby])
        if tree.expand:
            texts["expand"] = self.listed([self._expanded(each) for each in tree.expand])
        if tree.top is not None:
            texts["top"] = str(tree.top)
        if tree.skip is not None:
            texts["skip"] = str(tree.skip)
        if tree.count or self._random.random() < 0.1:
            texts["count"] = self.word(str(tree.count)).strip()
        sign = self._random.choice(["$", ""])
        return {sign + self.word(name).strip(): text for name, text in texts.items()}

    def _ordering(self, tree: Ordering) -> str:
        direction = "desc" if tree.descending else self._random.choice(["asc", ""])
        return f"{self.expression(tree.expression)} {self.word(direction)}"

    def _expanded(self, tree: ExpandItem) -> str:
        form = {"entities": "", "references": "/$ref", "count": "/$count"}[tree.form]
        inner = self.options(tree.options)
        texts = [f"{name}{self.blank()}={self.blank()}{text}" for name, text in inner.items()]
        path = f"{self.path(tree.names)}{form}"
        return f"{path}({self.blank()}{';'.join(texts)})" if texts else path


def literal(value: Any) -> str:
    """A value as OData writes it."""
    match value:
        case None:
            return "null"
        case bool():
            return str(value).lower()
        case str():
            quoted = value.replace("'", "''")
            return f"'{quoted}'"
        case float():
            return f"{value:.17e}" if abs(value) != float("inf") else str(value).upper()
        case datetime():
            return value.isoformat(timespec="microseconds").replace("+00:00", "Z")
        case date() | time():
            return value.isoformat()
        case timedelta():
            seconds = f"{value.seconds}.{value.microseconds:06}"
            return f"duration'P{value.days}DT{seconds}S'"
        case Decimal():
            return f"{value:f}"
        case _:
            return str(value)


def plain(tree: Any) -> Any:
    """A tree without the places where its parts stand."""
    if isinstance(tree, msgspec.Struct):
        fields = [each for each in tree.__struct_fields__ if each != "at"]
        return (type(tree).__name__, *(plain(getattr(tree, name)) for name in fields))
    if isinstance(tree, tuple):
        return tuple(plain(each) for each in tree)
    return tree
