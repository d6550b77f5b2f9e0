"""The JSON Schemas of a model's entities, as the component schemas of an OpenAPI document."""

from typing import Any

from gerance.kernel.odata.describe.examples import value_of
from gerance.kernel.odata.describe.metadata import may_be_null
from gerance.kernel.odata.edm import Edm, EntityType, Model, Property

Schema = dict[str, Any]

_TYPES: dict[Edm, Schema] = {
    Edm.BOOLEAN: {"type": "boolean"},
    Edm.INT32: {"type": "integer", "format": "int32"},
    Edm.INT64: {"type": "integer", "format": "int64"},
    Edm.DECIMAL: {"type": "number", "format": "decimal"},
    Edm.DOUBLE: {"type": "number", "format": "double"},
    Edm.STRING: {"type": "string"},
    Edm.GUID: {"type": "string", "format": "uuid"},
    Edm.DATE: {"type": "string", "format": "date"},
    Edm.DATE_TIME_OFFSET: {"type": "string", "format": "date-time"},
    Edm.TIME_OF_DAY: {"type": "string", "pattern": r"^\d\d:\d\d(:\d\d(\.\d+)?)?$"},
    Edm.DURATION: {"type": "string", "format": "duration"},
}


ODATA_ERROR: Schema = {
    "title": "ODataError",
    "type": "object",
    "required": ["error"],
    "properties": {
        "error": {
            "type": "object",
            "required": ["code", "message"],
            "properties": {
                "code": {"type": "string", "description": "the published error code"},
                "message": {"type": "string", "description": "what is wrong, and where"},
                "target": {"type": "string", "description": "the part of the request"},
                "details": {
                    "type": "array",
                    "description": "all that is wrong with a body, when it is more than one thing",
                    "items": {
                        "type": "object",
                        "required": ["code", "message"],
                        "properties": {
                            "code": {"type": "string"},
                            "message": {"type": "string"},
                            "target": {"type": ["string", "null"]},
                        },
                    },
                },
                "innererror": {"type": "object", "description": "where in that part"},
            },
        }
    },
}
"""The schema of an error body; endpoints that render it name it in `error_schema`."""


def schema_of_type(kind: Edm) -> Schema:
    """The schema of a primitive type's values."""
    return dict(_TYPES[kind])


def component(model: Model, name: str) -> str:
    """The name of the component schema of an entity type."""
    return f"{model.namespace}.{name}"


def reference(model: Model, name: str) -> Schema:
    return {"$ref": f"#/components/schemas/{component(model, name)}"}


def collection_of(item: Schema) -> Schema:
    """The schema of an answer that holds many."""
    return {
        "type": "object",
        "required": ["value"],
        "properties": {
            "@odata.context": {"type": "string", "description": "what the answer holds"},
            "@odata.count": {"type": "integer", "description": "of all pages, with $count=true"},
            "value": {"type": "array", "items": item},
            "@odata.nextLink": {"type": "string", "description": "where the next page is"},
        },
    }


def schemas(model: Model) -> dict[str, Schema]:
    """The component schemas of a model: one for errors, one for each entity type."""
    types = {component(model, each.name): _schema(model, each) for each in model.types.values()}
    return {"ODataError": ODATA_ERROR} | types


def _schema(model: Model, entity: EntityType) -> Schema:
    properties = {each.name: property_schema(each) for each in entity.properties}
    for navigation in entity.navigations:
        target = reference(model, navigation.target)
        if navigation.many:
            target = {"type": "array", "items": target}
        elif may_be_null(entity, navigation):
            target = {"anyOf": [target, {"type": "null"}]}
        text = f"{navigation.description} Only with $expand={navigation.name}."
        properties[navigation.name] = target | {"description": text, "readOnly": True}
    return {
        "title": entity.name,
        "description": entity.description,
        "type": "object",
        "properties": {"@odata.etag": _ETAG, **properties},
        "example": {each.name: value_of(each) for each in entity.properties},
    }


_ETAG: Schema = {
    "type": "string",
    "readOnly": True,
    "description": "the version of the entity, as in the header ETag",
}


def property_schema(property_: Property) -> Schema:
    """The schema of a property: its type, what it may be, what it means."""
    schema = schema_of_type(property_.type) | {"description": description_of(property_)}
    if property_.max_length is not None:
        schema["maxLength"] = property_.max_length
    if property_.values:
        text = property_.type is Edm.STRING
        schema["enum"] = [code if text else int(code) for code in property_.values]
    if property_.nullable:
        schema["type"] = [schema["type"], "null"]
        if property_.values:
            schema["enum"].append(None)
    if property_.computed:
        schema["readOnly"] = True
    return schema


def description_of(property_: Property) -> str:
    """What a property means, with its codes."""
    codes = ", ".join(f"`{code}` {meaning}" for code, meaning in property_.values.items())
    return f"{property_.description} {codes}.".strip() if codes else property_.description
