"""Expressions for Hypothesis to draw: each as its text and as what it means to the oracle."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any

from hypothesis import strategies as st
from tests.kernel.odata import oracle
from tests.kernel.odata.oracle import Bindings, Evaluate

NUMBER, TEXT, TRUTH, DAY, MOMENT = "number", "text", "truth", "day", "moment"
COMPARISONS = ("eq", "ne", "gt", "ge", "lt", "le")

PRODUCT = {
    NUMBER: ["Id", "Rating", "Price", "Stock", "Category/Id", "Category/ParentId",
             "Category/Parent/Id", "CategoryId"],
    TEXT: ["Name", "Code", "Colour", "SupplierName", "Category/Name", "Supplier/FirstName",
           "Supplier/BestFriend/LastName"],
    TRUTH: ["Discontinued"],
    DAY: ["ReleasedOn", "Supplier/BirthDate"],
    MOMENT: ["CreatedAt"],
}  # fmt: skip
TRIP = {
    NUMBER: ["TripNo", "Budget"],
    TEXT: ["PersonName", "Person/FirstName"],
    DAY: ["Person/BirthDate"],
    MOMENT: ["StartsAt"],
    TRUTH: [],
}
CATEGORY = {
    NUMBER: ["Id", "ParentId", "Parent/Id"],
    TEXT: ["Name", "Parent/Name"],
    DAY: [],
    MOMENT: [],
    TRUTH: [],
}
COLLECTIONS = [("Category/Products", "product"), ("Category/Children", "category"),
               ("Supplier/Supplies", "product"), ("Supplier/Trips", "trip")]  # fmt: skip
INNER_COLLECTIONS = {"category": [("Products", "product"), ("Children", "category")]}
"""What may stand inside another collection: only what is inside each of its rows."""
PROPERTIES = {"product": PRODUCT, "trip": TRIP, "category": CATEGORY}
LONGEST = 20


@dataclass(frozen=True, repr=False)
class Asked:
    """`text` as a client writes it, always safe to stand inside another."""

    text: str
    evaluate: Evaluate

    def __repr__(self) -> str:
        return self.text


@dataclass(frozen=True)
class Scope:
    """The variables that names may begin with, and the kind of row that each is."""

    kinds: tuple[tuple[str, str], ...] = (("$it", "product"),)

    @property
    def collections(self) -> list[tuple[str, str, str]]:
        """The collections that may be used here: variable, path and kind of row."""
        variable, kind = self.kinds[-1]
        paths = COLLECTIONS if len(self.kinds) == 1 else INNER_COLLECTIONS.get(kind, [])
        return [(variable, path, rows) for path, rows in paths]


def literal_text(value: Any) -> str:
    """A value as OData writes it."""
    match value:
        case None:
            return "null"
        case bool():
            return str(value).lower()
        case str():
            quoted = value.replace("'", "''")
            return f"'{quoted}'"
        case datetime():
            return value.isoformat(timespec="milliseconds").replace("+00:00", "Z")
        case date():
            return value.isoformat()
        case _:
            return str(value)


VALUES: dict[str, st.SearchStrategy[Any]] = {
    NUMBER: st.integers(-6, 6)
    | st.decimals(-20, 20, places=2)
    | st.sampled_from([0, 12, Decimal("4.50"), 9007199254740993]),
    TEXT: st.text("éÉœaAtT'\\ %_", max_size=3)
    | st.sampled_from(["Thé vert", "TEA", "zoe", "eaux", "Zoé", "", "🍵", "G"]),
    TRUTH: st.booleans(),
    DAY: st.dates(date(1979, 1, 1), date(2027, 1, 1)) | st.just(date(2026, 1, 1)),
    MOMENT: st.integers(-5_000_000, 5_000_000).map(
        lambda seconds: datetime(2024, 2, 29, 12, tzinfo=UTC) + timedelta(seconds=seconds / 8)
    )
    | st.just(datetime(2024, 2, 29, 12, tzinfo=UTC)),
}


def literals(kind: str) -> st.SearchStrategy[Asked]:
    values = st.one_of(*[VALUES[kind]] * 6, st.none())
    return values.map(lambda value: Asked(literal_text(value), lambda _: value))


@st.composite
def properties(draw: st.DrawFn, kind: str, scope: Scope) -> Asked:
    variable, of = draw(st.sampled_from(scope.kinds))
    names = PROPERTIES[of][kind]
    if not names:
        return draw(literals(kind))
    name = draw(st.sampled_from(names))
    bare = variable == "$it" and draw(st.booleans())
    return Asked(name if bare else f"{variable}/{name}", oracle.path(variable, *name.split("/")))


def called(name: str, arguments: Sequence[Asked]) -> Asked:
    function = oracle.FUNCTIONS[name]

    def evaluate(bindings: Bindings) -> Any:
        return function(*(each.evaluate(bindings) for each in arguments))

    return Asked(f"{name}({','.join(each.text for each in arguments)})", evaluate)


@st.composite
def calls(draw: st.DrawFn, names: str, kinds: str, scope: Scope, depth: int) -> Asked:
    """A call of one of the functions over arguments of these kinds, by their first letters."""
    by_letter = {"n": NUMBER, "t": TEXT, "m": MOMENT, "d": DAY}
    name = draw(st.sampled_from(names.split()))
    integers = {"i": st.integers(-9, 9), "l": st.integers(0, 9)}
    arguments = [
        draw(values(by_letter[letter], scope, depth - 1)) if letter in by_letter
        else draw(integers[letter].map(lambda n: Asked(str(n), lambda _: n)))
        for letter in kinds
    ]  # fmt: skip
    return called(name, arguments)


@st.composite
def sums(draw: st.DrawFn, scope: Scope, depth: int) -> Asked:
    operator = draw(st.sampled_from(["add", "sub", "mul", "div", "mod"]))
    one = draw(values(NUMBER, scope, depth - 1))
    if operator in ("div", "mod"):
        divisor = draw(st.sampled_from([2, -3, Decimal("0.5"), Decimal("-2.50")]))
        other = draw(
            st.just(Asked(str(divisor), lambda _: divisor))
            | properties(NUMBER, scope).filter(lambda each: not each.text.isdecimal())
        )
    else:
        other = draw(literals(NUMBER) | properties(NUMBER, scope))
    calculate = oracle.ARITHMETIC[operator]
    return Asked(
        f"({one.text} {operator} {other.text})",
        lambda bindings: calculate(one.evaluate(bindings), other.evaluate(bindings)),
    )


@st.composite
def counts(draw: st.DrawFn, scope: Scope) -> Asked:
    variable, name, _ = draw(st.sampled_from(scope.collections))
    rows = oracle.collection(variable, *name.split("/"))
    return Asked(f"{variable}/{name}/$count", lambda bindings: len(rows(bindings)))


def values(kind: str, scope: Scope, depth: int) -> st.SearchStrategy[Asked]:
    """An expression of this kind, at most so deep."""
    simple = st.one_of(*[properties(kind, scope)] * 3, literals(kind))
    if depth <= 0 or kind in (DAY, MOMENT):
        return simple
    match kind:
        case "number":
            return st.one_of(
                simple,
                sums(scope, depth),
                *([counts(scope)] if scope.collections else []),
                calls("length", "t", scope, depth),
                calls("indexof", "tt", scope, depth),
                calls("year month day", "d", scope, depth),
                calls("hour minute year", "m", scope, depth),
            )
        case "text":
            return st.one_of(
                simple,
                calls("concat", "tt", scope, depth),
                calls("tolower toupper trim", "t", scope, depth),
                calls("substring", "ti", scope, depth),
                calls("substring", "til", scope, depth),
            )
        case _:
            return conditions(scope, depth)


@st.composite
def comparisons(draw: st.DrawFn, scope: Scope, depth: int) -> Asked:
    kind = draw(st.sampled_from([NUMBER, NUMBER, TEXT, TEXT, TRUTH, DAY, MOMENT]))
    operator = draw(st.sampled_from(COMPARISONS))
    one, other = draw(values(kind, scope, depth - 1)), draw(values(kind, scope, depth - 1))
    return Asked(
        f"({one.text} {operator} {other.text})",
        lambda bindings: oracle.compared(
            operator, one.evaluate(bindings), other.evaluate(bindings)
        ),
    )


@st.composite
def members(draw: st.DrawFn, scope: Scope, depth: int) -> Asked:
    kind = draw(st.sampled_from([NUMBER, TEXT, DAY]))
    one = draw(values(kind, scope, depth - 1))
    items = draw(st.lists(literals(kind) | properties(kind, scope), max_size=4))
    return Asked(
        f"({one.text} in ({','.join(each.text for each in items)}))",
        lambda bindings: any(
            oracle.compared("eq", one.evaluate(bindings), each.evaluate(bindings)) for each in items
        ),
    )


@st.composite
def quantified(draw: st.DrawFn, scope: Scope, depth: int) -> Asked:
    variable, name, inner = draw(st.sampled_from(scope.collections))
    rows = oracle.collection(variable, *name.split("/"))
    every = draw(st.booleans())
    own = f"v{len(scope.kinds)}"
    condition = draw(conditions(Scope((*scope.kinds, (own, inner))), depth - 1))

    def evaluate(bindings: Bindings) -> bool:
        met = [condition.evaluate({**bindings, own: row}) is True for row in rows(bindings)]
        return all(met) if every else any(met)

    return Asked(f"{variable}/{name}/{'all' if every else 'any'}({own}:{condition.text})", evaluate)


@st.composite
def junctions(draw: st.DrawFn, scope: Scope, depth: int) -> Asked:
    operator = draw(st.sampled_from(["and", "or"]))
    join = oracle.conjunction if operator == "and" else oracle.disjunction
    parts = draw(st.lists(conditions(scope, depth - 1), min_size=2, max_size=3))
    return Asked(
        "(" + f" {operator} ".join(each.text for each in parts) + ")",
        lambda bindings: join([each.evaluate(bindings) for each in parts]),
    )


def conditions(scope: Scope, depth: int) -> st.SearchStrategy[Asked]:
    """A condition over the variables of the scope, at most so deep."""
    if depth <= 0:
        return properties(TRUTH, scope) | literals(TRUTH) | comparisons(scope, 0)
    return st.one_of(
        comparisons(scope, depth),
        comparisons(scope, depth),
        members(scope, depth),
        calls("contains startswith endswith", "tt", scope, depth),
        junctions(scope, depth),
        *([quantified(scope, depth)] if scope.collections else []),
        conditions(scope, depth - 1).map(
            lambda asked: Asked(
                f"(not {asked.text})",
                lambda bindings: oracle.negation(asked.evaluate(bindings)),
            )
        ),
        properties(TRUTH, scope),
    )
