"""OpenAPI 3.1, assembled from the table of endpoints and the message types."""

import re
from collections.abc import Sequence
from typing import Any

import msgspec

from gerance.kernel.errors import ErrorCode, Language, Rejection
from gerance.kernel.errors.catalogue import api_of, codes_of
from gerance.kernel.errors.openapi import with_codes
from gerance.kernel.http.endpoint import Endpoint
from gerance.kernel.http.part import Part
from gerance.kernel.wire import decode, schema_of_scalar

_DESCRIPTION = "The open server for property management and its integrators."
_PARAMETER = re.compile(r"{(\w+)}")
_RANGE_HEADERS = {
    "Content-Range": {
        "description": "The first and last element of the answer, and the size of the collection.",
        "schema": {"type": "string", "example": "0-99/256"},
    },
    "Accept-Range": {
        "description": "The highest number of elements in an answer.",
        "schema": {"type": "string", "example": "100"},
    },
}


def openapi(
    endpoints: Sequence[Endpoint], parts: Sequence[Part] = (), *, version: str, url: str = "/"
) -> dict[str, Any]:
    """The document that describes the endpoints and the other parts of the server at `url`."""
    types = _types(endpoints)
    schemas, components = msgspec.json.schema_components(
        types, schema_hook=schema_of_scalar, ref_template="#/components/schemas/{name}"
    )
    schema_of = {repr(kind): schema for kind, schema in zip(types, schemas, strict=True)}
    for endpoint in endpoints:
        if endpoint.body is not None:
            _name_body(endpoint, schema_of, components)
    paths: dict[str, dict[str, Any]] = {}
    for endpoint in endpoints:
        operation = _operation(endpoint, schema_of)
        paths.setdefault(endpoint.path, {})[endpoint.method.lower()] = operation
    return {
        "openapi": "3.1.0",
        "info": {
            "title": "Gerance",
            "version": version,
            "description": "\n\n".join([_DESCRIPTION, *(p.introduction for p in parts)]),
            "license": {"name": "Apache-2.0", "identifier": "Apache-2.0"},
        },
        "servers": [{"url": url, "description": "This server"}],
        "tags": [
            *({"name": tag} for tag in dict.fromkeys(e.tag for e in endpoints)),
            *({"name": t, "description": text} for p in parts for t, text in p.tags.items()),
        ],
        "paths": paths | {path: dict(own) for p in parts for path, own in p.paths.items()},
        "components": {
            "schemas": {
                **components,
                "IncidentError": _ERROR,
                **{name: schema for p in parts for name, schema in p.schemas.items()},
            },
            "parameters": {name: each for p in parts for name, each in p.parameters.items()},
            "responses": {name: each for p in parts for name, each in p.responses.items()},
            "securitySchemes": {
                "session": {"type": "apiKey", "in": "cookie", "name": "PI_SESSION"},
                "apiKey": {"type": "apiKey", "in": "header", "name": "x-api-key"},
                "partnerToken": {
                    "type": "apiKey",
                    "in": "header",
                    "name": "Authorization",
                    "description": 'Token token="..."',
                },
                **{name: scheme for p in parts for name, scheme in p.security.items()},
            },
        },
    }


_ERROR = {
    "title": "IncidentError",
    "description": "The body of a rejection.",
    "type": "object",
    "required": ["errorType", "message"],
    "properties": {
        "errorType": {"type": "string", "description": "The error code."},
        "message": {"type": "string", "description": "What is wrong, where, and what to do."},
    },
}


def _types(endpoints: Sequence[Endpoint]) -> list[Any]:
    kinds = {}
    for endpoint in endpoints:
        for kind in (endpoint.body, endpoint.error_type, *endpoint.answers.values()):
            if kind is not None:
                kinds[repr(kind)] = kind
    return list(kinds.values())


def _name_body(endpoint: Endpoint, schema_of: dict[str, Any], components: dict[str, Any]) -> None:
    """Make a component of a body that is a union or a list: generated clients name its type."""
    schema = schema_of[repr(endpoint.body)]
    if "$ref" not in schema:
        name = "".join(part[:1].upper() + part[1:] for part in operation_id(endpoint).split("_"))
        title = f"{name}Body"
        description = f"What {endpoint.method} {endpoint.path} accepts."
        components[title] = {"title": title, "description": description, **schema}
        schema_of[repr(endpoint.body)] = {"$ref": f"#/components/schemas/{title}"}


def _operation(endpoint: Endpoint, schema_of: dict[str, Any]) -> dict[str, Any]:
    operation: dict[str, Any] = {
        "tags": [endpoint.tag],
        "summary": endpoint.summary,
        "operationId": operation_id(endpoint),
        "parameters": [*_path_parameters(endpoint), *_query_parameters(endpoint)],
        "responses": _responses(endpoint, schema_of),
    }
    if endpoint.description:
        operation["description"] = endpoint.description
    if endpoint.body is not None:
        operation["requestBody"] = {
            "required": True,
            "content": {
                media: {"schema": schema_of[repr(endpoint.body)]} for media in endpoint.bodies
            },
        }
    scheme = endpoint.scheme if endpoint.public else "session"
    if scheme is not None:
        operation["security"] = [{scheme: []}]
    return operation


def operation_id(endpoint: Endpoint) -> str:
    """The name of the operation. Generated clients depend on it: it never changes."""
    return "_".join(re.findall(r"\w+", f"{endpoint.method.lower()} {endpoint.path}"))


def _path_parameters(endpoint: Endpoint) -> list[dict[str, Any]]:
    return [
        {
            "name": name,
            "in": "path",
            "required": True,
            "description": "Identifies the object.",
            "schema": {"type": "string"},
        }
        for name in _PARAMETER.findall(endpoint.path)
    ]


def _query_parameters(endpoint: Endpoint) -> list[dict[str, Any]]:
    return [
        {
            "name": query.name,
            "in": "query",
            "required": query.required,
            "description": query.description,
            "schema": dict(query.schema),
        }
        for query in endpoint.query
    ]


def _responses(endpoint: Endpoint, schema_of: dict[str, Any]) -> dict[str, Any]:
    responses: dict[str, Any] = {}
    answers = dict(endpoint.answers)
    if 201 in answers:
        # What a dry run is answered: nothing was created.
        answers.setdefault(200, answers[201])
    for status, kind in answers.items():
        response: dict[str, Any] = {"description": _MEANING.get(status, "Done")}
        if kind is not None:
            response["content"] = {
                endpoint.media: {"schema": schema_of[repr(kind)]},
                **{media: {"schema": {"type": "string"}} for media in endpoint.also},
            }
        if any(query.name == "range" for query in endpoint.query):
            response["headers"] = _RANGE_HEADERS
        responses[str(status)] = response
    shape = {"$ref": f"#/components/schemas/{endpoint.error_schema}"}
    if endpoint.error_type is not None:
        shape = schema_of[repr(endpoint.error_type)]
    api, topics = api_of(endpoint.path), {endpoint.tag, endpoint.error_family}
    for status, meaning in _problems(endpoint).items():
        content: dict[str, Any] = {"application/json": {"schema": shape}}
        rejection = {"description": meaning, "content": content}
        if endpoint.error_type is None:
            responses[str(status)] = with_codes(rejection, api, status, topics)
            if codes := codes_of(api, status, topics):
                content["application/json"]["example"] = _render_example(
                    endpoint, codes[0], status, "en"
                )
        else:
            codes = codes_of(api, status, topics)
            content["application/json"]["examples"] = _examples(endpoint, status, codes)
            responses[str(status)] = rejection
    return responses


def _examples(endpoint: Endpoint, status: int, codes: Sequence[ErrorCode]) -> dict[str, Any]:
    """The bodies of an API that answers with texts alone, in French and in English."""
    own = [entry for entry in codes if "any" not in entry.apis]
    examples: dict[str, Any] = {}
    languages: tuple[Language, ...] = ("fr", "en")
    for entry in own or codes[:1]:
        for language in languages:
            examples[f"{entry.code}.{language}"] = {
                "summary": f"{entry.code} ({language})",
                "value": _render_example(endpoint, entry, status, language),
            }
    return examples


def _render_example(
    endpoint: Endpoint, entry: ErrorCode, status: int, language: Language
) -> dict[str, Any]:
    """The body of a rejection with this code."""
    text = entry.text(language)
    rejection = Rejection(entry.code, text, status=status, french=text)
    return decode(dict[str, Any], bytes(endpoint.render(rejection).body))


def _problems(endpoint: Endpoint) -> dict[int, str]:
    problems = {
        400: f"Bad request ({endpoint.error_family})",
        429: "Too many requests, failed log-ins or feeds: see Retry-After",
    }
    if endpoint.body is not None:
        problems |= {413: "The body is too large", 415: "The body is not JSON"}
    if endpoint.public:
        if endpoint.scheme is not None:
            problems[401] = "Not who it says it is"
    else:
        problems |= {401: "Not logged in", 403: "Without the right"}
        problems[429] = "Too many requests: see Retry-After"
    if endpoint.method == "GET" and _PARAMETER.search(endpoint.path):
        problems[404] = "Unknown, or out of reach"
    return problems | dict(endpoint.rejections) | {503: "The database does not answer in time"}


_MEANING = {
    200: "All of it",
    201: "Created",
    206: "A part: see Content-Range",
    304: "Unchanged since the ETag in If-None-Match",
}
