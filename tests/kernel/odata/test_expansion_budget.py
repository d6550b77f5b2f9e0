"""Expansions are bounded: in the plan, in the rows of one entity's document, in bytes."""

from collections.abc import Iterator
from itertools import pairwise

import psycopg
import pytest
from tests.kernel.odata.catalogue import CATALOGUE
from tests.kernel.odata.shop import Shop, open_shop
from tests.kernel.odata.test_streaming import read

from gerance.kernel.http.stream_response import AnswerCut
from gerance.kernel.odata.access import EVERYTHING
from gerance.kernel.odata.compiler import CompiledQuery, Compiler, QueryKey
from gerance.kernel.odata.edm import EntityType, Navigation
from gerance.kernel.odata.errors import LimitExceeded
from gerance.kernel.odata.sql.statements import MOST_ROWS
from gerance.kernel.odata.sql.style import Style
from gerance.odata_service import MODEL

SMALL, LARGE = 90, 150
"""Products of two categories: the square of one is within the budget, that of the other is not."""
CATEGORIES = {"small": 100, "large": 101, "whole": 102, "full": 103}


@pytest.fixture(scope="module")
def store(tables: str) -> Iterator[Shop]:
    """A shop whose categories have few products, many, as many as may be, and one more."""
    sizes = (SMALL, LARGE, MOST_ROWS, MOST_ROWS + 1)
    with psycopg.connect(tables, autocommit=True) as connection:
        for (name, category), size in zip(CATEGORIES.items(), sizes, strict=True):
            connection.execute(
                "INSERT INTO catalogue.category (id, name) VALUES (%s, %s)", [category, name]
            )
            connection.execute(
                "INSERT INTO catalogue.product"
                " (id, name, created_at, code, sku, store, category_id)"
                " SELECT n, 'x', now(), n::text, gen_random_uuid(), 1, %s"
                " FROM generate_series(%s::int, %s) n",
                [category, category * 100_000, category * 100_000 + size - 1],
            )
        connection.execute("ANALYZE")
    with open_shop(tables, page=50_000) as opened:
        yield opened


def one(name: str) -> str:
    return f"Categories({CATEGORIES[name]})"


PRODUCTS = "Products($select=Id)"
AGAIN = "Products($select=Id;$expand=Category($select=Id;$expand=Products($select=Id)))"


@pytest.mark.parametrize(
    ("path", "expand"),
    [
        (one("full"), PRODUCTS),
        (one("full"), "Products($select=Id;$top=20000)"),
        (one("full"), "Products($select=Id;$count=true)"),
        (one("full"), "Products/$ref"),
        (one("large"), AGAIN),
        (one("full") + "/Products", "Category($expand=Products($select=Id))"),
        ("Categories", PRODUCTS),
        (f"Categories?$filter=Id eq {CATEGORIES['large']}", AGAIN),
    ],
)  # fmt: skip
def test_an_entity_with_too_many_rows_expanded_is_refused(
    store: Shop, path: str, expand: str
) -> None:
    error = store.refused(path, 400, expand=expand)
    assert (error["code"], error["target"]) == ("LimitExceeded", "$expand")
    assert str(MOST_ROWS) in error["message"]


@pytest.mark.parametrize(
    ("path", "expand", "rows"),
    [
        (one("whole"), PRODUCTS, MOST_ROWS),
        (one("full"), "Products($select=Id;$top=10000)", MOST_ROWS),
        (one("full"), "Products($select=Id;$skip=1)", MOST_ROWS),
        (one("full"), "Products($select=Id;$filter=Id gt 0;$top=3)", 3),
        (one("small"), AGAIN, SMALL),
    ],
)
def test_what_is_within_the_budget_is_answered(
    store: Shop, path: str, expand: str, rows: int
) -> None:
    products = store.json(path, expand=expand)["Products"]
    assert len(products) == rows
    assert [each["Id"] for each in products] == sorted(each["Id"] for each in products)
    if "Category" in expand:
        assert {len(each["Category"]["Products"]) for each in products} == {SMALL}


def test_the_count_of_an_expansion_has_no_budget(store: Shop) -> None:
    found = store.json(one("full"), expand="Products/$count")
    assert found["Products@odata.count"] == MOST_ROWS + 1


def test_rows_beyond_the_budget_are_not_read(store: Shop, tables: str) -> None:
    """The statement ends with the row that is too much: it does not build the others first."""
    compiled = _compiled("Categories", f"$filter=Id eq {CATEGORIES['large']}&$expand={AGAIN}")
    assert compiled.statement is not None
    with psycopg.connect(tables, autocommit=True) as connection:
        connection.execute("SELECT pg_stat_force_next_flush()")
        before = _read_rows(connection)
        with (
            psycopg.RawCursor(connection) as cursor,
            pytest.raises(psycopg.errors.CardinalityViolation),
        ):
            cursor.execute(compiled.statement.sql.encode(), compiled.statement.params)
        connection.execute("SELECT pg_stat_force_next_flush()")
        assert _read_rows(connection) - before < 2 * MOST_ROWS < LARGE**2


def _read_rows(connection: psycopg.Connection) -> int:
    ((rows,),) = connection.execute(
        "SELECT idx_tup_fetch + seq_tup_read FROM pg_stat_user_tables"
        " WHERE schemaname = 'catalogue' AND relname = 'product'"
    ).fetchall()
    return int(rows)


def test_a_collection_that_holds_much_is_streamed_in_small_parts() -> None:
    few = _compiled("Categories", "$top=60&$expand=Products($top=5)")
    much = _compiled("Categories", "$top=60&$expand=Products")
    assert (few.bounded, much.bounded) == (True, False)
    assert much.batch == 10
    assert _compiled("Products", "$top=60&$expand=Category").bounded


def test_an_answer_that_is_too_long_is_refused_or_cut(tables: str, store: Shop) -> None:
    with open_shop(tables, page=50_000, answer_bytes=900_000) as shop:
        whole = f"Id eq {CATEGORIES['whole']}"
        error = shop.refused("Categories", 400, filter=whole, expand="Products")
        assert (error["code"], "900000 bytes" in error["message"]) == ("LimitExceeded", True)
        rows = len(shop.rows("Products", select="Id", top=20_000))
        assert rows == 20_000
        with pytest.raises(AnswerCut, match="900000 bytes"):
            read(shop, "")
        assert len(shop.rows("Products", select="Id", top=5)) == 5


def test_an_expansion_may_return_to_many_once() -> None:
    _compiled("Categories", f"$expand={AGAIN}")
    _compiled("Products", "$expand=Category($expand=Products)")
    _compiled(
        "Categories(1)/Products(1)/Category/Products", f"$expand=Category($expand={PRODUCTS})"
    )
    again = "Category($expand=Products($expand=Category($expand=Products)))"
    for path, expand in [
        ("Categories", f"Products($expand={again})"),
        ("Products", again),
        ("Products", "Category/Products/Category/Products"),
        ("Products", "Category($expand=Products($expand=Category/Products/$ref))"),
    ]:  # fmt: skip
        with pytest.raises(LimitExceeded, match="more than 1 time") as caught:
            _compiled(path, f"$expand={expand}")
        assert caught.value.target == "$expand"


def _compiled(path: str, query: str) -> CompiledQuery:
    question = QueryKey("*", path, query, Style(), 50_000)
    return Compiler(CATALOGUE).compile(question, EVERYTHING)


# Every way through the real model, so that a new navigation is covered.

Way = tuple[Navigation, ...]


def ways(entity: EntityType, length: int) -> Iterator[Way]:
    """All ways of so many steps from an entity type."""
    if not length:
        yield ()
        return
    for navigation in entity.navigations:
        for rest in ways(MODEL.target(navigation), length - 1):
            yield (navigation, *rest)


def returns(way: Way) -> int:
    return sum(not before.many and after.many for before, after in pairwise(way))


@pytest.mark.parametrize("entity", MODEL.sets.values(), ids=lambda each: each.set_name)
def test_every_expansion_of_the_model_has_a_budget(entity: EntityType) -> None:
    compiler = Compiler(MODEL)
    for length in (1, 2, 3, 4):
        for way in ways(entity, length):
            expand = "/".join(each.name for each in way)
            question = QueryKey("*", entity.set_name, f"$expand={expand}", Style(), 50_000)
            if returns(way) > 1:
                with pytest.raises(LimitExceeded):
                    compiler.compile(question, EVERYTHING)
                continue
            compiled = compiler.compile(question, EVERYTHING)
            assert compiled.statement is not None
            collections = sum(each.many for each in way)
            assert compiled.statement.sql.count(f"LIMIT {MOST_ROWS + 1}") == collections
            assert compiled.statement.sql.count("generate_series(1, least(") == collections
