"""Where the barrier of the rights stands in a statement, and where it does not."""

import pytest
from tests.kernel.odata.catalogue import CATALOGUE
from tests.kernel.odata.shop import ACCESSES

from gerance.kernel.odata.compiler import Compiler, QueryKey
from gerance.kernel.odata.sql.style import Style

FAILS = "1 div (Rating sub 3) eq 7"


def sql(access: str, path: str, query: str) -> str:
    question = QueryKey(access, path, query.replace(" ", "%20"), Style(), 100)
    statement = Compiler(CATALOGUE).compile(question, ACCESSES[access]).statement
    assert statement is not None
    return statement.sql


@pytest.mark.parametrize("query", ["", f"$filter={FAILS}", "$filter=Category/Id eq 1", "$top=3"])
def test_whoever_sees_all_rows_needs_none(query: str) -> None:
    assert "OFFSET 0)" not in sql("*", "Products", query)


@pytest.mark.parametrize(
    "query",
    ["", "$filter=Id eq 3 and Name ne 'x'", "$filter=Category/Id in (1,2)", "$orderby=Name"],
)
def test_what_cannot_fail_needs_none(query: str) -> None:
    assert "OFFSET 0)" not in sql("first store", "Products", query)


def test_keys_links_and_the_order_of_few_rows_stay_inside() -> None:
    inside, _, outside = sql(
        "first store", "Categories(1)/Products", f"$filter=Id eq 3 and {FAILS}&$top=3"
    ).partition(" OFFSET 0)")
    for part in ("store = ANY", "r0.id = $", "EXISTS", "ORDER BY r0.id"):
        assert part in inside
    assert " / " not in inside
    assert " / " in outside
