"""Every answer of the application, held against its OpenAPI document while the tests run.

`watching` goes around the application's own middleware, so it sees what every client of a test is
answered, by which route. A status that is not declared is a problem, too, and so is an error code
that the catalogue does not have with this status for this API.
"""

import json
import re
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from datetime import date
from functools import cache
from typing import Any, NamedTuple

import jsonschema_rs
import pytest
from starlette.types import Message, Receive, Scope, Send

from gerance.app import api_document
from gerance.kernel.errors import CATALOGUE, Rejection
from gerance.kernel.errors.catalogue import api_of
from gerance.kernel.http.middleware import RequestMiddleware
from gerance.kernel.odata.describe.openapi_operations import BINARY

_ODATA = "/api/*"
_ANY = 500
"""An internal error is never declared: the test that provokes one says what it wants."""
_JSON = "application/json"
MOST_BYTES = 500_000
"""Of a longer answer only the status and the media type are looked at."""

_REJECTIONS: ContextVar[list[Rejection]] = ContextVar("rejections")
"""Those of the request: the partner API and the console answer with their texts alone."""


class Operation(NamedTuple):
    """An operation of the document: the path that it is found by, and what it answers."""

    name: str
    pattern: re.Pattern[str]
    responses: dict[str, Any]


class Problems(list[str]):
    """What is wrong with the answers since the last test."""

    def add(self, method: str, path: str, status: int, what: str) -> None:
        self.append(f"{method} {path} -> {status}: {what}")


@contextmanager
def watching() -> Iterator[Problems]:
    """What is wrong with the answers that the application gives meanwhile."""
    problems = Problems()
    answer = RequestMiddleware.__call__
    reject = Rejection.__init__

    def rejected(self: Rejection, *arguments: Any, **options: Any) -> None:
        reject(self, *arguments, **options)
        _REJECTIONS.get([]).append(self)

    async def watched(self: RequestMiddleware, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http" or not hasattr(scope["app"].state, "settings"):
            return await answer(self, scope, receive, send)
        start: dict[str, Any] = {}
        _REJECTIONS.set([])
        body = bytearray()
        complete = False

        async def sent(message: Message) -> None:
            nonlocal complete
            if message["type"] == "http.response.start":
                start.update(message)
            elif message["type"] == "http.response.body":
                if len(body) < MOST_BYTES:
                    body.extend(message.get("body", b""))
                complete = not message.get("more_body", False)
            await send(message)

        await answer(self, scope, receive, sent)
        if complete and start:
            whole = _decoded(start, bytes(body))
            check_code(problems, scope, start, whole)
            check(problems, scope, start, whole)
        return None

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(RequestMiddleware, "__call__", watched)
        patch.setattr(Rejection, "__init__", rejected)
        yield problems


def _decoded(start: dict[str, Any], body: bytes) -> bytes:
    """The body as the application made it."""
    if (b"content-encoding", b"gzip") in start["headers"]:
        return zlib.decompressobj(31).decompress(body)
    return body


def check_code(problems: Problems, scope: Scope, start: dict[str, Any], body: bytes) -> None:
    """Whether the catalogue has the codes of the answer, with its status and for its API."""
    status, path = start["status"], scope["asked_path"]
    if status < 400 or scope["method"] == "HEAD":
        return
    api = api_of(path)
    for nth, code in enumerate(_codes(status, body)):
        entry = CATALOGUE.get(code)
        if entry is None:
            problems.add(scope["method"], path, status, f"{code} is not in the error catalogue")
        elif not {"any", api} & {*entry.apis} or (nth == 0 and status not in entry.status):
            message = f"{code} is not in the error catalogue for {api} with {status}"
            problems.add(scope["method"], path, status, message)


def _codes(status: int, body: bytes) -> Iterator[str]:
    """The code of an answer, then those of its details."""
    if body.startswith((b'{"error":', b'{"errorType":')):
        content = json.loads(body)
        error = content.get("error", {"code": content.get("errorType")})
        yield error["code"]
        yield from (detail["code"] for detail in error.get("details", ()))
        return
    yield from (each.code for each in _REJECTIONS.get([])[-1:] if each.status == status)


def check(problems: Problems, scope: Scope, start: dict[str, Any], body: bytes) -> None:
    route, method, status = scope.get("endpoint_path"), scope["method"], start["status"]
    if route is None or method in ("HEAD", "OPTIONS") or status == _ANY:
        return
    path: str = scope["asked_path"]
    operation = _odata(method, path) if route == _ODATA else _operations().get((method, route))
    headers = {name.decode().lower(): value.decode("latin-1") for name, value in start["headers"]}
    media = headers.get("content-type", "")
    if operation is None:
        if route == _ODATA and status >= 400 and media.startswith(_JSON):
            _validate(problems, (method, path, status), "ODataError", _error_schema(), body)
        return
    declared = operation.responses.get(str(status))
    if declared is None:
        problems.add(method, path, status, f"{operation.name} does not declare it")
        return
    listed = declared.get("x-error-codes", ())
    code = next(_codes(status, body), None) if listed else None
    if code is not None and code not in listed:
        problems.add(method, path, status, f"{operation.name} does not list {code}")
    content = declared.get("content", {})
    if not content:
        if body:
            problems.add(method, path, status, f"{operation.name} declares no content")
        return
    kind = media.partition(";")[0].strip()
    found = content.get(kind) or content.get(BINARY)
    if found is None:
        problems.add(method, path, status, f"{operation.name} declares {list(content)}, not {kind}")
    elif kind == _JSON and len(body) < MOST_BYTES and "ieee754compatible=true" not in media.lower():
        name = f"{operation.name} {status}"
        _validate(problems, (method, path, status), name, found["schema"], body)


def _validate(
    problems: Problems, request: tuple[str, str, int], name: str, schema: Any, body: bytes
) -> None:
    for error in _validator(name, json.dumps(schema)).iter_errors(json.loads(body)):
        place = "/".join(map(str, error.instance_path))
        problems.add(*request, f"{name}: /{place}: {error.message[:300]}")
        return


@cache
def _document() -> dict[str, Any]:
    return json.loads(json.dumps(api_document(date(2026, 11, 30))))  # type: ignore[no-any-return]


@cache
def _operations() -> dict[tuple[str, str], Operation]:
    return {
        (method.upper(), path): Operation(
            operation["operationId"], _pattern(path), _resolved(operation["responses"])
        )
        for path, operations in _document()["paths"].items()
        for method, operation in operations.items()
    }


def _resolved(responses: dict[str, Any]) -> dict[str, Any]:
    shared = _document()["components"]["responses"]
    return {
        status: shared[each["$ref"].rpartition("/")[2]] if "$ref" in each else each
        for status, each in responses.items()
    }


@cache
def _odata_operations() -> dict[str, list[Operation]]:
    """By method; those with more of their path given come first."""
    found: dict[str, list[Operation]] = {}
    paths = sorted(_operations().items(), key=lambda item: item[0][1].count("{PropertyName}"))
    for (method, path), operation in paths:
        if path.startswith("/api/") and "operationId" not in path:
            found.setdefault(method, []).append(operation)
    return found


def _odata(method: str, path: str) -> Operation | None:
    return next(
        (each for each in _odata_operations().get(method, ()) if each.pattern.fullmatch(path)), None
    )


def _pattern(path: str) -> re.Pattern[str]:
    """Paths that mean the same: `Units(5)`, `Units(Id=5)`, `units(5)`."""
    text = re.escape(path)
    text = re.sub(r"\\\(.*?\\\)(?=/|$)", lambda _: r"\\([^/]*\\)".replace("\\\\", "\\"), text)
    text = text.replace(re.escape("{PropertyName}"), r"\w+")
    return re.compile(re.sub(r"\\\{\w+\\\}", "[^/]+", text), re.IGNORECASE)


def _error_schema() -> dict[str, Any]:
    return {"$ref": "#/components/schemas/ODataError"}


@cache
def _validator(name: str, schema: str) -> Any:
    whole = json.loads(schema) | {"components": _components(schema)}
    return jsonschema_rs.validator_for(whole, validate_formats=True)


def _components(schema: str) -> dict[str, Any]:
    """The schemas that one leads to: compiling all of them for each takes too long."""
    schemas = _document()["components"]["schemas"]
    needed: dict[str, Any] = {}
    waiting = [schema]
    while waiting:
        for name in re.findall(r"#/components/schemas/([\w.]+)", waiting.pop()):
            if name not in needed:
                needed[name] = schemas[name]
                waiting.append(json.dumps(schemas[name]))
    return {"schemas": needed}
