"""`$orderby`, `$top`, `$skip` and `$count`."""

import pytest
from tests.kernel.odata.shop import Shop


@pytest.mark.parametrize(
    ("order", "found"),
    [
        ("Id desc", [6, 5, 4, 3, 2, 1]),
        ("Rating", [2, 4, 6, 3, 5, 1]),
        ("Rating asc", [2, 4, 6, 3, 5, 1]),
        ("Rating desc", [1, 5, 3, 6, 4, 2]),
        ("Price,Id desc", [4, 3, 2, 1, 5, 6]),
        ("Price desc,Rating", [6, 5, 2, 1, 3, 4]),
        ("Discontinued", [2, 6, 1, 3, 5, 4]),
        ("Discontinued desc", [4, 1, 3, 5, 2, 6]),
        ("ReleasedOn", [3, 6, 5, 1, 2, 4]),
        ("CreatedAt desc,Id", [2, 1, 3, 4, 5, 6]),
        ("Opens", [2, 6, 3, 1, 5, 4]),
        ("Sku desc", [6, 5, 4, 3, 2, 1]),
        ("Name", [5, 3, 4, 2, 1, 6]),
        ("Name desc", [6, 1, 2, 4, 3, 5]),
        ("Code", [5, 6, 3, 4, 1, 2]),
        ("Category/Name", [5, 6, 3, 4, 1, 2]),
        ("Category/Name desc,Id desc", [2, 1, 4, 3, 6, 5]),
        ("Category/Parent/Name,Rating desc", [5, 6, 1, 3, 4, 2]),
        ("Supplier/BestFriend/FirstName desc", [2, 6, 5, 1, 3, 4]),
        ("Rating mod 2,Id", [2, 5, 6, 1, 3, 4]),
        ("-Rating", [2, 1, 5, 3, 6, 4]),
        ("length(Name) desc", [6, 4, 5, 2, 3, 1]),
        ("Rating gt 3 desc,Id", [1, 5, 2, 3, 4, 6]),
        ("contains(Name,'eau') desc,Id", [4, 1, 2, 3, 5, 6]),
        ("Supplier/Trips/$count desc,Id", [1, 4, 2, 6, 3, 5]),
        ("Category/Products/any(p:p/Rating eq 5),Id", [3, 4, 5, 6, 1, 2]),
        ("CreatedAt sub 2025-01-01T00:00:00Z desc", [2, 1, 3, 4, 5, 6]),
        ("Rating,Rating desc,Id", [2, 4, 6, 3, 5, 1]),
        ("null,Id desc", [6, 5, 4, 3, 2, 1]),
        ("1 desc,null", [1, 2, 3, 4, 5, 6]),
        ("  rating   DESC  ,  ID  ", [1, 5, 3, 6, 4, 2]),
    ],
)
def test_rows_come_in_order(shop: Shop, order: str, found: list[int]) -> None:
    assert shop.ids(orderby=order) == found
    paged: list[int] = []
    for page in shop.pages("Products", 1, orderby=order, select="Id"):
        paged += [row["Id"] for row in page]
    assert paged == found


def test_people_are_ordered_as_people_order_them(shop: Shop) -> None:
    names = shop.keys("People", "FirstName", orderby="FirstName")
    assert names == ["", "Ada", "Shaun", "Zoé", "李"]


def test_top_and_skip_cut_the_order(shop: Shop) -> None:
    assert shop.ids(orderby="Rating", top=2) == [2, 4]
    assert shop.ids(orderby="Rating", skip=4) == [5, 1]
    assert shop.ids(orderby="Rating", skip=1, top=2) == [4, 6]
    assert shop.ids(top=0) == []
    assert shop.ids(skip=99) == []
    assert shop.ids(top=99999999999) == [1, 2, 3, 4, 5, 6]
    assert "@odata.nextLink" not in shop.json("Products", top=2)


def test_count_counts_all_that_meet_the_filter(shop: Shop) -> None:
    body = shop.json("Products", filter="Rating gt 1", top=1, skip=1, count="true")
    assert body["@odata.count"] == 4
    assert len(body["value"]) == 1
    assert "@odata.count" not in shop.json("Products", count="false")
    assert shop.json("Products", top=0, count="TRUE")["@odata.count"] == 6
    assert shop.ask("Products/$count", filter="Rating gt 1").text == "4"
    assert shop.ask("Categories(2)/Products/$count").text == "2"


def test_the_count_goes_on_over_the_pages(shop: Shop) -> None:
    body = shop.json("Products", {"Prefer": "odata.maxpagesize=4"}, count="true", skip=1)
    assert body["@odata.count"] == 6
    rest = shop.follow(body["@odata.nextLink"])
    assert rest["@odata.count"] == 6
    assert [row["Id"] for row in rest["value"]] == [6]


@pytest.mark.parametrize(
    "options",
    [
        {"orderby": "Category"},
        {"orderby": "Products"},
        {"orderby": "Nothing"},
        {"orderby": "Id,"},
        {"orderby": "Id asc desc"},
        {"top": "-1"},
        {"top": "1.5"},
        {"skip": "x"},
        {"count": "1"},
    ],
)
def test_what_orders_and_counts_nothing_is_refused(shop: Shop, options: dict[str, str]) -> None:
    assert shop.refused("Products", **options)["target"] == f"${next(iter(options))}"


def test_an_order_that_changes_between_pages_is_not_supported(shop: Shop) -> None:
    assert "now()" in shop.refused("Products", 501, orderby="now() sub CreatedAt")["message"]
    assert shop.ids("CreatedAt lt now()", orderby="Id") == [1, 2, 3, 4, 5, 6]
