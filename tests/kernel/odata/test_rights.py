"""Whose access is limited to sets and places sees nothing else, whatever way it tries.

Products 1, 2 and 5 are in store 1; 3, 4 and 6 in store 2. `SECRET` is only in what store 2 has.
"""

import os
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from tests.kernel.odata import oracle
from tests.kernel.odata.oracle import Row
from tests.kernel.odata.questions import Asked, Scope, conditions
from tests.kernel.odata.shop import ROOT, Shop

SECRET = ("Évian", "fontaine", "tasse", "EAU", "33333333", "44444444", "66666666", "12345678")

# Each leads to products of store 2, or would tell something of them.
WAYS: list[tuple[str, dict[str, Any]]] = [
    ("Products", {}),
    ("Products", {"filter": "Id eq 3"}),
    ("Products", {"filter": "Id in (3,4,6) or true", "count": "true"}),
    ("Products", {"orderby": "Id desc", "top": 1}),
    ("Products", {"skip": 2}),
    ("Products/$count", {}),
    ("Products/$count", {"filter": "Id gt 2"}),
    ("Categories", {"expand": "Products"}),
    ("Categories", {"expand": "Products($count=true;$filter=Id gt 2;$orderby=Id desc;$top=1)"}),
    ("Categories", {"expand": "Products/$count"}),
    ("Categories", {"expand": "Products/$ref"}),
    ("Categories", {"expand": "*"}),
    ("Categories", {"expand": "Children($expand=Products)"}),
    ("Categories(3)/Products", {}),
    ("Categories(3)/Products", {"count": "true"}),
    ("Categories(3)/Products/$count", {}),
    ("People('zoe')/Supplies", {}),
    ("People", {"expand": "Supplies($expand=Category)"}),
    ("Trips", {"expand": "Person($expand=Supplies)"}),
    ("Products/Released(since=1999-01-01)", {}),
    ("Products/Released(since=1999-01-01)/$count", {}),
    ("Products/Released?since=1999-01-01", {"filter": "Id eq 4"}),
]
"""Paths and options, all of which an access of store 1 may ask."""


def answers(shop: Shop, path: str, options: dict[str, Any]) -> str:
    answer = shop.ask(path, {"Accept": "application/json;odata.metadata=full"}, **options)
    assert answer.status_code == 200, answer.text
    return answer.text


@pytest.mark.parametrize(("path", "options"), WAYS, ids=str)
def test_nothing_of_another_place_is_ever_answered(
    shop: Shop, path: str, options: dict[str, Any]
) -> None:
    everything = answers(shop, path, options)
    mine = answers(shop.seen_by("first store"), path, options)
    assert not [each for each in SECRET if each in mine]
    assert "(3)" not in mine.replace("Categories(3)", "")
    assert mine != everything
    assert answers(shop, path, options) == everything
    assert answers(shop.seen_by("first store"), path, options) == mine


def test_counts_are_of_what_is_seen(shop: Shop) -> None:
    first, second = shop.seen_by("first store"), shop.seen_by("second store")
    for seen, ids in ((first, [1, 2, 5]), (second, [3, 4, 6]), (shop.seen_by("no store"), [])):
        assert seen.ids() == ids
        assert seen.ask("Products/$count").text == str(len(ids))
        assert seen.json("Products", count="true", top=0)["@odata.count"] == len(ids)
    assert first.ask("Categories(3)/Products/$count").text == "0"
    found = first.rows("Categories", expand="Products($count=true)", orderby="Products/$count desc")
    assert [(row["Id"], row["Products@odata.count"]) for row in found][:2] == [(2, 2), (1, 0)]


@pytest.mark.parametrize(
    "path",
    ["Products(3)", "Products(Code='EAU')", "Products(Sku=33333333-3333-4333-8333-333333333333)",
     "Products(3)/Name", "Products(3)/Name/$value", "Products(3)/Category", "Products(3)/Supplier",
     "Categories(3)/Products(3)", "Categories(3)/Products(3)/Name", "Products(4)/Supplier/Trips",
     "Products(6)/Supplier/Supplies"],
)  # fmt: skip
def test_what_is_in_another_place_is_not_found(shop: Shop, path: str) -> None:
    missing = shop.seen_by("first store").refused(path, 404)
    assert missing["code"] == "NotFound"
    assert shop.ask(path).status_code in (200, 204)


@pytest.mark.parametrize(
    ("condition", "found"),
    [
        ("Products/any()", [2]),
        ("Products/$count gt 0", [2]),
        ("Products/any(p:p/Id eq 3)", []),
        ("Products/all(p:p/Rating eq null)", [1, 3, 4]),
        ("Children/any(c:c/Products/any(p:p/Price lt 1))", []),
        ("Products/any(p:p/Supplier/Supplies/any(q:q/Id eq 4))", []),
        ("Products/$count($filter=contains(Name,'eau')) eq 1", []),
    ],
)
def test_conditions_tell_nothing_of_another_place(
    shop: Shop, condition: str, found: list[int]
) -> None:
    seen = shop.seen_by("first store")
    assert seen.keys("Categories", "Id", filter=condition) == found
    assert shop.keys("Categories", "Id", filter=condition) != found


BOUNDED = settings(
    max_examples=int(os.environ.get("GERANCE_TEST_EXAMPLES", "100")),
    deadline=None,
    derandomize="CI" in os.environ,
    suppress_health_check=list(HealthCheck),
)


@pytest.fixture(scope="module")
def seen(tables: str) -> dict[str, list[Row]]:
    """The rows as they are for whom nothing but store 1 is there."""
    return oracle.all_rows(tables, store=1)


@BOUNDED
@given(asked=conditions(Scope(), 3))
def test_whatever_is_asked_the_rest_might_as_well_not_be_there(
    shop: Shop, seen: dict[str, list[Row]], asked: Asked
) -> None:
    found = [r.values["Id"] for r in seen["Products"] if asked.evaluate({"$it": r}) is True]
    assert shop.seen_by("first store").ids(asked.text) == sorted(found)


FORBIDDEN: list[tuple[str, dict[str, Any]]] = [
    ("Categories", {}),
    ("Categories(2)", {}),
    ("Categories(2)/Name/$value", {}),
    ("Categories/$count", {}),
    ("Categories(2)/Products", {}),
    ("Products(1)/Category", {}),
    ("Products(1)/Category/Name", {}),
    ("Products(1)/Supplier/Trips", {}),
    ("Products", {"filter": "Category/Name eq 'eaux'"}),
    ("Products", {"filter": "Category eq null"}),
    ("Products", {"filter": "not (Category/Parent/Id eq 1)"}),
    ("Products", {"filter": "Supplier/Trips/any()"}),
    ("Products", {"filter": "Supplier/Trips/$count gt 0"}),
    ("Products", {"filter": "Category/Products/any(p:p/Id eq 1)"}),
    ("Products", {"orderby": "Category/Name"}),
    ("Products", {"orderby": "Supplier/Trips/$count desc"}),
    ("Products", {"expand": "Category"}),
    ("Products", {"expand": "Category/$ref"}),
    ("Products", {"expand": "Category($select=Id)", "select": "Id"}),
    ("Products/$count", {"filter": "Category/Id eq 1"}),
    ("Products(1)", {"expand": "Supplier"}),
    ("Products/Released(since=2025-01-01)", {"expand": "Category"}),
    ("Products/Released(since=2025-01-01)", {"filter": "Category/Id eq 1"}),
    ("Products?@p=Category/Id eq 1", {"filter": "@p"}),
]


@pytest.mark.parametrize(("path", "options"), FORBIDDEN, ids=str)
def test_no_way_leads_to_a_set_that_one_may_not_read(
    shop: Shop, path: str, options: dict[str, Any]
) -> None:
    assert shop.ask(path, **options).status_code == 200
    seen = shop.seen_by("products")
    assert seen.refused(path, 403, **options)["code"] == "Forbidden"
    assert seen.ask(path, {"If-None-Match": "*"}, **options).status_code == 403
    assert seen.ask(path, method="HEAD", **options).status_code == 403


def test_what_one_may_read_is_answered_as_ever(shop: Shop) -> None:
    seen = shop.seen_by("products")
    assert seen.ids() == [1, 2, 3, 4, 5, 6]
    assert seen.json("Products(1)")["Name"] == "Thé vert"
    assert len(seen.rows("Products/Released(since=2026-01-01)")) == 2
    (row,) = seen.rows("Products", expand="*", filter="Id eq 1")
    assert "Category" not in row
    assert "Supplier" not in row


def test_a_module_that_is_missing_is_named(shop: Shop) -> None:
    seen = shop.seen_by("no trips")
    for path, options in (
        ("Trips", {}),
        ("People('zoe')/Trips", {}),
        ("People", {"filter": "Trips/any()"}),
        ("People", {"orderby": "Trips/$count"}),
        ("People", {"expand": "Trips"}),
        ("People", {"expand": "Followers($expand=Trips)"}),
    ):
        error = seen.refused(path, 403, None, **options)
        assert error["code"] == "ModuleMissing"
        assert "travel" in error["message"]
    (row,) = seen.rows("People", expand="*", filter="UserName eq 'zoe'")
    assert row.keys() >= {"Followers", "BestFriend", "Supplies"}
    assert "Trips" not in row
    assert "Trips" not in [each["url"] for each in seen.json("")["value"]]


def test_a_kept_answer_is_for_those_with_the_same_rights_alone(shop: Shop) -> None:
    tags = {}
    for access in ("*", "first store", "second store", "no store", "products"):
        seen = shop.seen_by(access)
        first = seen.ask("Products", select="Id")
        assert seen.ask("Products", select="Id").content == first.content
        tags[access] = first.headers["etag"]
    assert len(set(tags.values())) == len(tags)
    for access, tag in tags.items():
        for other in tags:
            answer = shop.seen_by(other).ask("Products", {"If-None-Match": tag}, select="Id")
            assert answer.status_code == (304 if other == access else 200)


def test_the_next_page_of_another_is_refused(shop: Shop) -> None:
    link = shop.json("Products", {"Prefer": "odata.maxpagesize=1"}, select="Id")["@odata.nextLink"]
    refused = shop.seen_by("first store").refused(link.removeprefix(ROOT))
    assert refused["code"] == "BadSkipToken"


@pytest.mark.parametrize("operator", ["div", "divby", "mod"])
@pytest.mark.parametrize("number", ["Rating", "Price", "Stock", "Weight"])
def test_a_division_by_zero_reveals_no_row_of_another_place(
    shop: Shop, operator: str, number: str
) -> None:
    first = shop.seen_by("first store")
    for row in shop.rows("Products", select=f"Id,{number}"):
        if row[number] is not None:
            division = f"1 {operator} ({number} sub {row[number]})"
            assert set(first.ids(f"{division} ne 7")) == {1, 2, 5}
            assert set(first.ids(f"{division} ne 7 or true")) == {1, 2, 5}
