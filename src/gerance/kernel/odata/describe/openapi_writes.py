"""The OpenAPI document's operations that write: as each type's `writes` says."""

from typing import Any

from gerance.kernel.odata.describe.examples import key_predicate, literal
from gerance.kernel.odata.describe.metadata import may_be_null
from gerance.kernel.odata.describe.openapi_operations import (
    BINARY,
    headers,
    json_content,
    operation,
    parameter,
)
from gerance.kernel.odata.describe.schemas import reference
from gerance.kernel.odata.describe.schemas_writes import (
    body_of,
    part_body_of,
    replacement_of,
    written_properties,
)
from gerance.kernel.odata.edm import EntityType, Model, Navigation
from gerance.kernel.odata.write_annotations import WriteAnnotations, additions

Operations = dict[str, dict[str, Any]]

_CHANGE_ANSWERS = (404, 409, 412, 428)
_CREATING = (parameter("Prefer"), parameter("IdempotencyKey"))
_LASTS = "You cannot delete it again: this set has no DELETE."


def writing_paths(
    model: Model,
    annotations: WriteAnnotations,
    entity: EntityType,
    tag: str,
    path: str,
    keys: list[dict[str, Any]],
    entity_schema: list[dict[str, Any]],
) -> dict[str, Operations]:
    """The operations by path and method. `path`: of one entity; `keys`: the parameters of its key;
    `entity_schema`: the options that say what is answered of it."""
    paths: dict[str, Operations] = {}
    root, _, _ = path.partition("(")
    if "create" in entity.writes:
        paths[root] = {"post": _create(model, entity, tag, entity_schema)}
    own = _entity_operations(model, annotations, entity, tag, keys, entity_schema)
    if own:
        paths[path] = own
    for navigation in additions(model, entity):
        paths[f"{path}/{navigation.name}"] = {
            "post": _add(model, annotations, entity, navigation, tag, keys)
        }
    if "update" in entity.writes:
        for navigation in annotations.links(model, entity):
            paths[f"{path}/{navigation.name}/$ref"] = _link(
                model, annotations, entity, navigation, tag, keys
            )
        paths[f"{path}/{{PropertyName}}"] = _property(model, annotations, entity, tag, keys)
        if entity.media:
            paths[f"{path}/$value"] = {"put": _content(model, entity, tag, keys)}
    return paths


def _create(
    model: Model, entity: EntityType, tag: str, entity_schema: list[dict[str, Any]]
) -> dict[str, Any]:
    return operation(
        tag,
        f"Create one of {entity.set_name}",
        f"create_{entity.set_name}",
        [*entity_schema, *_CREATING],
        _created(model, entity),
        description="The server assigns computed properties."
        if "delete" in entity.writes
        else _LASTS,
        problems=(409, 413, 415, 422),
        body=json_content(body_of(model, entity, "ToCreate")),
    )


def _add(
    model: Model,
    annotations: WriteAnnotations,
    entity: EntityType,
    navigation: Navigation,
    tag: str,
    keys: list[dict[str, Any]],
) -> dict[str, Any]:
    target = model.target(navigation)
    return operation(
        tag,
        f"Create one of {target.set_name} for one of {entity.set_name}",
        f"add_{entity.set_name}_{navigation.name}",
        [*keys, *_CREATING],
        _created(model, target),
        description=f"It belongs to the entity in the path. {navigation.description}",
        problems=(404, 409, 413, 415, 422),
        body=json_content(part_body_of(model, entity, navigation)),
    )


def _created(model: Model, entity: EntityType) -> dict[int, dict[str, Any]]:
    return {
        200: _entity(model, entity, "Not stored, with `Prefer: handling=dry-run`"),
        201: _entity(model, entity, "Created", "Location", "ETag", "Gerance-Position"),
        204: _nothing("Created", "Location", "OData-EntityId", "ETag", "Gerance-Position"),
    }


def _change_answers(model: Model, entity: EntityType) -> dict[int, dict[str, Any]]:
    return {
        200: _entity(model, entity, "Changed", "ETag", "Gerance-Position"),
        204: _nothing("Changed", "OData-EntityId", "ETag", "Gerance-Position"),
    }


def _entity_operations(
    model: Model,
    annotations: WriteAnnotations,
    entity: EntityType,
    tag: str,
    keys: list[dict[str, Any]],
    entity_schema: list[dict[str, Any]],
) -> Operations:
    paths = {}
    name, conditional = entity.set_name, parameter("IfMatch")
    if "update" in entity.writes:
        for method, verb, kind, meaning in (
            ("patch", "change", "ToChange", "Properties that the body lacks keep their values."),
            ("put", "replace", "ToReplace", "Properties that the body lacks get their defaults."),
        ):
            paths[method] = operation(
                tag,
                f"{verb.capitalize()} one of {name}",
                f"{verb}_{name}",
                [*keys, *entity_schema, conditional, parameter("Prefer")],
                _change_answers(model, entity),
                description=meaning,
                problems=(*_CHANGE_ANSWERS, 413, 415),
                body=json_content(body_of(model, entity, kind)),
            )
        if (sample := annotations.samples.get(entity.name)) is not None:
            replacement = {
                **replacement_of(entity, sample),
                **annotations.stored.get(entity.name, {}),
            }
            paths["put"]["requestBody"]["content"]["application/json"]["example"] = replacement
    if "delete" in entity.writes:
        paths["delete"] = operation(
            tag,
            f"Delete one of {name}",
            f"delete_{name}",
            [*keys, conditional, parameter("Prefer")],
            {204: _nothing("Deleted", "Gerance-Position")},
            problems=_CHANGE_ANSWERS,
            description="Rejected while other entities refer to it.",
        )
    return paths


def _link(
    model: Model,
    annotations: WriteAnnotations,
    entity: EntityType,
    navigation: Navigation,
    tag: str,
    keys: list[dict[str, Any]],
) -> Operations:
    name = f"{entity.set_name}_{navigation.name}"
    target = model.target(navigation)
    address: dict[str, Any] = {"schema": reference(model, "EntityReference")}
    path = f"{entity.name}.{navigation.name}"
    if values := annotations.targets.get(path, annotations.keys.get(target.name)):
        literals = {each.name: literal(each.type, values[each.name]) for each in target.keys}
        address["example"] = {"@odata.id": f"{target.set_name}{key_predicate(target, literals)}"}
    parameters = [*keys, parameter("IfMatch"), parameter("Prefer")]
    answers = _change_answers(model, entity)
    paths = {
        "put": operation(
            tag,
            f"Link one of {entity.set_name}: {navigation.name}",
            f"link_{name}",
            parameters,
            answers,
            description=navigation.description,
            problems=(*_CHANGE_ANSWERS, 413, 415),
            body={"application/json": address},
        )
    }
    if may_be_null(entity, navigation):
        paths["delete"] = operation(
            tag,
            f"Unlink one of {entity.set_name}: {navigation.name}",
            f"unlink_{name}",
            parameters,
            answers,
            description=f"{navigation.description} Afterwards there is none.",
            problems=_CHANGE_ANSWERS,
        )
    return paths


def _property(
    model: Model,
    annotations: WriteAnnotations,
    entity: EntityType,
    tag: str,
    keys: list[dict[str, Any]],
) -> Operations:
    fixed = annotations.fixed_of(entity)
    names = [each.name for each in written_properties(entity) if each.name not in fixed]
    content: dict[str, Any] = {"schema": reference(model, "PropertyValue")}
    put_name = property_name(names)
    if (sample := annotations.samples.get(entity.name)) and sample.change:
        name, value = next(iter(sample.change.items()))
        content["example"] = {"value": value}
        put_name["example"] = name
    answers = _change_answers(model, entity)
    paths = {
        "put": operation(
            tag,
            f"Change a property of one of {entity.set_name}",
            f"put_property_{entity.set_name}",
            [*keys, put_name, parameter("IfMatch"), parameter("Prefer")],
            answers,
            description="The other properties keep their values.",
            problems=(*_CHANGE_ANSWERS, 413, 415),
            body={"application/json": content},
        ),
    }
    nullable = [each.name for each in written_properties(entity) if each.nullable]
    nullable = [each for each in nullable if each in names]
    if nullable:
        delete_name = property_name(nullable)
        delete_name["example"] = annotations.nullable.get(entity.name, nullable[0])
        paths["delete"] = operation(
            tag,
            f"Make a property of one of {entity.set_name} null",
            f"delete_property_{entity.set_name}",
            [*keys, delete_name, parameter("IfMatch"), parameter("Prefer")],
            answers,
            description="Properties that cannot be null are rejected.",
            problems=_CHANGE_ANSWERS,
        )
    return paths


def property_name(names: list[str]) -> dict[str, Any]:
    """The path parameter that names one of these properties."""
    return {
        "name": "PropertyName",
        "in": "path",
        "required": True,
        "description": "The name of a property.",
        "schema": {"type": "string", "enum": names},
    }


def _content(
    model: Model, entity: EntityType, tag: str, keys: list[dict[str, Any]]
) -> dict[str, Any]:
    return operation(
        tag,
        f"Give one of {entity.set_name} its content",
        f"put_value_{entity.set_name}",
        [*keys, parameter("IfMatch"), parameter("Prefer")],
        _change_answers(model, entity),
        description="The header `Content-Type` states its media type. Any is accepted.",
        problems=(*_CHANGE_ANSWERS, 413),
        body={
            BINARY: {"schema": {"type": "string", "format": "binary"}, "example": "Avis de retard"}
        },
    )


def _entity(model: Model, entity: EntityType, meaning: str, *header_names: str) -> dict[str, Any]:
    content = json_content(reference(model, entity.name))
    return {
        "description": f"{meaning}: the entity",
        "headers": headers(*header_names),
        "content": content,
    }


def _nothing(meaning: str, *header_names: str) -> dict[str, Any]:
    return {"description": meaning, "headers": headers(*header_names)}
