"""Every operator and function over every type that it takes makes a statement that runs."""

import os
from itertools import product
from random import Random

import pytest
from hypothesis import HealthCheck, given, note, settings
from hypothesis import strategies as st
from tests.kernel.odata.catalogue import PRODUCT
from tests.kernel.odata.grammar import CONSTANTS, literal
from tests.kernel.odata.shop import Shop

from gerance.kernel.odata.edm import Edm
from gerance.kernel.odata.plan.functions import CASTS, FUNCTIONS, arithmetic_type, comparable

BOUNDED = settings(
    max_examples=int(os.environ.get("GERANCE_TEST_EXAMPLES", "80")),
    deadline=None,
    derandomize="CI" in os.environ,
    suppress_health_check=list(HealthCheck),
)
OPERATORS = ("add", "sub", "mul", "div", "divby", "mod")
SUMS = [
    (operator, one, other, kind)
    for operator, one, other in product(OPERATORS, Edm, Edm)
    if (kind := arithmetic_type(operator, one, other)) is not None
]
CASTS = sorted(CASTS, key=str)
COMPARABLE = [(one, other) for one, other in product(Edm, Edm) if comparable(one, other)]
SIMPLE = {each.type: each.name for each in PRODUCT.properties} | {
    Edm.DURATION: "(CreatedAt sub 2026-01-15T00:00:00Z)"
}


def literals(kind: Edm) -> st.SearchStrategy[str]:
    texts = CONSTANTS.filter(lambda constant: constant.type is kind)
    return texts.map(lambda constant: literal(constant.value)) | st.just("null")


def calls(kind: Edm) -> list[tuple[str, tuple[Edm, ...]]]:
    """The functions that give this type, with the types that they are called with."""
    found = []
    for name, signature in FUNCTIONS.items():
        for takes in product(*(sorted(each, key=str) for each in signature.takes)):
            if kind is (signature.gives or takes[0]):
                found.append((name, takes))
                if signature.optional:
                    found.append((name, takes[:-1]))
    return found


@st.composite
def expressions(draw: st.DrawFn, kind: Edm, depth: int) -> str:
    """An expression of this type, at most so deep."""
    simple = st.sampled_from([SIMPLE[kind], SIMPLE[kind], None]).flatmap(
        lambda name: literals(kind) if name is None else st.just(name)
    )
    if depth == 0:
        return draw(simple)
    ways: list[tuple[str, tuple[Edm, ...]]] = [
        *((f"{operator} ", (one, other)) for operator, one, other, k in SUMS if k is kind),
        *((f"cast {target.value}", (one,)) for one, target in CASTS if target is kind),
        *calls(kind),
    ]
    if not ways or draw(st.booleans()):
        return draw(simple)
    name, kinds = draw(st.sampled_from(ways))
    parts = [draw(expressions(each, depth - 1)) for each in kinds]
    if name.startswith("cast "):
        return f"cast({parts[0]},{name.removeprefix('cast ')})"
    return f"({f' {name}'.join(parts)})" if name.endswith(" ") else f"{name}({','.join(parts)})"


@st.composite
def conditions(draw: st.DrawFn) -> str:
    one, other = draw(st.sampled_from(COMPARABLE))
    left, right = draw(expressions(one, 2)), draw(expressions(other, 2))
    operator = draw(st.sampled_from(["eq", "ne", "gt", "ge", "lt", "le", "in"]))
    if operator == "in":
        return f"{left} in ({right},{draw(literals(one))},{draw(literals(other))})"
    return f"{left} {operator} {right}"


def answered(shop: Shop, **options: str) -> None:
    """What cannot be computed is refused as such; the statement itself is always well."""
    answer = shop.ask("Products", top="3", **options)
    if answer.status_code != 200:
        error = answer.json()["error"]
        assert (answer.status_code, error["code"]) in (
            (400, "CannotCompute"), (501, "NotImplemented")
        ), answer.text  # fmt: skip
        known = ("INF and NaN", "A pattern that is no literal", "An order by now()")
        assert answer.status_code == 400 or any(each in error["message"] for each in known)


@pytest.mark.parametrize(("operator", "one", "other", "kind"), SUMS, ids=str)
def test_every_arithmetic_runs(shop: Shop, operator: str, one: Edm, other: Edm, kind: Edm) -> None:
    answered(shop, filter=f"({SIMPLE[one]} {operator} {SIMPLE[other]}) ne {SIMPLE[kind]}")


@pytest.mark.parametrize(("one", "kind"), CASTS, ids=str)
def test_every_cast_runs(shop: Shop, one: Edm, kind: Edm) -> None:
    answered(shop, filter=f"cast({SIMPLE[one]},{kind.value}) ne {SIMPLE[kind]}")


@pytest.mark.parametrize(
    ("name", "kinds"), sorted({each for kind in Edm for each in calls(kind)}, key=str), ids=str
)
def test_every_function_runs(shop: Shop, name: str, kinds: tuple[Edm, ...]) -> None:
    call = f"{name}({','.join(SIMPLE[each] for each in kinds)})"
    answered(shop, filter=f"{call} ne null", orderby=f"{call} desc")


@pytest.mark.parametrize(("one", "other"), COMPARABLE, ids=str)
def test_every_comparison_runs(shop: Shop, one: Edm, other: Edm) -> None:
    for operator in ("eq", "lt"):
        answered(shop, filter=f"{SIMPLE[one]} {operator} {SIMPLE[other]}")
    answered(shop, filter=f"not ({SIMPLE[one]} in ({SIMPLE[other]},null))")


@BOUNDED
@given(condition=conditions())
def test_whatever_is_well_typed_runs(shop: Shop, condition: str) -> None:
    answered(shop, filter=condition)


@settings(BOUNDED, max_examples=BOUNDED.max_examples // 2)
@given(
    order=st.lists(
        st.sampled_from(list(Edm)).flatmap(lambda kind: expressions(kind, 2)),
        min_size=1,
        max_size=3,
    ),
    seed=st.integers(0, 99),
)
def test_whatever_is_well_typed_orders_pages(shop: Shop, order: list[str], seed: int) -> None:
    chance = Random(seed)
    text = ",".join(each + chance.choice(["", " desc"]) for each in order)
    prefer = {"Prefer": "odata.maxpagesize=4"}
    answer = shop.ask("Products", prefer, orderby=text, select="Id")
    if answer.status_code == 200:
        body = answer.json()
        rest = shop.follow(body["@odata.nextLink"])
        note(text)
        ids = [row["Id"] for row in body["value"] + rest["value"]]
        assert ids == shop.ids(orderby=text)
        assert sorted(ids) == [1, 2, 3, 4, 5, 6]
    else:
        assert answer.json()["error"]["code"] in ("CannotCompute", "NotImplemented"), answer.text
