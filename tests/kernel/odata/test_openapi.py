"""A model's part of the OpenAPI document."""

import json
from collections.abc import Iterator
from typing import Any

import jsonschema_rs
import pytest
import schemathesis
from tests.kernel.odata.catalogue import CATALOGUE

from gerance.kernel.http.openapi import openapi
from gerance.kernel.odata.describe.openapi import openapi_part
from gerance.kernel.odata.write_annotations import Sample, WriteAnnotations

SAMPLE = Sample(create={"Name": "Hammer", "Code": "H1", "Price": 12.5}, change={"Price": 13})
METHODS = ("post", "patch", "put", "delete")


@pytest.fixture(scope="module")
def document() -> dict[str, Any]:
    return openapi((), [openapi_part(CATALOGUE)], version="1.0")


@pytest.fixture(scope="module")
def written() -> dict[str, Any]:
    annotations = WriteAnnotations(
        deep={"Category": frozenset({"Products"})},
        fixed={"Product": frozenset({"Code"})},
        samples={"Product": SAMPLE},
    )
    return openapi((), [openapi_part(CATALOGUE, annotations=annotations)], version="1.0")


def operations(document: dict[str, Any]) -> Iterator[dict[str, Any]]:
    for item in document["paths"].values():
        yield from item.values()


def parameter(operation: dict[str, Any], name: str) -> dict[str, Any]:
    (found,) = [each for each in operation["parameters"] if each.get("name") == name]
    return dict(found)


def test_every_set_is_listed_found_by_key_and_counted(document: dict[str, Any]) -> None:
    paths = set(document["paths"])
    assert {"/api/Products", "/api/Products({Id})", "/api/Products/$count"} <= paths
    assert "/api/People('{UserName}')" in paths
    assert "/api/Trips(PersonName='{PersonName}',TripNo={TripNo})" in paths
    assert {"/api/", "/api/$metadata"} <= paths


def test_what_a_function_answers_is_no_set_but_the_function_is_there(
    document: dict[str, Any],
) -> None:
    assert "/api/Novelties" not in document["paths"]
    released = document["paths"]["/api/Products/Released"]["get"]
    assert parameter(released, "since")["required"] is True
    assert parameter(released, "until")["required"] is False


def test_operations_have_one_name_each(document: dict[str, Any]) -> None:
    names = [operation["operationId"] for operation in operations(document)]
    assert len(names) == len(set(names))


def test_every_reading_needs_a_token(document: dict[str, Any]) -> None:
    assert document["components"]["securitySchemes"]["bearer"]["scheme"] == "bearer"
    assert all(each["security"] == [{"bearer": []}] for each in operations(document))


def test_the_introduction_tells_the_two_steps(document: dict[str, Any]) -> None:
    text = document["info"]["description"]
    assert text.index("POST /api/Token") < text.index("Authorization: Bearer")


def test_properties_say_all_that_is_known(document: dict[str, Any]) -> None:
    product = document["components"]["schemas"]["Catalogue.Product"]["properties"]
    assert product["Id"] == {
        "type": "integer",
        "format": "int32",
        "description": "Its number.",
        "readOnly": True,
    }
    assert product["Name"]["maxLength"] == 60
    assert product["ReleasedOn"]["type"] == ["string", "null"]
    assert product["ReleasedOn"]["format"] == "date"
    assert product["Colour"]["enum"] == ["R", "G", "B", None]
    assert "`G` green" in product["Colour"]["description"]


def test_examples_fit_their_schemas(document: dict[str, Any]) -> None:
    components = document["components"]
    for name, schema in components["schemas"].items():
        if "example" in schema:
            whole = schema | {"components": components}
            assert jsonschema_rs.is_valid(whole, schema["example"]), name


def test_no_reference_leads_nowhere(document: dict[str, Any]) -> None:
    written = json.dumps(document)
    for piece in written.split('"$ref": "#/components/schemas/')[1:]:
        assert piece.partition('"')[0] in document["components"]["schemas"]


def test_options_come_with_examples_and_are_not_filled_in(document: dict[str, Any]) -> None:
    listing = document["paths"]["/api/Products"]["get"]
    examples = [each["value"] for each in parameter(listing, "$filter")["examples"].values()]
    assert examples[:2] == ["", "Colour eq 'R'"]
    assert "`Price`" in parameter(listing, "$select")["description"]


def test_a_tester_can_make_requests_of_it(document: dict[str, Any]) -> None:
    found = schemathesis.openapi.from_dict(document)
    assert len(list(found.get_all_operations())) == len(list(operations(document)))


def body(document: dict[str, Any], path: str, method: str) -> dict[str, Any]:
    """The schema of a request's body, on its own."""
    content = document["paths"][path][method]["requestBody"]["content"]["application/json"]
    schema: dict[str, Any] = content["schema"]
    return schema | {"components": document["components"]}


def test_what_may_be_written_has_its_operations(written: dict[str, Any]) -> None:
    found = {
        path: methods
        for path, item in written["paths"].items()
        if (methods := [each for each in METHODS if each in item])
    }
    assert found == {
        "/api/Products": ["post"],
        "/api/Products({Id})": ["patch", "put", "delete"],
        "/api/Products({Id})/Category/$ref": ["put", "delete"],
        "/api/Products({Id})/Supplier/$ref": ["put", "delete"],
        "/api/Products({Id})/{PropertyName}": ["put", "delete"],
        "/api/Categories": ["post"],
        "/api/Categories({Id})/Products": ["post"],
        "/api/Categories({Id})/Children": ["post"],
        "/api/People('{UserName}')/Supplies": ["post"],
    }


def test_without_a_writer_nothing_is_said_of_writing(document: dict[str, Any]) -> None:
    assert all(set(item) == {"get"} for item in document["paths"].values())


@pytest.mark.parametrize(
    ("path", "method", "given", "fits"),
    [
        ("/api/Products", "post", {"Name": "Hammer", "Code": "H1"}, True),
        ("/api/Products", "post", {"Name": "Hammer"}, False),
        ("/api/Products", "post", {"Name": "Hammer", "Code": "H1", "Id": 7}, False),
        ("/api/Products", "post", {"Name": "Hammer", "Code": "H1", "Nam": "x"}, False),
        ("/api/Products", "post", {"Name": "Hammer", "Code": "H1", "Price": 1e9}, False),
        (
            "/api/Products",
            "post",
            {"Name": "Hammer", "Code": "H1", "Category@odata.bind": "Categories(1)"},
            True,
        ),
        ("/api/Products({Id})", "patch", {"Price": None}, True),
        ("/api/Products({Id})", "patch", {"Code": "H2"}, False),
        ("/api/Products({Id})", "put", {"Name": "Hammer", "Code": "H1"}, True),
        ("/api/Products({Id})", "put", {"Price": 1}, False),
        ("/api/Categories", "post", {"Products": [{"Name": "Saw", "Code": "S"}]}, True),
        ("/api/Categories", "post", {"Products": [{"Name": "Saw", "CategoryId": 1}]}, False),
        ("/api/Categories({Id})/Products", "post", {"Name": "Saw", "Code": "S"}, True),
    ],
)
def test_bodies_have_what_one_may_give_and_must(
    path: str, method: str, given: dict[str, Any], fits: bool, written: dict[str, Any]
) -> None:
    assert jsonschema_rs.is_valid(body(written, path, method), given) is fits


def test_examples_of_bodies_fit_them(written: dict[str, Any]) -> None:
    examples = {
        kind: written["components"]["schemas"][f"Catalogue.Product{kind}"]["example"]
        for kind in ("ToCreate", "ToReplace", "ToChange")
    }
    assert examples["ToReplace"] == {"Name": "Hammer", "Code": "H1", "Price": 13}
    assert jsonschema_rs.is_valid(body(written, "/api/Products", "post"), examples["ToCreate"])
    one = "/api/Products({Id})"
    assert jsonschema_rs.is_valid(body(written, one, "put"), examples["ToReplace"])
    assert jsonschema_rs.is_valid(body(written, one, "patch"), examples["ToChange"])


@pytest.mark.parametrize(
    ("path", "method", "statuses", "headers"),
    [
        (
            "/api/Products",
            "post",
            {200, 201, 204, 409, 413, 415, 422},
            {"Prefer", "IdempotencyKey", "MinPosition"},
        ),
        (
            "/api/Products({Id})",
            "patch",
            {200, 204, 404, 409, 412, 413, 415, 428},
            {"Prefer", "IfMatch", "MinPosition"},
        ),
        (
            "/api/Products({Id})",
            "delete",
            {204, 404, 409, 412, 428},
            {"Prefer", "IfMatch", "MinPosition"},
        ),
    ],
)
def test_writing_says_its_headers_and_answers(
    path: str, method: str, statuses: set[int], headers: set[str], written: dict[str, Any]
) -> None:
    operation = written["paths"][path][method]
    always = {400, 401, 403, 406, 429, 501, 503}
    assert {int(each) for each in operation["responses"]} == statuses | always
    named = {each["$ref"].split("/")[-1] for each in operation["parameters"] if "$ref" in each}
    assert named == headers
    assert named <= set(written["components"]["parameters"])


def test_operations_that_write_have_names_of_their_own(written: dict[str, Any]) -> None:
    names = [operation["operationId"] for operation in operations(written)]
    assert len(names) == len(set(names))


def test_the_written_document_is_one_of_openapi(written: dict[str, Any]) -> None:
    found = schemathesis.openapi.from_dict(written)
    assert len(list(found.get_all_operations())) == len(list(operations(written)))
