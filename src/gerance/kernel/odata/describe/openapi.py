"""A model's part of the OpenAPI document: how its sets and functions are read, and written."""

from typing import Any

from gerance.kernel.http.part import Part
from gerance.kernel.odata.describe.examples import (
    ExampleQuery,
    call,
    example_queries,
    key_predicate,
)
from gerance.kernel.odata.describe.openapi_operations import (
    BEARER,
    BINARY,
    PARAMETERS,
    error_responses,
    json_content,
    operation,
    success,
)
from gerance.kernel.odata.describe.openapi_writes import writing_paths
from gerance.kernel.odata.describe.schemas import (
    component,
    list_reference,
    reference,
    schema_of_type,
    schemas,
)
from gerance.kernel.odata.describe.schemas_writes import body_schemas
from gerance.kernel.odata.edm import Edm, EntityType, Function, Model
from gerance.kernel.odata.parse.options import DEEPEST_EXPAND
from gerance.kernel.odata.write_annotations import WriteAnnotations

_SERVICE = "OData service"

_INTRODUCTION = """
The rental API is OData 4.0 under `{root}`. Reading it takes two steps:

1. `POST {root}/Token` with your key in the header `x-api-key`, and your user name and password in
   the body, gives a token for 24 hours. Here: **Authorize**, `apiKey`; then execute the request.
2. Every other request carries it as `Authorization: Bearer <token>`. Here: **Authorize**, `bearer`.

Names of sets, properties and options are read without case, and options without `$` too.
`GET {root}/$metadata` describes the model to programs. A method that a path does not take answers
405, and `Allow` names those that it does.
There is a Postman [collection](/postman/collection.json) with its
[environment](/postman/environment.json).
"""


def openapi_part(
    model: Model, *, root: str = "/api", annotations: WriteAnnotations | None = None
) -> Part:
    """The part of the document about a model that is served below `root`; with `annotations`,
    writes are included."""
    paths: dict[str, dict[str, Any]] = _service_paths(model, root)
    samples = annotations.samples if annotations else {}
    for entity in model.sets.values():
        for path, operations in _set_paths(model, entity, root, annotations).items():
            paths.setdefault(path, {}).update(operations)
    for binding, functions in model.functions.items():
        for function in functions.values():
            path = f"{root}/{model.types[binding].set_name}/{function.name}"
            paths[path] = {"get": _function_operation(model, function)}
    _add_examples(model, paths, annotations or WriteAnnotations())
    return Part(
        introduction=_INTRODUCTION.format(root=root).strip(),
        tags={_SERVICE: "What the rental API says of itself."}
        | {_tag(each): each.description for each in model.sets.values()},
        paths=paths,
        parameters=PARAMETERS,
        responses=dict(error_responses()),
        schemas=schemas(model, samples) | (body_schemas(model, annotations) if annotations else {}),
        security={
            BEARER: {
                "type": "http",
                "scheme": "bearer",
                "bearerFormat": "JWT",
                "description": f"The token that `POST {root}/Token` returned.",
            },
        },
    )


def _service_paths(model: Model, root: str) -> dict[str, dict[str, Any]]:
    set_list = {"$ref": f"#/components/schemas/{component(model, 'EntitySetList')}"}
    return {
        f"{root}/": {
            "get": operation(
                _SERVICE,
                "The entity sets",
                "odata_service",
                [],
                success(json_content(set_list)),
                description="Returns the service document.",
            )
        },
        f"{root}/$metadata": {
            "get": operation(
                _SERVICE,
                "The model in CSDL: XML by default, JSON with `Accept: application/json`",
                "odata_metadata",
                [],
                success(
                    {
                        "application/xml": {
                            "schema": {"type": "string"},
                            "example": '<edmx:Edmx Version="4.01">...</edmx:Edmx>',
                        },
                        "application/json": {
                            "schema": {"type": "object"},
                            "example": {"$Version": "4.01"},
                        },
                    }
                ),
                description="Generators of OData clients read it.",
            )
        },
    }


def _set_paths(
    model: Model, entity: EntityType, root: str, annotations: WriteAnnotations | None
) -> dict[str, dict[str, Any]]:
    name, tag = entity.set_name, _tag(entity)
    item = reference(model, entity.name)
    queries = example_queries(model, entity)
    predicate = key_predicate(entity, {e.name: _in_path(e.name, e.type) for e in entity.keys})
    keys = [
        {
            "name": each.name,
            "in": "path",
            "required": True,
            "description": each.description,
            "schema": schema_of_type(each.type),
        }
        for each in entity.keys
    ]
    number = {"text/plain": {"schema": {"type": "integer"}, "example": 12}}
    one = f"{root}/{name}{predicate}"
    entity_schema = [each for each in _list_options(entity, queries) if each["name"] in _OF_ONE]
    set_paths = {
        f"{root}/{name}": {
            "get": operation(
                tag,
                f"List {name}",
                f"list_{name}",
                _list_options(entity, queries),
                success(json_content(list_reference(model, entity.name))),
                problems=(410,),
                description=f"{entity.description} Returns all entities that you may see.",
            )
        },
        one: {
            "get": operation(
                tag,
                f"One of {name}, by its key",
                f"get_{name}",
                [*keys, *entity_schema],
                success(json_content(item)),
                problems=(404,),
                description=f"{entity.description} Returns the entity with this key.",
            )
        },
        f"{root}/{name}/$count": {
            "get": operation(
                tag,
                f"Count {name}",
                f"count_{name}",
                [_option("$filter", queries)],
                success(number),
                description="Returns the number as plain text.",
            )
        },
    }
    if entity.media:
        content = {BINARY: {"schema": {"type": "string", "format": "binary"}}}
        set_paths[f"{one}/$value"] = {
            "get": operation(
                tag,
                f"The content of one of {name}",
                f"value_{name}",
                keys,
                {**success(content), 204: {"description": "It has no content"}},
                problems=(404,),
                description="The media type is the one with which the content was stored.",
            )
        }
    if annotations is not None:
        writes = writing_paths(model, annotations, entity, tag, one, keys, entity_schema)
        for path, operations in writes.items():
            set_paths.setdefault(path, {}).update(operations)
    return set_paths


def _tag(entity: EntityType) -> str:
    """Other parts of the document have tags like Tickets too."""
    return f"{entity.set_name} (OData)"


def _in_path(name: str, kind: Edm) -> str:
    return f"'{{{name}}}'" if kind is Edm.STRING else f"{{{name}}}"


def _function_operation(model: Model, function: Function) -> dict[str, Any]:
    entity = model.types[function.binding]
    result = model.types[function.returns]
    values = dict(call(entity, function).options)
    parameters = [
        {
            "name": each.name,
            "in": "query",
            "required": each.required,
            "description": each.description,
            "schema": schema_of_type(each.type),
            "example": values[each.name],
        }
        for each in function.parameters
    ]
    names = ",".join(f"{each.name}=..." for each in function.parameters)
    options = _list_options(result, example_queries(model, result))
    return operation(
        _tag(entity),
        f"{entity.set_name}: {function.name}",
        f"{function.name}_{entity.set_name}",
        [*parameters, *options],
        success(json_content(list_reference(model, function.returns))),
        description=f"{function.description} `{function.name}({names})` returns the same.",
    )


def _add_examples(
    model: Model, paths: dict[str, dict[str, Any]], annotations: WriteAnnotations
) -> None:
    """Give the parameters of each key the values of an entity of the sample data."""
    for entity in model.sets.values():
        for path, operations in paths.items():
            if not path.partition("(")[0].endswith(f"/{entity.set_name}"):
                continue
            for method, each in operations.items():
                deletes = method == "delete" and path.endswith(")")
                keys = annotations.unused if deletes else annotations.keys
                values = keys.get(entity.name, {})
                each["parameters"] = [
                    {**parameter, "example": values[parameter["name"]]}
                    if parameter.get("in") == "path" and parameter["name"] in values
                    else parameter
                    for parameter in each["parameters"]
                ]


_MEANINGS = {
    "$select": "The properties to return, separated by commas. Without it, all",
    "$filter": "The condition that entities must meet. `$where` means the same.",
    "$orderby": "The properties to sort by, separated by commas, each with `asc` or `desc`.",
    "$expand": "The related entities to return, with options in parentheses,"
    f" {DEEPEST_EXPAND} levels deep at most",
}
_OF_ONE = ("$select", "$expand")


def _list_options(entity: EntityType, queries: list[ExampleQuery]) -> list[dict[str, Any]]:
    names = ["$select", "$filter", "$orderby", *(["$expand"] if entity.navigations else [])]
    options = [_option(name, queries) for name in names]
    ways = ", ".join(f"`{each.name}`" for each in entity.navigations)
    options[0]["description"] += ": " + ", ".join(f"`{each.name}`" for each in entity.properties)
    if ways:
        options[-1]["description"] += f": {ways}"
    count_schema = {"type": "integer", "minimum": 0, "maximum": 2**31 - 1}
    return [
        *options,
        {
            "name": "$top",
            "in": "query",
            "description": "The highest number of entities to return.",
            "schema": count_schema,
            "example": 10,
        },
        {
            "name": "$skip",
            "in": "query",
            "description": "How many entities to leave out at the start.",
            "schema": count_schema,
        },
        {
            "name": "$count",
            "in": "query",
            "description": "Return the number of entities on all pages.",
            "schema": {"type": "boolean"},
        },
    ]


def _option(name: str, queries: list[ExampleQuery]) -> dict[str, Any]:
    """A query option whose examples are those of the questions; the first one is none."""
    texts = [text for each in queries for option, text in each.options if option == name]
    examples = {"none": {"value": ""}} | {text: {"value": text} for text in texts}
    return {
        "name": name,
        "in": "query",
        "description": _MEANINGS[name],
        "schema": {"type": "string"},
        "examples": examples,
    }
