"""`$expand` and `$select`."""

from typing import Any

import pytest
from tests.kernel.odata.shop import ROOT, Shop

FULL = {"Accept": "application/json;odata.metadata=full"}
EXACT = {"Accept": "application/json;IEEE754Compatible=true"}


def expanded(shop: Shop, path: str, expand: str, **options: Any) -> dict[int, Any]:
    """What each entity has under the first name in `expand`, by its Id."""
    name = expand.partition("(")[0].partition("/")[0]
    rows = shop.rows(path, expand=expand, **options)
    return {row["Id"]: row.get(name) for row in rows}


def inner(shop: Shop, options: str) -> dict[int, list[int]]:
    found = expanded(shop, "Categories", f"Products($select=Id;{options})")
    return {key: [row["Id"] for row in rows] for key, rows in found.items()}


def test_one_is_an_object_or_null_and_many_are_a_list(shop: Shop) -> None:
    one = expanded(shop, "Products", "Category($select=Name)", select="Id")
    assert one[1] == {"Name": "Thés & tisanes"}
    assert one[5] is None
    many = expanded(shop, "Categories", "Products($select=Id)")
    assert many == {1: [], 2: [{"Id": 1}, {"Id": 2}], 3: [{"Id": 3}, {"Id": 4}], 4: []}


@pytest.mark.parametrize(
    ("options", "found"),
    [
        ("$filter=Rating gt 1", {1: [], 2: [1], 3: [3], 4: []}),
        ("$filter=not (Rating gt 1)", {1: [], 2: [2], 3: [4], 4: []}),
        ("$orderby=Id desc", {1: [], 2: [2, 1], 3: [4, 3], 4: []}),
        ("$orderby=Supplier/UserName desc,Id", {1: [], 2: [1, 2], 3: [4, 3], 4: []}),
        ("$top=1", {1: [], 2: [1], 3: [3], 4: []}),
        ("$skip=1", {1: [], 2: [2], 3: [4], 4: []}),
        ("$orderby=Id desc;$skip=1;$top=1", {1: [], 2: [1], 3: [3], 4: []}),
        ("$top=0", {1: [], 2: [], 3: [], 4: []}),
        ("$filter=Supplier/Trips/$count gt 1", {1: [], 2: [1], 3: [4], 4: []}),
        ("$filter=Id eq $it/Id", {1: [], 2: [2], 3: [3], 4: []}),
        ("$filter=Id gt $it/Products/$count", {1: [], 2: [], 3: [3, 4], 4: []}),
        ("$filter=$it/Products/any(p:p/Id eq 1)", {1: [], 2: [1, 2], 3: [], 4: []}),
        ("$filter=Category/Parent/Id eq 1", {1: [], 2: [1, 2], 3: [3, 4], 4: []}),
        ("FILTER = Rating gt 1 ; TOP = 1", {1: [], 2: [1], 3: [3], 4: []}),
        ("where=Rating gt 1", {1: [], 2: [1], 3: [3], 4: []}),
    ],
)
def test_each_item_has_its_own_options(
    shop: Shop, options: str, found: dict[int, list[int]]
) -> None:
    assert inner(shop, options) == found


def test_a_count_of_an_item_counts_what_its_filter_meets(shop: Shop) -> None:
    rows = shop.rows("Categories", expand="Products($count=true;$top=1;$filter=Rating ne null)")
    assert [row["Products@odata.count"] for row in rows] == [0, 1, 2, 0]
    assert [len(row["Products"]) for row in rows] == [0, 1, 1, 0]
    rows = shop.rows("Categories", expand="Products/$count($filter=Rating gt 2)")
    assert [row["Products@odata.count"] for row in rows] == [0, 1, 1, 0]
    assert "Products" not in rows[0]


def test_references_are_addresses_alone(shop: Shop) -> None:
    found = expanded(shop, "Categories", "Products/$ref($orderby=Id desc)", filter="Id eq 2")
    assert found == {
        2: [{"@odata.id": f"{ROOT}Products(2)"}, {"@odata.id": f"{ROOT}Products(1)"}],
    }
    found = expanded(shop, "Products", "Category/$ref", filter="Id in (1,5)")
    assert found == {1: {"@odata.id": f"{ROOT}Categories(2)"}, 5: None}


def test_items_nest(shop: Shop) -> None:
    expand = (
        "Children($select=Id;$orderby=Id desc;$expand=Products($select=Id;$top=1;"
        "$expand=Supplier($select=UserName;$expand=Trips($select=TripNo))))"
    )
    trips = [{"TripNo": 1}, {"TripNo": 2}]
    assert expanded(shop, "Categories", expand, filter="Id eq 1", select="Id")[1] == [
        {"Products": [{"Supplier": None, "Id": 3}], "Id": 3},
        {"Products": [{"Supplier": {"Trips": trips, "UserName": "zoe"}, "Id": 1}], "Id": 2},
    ]


def test_a_path_expands_along_it(shop: Shop) -> None:
    found = expanded(shop, "Products", "Category/Parent($select=Id)", filter="Id in (1,5)")
    assert found[1]["Parent"] == {"Id": 1}
    assert found[5] is None


def test_a_star_expands_everything_once(shop: Shop) -> None:
    (row,) = shop.rows("Products", filter="Id eq 1", expand="*")
    assert row["Category"]["Id"] == 2
    assert row["Supplier"]["UserName"] == "zoe"
    (row,) = shop.rows("Products", filter="Id eq 1", expand="Category($select=Id),*")
    assert row["Category"] == {"Id": 2}
    (row,) = shop.rows("Products", filter="Id eq 1", expand="*/$ref")
    assert row["Supplier"] == {"@odata.id": f"{ROOT}People('zoe')"}


def test_a_single_entity_is_expanded_too(shop: Shop) -> None:
    body = shop.json("Categories(2)", expand="Products($select=Id;$orderby=Id desc)", select="Name")
    assert body["Products"] == [{"Id": 2}, {"Id": 1}]
    body = shop.json("Products(1)/Category", expand="Parent($select=Id)", select="Id")
    assert body["Parent"] == {"Id": 1}


def test_only_what_is_selected_is_answered_as_it_is_asked(shop: Shop) -> None:
    body = shop.json("Products", select="price , ID,Category,price", top=1)
    assert body["@odata.context"] == f"{ROOT}$metadata#Products(Price,Id)"
    assert list(body["value"][0]) == ["Price", "Id"]
    assert shop.rows("Products", select="Category", top=1) == [{}]
    assert len(shop.rows("Products", select="*", top=1)[0]) == 15
    assert shop.json("Products(1)", select="Id") == {
        "@odata.context": f"{ROOT}$metadata#Products(Id)/$entity",
        "Id": 1,
    }


def test_counts_are_texts_where_numbers_are(shop: Shop) -> None:
    body = shop.json("Categories(2)", EXACT, expand="Products($count=true;$select=Id,Stock,Price)")
    assert body["Products@odata.count"] == "2"
    (first, *_) = body["Products"]
    assert (first["Id"], first["Stock"], first["Price"]) == (1, "9007199254740993", "4.50")
    assert shop.json("Products", EXACT, count="true", top=0)["@odata.count"] == "6"


@pytest.mark.parametrize(
    ("options", "status"),
    [
        ({"expand": "Nothing"}, 400),
        ({"expand": "Name"}, 400),
        ({"expand": "Category,category"}, 400),
        ({"expand": "Category("}, 400),
        ({"expand": "Category(Name)"}, 400),
        ({"expand": "Category($select=Nam)"}, 400),
        ({"expand": "Category($select=Id;$select=Name)"}, 400),
        ({"expand": "Category/$count"}, 400),
        ({"expand": "Category($skiptoken=x)"}, 400),
        ({"expand": "Category($levels=2)"}, 501),
        ({"expand": "Category(levels=max)"}, 501),
        ({"expand": "Category($compute=1 as x)"}, 501),
        ({"expand": "Category($top=1)"}, 501),
        ({"expand": "Supplier($filter=$it/Category/Id eq 1)"}, 501),
        ({"select": "Category/Name"}, 501),
        ({"select": "Nam"}, 400),
        ({"select": ""}, 400),
        ({"select": "Id,,Name"}, 400),
    ],
)
def test_what_cannot_be_expanded_or_selected_is_refused(
    shop: Shop, options: dict[str, str], status: int
) -> None:
    shop.refused("Products", status, **options)


def test_a_path_from_the_outer_entity_is_refused_not_misread(shop: Shop) -> None:
    options = {"expand": "Products($filter=Id gt $it/Parent/Id)"}
    error = shop.refused("Categories", 501, None, **options)
    assert "$it" in error["message"]


def test_full_metadata_say_type_address_and_links(shop: Shop) -> None:
    body = shop.json("Products(1)", FULL, select="Id,Name,Price", expand="Category($select=Id)")
    assert body == {
        "@odata.context": f"{ROOT}$metadata#Products(Id,Name,Price)/$entity",
        "@odata.type": "#Catalogue.Product",
        "@odata.id": f"{ROOT}Products(1)",
        "@odata.editLink": f"{ROOT}Products(1)",
        "@odata.etag": 'W/"1"',
        "Id@odata.type": "#Int32",
        "Price@odata.type": "#Decimal",
        "Supplier@odata.navigationLink": f"{ROOT}Products(1)/Supplier",
        "Category": {
            "@odata.type": "#Catalogue.Category",
            "@odata.id": f"{ROOT}Categories(2)",
            "@odata.editLink": f"{ROOT}Categories(2)",
            "Id@odata.type": "#Int32",
            "Products@odata.navigationLink": f"{ROOT}Categories(2)/Products",
            "Parent@odata.navigationLink": f"{ROOT}Categories(2)/Parent",
            "Children@odata.navigationLink": f"{ROOT}Categories(2)/Children",
            "Id": 2,
        },
        "Id": 1,
        "Name": "Thé vert",
        "Price": body["Price"],
    }


@pytest.mark.parametrize("path", ["People", "Trips", "Products", "Categories"])
def test_every_address_in_full_metadata_leads_to_its_entity(shop: Shop, path: str) -> None:
    for row in shop.json(path, FULL)["value"]:
        there = shop.follow(row["@odata.id"], FULL)
        del there["@odata.context"]
        assert there == row


def test_what_a_function_computed_has_no_address(shop: Shop) -> None:
    rows = shop.json("Products/Released(since=2026-01-01)", FULL, select="Id,Age")["value"]
    assert rows[0] == {
        "@odata.type": "#Catalogue.Novelty",
        "@odata.id": None,
        "Id@odata.type": "#Int32",
        "Age@odata.type": "#Int32",
        "Id": 2,
        "Age": 0,
    }
