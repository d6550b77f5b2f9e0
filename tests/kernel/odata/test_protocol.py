"""Forms of answers, versions, methods, errors."""

import re

import pytest
from tests.kernel.odata.shop import ROOT, Shop, open_shop


@pytest.mark.parametrize(
    ("accept", "content_type"),
    [
        ("application/json", "minimal;charset=utf-8"),
        ("application/json;odata.metadata=none", "none;charset=utf-8"),
        ("application/json; odata.metadata = full", "full;charset=utf-8"),
        ("application/json;metadata=full", "full;charset=utf-8"),
        ("APPLICATION/JSON;ODATA.METADATA=FULL", "full;charset=utf-8"),
        ("application/json;IEEE754Compatible=true", "minimal;IEEE754Compatible=true;charset=utf-8"),
        ("*/*", "minimal;charset=utf-8"),
        ("text/html,application/xml;q=0.9,*/*;q=0.8", "minimal;charset=utf-8"),
        ("text/html, application/json;odata.metadata=none;q=0.5", "none;charset=utf-8"),
        ("application/json;q=0.2, application/json;odata.metadata=none", "none;charset=utf-8"),
        # What Microsoft.OData.Client sends for a query, and for one with $select.
        ("application/json;odata.metadata=minimal", "minimal;charset=utf-8"),
        ("application/json;odata.metadata=full", "full;charset=utf-8"),
    ],
)
def test_the_form_follows_accept(shop: Shop, accept: str, content_type: str) -> None:
    answer = shop.ask("Products", {"Accept": accept}, top=1)
    assert answer.status_code == 200
    assert answer.headers["content-type"] == f"application/json;odata.metadata={content_type}"
    assert "Accept" in answer.headers["vary"]


def test_the_option_format_stands_above_accept(shop: Shop) -> None:
    xml = {"Accept": "application/xml"}
    for wanted in ("json", "application/json", " JSON "):
        assert shop.ask("Products", xml, format=wanted, top=1).status_code == 200
    body = shop.json("Products?$format=application/json;odata.metadata=none&$top=1", select="Id")
    assert body == {"value": [{"Id": 1}]}
    body = shop.json("Products", format="json;IEEE754Compatible=true", top=1, select="Stock,Id")
    assert body["value"] == [{"Stock": "9007199254740993", "Id": 1}]


@pytest.mark.parametrize("level", ["none", "minimal", "full"])
def test_links_and_counts_are_in_every_form(shop: Shop, level: str) -> None:
    headers = {
        "Prefer": "odata.maxpagesize=1",
        "Accept": f"application/json;odata.metadata={level}",
    }
    body = shop.json("Products", headers, count="true", select="Id")
    assert body["@odata.count"] == 6
    assert body["@odata.nextLink"].startswith(f"{ROOT}Products?")
    assert ("@odata.context" in body) == (level != "none")


@pytest.mark.parametrize(
    "accept",
    ["application/xml", "text/csv", "application/json;odata.metadata=some", "application/json;q=0"],
)
def test_other_forms_are_not_acceptable(shop: Shop, accept: str) -> None:
    assert shop.refused("Products", 406, {"Accept": accept})["code"] == "NotAcceptable"
    assert shop.refused("Products?$format=atom", 406)["code"] == "NotAcceptable"


@pytest.mark.parametrize("path", ["Products/$count", "Products(1)/Name/$value"])
def test_raw_answers_are_acceptable_as_what_they_are(shop: Shop, path: str) -> None:
    """`text/plain` is what Microsoft.OData.Client sends for a count."""
    for _ in range(2):
        for accept in ("text/plain", "text/*", "*/*", "application/json;odata.metadata=minimal"):
            answer = shop.ask(path, {"Accept": accept, "Accept-Charset": "UTF-8"})
            assert answer.status_code == 200, accept
            assert answer.headers["content-type"] == "text/plain;charset=utf-8"
        assert shop.refused(path, 406, {"Accept": "image/png"})["code"] == "NotAcceptable"


@pytest.mark.parametrize("path", ["Nowhere/$count", "Products(99)/Name/$value", "Nowhere"])
def test_errors_are_json_whatever_is_accepted(shop: Shop, path: str) -> None:
    answer = shop.ask(path, {"Accept": "application/json" if "/" not in path else "text/plain"})
    assert answer.status_code == 404
    assert answer.headers["content-type"] == "application/json"
    assert answer.headers["content-language"] == "en"
    assert answer.json()["error"]["code"] == "NotFound"


@pytest.mark.parametrize("version", ["4.02", "4.1", "5.0", "3.0", "x"])
@pytest.mark.parametrize("path", ["Products", "$metadata", ""])
def test_requests_of_other_versions_are_rejected(shop: Shop, path: str, version: str) -> None:
    error = shop.refused(path, 400, {"OData-Version": version})
    assert error["code"] == "UnsupportedVersion"
    assert shop.ask(path, {"OData-Version": "4.01"}).status_code == 200
    assert shop.ask(path, {"OData-Version": "4.0"}).status_code == 200


def test_the_metadata_are_xml(shop: Shop) -> None:
    for path in ("$metadata", "$METADATA", "$metadata?$format=xml", "$metadata/"):
        answer = shop.ask(path)
        assert answer.status_code == 200
        assert answer.headers["content-type"].startswith("application/xml")
        assert b"edmx:Edmx" in answer.content
    tag = answer.headers["etag"]
    assert shop.ask("$metadata", {"If-None-Match": tag}).status_code == 304
    other = shop.ask("$metadata?$format=json")
    assert other.headers["content-type"].startswith("application/json")
    assert other.json()["$Version"]
    shop.refused("$metadata", 406, format="text/html")


def test_the_service_document_has_what_one_may_read(shop: Shop) -> None:
    body = shop.json("")
    assert body["@odata.context"] == f"{ROOT}$metadata"
    assert [each["url"] for each in body["value"]] == ["Products", "Categories", "People", "Trips"]
    seen = shop.seen_by("products").json("")
    assert [each["url"] for each in seen["value"]] == ["Products"]
    assert shop.json("?$format=json;odata.metadata=none").keys() == {"value"}
    shop.refused("?$top=1", 400)


@pytest.mark.parametrize(
    ("most", "version"),
    [("4.0", "4.0"), ("4.01", "4.01"), ("4.1", "4.01"), ("5.0", "4.01"), (" 4.01 ", "4.01")],
)
def test_the_version_follows_what_the_client_knows(shop: Shop, most: str, version: str) -> None:
    for path in ("Products(1)", "", "$metadata", "Products/$count", "Products(1)/Name/$value"):
        for _ in range(2):
            answer = shop.ask(path, {"OData-MaxVersion": most})
            assert answer.headers["OData-Version"] == version


@pytest.mark.parametrize("most", ["3.0", "x", ""])
def test_clients_of_older_versions_are_refused(shop: Shop, most: str) -> None:
    assert shop.refused("Products", 400, {"OData-MaxVersion": most})["code"] == "UnsupportedVersion"


@pytest.mark.parametrize(
    ("path", "status"),
    [("Products", 200), ("Products(1)", 200), ("Products(2)/Rating", 204), ("Products(99)", 404),
     ("Products?$top=x", 400), ("Products/$ref", 501), ("$metadata", 200), ("", 200),
     ("Products?$format=xml", 406)],
)  # fmt: skip
@pytest.mark.parametrize("method", ["GET", "HEAD"])
def test_the_version_is_on_every_answer(shop: Shop, method: str, path: str, status: int) -> None:
    answer = shop.ask(path, method=method)
    assert answer.status_code == status
    assert answer.headers["OData-Version"] == "4.0"
    if method == "HEAD":
        assert answer.content == b""


def test_head_has_the_headers_of_get(shop: Shop) -> None:
    for path in ("Products", "Products(1)", "Products(1)/Name", "Products/$count", "Categories(1)"):
        got, head = shop.ask(path), shop.ask(path, method="HEAD")
        for name in ("content-type", "etag", "odata-version", "vary"):
            assert got.headers[name] == head.headers[name], (path, name)


def test_options_say_what_is_allowed(shop: Shop) -> None:
    answer = shop.ask("Products", method="OPTIONS")
    assert answer.status_code in (200, 204)
    assert set(answer.headers["allow"].split(", ")) >= {"GET", "HEAD", "OPTIONS"}
    assert answer.headers["OData-Version"]


@pytest.mark.parametrize("method", ["DELETE", "PROPFIND"])
def test_other_methods_are_refused(shop: Shop, method: str) -> None:
    answer = shop.ask("Trips", method=method)
    assert answer.status_code == 405
    assert "GET" in answer.headers["allow"]
    assert answer.json()["error"]["code"] == "MethodNotAllowed"


@pytest.mark.parametrize(
    ("query", "target", "position", "expected"),
    [
        ("$filter=Rating eq", "$filter", 9, "a literal"),
        ("$filter=Rating eq (1", "$filter", 12, ")"),
        ("$filter=Name eq 'x", "$filter", 8, "the closing quote of a text"),
        ("$filter=Rating = 1", "$filter", 7, "an operator"),
        ("$filter=Rating eq 1 2", "$filter", 12, "the end"),
        ("$filter=Rating in 1", "$filter", 10, "("),
        ("$filter=Rating eq %23", "$filter", 10, "a name, literal or sign"),
        ("$filter=Category/ eq 1", "$filter", 13, "an operator"),
        ("$orderby=Id desc Name", "$orderby", 8, "the end"),
        ("$select=Id Name", "$select", 3, "the end"),
        ("$expand=Category($top)", "$expand", 13, "="),
        ("$expand=Category($top=1 $skip=1)", "$expand", 16, ";"),
        ("@p=1 eq", "@p", 4, "a literal"),
    ],
)
def test_wrong_syntax_is_told_with_its_place(
    shop: Shop, query: str, target: str, position: int, expected: str
) -> None:
    error = shop.refused(f"Products?{query}", 400)
    assert error["code"] in ("SyntaxError", "UnknownProperty")
    assert error["target"] == target
    if error["code"] == "SyntaxError":
        assert error["innererror"]["position"] == position, error
        assert expected in error["innererror"]["expected"], error
        assert f"at character {position}" in error["message"]


@pytest.mark.parametrize(
    ("query", "code"),
    [
        ("$nothing=1", "UnknownOption"),
        ("$filter=true&$FILTER=true", "RepeatedOption"),
        ("$filter=true&where=true", "RepeatedOption"),
        ("$top=1&top=1", "RepeatedOption"),
        ("$filter=@p&@p=true&@p=false", "RepeatedOption"),
        ("$filter=@p", "UnknownAlias"),
        ("$filter=@p&@p=@p", "UnknownAlias"),
        ("$filter=@p&@p=@q&@q=not @p", "UnknownAlias"),
        ("$filter=ReleasedOn eq 2026-02-30", "InvalidLiteral"),
        ("$filter=Opens eq 25:00", "InvalidLiteral"),
        ("$filter=duration'1 day' eq null", "InvalidLiteral"),
        ("$filter=datetime'' eq null", "InvalidLiteral"),
        ("$filter=guid'x' eq null", "InvalidLiteral"),
        ("$filter=Name eq '%00'", "InvalidLiteral"),
        ("$skiptoken=x", "BadSkipToken"),
        ("$skiptoken=", "BadSkipToken"),
        ("$skiptoken=WyJ4IixbIjEiXV0", "BadSkipToken"),
    ],
)
def test_each_error_has_its_code(shop: Shop, query: str, code: str) -> None:
    assert shop.refused(f"Products?{query}")["code"] == code


@pytest.mark.parametrize(
    "query",
    ["$search=x", "search=x", "$apply=aggregate(Id with sum as x)", "apply=x", "$compute=1 as x",
     "$index=1", "$inlinecount=allpages", "$schemaversion=1",
     "$filter=case(true:1) eq 1", "$filter=Rating has 1", "$filter=geo.length(Name) eq 1",
     "$filter=Name in ['x']", "$filter=Rating in @list", "$filter=geography'POINT(1 2)' eq null",
     "$filter=Category/Catalogue.Category/Id eq 1", "$filter=$root/Products(1)/Id eq 1",
     "$filter=Category/Products/$filter(Id eq 1)/any()", "$filter=$this eq 1"],
)  # fmt: skip
def test_what_is_missing_of_the_standard_says_so(shop: Shop, query: str) -> None:
    error = shop.refused(f"Products?{query}", 501)
    assert error["code"] == "NotImplemented"
    assert "not supported" in error["message"]


def test_names_that_are_nearly_right_are_hinted_at(shop: Shop) -> None:
    hint = "did you mean Rating?"
    assert hint in shop.refused("Products", filter="Ratin eq 1")["message"]
    assert hint in shop.refused("Products", orderby="Ratng")["message"]
    assert hint in shop.refused("Products", select="rateing")["message"]
    assert "did you mean" not in shop.refused("Products", filter="Zzz eq 1")["message"]


@pytest.mark.parametrize(
    "query",
    [
        "$filter=Rating gt 3&$orderby=Id desc&$select=Id",
        "filter=Rating gt 3&orderby=Id desc&select=Id",
        "$FILTER=RATING GT 3&$OrderBy=ID DESC&$SELECT=ID",
        "$where=rating Gt 3&ORDERBY=id Desc&select=iD",
        "where=rating gt 3&orderby=id desc&select=id",
        "%24filter=Rating%20gt%203&%24orderby=Id+desc&%24select=Id",
        "&&$filter=  Rating   gt  3  &$orderby= Id  desc &$select= Id &",
        "%20$filter%20=%20(%20Rating%20gt%203%20)%20&$orderby=Id desc&$select=Id",
        "$filter=length( NAME ) ge 0 AND Rating GT 3&$orderby=Id DESC&$select=Id",
        "$filter=Rating gt @least&@least=3&$orderby=Id desc&$select=Id",
        "$filter=@p&@p=Rating gt 3&$orderby=@o desc&@o=Id&$select=Id",
        "$filter=Rating gt 3&$orderby=Id desc&$select=Id&custom=x&search-me=x",
    ],
)
def test_names_and_blanks_may_be_written_in_any_way(shop: Shop, query: str) -> None:
    assert shop.json(f"Products?{query}")["value"] == [{"Id": 5}, {"Id": 1}]


@pytest.mark.parametrize("value", ["0", "x", ""])
def test_a_page_has_at_least_one_row(shop: Shop, value: str) -> None:
    answer = shop.ask("Products", {"Prefer": f"odata.maxpagesize={value}"})
    assert answer.status_code == (400 if value == "0" else 200)


def test_the_page_size_preferred_is_confirmed(shop: Shop) -> None:
    for prefer in ("odata.maxpagesize=2", "maxpagesize=2", 'respond-async, odata.maxpagesize="2"'):
        answer = shop.ask("Products", {"Prefer": prefer})
        assert len(answer.json()["value"]) == 2
        assert answer.headers["Preference-Applied"] == "odata.maxpagesize=2"
    answer = shop.ask("Products", {"Prefer": "odata.maxpagesize=999999"})
    assert answer.headers["Preference-Applied"] == "odata.maxpagesize=1000"
    assert "Preference-Applied" not in shop.ask("Products").headers


def test_server_timing_has_the_time_of_each_stage(tables: str, shop: Shop) -> None:
    with open_shop(tables, server_timing=True) as timed:
        first, again = (timed.ask("Products", top=1).headers["Server-Timing"] for _ in range(2))
    stages = re.findall(r"(\w+);dur=\d+\.\d{3}(?:, |$)", first)
    assert stages == ["negotiate", "parse", "plan", "sql", "respond"]
    assert re.findall(r"(\w+);dur", again) == ["negotiate", "respond"]
    assert "Server-Timing" not in shop.ask("Products", top=1).headers
