"""Whatever is asked: the engine answers what the standard means, worked out in a second way."""

import os

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st
from tests.kernel.odata import oracle
from tests.kernel.odata.oracle import Row
from tests.kernel.odata.questions import Asked, Scope, conditions, values
from tests.kernel.odata.shop import Shop

Rows = dict[str, list[Row]]

BOUNDED = settings(
    max_examples=int(os.environ.get("GERANCE_TEST_EXAMPLES", "300")),
    deadline=None,
    derandomize="CI" in os.environ,
    suppress_health_check=[
        HealthCheck.function_scoped_fixture,
        HealthCheck.too_slow,
        HealthCheck.data_too_large,
    ],
)


@pytest.fixture(scope="module")
def rows(tables: str) -> Rows:
    return oracle.all_rows(tables)


@BOUNDED
@given(asked=conditions(Scope(), 3))
@example(Asked("not (Rating in (Stock,1))", lambda b: oracle.negation(
    any(oracle.compared("eq", b["$it"].values["Rating"], each)
        for each in (b["$it"].values["Stock"], 1)))))  # fmt: skip
def test_a_filter_finds_what_it_means(shop: Shop, rows: Rows, asked: Asked) -> None:
    found = [r.values["Id"] for r in rows["Products"] if asked.evaluate({"$it": r}) is True]
    assert shop.ids(asked.text) == sorted(found)


@settings(BOUNDED, max_examples=BOUNDED.max_examples // 4)
@given(
    keys=st.lists(
        st.tuples(
            st.sampled_from(["number", "day", "moment", "truth"]).flatmap(
                lambda kind: values(kind, Scope(), 1)
            ),
            st.booleans(),
        ),
        max_size=3,
    ),
    asked=conditions(Scope(), 1),
    size=st.integers(1, 4),
)
def test_pages_have_every_row_once_in_order(
    shop: Shop, rows: Rows, keys: list[tuple[Asked, bool]], asked: Asked, size: int
) -> None:
    met = [r for r in rows["Products"] if asked.evaluate({"$it": r}) is True]
    met.sort(key=lambda row: row.values["Id"])
    expected = oracle.ordered(met, [(key.evaluate, down) for key, down in keys])
    order = ",".join(key.text + (" desc" if down else "") for key, down in keys) or "Id"
    found = [
        row["Id"]
        for page in shop.pages("Products", size, filter=asked.text, orderby=order, select="Id")
        for row in page
    ]
    assert found == [row.values["Id"] for row in expected]
