"""`any`, `all` and `$count` over what an entity leads to.

Category 2 has products 1 and 2, category 3 has 3 and 4, 1 is the parent of both, 4 has nothing.
zoe has two trips, o'neill and a/b?c one each; zoe is the best friend of both.
"""

import pytest
from tests.kernel.odata.shop import Shop


@pytest.mark.parametrize(
    ("condition", "found"),
    [
        ("Products/any()", [2, 3]),
        ("not Products/any()", [1, 4]),
        ("Products/any(p:p/Rating eq 5)", [2]),
        ("Products/any(p:p/Rating eq null)", [2]),
        ("Products/any(p:p/Rating ne 5)", [2, 3]),
        ("Products/any(p:not (p/Rating gt 3))", [2, 3]),
        ("not Products/any(p:p/Rating gt 3)", [1, 3, 4]),
        ("Products/any(p:p/Discontinued)", [3]),
        ("Products/any(p:null)", []),
        ("Products/all(p:p/Price gt 1)", [1, 2, 4]),
        ("Products/all(p:p/Rating lt 5)", [1, 3, 4]),
        ("not Products/all(p:p/Rating lt 5)", [2]),
        ("Products/all(p:p/Discontinued)", [1, 4]),
        ("Products/all(p:not p/Discontinued)", [1, 4]),
        ("Products/any(p:p/Id gt Id and p/Id lt 5)", [3]),
        ("Products/any(p:p/Id eq $it/Id)", [2, 3]),
        ("Products/any(p:p/Supplier/BestFriend/UserName eq 'zoe')", [2]),
        ("Products/any(p:p/Supplier eq null)", [3]),
        ("Products/any(p:p/Supplier/Trips/any(t:t/Budget gt 1000))", [2, 3]),
        ("Products/any(p:p/Supplier/Trips/any(t:t/Budget gt p/Price and p/Id lt Id))", [2]),
        ("Products/all(p:p/Supplier/Trips/all(t:t/TripNo eq 1))", [1, 4]),
        ("Children/any(c:c/Products/any(p:p/Id eq $it/Id add 2))", [1]),
        ("Children/any(c:c/Products/$count eq 2)", [1]),
        ("Parent/Children/any(c:c/Id eq 2)", [2, 3]),
        ("Parent/Children/$count eq 2", [2, 3]),
        ("Products/$count eq 0", [1, 4]),
        ("Products/$count gt 1", [2, 3]),
        ("Products/$count($filter=Rating gt 2) eq 1", [2, 3]),
        ("Products/$count($filter=Rating eq null and $it/Id eq 2) eq 1", [2]),
        ("Products/$count($filter=Category/Id eq 3) eq 2", [3]),
        ("Children/$count add Products/$count eq 2", [1, 2, 3]),
        ("(Products/any() eq true) in (false)", [1, 4]),
        ("products/ANY(P:P/rating eq 5) and PRODUCTS/$COUNT gt 0", [2]),
    ],
)  # fmt: skip
def test_categories_are_found_by_what_they_have(
    shop: Shop, condition: str, found: list[int]
) -> None:
    assert shop.keys("Categories", "Id", filter=condition) == found


def test_a_variable_hides_the_property_of_its_name(shop: Shop) -> None:
    assert shop.keys("Categories", "Id", filter="Products/any(Name:Name/Rating eq 5)") == [2]
    assert shop.keys(
        "Categories", "Id", filter="Children/any(x:x/Products/any(x:x/Rating eq 5))"
    ) == [1]


@pytest.mark.parametrize(
    "condition",
    [
        "Products/any(p:p)",
        "Products/any(p:p/Rating)",
        "Products/any(p:p/Nothing eq 1)",
        "Products/any(p:q/Rating eq 1)",
        "Products/Rating eq 1",
        "Products eq null",
        "Parent/any(p:p/Id eq 1)",
        "Name/any()",
        "Name/$count eq 1",
        "Products/$count",
        "Products/all()",
        "Products/any(p)",
        "Products/any(p:)",
    ],
)
def test_what_is_no_collection_or_no_condition_is_refused(shop: Shop, condition: str) -> None:
    assert shop.refused("Categories", filter=condition)["target"] == "$filter"


def test_people_are_found_by_trips_and_friends(shop: Shop) -> None:
    def people(condition: str) -> list[str]:
        return shop.keys("People", "UserName", filter=condition)

    assert people("Followers/$count ge 2") == ["zoe"]
    assert people("Followers/any(f:f/Followers/any(g:g/LastName eq '小龍'))") == ["zoe"]
    assert people("Trips/any(t:t/StartsAt eq null)") == ["o'neill"]
    assert people("BestFriend/Trips/any(t:t/Budget eq null)") == ["a/b?c", "o'neill"]
    assert people("Trips/$count eq 1 and Supplies/$count eq 1") == ["a/b?c", "o'neill"]
