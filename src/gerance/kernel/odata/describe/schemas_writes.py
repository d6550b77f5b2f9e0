"""The JSON Schemas of the bodies that write entities: what clients may give, and must."""

from collections.abc import Collection

from gerance.kernel.odata.describe.metadata import may_be_null
from gerance.kernel.odata.describe.schemas import Schema, component, property_schema, reference
from gerance.kernel.odata.edm import Edm, EntityType, Model, Navigation, Property
from gerance.kernel.odata.write_annotations import MOST_DETAILS, WriteAnnotations

_BOUNDS = {Edm.INT32: 2**31, Edm.INT64: 2**63}
REFERENCE: Schema = {
    "type": "string",
    "description": "the address of an entity, as in `Patrimonies(...)`, or its whole URL",
}


def body_schemas(model: Model, annotations: WriteAnnotations) -> dict[str, Schema]:
    """Component schemas of bodies: of POST, PUT and PATCH, by entity type as `writes` says."""
    components = {}
    for entity in model.sets.values():
        sample = annotations.samples.get(entity.name)
        if "create" in entity.writes:
            schema = _body(model, annotations, entity, "A new", with_details=True)
            components[component(model, f"{entity.name}ToCreate")] = _with_example(
                schema, sample and dict(sample.create)
            )
        if "update" in entity.writes:
            replacement = _body(model, annotations, entity, "All of a", with_details=False)
            part = _body(model, annotations, entity, "A change of a", with_details=False)
            del part["required"]
            for name in annotations.fixed_of(entity):
                del part["properties"][name]
            replaced = sample and _without_details(entity, {**sample.create, **sample.change})
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


def belonging_schema(model: Model, annotations: WriteAnnotations, navigation: Navigation) -> Schema:
    """The schema of a new entity that belongs to the one that the navigation comes from."""
    without = {theirs for _, theirs in navigation.columns}
    target = model.target(navigation)
    return _body(model, annotations, target, "A new", with_details=True, without=without)


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
    title: str,
    *,
    with_details: bool,
    without: Collection[str] = (),
) -> Schema:
    """`without`: columns that follow from what the entity is created with."""
    writable = [each for each in written_properties(entity) if each.column not in without]
    properties = {each.name: writable_schema(each) for each in writable}
    for navigation in annotations.links(model, entity):
        if not {own for own, _ in navigation.columns} & set(without):
            properties[f"{navigation.name}@odata.bind"] = _bind(entity, navigation)
    if with_details:
        for navigation in annotations.deep_of(entity):
            properties[navigation.name] = _details(model, annotations, navigation)
    return {
        "title": f"{title} {entity.name}",
        "description": entity.description,
        "type": "object",
        "properties": properties,
        "required": [each.name for each in writable if each.required],
        "additionalProperties": False,
    }


def _bind(entity: EntityType, navigation: Navigation) -> Schema:
    kind = ["string", "null"] if may_be_null(entity, navigation) else "string"
    return REFERENCE | {"type": kind, "description": f"{navigation.description} By its address."}


def _details(model: Model, annotations: WriteAnnotations, navigation: Navigation) -> Schema:
    return {
        "type": "array",
        "items": belonging_schema(model, annotations, navigation),
        "maxItems": MOST_DETAILS,
        "description": f"{navigation.description} Created with it.",
    }


def _without_details(entity: EntityType, body: dict[str, object]) -> dict[str, object]:
    return {name: value for name, value in body.items() if entity.navigation(name) is None}


def _with_example(schema: Schema, example: object) -> Schema:
    return schema | {"example": example} if example else schema
