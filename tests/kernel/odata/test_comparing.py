"""`$filter`: comparisons, logic and what null means in them.

Products 1 to 6: Rating 5, null, 3, 1, 4, 2; Discontinued false, null, false, true, false, null;
Stock 9007199254740993, 0, null, 12, -3, 1; Price 4.50, 4.50, 0.99, null, 19.90, 12345678.90.
"""

import pytest
from tests.kernel.odata.shop import Shop

ALL = [1, 2, 3, 4, 5, 6]


@pytest.mark.parametrize(
    ("condition", "found"),
    [
        ("Rating eq 3", [3]),
        ("Rating ne 3", [1, 2, 4, 5, 6]),
        ("Rating gt 3", [1, 5]),
        ("Rating ge 3", [1, 3, 5]),
        ("Rating lt 3", [4, 6]),
        ("Rating le 3", [3, 4, 6]),
        ("3 lt Rating", [1, 5]),
        ("Rating eq 3.0", [3]),
        ("Rating eq 3e0", [3]),
        ("Rating lt 2.5", [4, 6]),
        ("Rating lt 99999999999999999999999", [1, 3, 4, 5, 6]),
        ("Price eq 4.5", [1, 2]),
        ("Price gt -1", [1, 2, 3, 5, 6]),
        ("Stock eq 9007199254740993", [1]),
        ("Stock eq 9007199254740992", []),
        ("Stock gt Rating", [1, 4]),
        ("Weight eq 0.1", [1]),
        ("Weight le 1e-7", [6]),
        ("Weight lt INF", [1, 2, 3, 5, 6]),
        ("Weight gt -INF", [1, 2, 3, 5, 6]),
        ("Name eq 'Thé vert'", [1]),
        ("Name eq 'Eau d''Évian'", [3]),
        (r"Name eq 'eau\de\fontaine'", [4]),
        ("Name eq '🍵 tasse\nligne deux'", [6]),
        ("Name lt 'T'", [3, 5]),
        ("Discontinued eq true", [4]),
        ("Discontinued eq false", [1, 3, 5]),
        ("Discontinued gt false", [4]),
        ("Discontinued", [4]),
        ("not Discontinued", [1, 3, 5]),
        ("Sku eq 33333333-3333-4333-8333-333333333333", [3]),
        ("ReleasedOn eq 2026-01-01", [2]),
        ("ReleasedOn lt 2000-01-01", [6]),
        ("CreatedAt eq 2025-10-01T08:00:00.001Z", [1]),
        ("CreatedAt eq 2025-10-01T10:00:00.001+02:00", [1]),
        ("CreatedAt eq 2024-02-29T12:00Z", [3, 4]),
        ("CreatedAt gt 2025-12-31", [2]),
        ("Opens eq 08:30", [1]),
        ("Opens gt 12:15:29.999", [4, 5]),
        ("(Rating gt 3) eq (Price gt 10)", [2, 3, 4, 5]),
    ],
)  # fmt: skip
def test_values_are_compared(shop: Shop, condition: str, found: list[int]) -> None:
    assert shop.ids(condition) == found


@pytest.mark.parametrize(
    ("condition", "found"),
    [
        ("Rating eq null", [2]),
        ("null eq Rating", [2]),
        ("Rating ne null", [1, 3, 4, 5, 6]),
        ("null eq null", ALL),
        ("null ne null", []),
        ("not (Rating eq null)", [1, 3, 4, 5, 6]),
        ("not (Rating ne null)", [2]),
        ("Rating gt null", []),
        ("Rating le null", []),
        ("not (Rating gt null)", ALL),
        ("not (Rating gt 3)", [2, 3, 4, 6]),
        ("not (Rating eq 3)", [1, 2, 4, 5, 6]),
        ("not (Rating ne 3)", [3]),
        ("(Rating gt 3) eq false", [2, 3, 4, 6]),
        ("(Rating gt 3) ne null", ALL),
        ("Stock ne CategoryId", [1, 2, 3, 4, 5, 6]),
        ("Discontinued eq null", [2, 6]),
        ("Discontinued ne true", [1, 2, 3, 5, 6]),
        ("null", []),
        ("not null", []),
        ("true", ALL),
        ("false", []),
        ("null or true", ALL),
        ("null and true", []),
        ("not (null and false)", ALL),
        ("not (null or false)", []),
        ("Discontinued or Rating eq 2", [4, 6]),
        ("not (Discontinued and Rating eq 2)", [1, 2, 3, 4, 5]),
        ("(Discontinued and true) eq null", [2, 6]),
        ("contains(SupplierName,'e') eq null", [3]),
        ("not contains(SupplierName,'e')", [5, 6]),
        ("Rating add 1 eq null", [2]),
        ("Rating add null eq null", ALL),
        ("null add null eq null", ALL),
        ("-null eq null", ALL),
        ("length(null) eq null", ALL),
        ("CreatedAt add null eq null", ALL),
        ("tolower(SupplierName) eq null", [3]),
        ("substring(Name,Rating) eq null", [2]),
        ("substring(Name,0,Rating) eq 'Thé v'", [1]),
        ("concat(Name,Colour) eq null", [2, 6]),
        ("year(ReleasedOn) eq null", [3]),
        ("cast(Stock,Edm.String) eq null", [3]),
        ("Weight eq NaN", []),
        ("Weight ne NaN", ALL),
        ("NaN eq NaN", []),
        ("Weight lt NaN", []),
        ("not (Weight lt NaN)", ALL),
    ],
)  # fmt: skip
def test_null_means_what_the_standard_says(shop: Shop, condition: str, found: list[int]) -> None:
    assert shop.ids(condition) == found


@pytest.mark.parametrize(
    ("condition", "found"),
    [
        ("Rating in (1,5)", [1, 4]),
        ("not (Rating in (1,5))", [2, 3, 5, 6]),
        ("Rating in (1,null)", [2, 4]),
        ("not (Rating in (1,null))", [1, 3, 5, 6]),
        ("Rating in (null)", [2]),
        ("Rating in ()", []),
        ("Rating in (1,2.0,3e0)", [3, 4, 6]),
        ("Stock in (Rating,CategoryId,1)", [6]),
        ("Rating in (Stock,CategoryId)", [3]),
        ("Discontinued in (Discontinued)", ALL),
        ("CreatedAt in (2025-01-01,2025-12-31T23:30:00Z)", [2]),
        ("Name in ('Thé vert','Eau d''Évian')", [1, 3]),
        ("'TEA  ' in (Code)", [1]),
        ("Code in ('TEA','EAU ')", [1, 3]),
        ("Weight in (0.1,1.5,NaN)", [1, 3]),
        ("2 in (1,2)", ALL),
        ("null in (1,2)", []),
        ("(Rating in (1,5)) in (false)", [2, 3, 5, 6]),
        ("Sku in (11111111-1111-4111-8111-111111111111)", [1]),
    ],
)  # fmt: skip
def test_a_list_holds_values_of_any_comparable_type(
    shop: Shop, condition: str, found: list[int]
) -> None:
    assert shop.ids(condition) == found


@pytest.mark.parametrize(
    ("condition", "found"),
    [
        ("Rating eq 1 or Rating eq 5 and Stock eq 12", [4]),
        ("(Rating eq 1 or Rating eq 5) and Stock eq 12", [4]),
        ("Rating eq 5 or Rating eq 1 and Stock eq 0", [1]),
        ("not Discontinued and Rating gt 3", [1, 5]),
        ("not (Discontinued or Rating gt 3)", [3]),
        ("Rating add 2 mul 3 eq 9", [3]),
        ("(Rating add 2) mul 3 eq 9", [4]),
        ("Rating sub 1 sub 1 eq 1", [3]),
        ("-Rating add 1 eq -2", [3]),
        ("Rating gt 1 eq true", [1, 3, 5, 6]),
        ("Rating mod 2 eq 0 eq (Id eq 6)", [1, 2, 3, 4, 6]),
    ],
)  # fmt: skip
def test_operators_bind_as_the_standard_says(shop: Shop, condition: str, found: list[int]) -> None:
    assert shop.ids(condition) == found


@pytest.mark.parametrize("condition", ["Code eq 'TEA'", "Code eq 'TEA  '", "'TEA ' eq Code"])
def test_blanks_at_the_end_of_a_code_do_not_matter(shop: Shop, condition: str) -> None:
    assert shop.ids(condition) == [1]


@pytest.mark.parametrize(
    "condition",
    [
        "Name eq 1",
        "Rating eq '1'",
        "Sku eq 'x'",
        "ReleasedOn eq 08:30",
        "Discontinued eq 1",
        "Rating",
        "not Rating",
        "Rating and true",
        "Name add 'x' eq 'y'",
        "Category",
        "not Category",
        "Category add 1 eq 3",
        "-Category eq -2",
        "Category eq 1",
        "Category eq Supplier",
        "Category in (null)",
        "Rating in ('x')",
        "Category/Products eq null",
        "-Name eq 'x'",
        "Name/Length eq 1",
        "Name has 1",
    ],
)  # fmt: skip
def test_what_has_no_meaning_is_refused(shop: Shop, condition: str) -> None:
    answer = shop.ask("Products", filter=condition)
    assert answer.status_code in (400, 501), answer.text
    assert answer.json()["error"]["target"] == "$filter"


def test_a_path_leads_to_the_properties_of_one(shop: Shop) -> None:
    assert shop.ids("Category/Name eq 'eaux'") == [3, 4]
    assert shop.ids("Category/Parent/Name eq 'Épicerie'") == [1, 2, 3, 4]
    assert shop.ids("Supplier/BestFriend/FirstName eq 'Zoé'") == [2, 6]
    assert shop.ids("Category/Parent/Parent/Name eq null") == ALL
    assert shop.ids("Category eq null") == [5, 6]
    assert shop.ids("Category/Parent ne null") == [1, 2, 3, 4]
    assert shop.ids("not (Category/Name eq 'eaux')") == [1, 2, 5, 6]
    assert shop.ids("$it/Category/Id eq 2 and $it/Id eq 1") == [1]
