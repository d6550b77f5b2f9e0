"""Operations of the OpenAPI document: what all of them say, and headers that many have."""

from collections.abc import Iterator, Mapping
from typing import Any

from gerance.kernel.errors import CATALOGUE
from gerance.kernel.errors.openapi import with_codes
from gerance.kernel.odata.describe.schemas import Schema

BEARER = "bearer"
BINARY = "application/octet-stream"
"""The media type that stands for any: clients are generated for it."""
_ERROR = {"$ref": "#/components/schemas/ODataError"}
_PROBLEMS = {
    400: "The request does not fit",
    401: "No token, or one that is over",
    403: "Without the right, or the module",
    404: "There is no such entity",
    406: "No form that Accept allows",
    409: "Others refer to it, or it does not fit what is there",
    410: "The delta link has expired: read the set again",
    412: "It has another version than If-Match says",
    413: "The body is too large",
    415: "The body is not JSON",
    422: "The Idempotency-Key was used for another request",
    428: "This installation wants an If-Match",
    429: "Too many requests: see Retry-After",
    501: "Part of OData, but not of this service",
    503: "The database does not answer in time",
}
_OF_WRITES = (409, 412, 413, 415, 422, 428)
_ALWAYS = (400, 401, 403, 406, 429, 501, 503)

PARAMETERS: dict[str, dict[str, Any]] = {
    "IfMatch": {
        "name": "If-Match",
        "in": "header",
        "description": "The versions that the entity may have: one or more ETags, or `*` for any.",
        "schema": {
            "type": "string",
            "pattern": r'^(\*|(W/)?"[!#-~]*"(, ?(W/)?"[!#-~]*")*)$',
        },
    },
    "Prefer": {
        "name": "Prefer",
        "in": "header",
        "description": "Whether the answer has the entity, or whether the request is only tried.",
        "schema": {
            "type": "string",
            "enum": ["return=minimal", "return=representation", "handling=dry-run"],
        },
    },
    "IdempotencyKey": {
        "name": "Idempotency-Key",
        "in": "header",
        "description": "Any text of your own. A repeated request with the same key changes nothing"
        " and has the same answer for a week.",
        "schema": {"type": "string", "minLength": 1, "maxLength": 255, "pattern": "^[!-~]+$"},
    },
    "MinPosition": {
        "name": "Gerance-Min-Position",
        "in": "header",
        "description": "Wait until the read models have reached this position of the log.",
        "schema": {"type": "integer", "minimum": 0},
    },
}
"""Headers of requests, as component parameters."""

HEADERS: dict[str, dict[str, Any]] = {
    "ETag": {"description": "The version of the entity.", "schema": {"type": "string"}},
    "Location": {"description": "The URL of the new entity.", "schema": {"type": "string"}},
    "OData-EntityId": {
        "description": "The URL of the entity, when the answer does not have the entity.",
        "schema": {"type": "string"},
    },
    "Gerance-Position": {
        "description": "The position of the log. Absent when nothing changed.",
        "schema": {"type": "integer"},
    },
}
"""Headers of answers."""


def parameter(name: str) -> dict[str, Any]:
    """A reference to one of PARAMETERS."""
    return {"$ref": f"#/components/parameters/{name}"}


def headers(*names: str) -> dict[str, Any]:
    return {name: HEADERS[name] for name in names}


def json_content(schema: Schema) -> dict[str, Any]:
    return {"application/json": {"schema": schema}}


def success(content: dict[str, Any]) -> dict[int, dict[str, Any]]:
    """What a question is answered with."""
    unchanged = {"description": "Unchanged since the ETag in If-None-Match"}
    return {200: {"description": "Done", "content": content}, 304: unchanged}


def operation(
    tag: str,
    summary: str,
    operation_id: str,
    parameters: list[dict[str, Any]],
    answers: Mapping[int, dict[str, Any]],
    *,
    description: str,
    problems: tuple[int, ...] = (),
    body: dict[str, Any] | None = None,
) -> dict[str, Any]:
    """An operation that needs a token. `answers`: when it was done; `problems`: statuses beside
    those that every request may have; `body`: the content of the request."""
    kind = "Write" if body is not None or {*problems} & {*_OF_WRITES} else "Query"
    errors = {
        status: {"$ref": f"#/components/responses/{kind}{status}"}
        for status in sorted({*_ALWAYS, *problems})
    }
    return {
        "tags": [tag],
        "summary": summary,
        "operationId": operation_id,
        "description": description,
        "parameters": [*parameters, parameter("MinPosition")],
        **({"requestBody": {"required": True, "content": body}} if body else {}),
        "responses": {str(status): answer for status, answer in ({**answers, **errors}).items()},
        "security": [{BEARER: []}],
    }


def error_responses() -> Iterator[tuple[str, dict[str, Any]]]:
    """The responses of rejected queries and writes, by name, with the codes of each status."""
    for kind, topics in (("Query", {"queries"}), ("Write", {"queries", "writes"})):
        for status, meaning in _PROBLEMS.items():
            if status in (_OF_WRITES if kind == "Query" else (410,)):
                continue
            response = with_codes({"description": meaning}, "rentals", status, topics)
            code = response["x-error-codes"][0]
            error = {"code": code, "message": CATALOGUE[code].text("en")}
            example = {"schema": _ERROR, "example": {"error": error}}
            yield f"{kind}{status}", response | {"content": {"application/json": example}}
