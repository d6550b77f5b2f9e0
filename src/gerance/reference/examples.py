"""Example bodies, built from the schemas of a document and the values of fields."""

import re
from collections.abc import Mapping
from typing import Any
from uuid import NAMESPACE_OID, uuid5

Json = dict[str, Any]

_REFERENCE = "#/components/schemas/"
_DEEPEST = 8
_KINDS: Mapping[type, tuple[Any, ...]] = {
    bool: ("boolean",),
    int: ("integer", "number"),
    float: ("number",),
    str: ("string",),
    list: ("array",),
    dict: ("object",),
}
_DAY = r"\d{4}-\d\d-\d\d"
_SHAPES = {
    "date": re.compile(_DAY),
    "date-time": re.compile(_DAY + "T.+"),
    "uuid": re.compile("[0-9a-f-]{36}"),
}
_BY_FORMAT = {
    "date": "2026-09-01",
    "date-time": "2026-09-01T08:30:00.000Z",
    "uuid": "17ab7b5b-b7ca-18f6-d5f3-3dfbcbaee1a2",
}


class Examples:
    """Builds examples. `values`: of fields, by name or by "Type.field"."""

    def __init__(
        self, schemas: Mapping[str, Json], values: Mapping[str, Any], months: Mapping[str, str]
    ) -> None:
        """`months`: what replaces {this_month} and {last_month}."""
        self._schemas = schemas
        self._values = values
        self._months = months

    def fill(self, operation: Json, bodies: Any) -> None:
        """Give an operation's bodies examples. `bodies`: a list, or fields that it needs."""
        content = operation.get("requestBody", {}).get("content", {})
        for each in content.values():
            self._fill(each, bodies)
        for status, response in operation["responses"].items():
            if status < "400":
                for each in response.get("content", {}).values():
                    self._fill(each, {})

    def _fill(self, content: Json, bodies: Any) -> None:
        if "example" in content or "examples" in content:
            return
        schema = self._resolved(content["schema"])
        references = [each["$ref"] for each in _members(schema) if "$ref" in each]
        members = [each.removeprefix(_REFERENCE) for each in references]
        if len(members) > 1:
            content["examples"] = {
                name: {"summary": name, "value": {**self.of_type(name), **bodies.get(name, {})}}
                for name in members
            }
        elif bodies and isinstance(bodies, list):
            content["example"] = bodies
        elif (example := self.of(content["schema"])) is not None:
            content["example"] = {**example, **bodies} if isinstance(example, dict) else example

    def of_type(self, name: str) -> Any:
        """An example of a component schema."""
        return self.of({"$ref": f"{_REFERENCE}{name}"})

    def of(self, schema: Json, *, depth: int = 0) -> Any:
        """An example of a schema; None when there is nothing to show."""
        schema_name = schema.get("$ref", "").removeprefix(_REFERENCE)
        schema = self._resolved(schema)
        if "example" in schema:
            return schema["example"]
        if depth > _DEEPEST:
            return None
        for each in _members(schema):
            if each.get("type") != "null":
                return self.of(each, depth=depth + 1)
        if "const" in schema:
            return schema["const"]
        if schema.get("enum"):
            return schema["enum"][0]
        kind = schema.get("type")
        if isinstance(kind, list):
            kind = kind[0]
        match kind:
            case "object":
                return self._object(schema_name, schema, depth)
            case "array":
                element = self.of(schema["items"], depth=depth + 1)
                return [] if element is None else [element]
            case "integer" | "number":
                return schema.get("minimum", 1)
            case "boolean":
                return True
            case "string":
                return _BY_FORMAT.get(schema.get("format", ""), "text")
        return None

    def _object(self, name: str, schema: Json, depth: int) -> Json:
        required = schema.get("required", ())
        example = {}
        for field, each in schema.get("properties", {}).items():
            value = self._values.get(f"{name}.{field}", self._values.get(field))
            if value == "":
                continue
            if isinstance(value, str):
                value = value.format(uid=uuid5(NAMESPACE_OID, name), **self._months)
            if value is None or not self._fits(value, each):
                needs_value = field in required or name.endswith("View")
                value = self.of(each, depth=depth + 1) if needs_value else None
            if value is not None:
                example[field] = value
        return example

    def _fits(self, value: Any, schema: Json) -> bool:
        """Whether a value is of the kind that a schema states, and one of its enumeration."""
        schema = self._resolved(schema)
        if choices := _members(schema):
            return any(self._fits(value, each) for each in choices)
        if "enum" in schema:
            return value in schema["enum"]
        if schema.get("type") not in _KINDS[type(value)]:
            return False
        if isinstance(value, list):
            return all(self._fits(each, schema["items"]) for each in value)
        if isinstance(value, dict):
            return "properties" not in schema or value.keys() <= schema["properties"].keys()
        shape = _SHAPES.get(schema.get("format", ""))
        return shape is None or shape.fullmatch(value) is not None

    def _resolved(self, schema: Json) -> Json:
        name = schema.get("$ref")
        return self._schemas[name.removeprefix(_REFERENCE)] if name else schema


def _members(schema: Json) -> list[Json]:
    members: list[Json] = schema.get("oneOf") or schema.get("anyOf", [])
    return members
