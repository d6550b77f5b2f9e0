"""The entity in the answer to a write: its ETag and, if the client wants it, its body.

Without query options the body is the JSON of the write itself. With `$select` or `$expand`, or in
another form, it is read by the statement of a GET, compiled before the write, in its transaction.
"""

from collections.abc import Mapping
from dataclasses import dataclass

from psycopg.errors import CardinalityViolation, QueryCanceled

from gerance.kernel.db import Connection
from gerance.kernel.errors import NotFound
from gerance.kernel.odata.access import Access
from gerance.kernel.odata.compiler import CompiledQuery, Compiler, QueryKey
from gerance.kernel.odata.describe.examples import value_of
from gerance.kernel.odata.edm import EntityType
from gerance.kernel.odata.parse.options import format_in, query_options
from gerance.kernel.odata.respond.cache import tag_of
from gerance.kernel.odata.respond.entity import entity_body
from gerance.kernel.odata.respond.failures import CANNOT_COMPUTE, rejection_of
from gerance.kernel.odata.respond.request import ResponseFormat, negotiate
from gerance.kernel.odata.respond.rows import fetch_rows
from gerance.kernel.odata.signing import SigningKey
from gerance.kernel.odata.versions import read_versions
from gerance.kernel.odata.writing.payload import Payload
from gerance.kernel.odata.writing.target import key_path
from gerance.kernel.wire import encode

_PLAIN = ResponseFormat("minimal", exact_numbers=False, page=None, version="4.0")
_FORM_HEADERS = ("accept", "odata-maxversion")
_PLAIN_ACCEPT = ("", "*/*", "application/json")
_PLAIN_TYPE = "application/json;odata.metadata=minimal;charset=utf-8"


@dataclass(frozen=True)
class QuerySource:
    """What queries of the service are compiled with. `page`: rows of its pages."""

    compiler: Compiler
    signing_key: SigningKey
    namespace: str
    page: int


@dataclass(frozen=True)
class Representation:
    """The form in which a client wants the entity. `query`: the options of the request."""

    access: Access
    entity: EntityType
    form: ResponseFormat
    query: str
    source: "QuerySource"

    @classmethod
    async def of(
        cls,
        source: "QuerySource",
        access: Access,
        entity: EntityType,
        headers: Mapping[str, str],
        query: str,
    ) -> "Representation":
        """`headers`: those of the request, none when the answer has no body. Raises Rejection when
        the entity cannot be given in this form; then nothing is written."""
        form = _PLAIN
        if query or headers.get("accept", "") not in _PLAIN_ACCEPT or "odata-maxversion" in headers:
            form_headers = {name: headers[name] for name in _FORM_HEADERS if name in headers}
            form = negotiate(form_headers, format_in(query) if query else None)
        representation = cls(access, entity, form, query, source)
        if representation.needs_query:
            sample = {each.name: value_of(each) for each in entity.keys}
            await representation.compile(key_path(entity, sample), "/")
        return representation

    @property
    def content_type(self) -> str:
        return _PLAIN_TYPE if self.form is _PLAIN else self.form.content_type

    @property
    def needs_query(self) -> bool:
        """Whether it is more than the JSON of the write."""
        form = self.form
        return bool(self.query) or form.metadata == "full" or form.exact_numbers

    async def compile(self, path: str, root: str) -> tuple[QueryKey, CompiledQuery]:
        """The query of a GET of the entity."""
        source = self.source
        style = self.form.style(root, source.namespace)
        key = QueryKey(self.access.key, path, self.query, style, source.page)
        return key, await source.compiler.compile_aside(key, self.access)

    def of_document(self, version: str | None, document: str, root: str) -> tuple[str, bytes]:
        """The ETag and the body of an entity that has this version and JSON after the write."""
        tag = f'W/"{version}"'
        return tag, self._body(document, tag, root)

    async def read(self, connection: Connection, path: str, root: str) -> tuple[str | None, bytes]:
        """The ETag and the body of the entity at that path, after the write."""
        key, statements = await self.compile(path, root)
        assert statements.statement is not None
        try:
            rows = await fetch_rows(connection, statements.statement)
        except (*CANNOT_COMPUTE, QueryCanceled, CardinalityViolation) as failure:
            raise rejection_of(failure) from failure
        if not rows:
            raise NotFound(f"There is nothing at {path[:200]}.")
        document, version = rows[0]
        digest = None
        if version is None or statements.expansions:
            versions = await read_versions(connection)
            secret = await self.source.signing_key.key(connection)
            digest = tag_of(key, statements, versions, secret)
        parts = [version.decode()] if version else []
        # If-Match reads what stands before the point.
        parts += [digest] if digest else []
        etag = f'W/"{".".join(parts)}"' if parts else None
        return etag, entity_body(document, statements.context)

    def _body(self, document: str, etag: str, root: str) -> bytes:
        if self.form.metadata == "none":
            return document.encode()
        url = f"{root}$metadata#{self.entity.set_name}/$entity"
        control = encode({"@odata.context": url, "@odata.etag": etag})
        return control[:-1] + b"," + document[1:].encode()


def with_details(query: str, payload: Payload) -> str:
    """The query of an answer that has what was created with the entity, unless it expands
    something itself."""
    expand = _expand(payload)
    if not expand or any(name == "expand" for name, _ in query_options(query)):
        return query
    return f"{query}&$expand={expand}" if query else f"$expand={expand}"


def _expand(payload: Payload) -> str:
    items = []
    for name, details in payload.details.items():
        inner = max((_expand(each) for each in details), key=len, default="")
        items.append(f"{name}($expand={inner})" if inner else name)
    return ",".join(items)


def has_shape(query: str) -> bool:
    """Whether a query selects or expands: then the client wants to see the entity."""
    return any(name in ("select", "expand") for name, _ in query_options(query))


def preferred_return(headers: Mapping[str, str]) -> str | None:
    """`minimal` or `representation`, as Prefer says; None when it does not."""
    for part in headers.get("prefer", "").lower().split(","):
        name, _, value = part.partition("=")
        if name.strip() == "return" and value.strip(' "') in ("minimal", "representation"):
            return value.strip(' "')
    return None
