"""The JSON Schemas of a model's entities, as the component schemas of an OpenAPI document."""

from collections.abc import Mapping
from typing import Any

from gerance.kernel.odata.describe.examples import value_of
from gerance.kernel.odata.describe.metadata import may_be_null
from gerance.kernel.odata.edm import Edm, EntityType, Model, Property
from gerance.kernel.odata.write_annotations import Sample

Schema = dict[str, Any]

_TYPES: dict[Edm, Schema] = {
    Edm.BOOLEAN: {"type": "boolean"},
    Edm.INT32: {"type": "integer", "format": "int32"},
    Edm.INT64: {"type": "integer", "format": "int64"},
    Edm.DECIMAL: {"type": "number"},
    Edm.DOUBLE: {"type": "number", "format": "double"},
    Edm.STRING: {"type": "string"},
    Edm.GUID: {"type": "string", "format": "uuid"},
    Edm.DATE: {"type": "string", "format": "date"},
    Edm.DATE_TIME_OFFSET: {"type": "string", "format": "date-time"},
    Edm.TIME_OF_DAY: {"type": "string", "pattern": r"^\d\d:\d\d(:\d\d(\.\d+)?)?$"},
    Edm.DURATION: {"type": "string", "format": "duration"},
}


_CODE: Schema = {"type": "string", "description": "The published error code."}
_MESSAGE: Schema = {"type": "string", "description": "What is wrong, where, and what to do."}
_TARGET = "The part of the request that is wrong."

ERRORS: dict[str, Schema] = {
    "ODataError": {
        "title": "ODataError",
        "description": "The body of a rejection.",
        "type": "object",
        "required": ["error"],
        "properties": {
            "error": {
                "$ref": "#/components/schemas/ODataErrorContent",
                "description": "The error.",
            }
        },
    },
    "ODataErrorContent": {
        "title": "ODataErrorContent",
        "description": "An error, with its details.",
        "type": "object",
        "required": ["code", "message"],
        "properties": {
            "code": _CODE,
            "message": _MESSAGE,
            "target": {"type": "string", "description": _TARGET},
            "details": {
                "type": "array",
                "description": "Every problem of a body that has more than one.",
                "items": {"$ref": "#/components/schemas/ODataErrorDetail"},
            },
            "innererror": {"type": "object", "description": "The place in the target."},
        },
    },
    "ODataErrorDetail": {
        "title": "ODataErrorDetail",
        "description": "One of several problems.",
        "type": "object",
        "required": ["code", "message"],
        "properties": {
            "code": _CODE,
            "message": _MESSAGE,
            "target": {"type": ["string", "null"], "description": _TARGET},
        },
    },
}
"""The schemas of an error body; endpoints that render it name `ODataError` in `error_schema`."""


def schema_of_type(kind: Edm) -> Schema:
    """The schema of a primitive type's values."""
    return dict(_TYPES[kind])


def component(model: Model, name: str) -> str:
    """The name of the component schema of an entity type."""
    return f"{model.namespace}.{name}"


def reference(model: Model, name: str) -> Schema:
    return {"$ref": f"#/components/schemas/{component(model, name)}"}


def list_reference(model: Model, name: str) -> Schema:
    """A reference to the schema of a list of an entity type."""
    return reference(model, f"{name}List")


def schemas(model: Model, samples: Mapping[str, Sample] | None = None) -> dict[str, Schema]:
    """The component schemas of a model: of errors, of each entity type, and of its lists."""
    components = {**ERRORS, **_entity_set_schemas(model)}
    for entity in model.types.values():
        sample = (samples or {}).get(entity.name)
        schema = _schema(model, entity, sample)
        components[component(model, entity.name)] = schema
        components[component(model, f"{entity.name}List")] = _list_schema(
            f"{entity.name}List",
            f"A list of {entity.set_name}.",
            reference(model, entity.name),
            {"@odata.context": f"$metadata#{entity.set_name}", "value": [schema["example"]]},
        )
    return components


def _entity_set_schemas(model: Model) -> dict[str, Schema]:
    names = [each.set_name for each in model.sets.values()][:2]
    examples = [{"name": each, "kind": "EntitySet", "url": each} for each in names]
    return {
        component(model, "EntitySet"): {
            "title": "EntitySet",
            "description": "An entity set of the service.",
            "type": "object",
            "properties": {
                "name": {"type": "string", "description": "The name of the set."},
                "kind": {"type": "string", "description": "Always `EntitySet`."},
                "url": {"type": "string", "description": "The URL of the set."},
            },
        },
        component(model, "EntitySetList"): _list_schema(
            "EntitySetList",
            "The entity sets of the service.",
            reference(model, "EntitySet"),
            {"@odata.context": "$metadata", "value": examples},
        ),
    }


def _list_schema(title: str, description: str, item: Schema, example: object) -> Schema:
    return {
        "title": title,
        "description": description,
        "type": "object",
        "required": ["value"],
        "properties": {
            "@odata.context": {"type": "string", "description": "What the answer holds."},
            "@odata.count": {
                "type": "integer",
                "description": "The number of entities on all pages, with `$count=true`.",
            },
            "value": {"type": "array", "items": item, "description": "The entities."},
            "@odata.nextLink": {"type": "string", "description": "The URL of the next page."},
        },
        "example": example,
    }


def entity_example(entity: EntityType, sample: Sample | None) -> dict[str, object]:
    """An entity as it is read: its sample, with other values of its properties' types."""
    values = {each.name: value_of(each) for each in entity.properties}
    if sample is not None:
        values |= {
            name: value
            for name, value in {**sample.create, **sample.change}.items()
            if entity.navigation(name) is None
        }
    return values


def _schema(model: Model, entity: EntityType, sample: Sample | None) -> Schema:
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
        "properties": {**control_information(entity), **properties},
        "example": entity_example(entity, sample),
    }


def control_information(entity: EntityType) -> dict[str, Schema]:
    """Schemas of the annotations of entities in answers with minimal metadata."""
    texts = {
        "etag": "The version of the entity, as in the header `ETag`.",
        "id": "The address of the entity. Only without its key in `$select`.",
    }
    if entity.media:
        texts |= {
            "mediaContentType": "The media type of the content.",
            "mediaReadLink": "The address from which the content is read.",
            "mediaEditLink": "The address to which new content is sent.",
        }
    return {
        f"@odata.{name}": {"type": "string", "readOnly": True, "description": text}
        for name, text in texts.items()
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
