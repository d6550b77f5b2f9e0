"""The JSON Schemas of the bodies that write entities: what clients may give, and must."""

from collections.abc import Collection
from typing import Any

from gerance.kernel.odata.describe.metadata import may_be_null
from gerance.kernel.odata.describe.schemas import Schema, component, property_schema, reference
from gerance.kernel.odata.edm import Edm, EntityType, Model, Navigation, Property
from gerance.kernel.odata.write_annotations import MOST_DETAILS, Sample, WriteAnnotations, additions

_BOUNDS = {Edm.INT32: 2**31, Edm.INT64: 2**63}
_REFERENCE: Schema = {
    "type": "string",
    "description": "The URL of an entity, absolute or relative to the service: `Patrimonies(...)`.",
}
_COMMON: dict[str, Schema] = {
    "EntityReference": {
        "title": "EntityReference",
        "description": "A reference to an entity.",
        "type": "object",
        "required": ["@odata.id"],
        "properties": {"@odata.id": _REFERENCE},
    },
    "PropertyValue": {
        "title": "PropertyValue",
        "description": "The new value of a property.",
        "type": "object",
        "required": ["value"],
        "properties": {"value": {"description": "The value, of the property's type."}},
    },
}


def body_schemas(model: Model, annotations: WriteAnnotations) -> dict[str, Schema]:
    """Component schemas of bodies: of POST, PUT and PATCH, by entity type as `writes` says."""
    components = {component(model, name): schema for name, schema in _COMMON.items()}
    for entity in model.sets.values():
        sample = annotations.samples.get(entity.name)
        for navigation in {*annotations.deep_of(entity), *additions(model, entity)}:
            name = _part_name(entity, navigation)
            components[component(model, name)] = _part(model, annotations, entity, navigation)
        if "create" in entity.writes:
            schema = _body(model, annotations, entity, "ToCreate", "A new entity", details=True)
            components[component(model, f"{entity.name}ToCreate")] = _with_example(
                schema, sample and dict(sample.create)
            )
        if "update" in entity.writes:
            replacement = _body(model, annotations, entity, "ToReplace", "A whole entity")
            part = _body(model, annotations, entity, "ToChange", "A change of an entity")
            del part["required"]
            for name in annotations.fixed_of(entity):
                del part["properties"][name]
            replaced = sample and replacement_of(entity, sample)
            components[component(model, f"{entity.name}ToReplace")] = _with_example(
                replacement, replaced
            )
            components[component(model, f"{entity.name}ToChange")] = _with_example(
                part, sample and dict(sample.change)
            )
    return components


def body_of(model: Model, entity: EntityType, kind: str) -> Schema:
    """A reference to the schema of a body; `kind`: ToCreate, ToReplace or ToChange."""
    return reference(model, f"{entity.name}{kind}")


def replacement_of(entity: EntityType, sample: Sample) -> dict[str, Any]:
    """A whole entity for PUT: the sample, after its change, without what was created with it."""
    values = {**sample.create, **sample.change}
    return {name: value for name, value in values.items() if entity.navigation(name) is None}


def part_body_of(model: Model, entity: EntityType, navigation: Navigation) -> Schema:
    """A reference to the schema of a new entity that belongs to one of `entity`."""
    return reference(model, _part_name(entity, navigation))


def _part_name(entity: EntityType, navigation: Navigation) -> str:
    return f"{navigation.target}Of{entity.name}"


def _part(
    model: Model, annotations: WriteAnnotations, entity: EntityType, navigation: Navigation
) -> Schema:
    """A new entity without the columns that follow from the one that it belongs to."""
    target = model.target(navigation)
    schema = _body(
        model,
        annotations,
        target,
        f"Of{entity.name}",
        f"A new entity that belongs to one of {entity.set_name}",
        details=True,
        without={theirs for _, theirs in navigation.columns},
    )
    sample = annotations.samples.get(target.name)
    properties = schema["properties"]
    return _with_example(
        schema, sample and {k: v for k, v in sample.create.items() if k in properties}
    )


def writable_schema(property_: Property) -> Schema:
    """The schema of a property that a client writes: exact in what its numbers may be."""
    schema = property_schema(property_)
    if property_.type in _BOUNDS and "enum" not in schema:
        schema |= {"minimum": -_BOUNDS[property_.type], "maximum": _BOUNDS[property_.type] - 1}
    if property_.type is Edm.DECIMAL and property_.precision is not None:
        number: int = 10 ** (property_.precision - (property_.scale or 0))
        schema |= {"exclusiveMinimum": -number, "exclusiveMaximum": number}
    return schema


def written_properties(entity: EntityType) -> list[Property]:
    return [each for each in entity.properties if not each.computed]


def _body(
    model: Model,
    annotations: WriteAnnotations,
    entity: EntityType,
    suffix: str,
    meaning: str,
    *,
    details: bool = False,
    without: Collection[str] = (),
) -> Schema:
    """`without`: columns that follow from what the entity is created with."""
    writable = [each for each in written_properties(entity) if each.column not in without]
    properties = {each.name: writable_schema(each) for each in writable}
    for navigation in annotations.links(model, entity):
        if not {own for own, _ in navigation.columns} & set(without):
            properties[f"{navigation.name}@odata.bind"] = _bind(entity, navigation)
    if details:
        for navigation in annotations.deep_of(entity):
            properties[navigation.name] = _details(model, entity, navigation)
    return {
        "title": f"{entity.name}{suffix}",
        "description": f"{meaning}. {entity.description}",
        "type": "object",
        "properties": properties,
        "required": [each.name for each in writable if each.required],
        "additionalProperties": False,
    }


def _bind(entity: EntityType, navigation: Navigation) -> Schema:
    kind = ["string", "null"] if may_be_null(entity, navigation) else "string"
    return _REFERENCE | {"type": kind, "description": f"{navigation.description} Give its URL."}


def _details(model: Model, entity: EntityType, navigation: Navigation) -> Schema:
    return {
        "type": "array",
        "items": part_body_of(model, entity, navigation),
        "maxItems": MOST_DETAILS,
        "description": f"{navigation.description} Created with it.",
    }


def _with_example(schema: Schema, example: object) -> Schema:
    return schema | {"example": example} if example else schema
