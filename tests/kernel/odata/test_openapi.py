"""A model's part of the OpenAPI document."""

import json
from collections.abc import Iterator
from typing import Any

import jsonschema_rs
import pytest
import schemathesis
from tests.kernel.odata.catalogue import CATALOGUE

from gerance.kernel.http.openapi import openapi
from gerance.kernel.odata.openapi import described


@pytest.fixture(scope="module")
def document() -> dict[str, Any]:
    return openapi((), [described(CATALOGUE)], version="1.0")


def operations(document: dict[str, Any]) -> Iterator[dict[str, Any]]:
    for item in document["paths"].values():
        yield from item.values()


def parameter(operation: dict[str, Any], name: str) -> dict[str, Any]:
    (found,) = [each for each in operation["parameters"] if each["name"] == name]
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
        if name.startswith("Catalogue."):
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
