"""The OpenAPI document states what generators of clients and readers need, for all three APIs."""

import json
import re
from collections import Counter
from collections.abc import Iterator
from datetime import date
from functools import cache
from pathlib import Path
from typing import Any

import jsonschema_rs

from gerance.app import api_document
from gerance.reference.document import load, nested, operations

IDS = Path(__file__).with_name("operation_ids.txt")


@cache
def document() -> dict[str, Any]:
    return json.loads(json.dumps(api_document(date(2026, 11, 30))))  # type: ignore[no-any-return]


def schemas() -> dict[str, dict[str, Any]]:
    found: dict[str, dict[str, Any]] = document()["components"]["schemas"]
    return found


def contents() -> Iterator[tuple[str, dict[str, Any]]]:
    """Every content of a request or an answer, with where it is."""
    shared = document()["components"]["responses"]
    for operation in operations(document()):
        name = operation["operationId"]
        for content in operation.get("requestBody", {}).get("content", {}).values():
            yield f"{name} request", content
        for status, response in operation["responses"].items():
            response = (
                shared[response["$ref"].rpartition("/")[2]] if "$ref" in response else response
            )
            for content in response.get("content", {}).values():
                yield f"{name} {status}", content


def test_operation_ids_never_change() -> None:
    """Generated clients name their methods by them."""
    ids = sorted(each["operationId"] for each in operations(document()))
    kept = IDS.read_text(encoding="utf-8").split()
    assert sorted(set(kept) - set(ids)) == [], "these operations are gone or have another id"
    assert sorted(set(ids) - set(kept)) == [], f"add these to {IDS.name}"
    assert len(ids) == len({each.lower().replace("_", "") for each in ids})


def test_the_title_is_ascii_and_the_server_is_named() -> None:
    assert document()["info"]["title"].isascii()
    assert [each["url"] for each in document()["servers"]] == ["/"]


def test_every_operation_and_parameter_is_described() -> None:
    missing = []
    for operation in operations(document()):
        missing += [operation["operationId"]] * (not operation.get("description"))
        missing += [
            f"{operation['operationId']}: {each['name']}"
            for each in operation["parameters"]
            if "$ref" not in each and not each.get("description")
        ]
    assert missing == [], "describe these in src/gerance/reference/operations.toml"


def test_every_type_and_field_is_described() -> None:
    missing = [name for name, schema in schemas().items() if not schema.get("description")]
    missing += [
        f"{name}.{field}"
        for name, schema in schemas().items()
        for field, each in schema.get("properties", {}).items()
        if not each.get("description")
    ]
    assert missing == [], "describe these in src/gerance/reference/fields.toml and types.toml"


def test_no_text_describes_what_the_document_lacks() -> None:
    fields = {f for schema in schemas().values() for f in schema.get("properties", {})}
    pairs = {f"{n}.{f}" for n, schema in schemas().items() for f in schema.get("properties", {})}
    for name in ("fields", "values"):
        assert sorted(set(load(name)) - fields - pairs) == [], f"{name}.toml"
    assert sorted(set(load("types")) - set(schemas())) == []
    ids = {each["operationId"] for each in operations(document())}
    assert sorted(set(load("operations")) - ids - {"parameters"}) == []


def test_titles_are_unique_and_every_type_has_one() -> None:
    assert [name for name, schema in schemas().items() if not schema.get("title")] == []
    parts = [document()["components"], document()["paths"]]
    titles = Counter(each["title"] for each in nested(parts) if isinstance(each.get("title"), str))
    assert [title for title, count in titles.items() if count > 1] == []


def test_objects_with_fields_are_components() -> None:
    """Generators would invent names for others."""
    inline = [
        name
        for name, schema in [*schemas().items(), *((n, c["schema"]) for n, c in contents())]
        for each in nested(schema)
        if "properties" in each and isinstance(each["properties"], dict) and each is not schema
    ]
    assert inline == []
    assert [
        n
        for n, c in contents()
        if "properties" in c["schema"] or {"anyOf", "oneOf"} & {*c["schema"]}
    ] == []


def test_enumerations_are_typed_and_lists_have_items() -> None:
    untyped = [each for each in nested(document()) if "enum" in each and "type" not in each]
    assert untyped == []
    assert [
        each for each in nested(document()) if each.get("type") == "array" and "items" not in each
    ] == []


def test_every_body_has_an_example_that_fits_its_schema() -> None:
    missing, wrong = [], []
    for name, content in contents():
        examples = [each["value"] for each in content.get("examples", {}).values()]
        examples += [content["example"]] if "example" in content else []
        examples += [inherited] if (inherited := _inherited(content["schema"])) is not None else []
        if not examples:
            missing.append(name)
        validator = _validator(json.dumps(content["schema"]))
        wrong += [f"{name}: {e}" for x in examples for e in validator.iter_errors(x)]
    assert missing == []
    assert wrong == []


def _inherited(schema: dict[str, Any]) -> Any:
    name = schema.get("$ref", "").rpartition("/")[2]
    return schemas().get(name, schema).get("example")


@cache
def _validator(schema: str) -> Any:
    needed: dict[str, Any] = {}
    waiting = [schema]
    while waiting:
        for name in re.findall(r"#/components/schemas/([\w.]+)", waiting.pop()):
            if name not in needed:
                needed[name] = schemas()[name]
                waiting.append(json.dumps(schemas()[name]))
    whole = json.loads(schema) | {"components": {"schemas": needed}}
    return jsonschema_rs.validator_for(whole, validate_formats=True)


def test_the_first_example_of_a_parameter_goes_with_that_of_the_body() -> None:
    """The page shows both at first."""
    for operation in operations(document()):
        content = operation.get("requestBody", {}).get("content", {}).values()
        bodies = [name for each in content for name in each.get("examples", {})]
        for parameter in operation["parameters"]:
            if parameter.get("in") == "path" and "examples" in parameter:
                assert next(iter(parameter["examples"])) == bodies[0]
                assert set(parameter["examples"]) <= set(bodies)
