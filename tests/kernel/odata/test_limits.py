"""Costly questions are refused, saying which limit they are over, before anything is read."""

import time
from collections.abc import Iterator
from urllib.parse import quote

import psycopg
import pytest
from tests.kernel.odata.catalogue import CATALOGUE
from tests.kernel.odata.shop import Shop, open_shop
from tests.kernel.odata.test_streaming import read

from gerance.kernel.http.stream_response import AnswerCut
from gerance.kernel.odata.access import EVERYTHING, Access
from gerance.kernel.odata.compiler import Compiler, QueryKey
from gerance.kernel.odata.errors import LimitExceeded
from gerance.kernel.odata.sql.style import Style

SOON = 3.0
"""Seconds: generous, for machines that do other things too."""


def nested(depth: int, inner: str = "true") -> str:
    return "(" * depth + inner + ")" * depth


def quantified(depth: int) -> str:
    begins = [f"v{each}/Children/any(v{each + 1}:" for each in range(depth)]
    return "".join(begins).removeprefix("v0/") + "true" + ")" * depth


def expanded(depth: int) -> str:
    text = "Parent"
    for _ in range(depth - 1):
        text = f"Parent($expand={text})"
    return text


def doubled(times: int) -> str:
    """Aliases each of which is the one after it twice."""
    return "&".join(f"@a{each}=@a{each + 1} and @a{each + 1}" for each in range(times))


COSTLY = {
    "parentheses": ("Products?$filter=" + nested(70), "60 deep"),
    "a thousand parentheses": ("Products?$filter=" + nested(1000), "60 deep"),
    "unclosed parentheses": ("Products?$filter=" + "(" * 10_000, "60 deep"),
    "negations": ("Products?$filter=" + "not " * 80 + "true", "60 deep"),
    "minus signs": ("Products?$filter=" + "-" * 80 + "Id eq 1", "60 deep"),
    "a long sum": ("Products?$filter=Id" + " add 1" * 80 + " eq 1", "60 deep"),
    "calls": ("Products?$filter=" + "trim(" * 80 + "Name" + ")" * 80 + " eq ''", "60 deep"),
    "parts": ("Products?$filter=" + " or ".join(["Id eq 1"] * 1100), "2000 parts"),
    "items of a list": (
        "Products?$filter=Id in (" + ",".join(["1"] * 1001) + ")", "1000 items",
    ),
    "doubling aliases": (f"Products?{doubled(40)}&@a40=true&$filter=@a0", "4000 parts"),
    "aliases one after another": (
        "Products?" + "&".join(f"@a{each}=not @a{each + 1}" for each in range(200))
        + "&@a200=true&$filter=@a0", "120 deep",
    ),
    "an alias inside itself": (
        "Products?@a=Category/Products/any(p:@a)&$filter=@a", "return to a collection",
    ),
    "a collection for each of itself, twice": (
        "Categories/$count?$filter=Products/any(p:Products/any(q:Products/any(r:r/Id eq q/Id)))",
        "return to a collection",
    ),
    "counts of a collection inside its counts": (
        "Categories?$orderby="
        + "Products/$count($filter=$it/" * 2 + "Products/$count eq 1) eq 1)",
        "return to a collection",
    ),
    "from many back to many, twice": (
        "Products?$filter=Category/Products/any(p:p/Category/Products/all(q:q/Id eq 1))",
        "return to a collection",
    ),
    "the same inside an expansion": (
        "Products?$expand=Category($expand=Products($filter=Category/Products/any(p:p/Id eq 1)))",
        "return to a collection",
    ),
    "the whole collection for each expanded row": (
        "Categories?$expand=Products($filter=$it/Products/any(p:$it/Products/any(q:q/Id eq 1)))",
        "return to a collection",
    ),
    "a long query": ("Products?x=" + "y" * 33_000, "32768 characters"),
    "a long path": ("Products/" + "x" * 5000, "4096 characters"),
    "segments": ("Categories(1)" + "/Parent" * 20, "12 segments"),
    "expansions in one another": (f"Categories?$expand={expanded(9)}", "6 deep"),
    "a long path to expand": ("Categories?$expand=" + "/".join(["Parent"] * 9), "6 deep"),
    "expansions": ("Categories?$expand=" + ",".join(["Parent"] * 50), "40 items"),
    "sets reached": (
        "Products?$filter=" + " and ".join(["Category/Products/any(p:p/Id eq 1)"] * 70), "60 sets",
    ),
    "sets in one another": (f"Categories?$filter={quantified(60)}", "60 deep"),
    "values to order by": ("Products?$orderby=" + ",".join(["Id"] * 30), "24 values"),
    "text of a statement": (
        "Products?$orderby=" + "cast(" * 27 + "concat(Name,'" + "x" * 20 + "')"
        + ",Edm.String)" * 27, None,
    ),
}  # fmt: skip


@pytest.mark.parametrize("costly", COSTLY)
def test_a_costly_question_is_refused_with_its_limit(shop: Shop, costly: str) -> None:
    path, limit = COSTLY[costly]
    begun = time.process_time()
    answer = shop.ask(path)
    assert time.process_time() - begun < SOON
    if limit is None:
        assert answer.status_code == 200
    else:
        assert answer.status_code == 400, answer.text
        error = answer.json()["error"]
        assert error["code"] == "LimitExceeded"
        assert limit in error["message"]


@pytest.mark.parametrize(
    "path",
    [
        "Products?$filter=" + nested(58),
        "Products?$filter=" + "not " * 50 + "true",
        "Products?$filter=" + " or ".join(["Id eq 1"] * 900),
        "Products?$filter=Id in (" + ",".join(map(str, range(1000))) + ")",
        "Categories?$filter=" + quantified(12),
        f"Categories?$expand={expanded(6)}",
        "Categories(3)/Parent/Children",
        "Products?$orderby=" + ",".join(f"Id add {each}" for each in range(24)),
        "Categories?$filter=Products/any(p:Products/any(q:q/Price gt p/Price))",
        "Categories?$filter=Products/any(p:p/Supplier/Trips/any(t:t/Budget gt p/Price))",
    ],
    ids=range(10),
)
def test_what_stays_below_the_limits_is_answered(shop: Shop, path: str) -> None:
    assert shop.ask(path).status_code == 200


@pytest.mark.parametrize(
    "text",
    [
        "cast(" * 26 + "Stock" + ",Edm.Int32),Edm.String)" * 13,
        "cast(" * 26 + "Stock" + ",Edm.Decimal),Edm.Int32)" * 13,
        "cast(endswith('x'," * 13 + "'x'" + "),Edm.String)" * 13,
        "substring('x',length(" * 13 + "'x'" + "))" * 13,
        "round(" * 50 + "Weight" + ")" * 50,
    ],
    ids=["casts to whole numbers", "casts between numbers", "ends", "positions", "rounds"],
)
def test_no_statement_grows_faster_than_its_question(text: str) -> None:
    question = QueryKey("*", "Products", f"$orderby={text}", Style(), 10)
    compiled = Compiler(CATALOGUE).compile(question, EVERYTHING)
    assert compiled.statement is not None
    assert len(compiled.statement.sql) < 100_000


def test_a_statement_that_grows_all_the_same_is_refused() -> None:
    text = "cast(" * 13 + "'1'" + " in ('x',null,Name),Edm.String)" * 13
    question = QueryKey("*", "Products", f"$orderby={text}", Style(), 10)
    with pytest.raises(LimitExceeded, match="characters of SQL"):
        Compiler(CATALOGUE).compile(question, EVERYTHING)


def test_rights_in_thousands_of_places_fit_into_a_statement() -> None:
    places = tuple({"store": each} for each in range(5000))
    access = Access(key="many", places=places)
    options = "$filter=Category/Products/any(p:p/Id eq 1) or Id eq 1&$expand=*"
    question = QueryKey("many", "Products", options, Style(), 10)
    compiled = Compiler(CATALOGUE).compile(question, access)
    assert compiled.statement is not None
    assert len(compiled.statement.params) < 50
    assert len(compiled.statement.sql) < 10_000


@pytest.fixture(scope="module")
def hasty(tables: str) -> Iterator[Shop]:
    """A shop with many products, whose statements may take a quarter of a second."""
    with psycopg.connect(tables, autocommit=True) as connection:
        connection.execute(
            "INSERT INTO catalogue.product (id, name, created_at, code, sku, store, category_id)"
            " SELECT n, n::text, now(), n::text, gen_random_uuid(), 3, 4"
            " FROM generate_series(100, 6000) n"
        )
    with open_shop(tables, statement_timeout_ms=250) as opened:
        yield opened


SLOW = "Category/Products/any(p:contains(concat(p/Name,Name),'no such text')) or Id eq -1"


@pytest.mark.parametrize(
    ("path", "options"),
    [
        ("Products", {"filter": SLOW, "top": "1"}),
        ("Products", {"filter": SLOW}),
        ("Products", {"filter": SLOW, "count": "true"}),
        ("Products/$count", {"filter": SLOW}),
        ("Categories(4)", {"expand": f"Products($filter={SLOW};$count=true)"}),
    ],
)
def test_a_statement_that_takes_too_long_is_refused(
    hasty: Shop, path: str, options: dict[str, str]
) -> None:
    for _ in range(2):
        error = hasty.refused(path, 400, **options)
        assert error["code"] == "LimitExceeded"
        assert "takes longer" in error["message"]
    assert hasty.ids("Id lt 4") == [1, 2, 3]


COSTLY_PATTERN = f"matchesPattern(concat(Name,'{'x' * 800}'),'(x{{1,70}}){{1,70}}y')"


@pytest.mark.parametrize("path", ["Products", "Products/$count"])
def test_a_pattern_that_takes_long_is_given_up(hasty: Shop, path: str) -> None:
    error = hasty.refused(path, 400, filter=COSTLY_PATTERN)
    assert "takes longer" in error["message"]


def test_a_long_answer_whose_rows_stop_coming_is_cut(hasty: Shop, tables: str) -> None:
    """The first rows have no category to expand; the row after them takes longer than any may."""
    with psycopg.connect(tables, autocommit=True) as connection:
        connection.execute(
            "INSERT INTO catalogue.product (id, name, created_at, code, sku, store)"
            " SELECT n, n::text, now(), n::text, gen_random_uuid(), 3"
            " FROM generate_series(10000, 13000) n"
        )
    # Of each row anew: what depends on nothing else is computed once.
    costly = quote(COSTLY_PATTERN.replace("concat(Name", "concat(concat($it/Name,Name)"))
    expand = f"Category($expand=Products($filter={costly};$top=1))"
    with (
        open_shop(tables, statement_timeout_ms=1000, page=50_000) as shop,
        pytest.raises(AnswerCut, match="takes longer"),
    ):
        read(shop, f"$orderby=Id%20desc&$expand={expand}")
    assert hasty.ids("Id lt 4") == [1, 2, 3]
