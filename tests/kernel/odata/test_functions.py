"""Functions and arithmetic with exact values; each condition holds, asked of product 1.

Name 'Thé vert', Price 4.50, Rating 5, Weight 0.1, ReleasedOn 2025-11-03, Opens 08:30,
CreatedAt 2025-10-01T08:00:00.001Z, Stock 9007199254740993.
"""

import pytest
from tests.kernel.odata.shop import Shop

TEXTS = [
    "contains(Name,'é v')",
    "not contains(Name,'THÉ')",
    "contains(Name,'')",
    "not contains('100 %','_')",
    "startswith(Name,'Thé')",
    "startswith(Name,'')",
    "not startswith(Name,'Thé vert et plus')",
    "endswith(Name,'vert')",
    "endswith(Name,'')",
    "endswith(Name,Name)",
    "not endswith(Name,'Vert')",
    "not endswith('t','vert')",
    "indexof(Name,'é') eq 2",
    "indexof(Name,'T') eq 0",
    "indexof(Name,'') eq 0",
    "indexof(Name,'z') eq -1",
    "length(Name) eq 8",
    "length('') eq 0",
    "length('🍵李') eq 2",
    "substring(Name,4) eq 'vert'",
    "substring(Name,0) eq Name",
    "substring(Name,8) eq ''",
    "substring(Name,99) eq ''",
    "substring(Name,3000000000) eq ''",
    "substring(Name,1,3) eq 'hé '",
    "substring(Name,4,99) eq 'vert'",
    "substring(Name,4,3000000000) eq 'vert'",
    "substring(Name,4,0) eq ''",
    "substring('🍵李x',1,1) eq '李'",
    "substring(Name,-4) eq 'vert'",
    "substring(Name,-4,2) eq 've'",
    "substring(Name,-99) eq Name",
    "substring(Name,-3000000000) eq Name",
    "substring(Name,2 sub 6) eq 'vert'",
    "substring(Name,Rating,1) eq 'e'",
    "substring(null,-1) eq null",
    "substring(Name,null) eq null",
    "concat(Name,'!') eq 'Thé vert!'",
    "concat(concat(Name,' '),Colour) eq 'Thé vert G'",
    "tolower('ÉÀŒŸÇ Thé ΑΩ ЖЯ') eq 'éàœÿç thé αω жя'",
    "toupper('éàœÿç Thé αω жя') eq 'ÉÀŒŸÇ THÉ ΑΩ ЖЯ'",
    "toupper('straße') eq 'STRASSE'",
    "tolower(Name) eq 'thé vert'",
    "toupper(Name) eq 'THÉ VERT'",
    "trim('  a b\t\r\n') eq 'a b'",
    "trim('\u00a0a\u00a0b\u2003\u202f') eq 'a\u00a0b'",
    "trim('\u200ba') ne 'a'",
    "matchespattern(Name,'^Th. v')",
    "not matchespattern(Name,'^vert')",
]

NUMBERS = [
    "Rating add 2 eq 7",
    "Rating sub 7 eq -2",
    "Rating mul -3 eq -15",
    "Rating div 2 eq 2",
    "-Rating div 2 eq -2",
    "Rating divby 2 eq 2.5",
    "Rating mod 3 eq 2",
    "-Rating mod 3 eq -2",
    "Rating mod -3 eq 2",
    "Price div 2 eq 2.25",
    "Price mod 2 eq 0.5",
    "Price add 1 eq 5.5",
    "Price mul Price eq 20.25",
    "Price divby 4 eq 1.125",
    "Weight add 0.25 eq 0.35",
    "Weight div 4 eq 0.025",
    "Weight divby 4 eq 0.025",
    "1e0 div 3 eq 1e0 divby 3",
    "Weight mod 0.04 eq 0.02",
    "Stock add 1 eq 9007199254740994",
    "Stock mod 2 eq 1",
    "-Stock eq -9007199254740993",
    "-(-Rating) eq 5",
    "0.1 add 0.2 eq 0.3",
    "2147483647 add 2147483648 eq 4294967295",
    "round(2.5) eq 3",
    "round(-2.5) eq -3",
    "round(2.49) eq 2",
    "round(2.5e0) eq 3",
    "round(-2.5e0) eq -3",
    "round(Rating) eq 5",
    "round(Stock) sub 9007199254740992 eq 1",
    "floor(-0.5) eq -1",
    "floor(Price) eq 4",
    "floor(Weight) eq 0",
    "floor(Stock) sub 9007199254740992 eq 1",
    "ceiling(-0.5) eq 0",
    "ceiling(Price) eq 5",
    "ceiling(Rating) div 2 eq 2",
    "Rating eq +5",
    "Price eq +4.50",
    "Rating in (+4,+5)",
    "1 add +1 eq 2",
    "Rating div (Rating sub Rating) eq null",
    "Price div (Price sub Price) eq null",
    "Rating mod (Rating sub 5) eq null",
    "Weight mod (Weight sub Weight) eq null",
    "Price divby 0 eq INF",
    "Rating divby (Rating sub 5) eq INF",
    "-Rating divby 0 eq -INF",
    "Weight div 0 eq INF",
    "-Weight div (Weight sub Weight) eq -INF",
    "Price divby 0 gt 1e300",
    "not (Price divby 0 lt 1)",
    "(Price sub Price) divby 0 ne (Price sub Price) divby 0",
    "not ((Price sub Price) divby 0 eq (Price sub Price) divby 0)",
    "not ((Weight sub Weight) div 0 ge 0)",
    "not ((Weight sub Weight) div 0 lt 0)",
    "not ((Weight sub Weight) div 0 eq null)",
    "not (1 add (Price sub Price) divby 0 gt 0)",
    "not ((Price sub Price) divby 0 in (1,2))",
    "Price divby null eq null",
]

MOMENTS = [
    "year(ReleasedOn) eq 2025",
    "month(ReleasedOn) eq 11",
    "day(ReleasedOn) eq 3",
    "year(CreatedAt) eq 2025",
    "month(2024-02-29) eq 2",
    "year(0001-01-01) eq 1",
    "hour(CreatedAt) eq 8",
    "hour(2026-01-01T00:30:00+02:00) eq 0",
    "year(2026-01-01T00:30:00+02:00) eq 2026",
    "day(2026-01-01T00:30:00-05:00) eq 1",
    "date(2026-01-01T00:30:00+02:00) eq 2026-01-01",
    "time(2026-01-01T00:30:00+02:00) eq 00:30",
    "totaloffsetminutes(2026-01-01T00:30:00+02:00) eq 120",
    "totaloffsetminutes(2026-01-01T00:30:00-03:30) eq -210",
    "totaloffsetminutes(2026-01-01T00:30:00Z) eq 0",
    "cast(2026-01-01T00:30:00+02:00,Edm.Date) eq 2026-01-01",
    "2026-01-01T00:30:00+02:00 eq 2025-12-31T22:30:00Z",
    "minute(Opens) eq 30",
    "second(23:59:59.999) eq 59",
    "second(CreatedAt) eq 0",
    "fractionalseconds(CreatedAt) eq 0.001",
    "fractionalseconds(12:00:00.25) eq 0.25",
    "fractionalseconds(12:00) eq 0",
    "date(CreatedAt) eq 2025-10-01",
    "time(CreatedAt) eq 08:00:00.001",
    "totaloffsetminutes(CreatedAt) eq 0",
    "totalseconds(duration'P1DT2H3M4.5S') eq 93784.5",
    "totalseconds(duration'-PT1M') eq -60",
    "totalseconds(CreatedAt sub 2025-10-01T07:59:00Z) eq 60.001",
    "mindatetime() lt CreatedAt",
    "maxdatetime() gt now()",
    "now() gt CreatedAt",
    "year(maxdatetime()) eq 9999",
    "ReleasedOn add duration'P1D' eq 2025-11-04",
    "ReleasedOn sub duration'P3D' eq 2025-10-31",
    "2024-02-28 add duration'P1D' eq 2024-02-29",
    "ReleasedOn sub 2025-11-01 eq duration'P2D'",
    "2025-11-01 sub ReleasedOn eq duration'-P2D'",
    "CreatedAt add duration'PT16H' eq 2025-10-02T00:00:00.001Z",
    "CreatedAt sub duration'P31D' eq 2025-08-31T08:00:00.001Z",
    "CreatedAt sub 2025-09-30T08:00:00.001Z eq duration'P1D'",
    "duration'PT36H' eq duration'P1DT12H'",
    "duration'P1D' add duration'PT1H' gt duration'P1D'",
    "duration'P1D' sub duration'PT1H' eq duration'PT23H'",
    "-duration'P1D' eq duration'-P1D'",
    "P1D eq duration'P1D'",
    "PT36H eq P1DT12H",
    "-P1D eq duration'-P1D'",
    "CreatedAt add PT1.5S eq 2025-10-01T08:00:01.501Z",
    "now() sub CreatedAt gt P1D",
    "totalseconds(P400D) eq 34560000",
    "duration'P1D' div (Rating sub 5) eq null",
    "duration'P1D' mul 2 eq duration'P2D'",
    "2.5 mul duration'P1D' eq duration'P2DT12H'",
    "duration'P1D' div 2 eq duration'PT12H'",
    "duration'P1D' divby 4 eq duration'PT6H'",
    "Opens gt 08:29:59.999",
    "datetime'2025-10-01T08:00:00.001' eq CreatedAt",
    "datetimeoffset'2025-10-01T10:00:00.001+02:00' eq CreatedAt",
    "2025-10-01t08:00:00.001z eq CreatedAt",
]

CASTS = [
    "cast(Rating,Edm.String) eq '5'",
    "cast(Price,Edm.String) eq '4.50'",
    "cast(Discontinued,Edm.String) eq 'false'",
    "cast(ReleasedOn,Edm.String) eq '2025-11-03'",
    "cast(CreatedAt,Edm.String) eq '2025-10-01T08:00:00.001Z'",
    "cast(Opens,Edm.String) eq '08:30:00'",
    "cast(Sku,Edm.String) eq '11111111-1111-4111-8111-111111111111'",
    "cast('11111111-1111-4111-8111-111111111111',Edm.Guid) eq Sku",
    "cast(Code,Edm.String) eq 'TEA'",
    "cast('12',Edm.Int32) eq 12",
    "cast('-12',Edm.Int32) eq -12",
    "cast('-12.9',Edm.Int32) eq null",
    "cast('2026-02-28',Edm.Date) eq 2026-02-28",
    "cast('2026-02-29',Edm.Date) eq null",
    "cast('2024-02-29',Edm.Date) eq 2024-02-29",
    "cast('0000-01-01',Edm.Date) eq null",
    "cast('le 3 mars',Edm.Date) eq null",
    "cast(Name,Edm.Date) eq null",
    "cast('2026-01-15T09:00:00+02:00',Edm.DateTimeOffset) eq 2026-01-15T07:00:00Z",
    "cast('2026-01-15T09:00Z',Edm.DateTimeOffset) eq 2026-01-15T09:00:00Z",
    "cast('2026-02-30T09:00:00Z',Edm.DateTimeOffset) eq null",
    "cast('2026-01-15T24:00:00Z',Edm.DateTimeOffset) eq null",
    "cast('2026-01-15T09:00:00',Edm.DateTimeOffset) eq null",
    "cast('08:30',Edm.TimeOfDay) eq Opens",
    "cast('25:00:00',Edm.TimeOfDay) eq null",
    "cast(concat('2025-11-0','3'),Edm.Date) eq ReleasedOn",
    "cast('12.50',Edm.Decimal) eq 12.5",
    "cast('1e2',Edm.Double) eq 100",
    "cast('9007199254740993',Edm.Int64) eq Stock",
    "cast('true',Edm.Boolean)",
    "cast('abc',Edm.Int32) eq null",
    "cast('',Edm.Int32) eq null",
    "cast('1 2',Edm.Decimal) eq null",
    "cast('99999999999',Edm.Int32) eq null",
    "cast('x',Edm.Guid) eq null",
    "cast('oui',Edm.Boolean) eq null",
    "cast('1e2',Edm.Decimal) eq 100",
    "cast(Stock,Edm.Int32) eq null",
    "cast(4.99,Edm.Int32) eq 4",
    "cast(-4.99,Edm.Int64) eq -4",
    "cast(1e300,Edm.Int64) eq null",
    "cast(Rating,Edm.Decimal) divby 2 eq 2.5",
    "cast(Price,Edm.Double) eq 4.5e0",
    "cast(Rating,Edm.Int64) eq 5",
    "cast(ReleasedOn,Edm.DateTimeOffset) eq 2025-11-03T00:00:00Z",
    "cast(CreatedAt,Edm.Date) eq 2025-10-01",
    "cast(CreatedAt,Edm.TimeOfDay) eq 08:00:00.001",
    "cast(null,Edm.Int32) eq null",
    "cast(cast(cast(Rating,Edm.String),Edm.Int64),Edm.String) eq '5'",
    "isof(Name,Edm.String)",
    "not isof(Name,Edm.Int32)",
    "not isof(null,Edm.Int32)",
]


@pytest.mark.parametrize("condition", [*TEXTS, *NUMBERS, *MOMENTS, *CASTS])
def test_a_function_gives_what_the_standard_says(shop: Shop, condition: str) -> None:
    assert shop.holds(condition)


@pytest.mark.parametrize(
    "condition",
    [
        "1 div 0 eq 1",
        "Rating div 0 eq 1",
        "Price div 0 eq 1",
        "Rating mod 0 eq 1",
        "Price mod 0 eq 1",
        "Weight mod 0 eq 1",
        "duration'P1D' divby 0 eq P1D",
        "Rating mul 2147483647 gt 0",
        "Stock mul Stock gt 0",
        "1e308 mul 10 gt 0",
        "maxdatetime()" + " add duration'P9999999D'" * 12 + " gt now()",
    ],
)  # fmt: skip
def test_what_cannot_be_computed_is_refused(shop: Shop, condition: str) -> None:
    assert shop.refused("Products", filter=condition)["code"] == "CannotCompute"


@pytest.mark.parametrize(
    "condition",
    [
        "length(1) eq 1",
        "length() eq 1",
        "length(Name,Name) eq 1",
        "year('2025') eq 1",
        "round(Name) eq 1",
        "contains(Name)",
        "concat(Name,Category) eq 'x'",
        "cast(Name,Edm.Nothing) eq 1",
        "Name mul 2 eq 1",
        "ReleasedOn add 1 eq 2025-11-04",
        "ReleasedOn add ReleasedOn eq 2025-11-04",
        "duration'P1D' mul duration'P1D' eq duration'P1D'",
        "2 div duration'P1D' eq duration'P1D'",
        "Opens add null eq null",
        "substring(Name,0,-1) eq ''",
    ],
)
def test_arguments_of_other_types_are_refused(shop: Shop, condition: str) -> None:
    assert shop.refused("Products", filter=condition)["code"] == "TypeMismatch"


@pytest.mark.parametrize(
    "condition",
    [
        "case(true:1) eq 1",
        "geo.distance(Name,Name) lt 1",
        "hassubset(Name,Name)",
        "Rating has 1",
        "cast(Edm.String) eq 'x'",
        "isof(Category,Catalogue.Category)",
        "cast(ReleasedOn sub 2025-11-01,Edm.String) eq 'x'",
        "INF sub INF eq 0",
        "round(NaN) eq 0",
        "$this eq 1",
        "$root/Products(1)/Id eq 1",
    ],
)
def test_what_is_not_supported_says_so(shop: Shop, condition: str) -> None:
    answer = shop.ask("Products", filter=condition)
    assert answer.status_code in (400, 501)
    if answer.status_code == 501:
        assert "not supported" in answer.json()["error"]["message"]


def test_an_unknown_function_is_refused_with_the_nearest_one(shop: Shop) -> None:
    error = shop.refused("Products", filter="contain(Name,'x')")
    assert error["code"] == "UnknownFunction"
    assert "did you mean contains?" in error["message"]
    assert error["innererror"]["position"] == 0


@pytest.mark.parametrize(
    "condition",
    [
        "Colour eq Shop.Colour'Red'",
        "Colour has Shop.Colour'Red'",
        "Shop.Discount(Id) gt 1",
        "Shop.Discount(id=Id) gt 1",
        "Category/Shop.Discount() gt 1",
    ],
)
def test_what_has_a_namespace_is_not_supported(shop: Shop, condition: str) -> None:
    assert shop.refused("Products", 501, filter=condition)["code"] == "NotImplemented"


def test_an_alias_is_used_inside_an_expansion_and_defined_outside(shop: Shop) -> None:
    path = "Categories?$filter=Id eq 3&$expand=Products($filter=Id gt @least)&@least=3"
    (row,) = shop.ask(path).json()["value"]
    assert [each["Id"] for each in row["Products"]] == [4]
    inside = "Products(@least=3;$filter=Id gt @least)"
    assert shop.refused("Categories", 501, expand=inside)["code"] == "NotImplemented"
