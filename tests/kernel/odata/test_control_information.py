"""ETags, addresses and context URLs at `odata.metadata=minimal` (JSON format 4.01, 3.1.1 and 4)."""

from typing import Any

import pytest
from tests.kernel.odata.shop import ROOT, Shop

FULL = {"Accept": "application/json;odata.metadata=full"}
LATER = {"OData-MaxVersion": "4.01"}


def body(shop: Shop, path: str, headers: dict[str, str] | None = None) -> Any:
    answer = shop.ask(path, headers)
    assert answer.status_code == 200, answer.text
    return answer.json()


def test_every_entity_has_its_etag(shop: Shop) -> None:
    """UI5 sends it back with If-Match; without it one user overwrites the changes of another."""
    category = body(shop, "Categories(2)?$expand=Products($expand=Category)")
    listed = body(shop, "Products?$filter=Id eq 1")["value"][0]
    alone = shop.ask("Products(1)")
    product = category["Products"][0]
    tags = {each["@odata.etag"] for each in (listed, alone.json(), product)}
    assert tags == {alone.headers["etag"]}
    full = body(shop, "Products(1)", FULL)
    assert full["@odata.etag"] == alone.headers["etag"]


def test_an_entity_without_versions_has_none(shop: Shop) -> None:
    assert "@odata.etag" not in body(shop, "People?$top=1")["value"][0]


def test_no_metadata_means_no_control_information(shop: Shop) -> None:
    none = {"Accept": "application/json;odata.metadata=none"}
    assert body(shop, "Products(1)?$select=Name", none) == {"Name": "Thé vert"}
    assert body(shop, "Products(1)/Name") == {
        "@odata.context": f"{ROOT}$metadata#Products(1)/Name", "value": "Thé vert"
    }  # fmt: skip


@pytest.mark.parametrize(
    ("path", "address"),
    [
        ("Products?$filter=Id eq 1&$select=Name", "Products(1)"),
        ("People?$filter=UserName eq 'a/b?c'&$select=FirstName", "People('a%2Fb%3Fc')"),
        ("Trips?$filter=TripNo eq 2&$select=TripNo", "Trips(PersonName='zoe',TripNo=2)"),
    ],
)
def test_the_address_is_there_when_the_key_is_not(shop: Shop, path: str, address: str) -> None:
    assert body(shop, path)["value"][0]["@odata.id"] == f"{ROOT}{address}"
    assert "@odata.id" not in body(shop, path.partition("?")[0])["value"][0]


@pytest.mark.parametrize(
    ("path", "earlier", "later"),
    [
        ("Categories?$expand=Products", "Categories", "Categories(Products())"),
        (
            "Categories(2)?$select=Id&$expand=Products($select=Id,Name)",
            "Categories(Id)/$entity",
            "Categories(Id,Products(Id,Name))/$entity",
        ),
        (
            "Products?$select=Id&$expand=Category($expand=Products($select=Id))",
            "Products(Id)",
            "Products(Id,Category(Products(Id)))",
        ),
        ("Products?$select=Id", "Products(Id)", "Products(Id)"),
    ],
)
def test_context_urls_have_what_is_expanded(
    shop: Shop, path: str, earlier: str, later: str
) -> None:
    """Excel and Power BI, which speak 4.0, refuse nested select lists."""
    assert body(shop, path)["@odata.context"] == f"{ROOT}$metadata#{earlier}"
    assert body(shop, path, LATER)["@odata.context"] == f"{ROOT}$metadata#{later}"
