"""The answer to a read of one thing: an entity, a property, a raw value, a count, or content."""

import msgspec
from starlette.responses import Response

from gerance.kernel.db import Connection
from gerance.kernel.errors import NotFound
from gerance.kernel.odata.respond.cache import AnswerCache
from gerance.kernel.odata.respond.etag import matches, not_modified
from gerance.kernel.odata.respond.request import TEXT, ReadLimits, ReadRequest, require_accepted
from gerance.kernel.odata.respond.rows import check_parent, fetch_rows, short_connection

_TEXT_UTF8 = f"{TEXT};charset=utf-8"


async def respond_entity(request: ReadRequest, cache: AnswerCache, limits: ReadLimits) -> Response:
    """The answer. Raises NotFound, Rejection, and what the statement raises."""
    async with short_connection(request, limits) as connection:
        if request.query.existing and (unchanged := await check_parent(connection, request)):
            return unchanged
        return await _respond(connection, request, cache)


async def _respond(connection: Connection, request: ReadRequest, cache: AnswerCache) -> Response:
    query, kind = request.query, request.query.plan.kind
    assert query.statement is not None
    rows = await fetch_rows(connection, query.statement)
    if kind == "count":
        return cache.send(request, str(rows[0][0]).encode(), media_type=_TEXT_UTF8)
    if not rows:
        shape = query.plan.shape
        to_one = shape is not None and shape.within is not None and shape.filter is None
        if kind == "entity" and to_one:
            return Response(status_code=204)
        raise NotFound(f"There is no resource at {request.key.path[:200]}.")
    document, version = rows[0]
    if kind == "media":
        if document is None:
            return Response(status_code=204)
        media_type = version.decode()
        require_accepted(request.headers, media_type)
        return cache.send(request, bytes(document), media_type=media_type)
    etag = _etag(request, version)
    if etag is not None and matches(request.headers, etag):
        return not_modified(etag)
    if kind == "entity":
        return cache.send(request, entity_body(document, query.context), etag)
    value = _only_value(document)
    if value == b"null":
        return Response(status_code=204)
    if kind == "property":
        body = b"{" + query.context + b'"value":' + value + b"}"
        return cache.send(request, body, etag)
    text = str(msgspec.json.decode(value)).encode() if value.startswith(b'"') else value
    return cache.send(request, text, etag, _TEXT_UTF8)


def _etag(request: ReadRequest, version: bytes | None) -> str | None:
    """The version of the entity, and with expanded entities also the tag of the answer."""
    if version and not request.query.expansions:
        return f'W/"{version.decode()}"'
    if request.tag is None:
        return None
    # If-Match reads what stands before the point.
    return f'W/"{version.decode()}.{request.tag}"' if version else f'W/"{request.tag}"'


def entity_body(document: bytes, context: bytes) -> bytes:
    """The body of a single entity."""
    if document == b"{}":
        return b"{" + context.rstrip(b",") + b"}"
    return b"{" + context + document[1:]


def _only_value(document: bytes) -> bytes:
    """The JSON of the only property of an object."""
    values = msgspec.json.decode(document, type=dict[str, msgspec.Raw])
    return bytes(next(value for name, value in values.items() if "@" not in name))
