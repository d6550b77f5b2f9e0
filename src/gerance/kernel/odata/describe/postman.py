"""A Postman collection of a model, and its environment, in Postman's format 2.1.

Each set has a folder; a token is fetched before the first request and whenever the one at hand is
about to expire. A person fills `apiKey`, `userName` and `password` into the environment.
"""

import uuid
from collections.abc import Callable, Mapping
from functools import cache
from typing import Any

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from gerance.kernel.odata.describe.examples import (
    ExampleQuery,
    call,
    example_queries,
    key_predicate,
)
from gerance.kernel.odata.describe.postman_items import Item, event, request
from gerance.kernel.odata.describe.postman_scripts import (
    answers_a_number,
    answers_many,
    answers_one,
    answers_xml,
    before_each,
    keeps_key,
    keeps_token,
    skips_without_key,
)
from gerance.kernel.odata.describe.postman_writes import FOR_GOOD, new_variables, writes
from gerance.kernel.odata.edm import Edm, EntityType, Model
from gerance.kernel.odata.write_annotations import WriteAnnotations
from gerance.kernel.wire import encode

_SCHEMA = "https://schema.getpostman.com/json/collection/v2.1.0/collection.json"
_NAMES = uuid.uuid5(uuid.NAMESPACE_URL, _SCHEMA)
_DESCRIPTION = """\
Choose the environment that comes with this collection and fill in `apiKey`, `userName` and
`password`. Then send any request: the token is fetched by itself and kept while it lasts.

For the incident API fill in `login` and `loginPassword` as well, and send "Log in" first. For the
partner API fill in `partnerToken`. Commands are tried: without their header `Prefer` they are
executed.

Requests that write come last in a folder: what they create they change and delete, in their order.
Their bodies are such as the demonstration takes."""


def postman_routes(
    model: Model,
    *,
    title: str,
    root: str = "/api",
    annotations: WriteAnnotations | None = None,
    folders: Callable[[], list[Item]] = list,
    variables: Mapping[str, str] | None = None,
) -> list[Route]:
    """The routes of the collection and its environment; the environment names this very server.

    `annotations`: of writing, if that is served; `folders`: of other APIs; `variables`: what these
    need in the environment, and how Postman shows it.
    """

    @cache
    def document() -> bytes:
        sets = collection(
            model, title=title, root=root, annotations=annotations or WriteAnnotations()
        )
        return encode(sets | {"item": [*sets["item"], *folders()]})

    async def get_collection(http: Request) -> Response:
        return _file(document(), "collection")

    async def get_environment(http: Request) -> Response:
        base_url = str(http.base_url).rstrip("/")
        values = environment(model, title=title, base_url=base_url, variables=variables or {})
        return _file(encode(values), "environment")

    return [
        Route("/postman/collection.json", get_collection),
        Route("/postman/environment.json", get_environment),
    ]


def _file(body: bytes, kind: str) -> Response:
    disposition = f'attachment; filename="postman_{kind}.json"'
    headers = {"Content-Disposition": disposition}
    return Response(body, headers=headers, media_type="application/json")


def collection(
    model: Model, *, title: str, root: str = "/api", annotations: WriteAnnotations
) -> dict[str, Any]:
    """The collection of a model that is served below `root`; it writes what has a sample."""
    folders = [_folder(model, each, root, annotations) for each in model.sets.values()]
    variables = ["token", "tokenExpiresAt", "tokenOf"]
    for each in model.sets.values():
        variables += _variables(each).values()
        if each.name in annotations.samples and not annotations.samples[each.name].permanent:
            variables += new_variables(each).values()
    return {
        "info": {
            "_postman_id": str(uuid.uuid5(_NAMES, f"{model.namespace} collection")),
            "name": title,
            "description": _DESCRIPTION,
            "schema": _SCHEMA,
        },
        "auth": {
            "type": "bearer",
            "bearer": [{"key": "token", "value": "{{token}}", "type": "string"}],
        },
        "event": [event("prerequest", before_each(f"{root}/Token"))],
        "item": [_start(root), *folders],
        "variable": [{"key": each, "value": ""} for each in variables],
    }


def environment(
    model: Model, *, title: str, base_url: str, variables: Mapping[str, str]
) -> dict[str, Any]:
    """The environment of the server at `base_url`."""
    values = [("baseUrl", base_url, "default"), ("apiKey", "", "secret")]
    values += [("userName", "", "default"), ("password", "", "secret")]
    values += [(FOR_GOOD, "", "default")]
    values += [(name, "", kind) for name, kind in variables.items()]
    return {
        "id": str(uuid.uuid5(_NAMES, f"{model.namespace} environment")),
        "name": title,
        "values": [
            {"key": key, "value": value, "type": kind, "enabled": True}
            for key, value, kind in values
        ],
        "_postman_variable_scope": "environment",
    }


def _start(root: str) -> Item:
    token = _request(ExampleQuery("Get a token", "Token"), root, keeps_token())
    token["request"] |= {
        "method": "POST",
        "auth": {"type": "noauth"},
        "header": [
            {"key": "x-api-key", "value": "{{apiKey}}"},
            {"key": "Content-Type", "value": "application/json"},
        ],
        "body": {
            "mode": "raw",
            "raw": '{"UserName": "{{userName}}", "Password": "{{password}}"}',
            "options": {"raw": {"language": "json"}},
        },
    }
    sets = _request(ExampleQuery("The entity sets", ""), root, answers_many())
    metadata = _request(ExampleQuery("The model, in CSDL", "$metadata"), root, answers_xml())
    return {"name": "Start here", "item": [token, sets, metadata]}


def _folder(model: Model, entity: EntityType, root: str, annotations: WriteAnnotations) -> Item:
    variables = _variables(entity)
    items = []
    for question in example_queries(model, entity):
        counts = question.path.endswith("/$count")
        test = answers_a_number if counts else answers_many
        items.append(_request(question, root, test(entity.module)))
    items[0]["event"][0]["script"]["exec"] += keeps_key(variables).splitlines()
    items.insert(1, _one(entity, variables, root))
    calls = (call(entity, each) for each in model.functions.get(entity.name, {}).values())
    items += [_request(each, root, answers_many(entity.module)) for each in calls]
    if (sample := annotations.samples.get(entity.name)) is not None:
        items += writes(entity, sample, root)
    return {"name": entity.set_name, "description": entity.description, "item": items}


def _variables(entity: EntityType) -> dict[str, str]:
    """Where the key of an entity is kept: the names of variables by property."""
    return {each.name: f"{entity.name}_{each.name}" for each in entity.keys}


def _one(entity: EntityType, variables: Mapping[str, str], root: str) -> Item:
    """One entity: the first that the request before it listed."""
    values = {name: f"{{{{{variable}}}}}" for name, variable in variables.items()}
    values |= {e.name: f"'{values[e.name]}'" for e in entity.keys if e.type is Edm.STRING}
    path = f"{entity.set_name}{key_predicate(entity, values)}"
    item = _request(
        ExampleQuery(f"One of {entity.set_name}", path), root, answers_one(entity.key[0])
    )
    item["event"].append(event("prerequest", skips_without_key(variables)))
    return item


def _request(question: ExampleQuery, root: str, test: str) -> Item:
    return request(question.title, f"{root}/{question.url}") | {"event": [event("test", test)]}
