"""Completes the OpenAPI document: texts of fields, types and operations, examples of requests.

What declarations cannot state is data in the TOML files of this package: `fields` and `types` have
descriptions, `operations` has descriptions and the values of parameters, and `values` has examples
of fields. They fit the demonstration.
"""

import tomllib
from collections.abc import Iterator, Mapping
from copy import deepcopy
from datetime import date
from functools import cache
from pathlib import Path
from typing import Any

from gerance.kernel.months import Month
from gerance.reference.examples import Examples

Json = dict[str, Any]

_HERE = Path(__file__).parent
_KINDS = {bool: "boolean", int: "integer", str: "string"}
METHODS = frozenset({"get", "post", "put", "patch", "delete"})


@cache
def load(name: str) -> Json:
    """The content of one of the TOML files."""
    return tomllib.loads((_HERE / f"{name}.toml").read_text(encoding="utf-8"))


def complete(document: Json, today: date) -> Json:
    """The document with the texts and examples of this package. Some examples name the month of
    `today` or the one before."""
    document = deepcopy(document)
    schemas = document["components"]["schemas"]
    for name, schema in schemas.items():
        _describe(name, schema)
    for schema in nested(document):
        _state_type(schema)
    months = _months(today)
    examples = Examples(schemas, load("values"), months)
    texts = load("operations")
    for operation in operations(document):
        own = texts.get(operation["operationId"], {})
        if "text" in own:
            operation["description"] = own["text"]
        _fill_parameters(operation, texts["parameters"], own.get("parameters", {}), months)
        examples.fill(operation, own.get("bodies", {}))
    return document


def operations(document: Json) -> Iterator[Json]:
    """Every operation of a document."""
    for item in document["paths"].values():
        yield from (each for method, each in item.items() if method in METHODS)


def nested(node: Any) -> Iterator[Json]:
    """Every object inside a document, itself included; examples are left out."""
    if isinstance(node, dict):
        yield node
        for name, each in node.items():
            if name not in ("example", "examples", "default"):
                yield from nested(each)
    elif isinstance(node, list):
        for each in node:
            yield from nested(each)


def _describe(name: str, schema: Json) -> None:
    types, fields = load("types"), load("fields")
    if name in types:
        schema["description"] = types[name]
    for field, each in schema.get("properties", {}).items():
        text = fields.get(f"{name}.{field}", fields.get(field))
        if text is not None and "description" not in each:
            each["description"] = text


def _state_type(schema: Json) -> None:
    """State what generators of clients need: the type of an enumeration, the items of a list, and
    that a value is one of the types that a discriminator tells apart."""
    if "discriminator" in schema:
        schema["oneOf"] = schema.pop("anyOf")
    values = schema.get("enum")
    if values and "type" not in schema:
        schema["type"] = _KINDS[type(values[0])]
    if values == [True]:
        schema["const"] = schema.pop("enum")[0]
    if schema.get("type") == "array":
        schema.setdefault("items", {})
    if schema.get("type") == "object" and "properties" not in schema:
        schema.setdefault("additionalProperties", True)


def _fill_parameters(operation: Json, common: Json, own: Json, months: Mapping[str, str]) -> None:
    for parameter in operation["parameters"]:
        name = parameter.get("name")
        value = own.get(name, None if "example" in parameter else common.get(name))
        if parameter.get("in") == "path" and name in common:
            parameter["description"] = common[name]["text"]
        if isinstance(value, dict) and "examples" in value:
            parameter["examples"] = {k: {"value": v} for k, v in value["examples"].items()}
            continue
        if isinstance(value, dict):
            value = value["value"]
        if value is not None:
            is_text = isinstance(value, str)
            parameter["example"] = value.format_map(months) if is_text else value


def _months(today: date) -> dict[str, str]:
    this_month = Month.of(today)
    return {"this_month": str(this_month), "last_month": str(this_month.plus(-1))}
