"""Resource paths: sets, entities by their keys, properties, numbers, functions."""

import pytest
from tests.kernel.odata.shop import ROOT, Shop

SKU = "11111111-1111-4111-8111-111111111111"
KEYS = [
    "Products(1)",
    "Products(Id=1)",
    "Products(iD=1)",
    "Products( 1 )",
    "Products(%201%20)",
    "Products (1)",
    "Products(Code='TEA')",
    "Products(Code='TEA%20')",
    "Products(Code='TEA')/",
    f"Products(Sku={SKU})",
    "Products(@key)?@key=1",
    "Products(Code=@code)?@code='TEA '",
    "Categories(2)/Products(1)",
    "Categories(2)/Products(Code='TEA')",
    "Trips(PersonName='zoe',TripNo=1)/Person/Supplies(1)",
]


@pytest.mark.parametrize("path", KEYS)
def test_every_key_finds_the_entity(shop: Shop, path: str) -> None:
    assert shop.json(path)["Name"] == "Thé vert"


@pytest.mark.parametrize(
    ("path", "name"),
    [
        ("People('zoe')", "Zoé"),
        ("People('o''neill')", "Shaun"),
        ("People('o%27%27neill')", "Shaun"),
        ("People('a%2Fb%3Fc')", "Ada"),
        ("People('%E6%9D%8E')", "李"),
        ("People(UserName='李')", "李"),
        ("People('o''neill')/BestFriend", "Zoé"),
        ("Trips(TripNo=1,PersonName='o''neill')/Person", "Shaun"),
        ("Products(6)/Supplier/BestFriend", "Zoé"),
    ],
)
def test_keys_are_texts_of_any_characters(shop: Shop, path: str, name: str) -> None:
    body = shop.json(path)
    assert body["FirstName"] == name
    assert body["@odata.context"] == f"{ROOT}$metadata#People/$entity"


@pytest.mark.parametrize(
    ("path", "same"),
    [
        (b"/api/%24metadata", b"/api/$metadata"),
        (b"/%61pi/Products", b"/api/Products"),
        (b"/api/%50roducts(1)", b"/api/Products(1)"),
        (b"/api/Products%281%29/N%61me/%24value", b"/api/Products(1)/Name/$value"),
        (b"/api/Products/%24count", b"/api/Products/$count"),
        (b"/api//Products//", b"/api/Products"),
        (b"/api/People('a%2fb%3fc')", b"/api/People('a%2Fb%3Fc')"),
    ],
)
def test_paths_that_differ_in_their_encoding_only_are_one(
    shop: Shop, path: bytes, same: bytes
) -> None:
    answer = shop.raw(path, b"")
    assert answer == shop.raw(same, b"")
    assert answer[0] == 200


def test_letters_may_come_as_they_are(shop: Shop) -> None:
    path, query = "/api/People('李')".encode(), "$select=FirstName&x=é".encode()
    answer = shop.raw(path, query)
    assert answer[0] == 200
    assert '"FirstName":"李"' in answer[1].decode()
    answer = shop.raw(b"/api/Products", "$filter=Name eq 'Thé vert'&$select=Id".encode())
    assert b'"Id":1}]' in answer[1]


@pytest.mark.parametrize(
    ("path", "context", "value"),
    [
        ("Products(1)/Name", "Products(1)/Name", "Thé vert"),
        ("products(id=1)/NAME", "Products(id=1)/Name", "Thé vert"),
        ("Trips(PersonName='zoe',TripNo=2)/TripNo", "Trips(PersonName='zoe',TripNo=2)/TripNo", 2),
        ("People('a%2Fb%3Fc')/FirstName", "People('a%2Fb%3Fc')/FirstName", "Ada"),
        ("Categories(2)/Products(1)/Rating", "Edm.Int32", 5),
        ("Products(1)/Category/Name", "Edm.String", "Thés & tisanes"),
    ],
)
def test_a_property_is_answered_by_itself(
    shop: Shop, path: str, context: str, value: object
) -> None:
    assert shop.json(path) == {"@odata.context": f"{ROOT}$metadata#{context}", "value": value}


@pytest.mark.parametrize(
    ("path", "text"),
    [
        ("Products(1)/Name/$value", "Thé vert"),
        ("Products(2)/Name/$value", 'thé noir "Été"'),
        (r"Products(4)/Name/$value", r"eau\de\fontaine"),
        ("Products(6)/Name/$value", "🍵 tasse\nligne deux"),
        ("Products(1)/Price/$value", "4.50"),
        ("Products(1)/Stock/$value", "9007199254740993"),
        ("Products(1)/Discontinued/$value", "false"),
        ("Products(1)/ReleasedOn/$VALUE", "2025-11-03"),
        ("Products(1)/Opens/$value", "08:30:00"),
        ("Products(1)/Sku/$value", SKU),
        ("People('empty')/FirstName/$value", ""),
        ("Products/$count", "6"),
        ("Products/$COUNT?$filter=Rating gt 3", "2"),
        ("Categories(4)/Products/$count", "0"),
        ("Products/Released(since=2025-01-01)/$count", "3"),
    ],
)
def test_a_value_and_a_number_are_plain_texts(shop: Shop, path: str, text: str) -> None:
    answer = shop.ask(path)
    assert answer.status_code == 200, answer.text
    assert answer.text == text
    assert answer.headers["content-type"] == "text/plain;charset=utf-8"


@pytest.mark.parametrize(
    "path",
    ["Products(2)/Rating", "Products(2)/Rating/$value", "Products(5)/Category",
     "Products(3)/Supplier", "Categories(2)/Products(1)/Supplier/BestFriend"],
)  # fmt: skip
def test_null_is_no_content(shop: Shop, path: str) -> None:
    answer = shop.ask(path)
    assert (answer.status_code, answer.content) == (204, b"")
    assert answer.headers["OData-Version"] == "4.0"


def test_a_collection_may_be_empty_where_its_owner_is(shop: Shop) -> None:
    assert shop.rows("Categories(4)/Products") == []
    assert [row["Id"] for row in shop.rows("Products(5)/Supplier/Supplies")] == [5]


@pytest.mark.parametrize(
    "path",
    [
        "Nothing",
        "Nothing(1)/Name",
        "Products(99)",
        "Products(-1)",
        "Products(99999999999999999999)",
        "Products(Code='nothing')",
        "Products(99)/Name",
        "Products(99)/Name/$value",
        "Products(99)/Category",
        "Products(1)/Nothing",
        "Products/Name",
        "Products(1)/Name/Nothing",
        "Products(1)/Name/$count",
        "Products(1)/Name/$value/x",
        "Products(1)/$value",
        "Products(1)/$count",
        "Products/$count/x",
        "Products/$value",
        "Products(5)/Category/Name",
        "Products(5)/Category/Products",
        "Categories(99)/Products",
        "Categories(99)/Products/$count",
        "Categories(2)/Products(3)",
        "Categories(2)/Products(3)/Name",
        "Trips(PersonName='zoe',TripNo=9)",
        "$metadata/x",
    ],
)
def test_a_path_that_leads_nowhere_is_not_found(shop: Shop, path: str) -> None:
    assert shop.refused(path, 404)["code"] == "NotFound"
    assert shop.ask(path, method="HEAD").status_code == 404


@pytest.mark.parametrize(
    "path",
    [
        "Products()",
        "Products(",
        "Products(1",
        "Products(1)(2)",
        "Products('1')",
        "Products(Id='1')",
        "Products(1,2)",
        "Products(Id=1,Id=1)",
        "Products(Id=1,Code='TEA')",
        "Products(Name='x')",
        "Products(Nothing=1)",
        "Products(null)",
        "Products(Rating)",
        "Products(@key)",
        "Products('%00')",
        "Trips('zoe')",
        "Trips('zoe',1)",
        "Trips(PersonName='zoe')",
        "Trips(PersonName='zoe',TripNo='1')",
        "Categories/Products",
        "%20/Products",
        "Pro*ducts(1)/Name",
    ],
)
def test_a_key_that_finds_no_single_entity_is_refused(shop: Shop, path: str) -> None:
    answer = shop.ask(path)
    assert answer.status_code == 400 or (path[:3] in ("%20", "Pro") and answer.status_code == 404)
    assert answer.json()["error"]["message"]


@pytest.mark.parametrize(
    "path",
    [
        "$batch",
        "$all",
        "$entity?$id=Products(1)",
        "$crossjoin(Products,People)",
        "Products/$ref",
        "Products(1)/Category/$ref",
        "Products/$each",
        "Products/$query",
        "Products/$filter(Id eq 1)",
        "Products(1)/$links/Category",
        "Products/Catalogue.Product",
        "Products(1)/Catalogue.Product/Name",
        "Categories(2)/Products/Released(since=2025-01-01)",
    ],
)
def test_paths_of_the_standard_that_are_missing_say_so(shop: Shop, path: str) -> None:
    error = shop.refused(path, 501)
    assert error["code"] == "NotImplemented"
    assert "not supported" in error["message"]


@pytest.mark.parametrize(
    ("path", "found"),
    [
        ("Products/Released(since=2025-01-01)", [(1, 306), (2, 365), (4, 545)]),
        ("Products/Released(since=2025-01-01,until=2025-12-31)", [(1, 306)]),
        ("products/RELEASED(Until=2025-12-31,SINCE=2025-01-01)", [(1, 306)]),
        ("Products/Released?since=2025-01-01&until=2025-12-31", [(1, 306)]),
        ("Products/Released?SINCE=%202025-01-01%20&until=2025-12-31", [(1, 306)]),
        ("Products/Released(since=@from)?@from=2026-01-01", [(2, 0), (4, 180)]),
        ("Products/Released?@since=2026-01-01", [(2, 0), (4, 180)]),
        ("Products/Catalogue.Released(since=2026-01-01)", [(2, 0), (4, 180)]),
        ("Products/Released(since=2025-01-01)?$filter=Age gt 306&$orderby=Age desc",
         [(4, 545), (2, 365)]),
        ("Products/Released(since=2025-01-01)?$filter=Category/Id eq 3", [(4, 545)]),
    ],
)  # fmt: skip
def test_a_function_answers_a_collection(
    shop: Shop, path: str, found: list[tuple[int, int]]
) -> None:
    rows = shop.rows(path, select="Id,Age")
    assert [(row["Id"], row["Age"]) for row in rows] == found


def test_what_a_function_answers_may_be_expanded_and_paged(shop: Shop) -> None:
    path = "Products/Released?since=2025-01-01"
    pages = list(shop.pages(path, 2, expand="Category($select=Id)", select="Id"))
    assert pages == [
        [{"Category": {"Id": 2}, "Id": 1}, {"Category": {"Id": 2}, "Id": 2}],
        [{"Category": {"Id": 3}, "Id": 4}],
    ]


@pytest.mark.parametrize(
    "path",
    [
        "Products/Released",
        "Products/Released()",
        "Products/Released(since='x')",
        "Products/Released(since=2025-02-30)",
        "Products/Released(since=2025-01-01T00:00:00Z)",
        "Products/Released(since=null)",
        "Products/Released(2025-01-01)",
        "Products/Released(since=@nothing)",
        "Products/Released(since=2025-01-01,x=1)",
        "Products/Released?since=x",
        "Products/Released(since=2025-01-01)(1)",
    ],
)
def test_a_function_without_its_parameters_is_refused(shop: Shop, path: str) -> None:
    assert shop.refused(path, 400)["message"]
