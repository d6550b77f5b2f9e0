"""Requests that write: POST, PATCH, PUT and DELETE on the entities of a model.

A write is one transaction: its Idempotency-Key, what the context does, and the answer, which has
the entity as a GET would read it then.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any
from uuid import uuid4

import msgspec
from starlette.requests import Request
from starlette.responses import Response

from gerance.kernel.db import Connection, Pool
from gerance.kernel.errors import Forbidden, NotFound, Rejection
from gerance.kernel.http.body import read_aside, read_body
from gerance.kernel.http.endpoint import is_dry_run
from gerance.kernel.odata.access import Access
from gerance.kernel.odata.compiler import QueryKey
from gerance.kernel.odata.edm import EntityType, Model
from gerance.kernel.odata.errors import ODataRejection
from gerance.kernel.odata.parse.paths import parse_path
from gerance.kernel.odata.respond.rows import fetch_rows
from gerance.kernel.odata.sql.style import Style
from gerance.kernel.odata.writing.bodies import BodyReader, read_object, reference_in
from gerance.kernel.odata.writing.conditions import (
    IdempotentRequest,
    StoredResponse,
    expected_versions,
)
from gerance.kernel.odata.writing.payload import (
    NOTHING,
    EntityWrite,
    EntityWriter,
    Kind,
    Payload,
    WriteOutcome,
)
from gerance.kernel.odata.writing.representation import (
    QuerySource,
    Representation,
    has_shape,
    preferred_return,
    with_details,
)
from gerance.kernel.odata.writing.target import (
    WriteTarget,
    belonging,
    key_path,
    require_method,
    simple_key,
    target_of,
)
from gerance.kernel.transactions import in_transaction, undone

WRITES = ("POST", "PATCH", "PUT", "DELETE")


_ANYWHERE = f"http://{uuid4().hex}.invalid"
"""The origin in a stored answer: each repetition replaces it by its own. It is random, so no text
that a client has written contains it."""


@dataclass(frozen=True)
class _Request:
    """A writing request. `root`: the service's URL with a slash at its end."""

    http: Request
    headers: Mapping[str, str]
    path: str
    query: str
    body: bytes
    access: Access
    actor: str
    root: str


class WriteService:
    """Writes through a context's writer.

    `most_bytes`: of a body; `conditional`: PATCH, PUT and DELETE need If-Match (428 without).
    """

    def __init__(
        self,
        model: Model,
        queries: QuerySource,
        writer: EntityWriter,
        *,
        root: str,
        most_bytes: int,
        conditional: bool,
    ) -> None:
        self._model = model
        self._queries = queries
        self._compiler = queries.compiler
        self._writer = writer
        self._root = root
        self._most_bytes = most_bytes
        self._conditional = conditional
        self._bodies = BodyReader(model, writer, root)

    def methods(self, path: str) -> tuple[str, ...]:
        """The methods that a path takes, for OPTIONS."""
        return target_of(self._model, parse_path(path), path).methods

    async def respond(
        self,
        http: Request,
        headers: Mapping[str, str],
        path: str,
        query: str,
        *,
        access: Access,
        actor: str | None,
        root: str,
    ) -> Response:
        """The answer to a writing request. `actor`: the uid of who writes, None for one who may
        not. Raises Rejection."""
        target = target_of(self._model, parse_path(path), path)
        access.require(target.entity)
        require_method(target, http.method)
        if actor is None:
            raise Forbidden("This key may only read.")
        access.require_change(target.entity)
        body = await read_body(http, limit=self._most_bytes, any_type=target.what == "content")
        request = _Request(http, headers, path, query, body, access, actor, root)
        repeatable = None
        if http.method == "POST" and "idempotency-key" in headers:
            identity = b"\n".join([path.encode(), query.encode(), body])
            repeatable = IdempotentRequest.of(headers, actor, identity)
        writing = await self._writing(request, target)
        await self._require_linked(request, writing)
        representation = await self._representation(request, writing)
        if "prefer" in headers and is_dry_run(headers):
            return await self._try(request, target, writing, representation)

        async def write(connection: Connection) -> StoredResponse:
            # What is stored must not depend on the URL by which the request came.
            base = root if repeatable is None else f"{_ANYWHERE}{self._root}"
            first = None if repeatable is None else await repeatable.take(connection)
            if first is not None and first.body is not None:
                return first
            outcome = first.at(base) if first else await self._outcome(connection, writing, target)
            response = await self._answer(
                connection, request, target, writing, representation, outcome, base
            )
            if repeatable is not None:
                await repeatable.keep(
                    connection, response.status, response.headers, response.body, root=base
                )
            return response

        pool: Pool = http.app.state.pool
        stored = None
        if representation is not None and not representation.needs_query:
            outcome = await self._writer.write_together(pool, writing)
            if outcome is not None and outcome.document is not None:
                tag_and_body = representation.of_document(outcome.version, outcome.document, root)
                headers = self._headers(root, writing, outcome)
                stored = _answer_with(
                    request, writing, representation, headers, target.path, tag_and_body, root
                )
        if stored is None:
            stored = await in_transaction(pool, write)
        if stored.root != root:
            stored = stored.at(root)
        return Response(stored.body, stored.status, headers=stored.headers)

    async def _try(
        self,
        request: _Request,
        target: WriteTarget,
        writing: EntityWrite,
        representation: Representation | None,
    ) -> Response:
        """The answer to a dry run: everything is done, and undone. It names no address or position:
        there is none."""

        async def write(connection: Connection) -> StoredResponse:
            outcome = await self._outcome(connection, writing, target)
            assert outcome is not None
            return await self._answer(
                connection, request, target, writing, representation, outcome, request.root
            )

        stored = await undone(request.http.app.state.pool, write)
        preferences = stored.headers.get("Preference-Applied")
        headers = {name: value for name, value in stored.headers.items()
                   if name in ("Content-Type", "OData-Version")}  # fmt: skip
        headers["Preference-Applied"] = ", ".join(filter(None, [preferences, "handling=dry-run"]))
        status = 200 if stored.status == 201 else stored.status
        return Response(stored.body, status, headers=headers)

    async def _representation(
        self, request: _Request, writing: EntityWrite
    ) -> Representation | None:
        """The form of the entity in the answer; None when the answer has none."""
        if writing.kind == "delete":
            return None
        headers, query = request.headers, request.query
        if _returns(request, writing) == "minimal":
            headers = {}
        else:
            query = with_details(query, writing.payload)
        return await Representation.of(
            self._queries, request.access, writing.entity, headers, query
        )

    # What is to be done

    async def _writing(self, request: _Request, target: WriteTarget) -> EntityWrite:
        method, entity = request.http.method, target.entity
        if target.what == "set":
            size = len(request.body)
            body = await read_aside(size, lambda: read_object(request.body))
            body = await self._with_parent(request, target, body)
            body = await self._with_keys(request, entity, body)
            payload = await read_aside(size, lambda: self._bodies.read(body, entity, "create"))
            return self._entity_write(request, "create", entity, None, payload)
        if self._conditional and "if-match" not in request.headers:
            raise Rejection("PreconditionRequired")
        key = simple_key(target) or await self._key(request, target)
        if target.what == "link":
            payload = await self._link(request, target)
            return self._entity_write(request, "change", entity, key, payload)
        if target.what == "property":
            payload = await read_aside(len(request.body), lambda: self._property(request, target))
            return self._entity_write(request, "change", entity, key, payload)
        if target.what == "content":
            kind = request.headers.get("content-type", "application/octet-stream")
            writing = self._entity_write(request, "change", entity, key, NOTHING)
            return replace(writing, content=(request.body, kind[:100]))
        if method == "DELETE":
            return self._entity_write(request, "delete", entity, key, NOTHING)
        change: Kind = "change" if method == "PATCH" else "replace"
        size = len(request.body)
        body = await read_aside(size, lambda: read_object(request.body))
        body = await self._with_keys(request, entity, body)
        payload = await read_aside(size, lambda: self._bodies.read(body, entity, change))
        if change == "replace":
            own = {each.column: key[each.column] for each in entity.keys if not each.computed}
            payload = replace(payload, columns={**payload.columns, **own})
        return self._entity_write(request, change, entity, key, payload)

    def _entity_write(
        self,
        request: _Request,
        kind: Kind,
        entity: EntityType,
        key: Mapping[str, Any] | None,
        payload: Payload,
    ) -> EntityWrite:
        return EntityWrite(
            kind=kind,
            entity=entity,
            key=key,
            payload=payload,
            access=request.access,
            actor=request.actor,
            expected=None if key is None else expected_versions(request.headers),
        )

    async def _with_parent(
        self, request: _Request, target: WriteTarget, body: dict[str, Any]
    ) -> dict[str, Any]:
        if target.navigation is None:
            return body
        owner = self._model.entity_set(target.path.partition("(")[0])
        assert owner is not None
        names = ",".join(each.name for each in owner.properties)
        parent = await self._row(request, target.path, names)
        columns = {each.column: parent[each.name] for each in owner.properties}
        parent_values = belonging(target.navigation, target.entity, columns)
        spellings = {name.lower(): value for name, value in body.items()}
        for name, value in parent_values.items():
            if spellings.get(name.lower(), value) != value:
                message = f"{name} is {value!r} at {target.path[:80]}."
                raise ODataRejection("PropertyFixed", message, target=name)
        return parent_values | body

    async def _with_keys(
        self, request: _Request, entity: EntityType, body: dict[str, Any]
    ) -> dict[str, Any]:
        """The body, its references by codes replaced by those by the key: at most one for each
        navigation of the entity."""
        for name, (target, path) in self._bodies.alternate_references(body, entity).items():
            path = await self._path_by_key(request, target, path, name)
            body[name] = {"@id": path} if isinstance(body[name], dict) else path
        return body

    async def _path_by_key(
        self, request: _Request, target: EntityType, path: str, name: str
    ) -> str:
        """The path by the key of an entity that a path names by its codes. Raises ODataRejection
        (BadReference) when the principal sees no such entity."""
        request.access.require(target)
        try:
            return key_path(target, await self._row(request, path, ",".join(target.key)))
        except NotFound as rejection:
            message = f"There is no {path[:200]}."
            raise ODataRejection("BadReference", message, target=name) from rejection

    async def _link(self, request: _Request, target: WriteTarget) -> Payload:
        assert target.navigation is not None
        reference = None
        if request.http.method == "PUT":
            reference = reference_in(read_object(request.body)) or ""
            entity, name = self._model.target(target.navigation), target.navigation.name
            if (path := self._bodies.alternate_path(reference, entity)) is not None:
                reference = await self._path_by_key(request, entity, path, name)
        columns = self._bodies.link_columns(target.entity, target.navigation, reference)
        return Payload(columns, links=frozenset(columns))

    def _property(self, request: _Request, target: WriteTarget) -> Payload:
        assert target.property_ is not None
        if target.property_.computed:
            name = target.property_.name
            raise ODataRejection("ReadOnlyProperty", f"{name} is read-only.", target=name)
        value = None
        if request.http.method == "PUT":
            body = read_object(request.body)
            if "value" not in body:
                raise ODataRejection("BadRequest", 'Expected a body like {"value": ...}.')
            value = body["value"]
        return self._bodies.read({target.property_.name: value}, target.entity, "change")

    async def _key(self, request: _Request, target: WriteTarget) -> dict[str, Any]:
        """The columns of the entity's key, if the principal may see it. Raises NotFound."""
        row = await self._row(request, target.path, ",".join(target.entity.key))
        return {each.column: row[each.name] for each in target.entity.keys}

    async def _require_linked(self, request: _Request, writing: EntityWrite) -> None:
        """Raises ODataRejection (BadReference) when an entity is to be linked with one that is not
        there, Rejection (403) when the principal may not read such entities.

        It is about entities that this service only shows; the context's rules know its own.
        """
        columns, links = writing.payload.columns, writing.payload.links
        for navigation in writing.entity.navigations if links else ():
            target = self._model.target(navigation)
            key = {theirs: columns[own] for own, theirs in navigation.columns if own in links}
            if navigation.many or target.writes or not key:
                continue
            request.access.require(target)
            if None in key.values():
                continue
            path = key_path(target, {each.name: key[each.column] for each in target.keys})
            try:
                await self._row(request, path, target.key[0])
            except NotFound as rejection:
                raise ODataRejection(
                    "BadReference", f"There is no {path}.", target=navigation.name
                ) from rejection

    async def _row(self, request: _Request, path: str, names: str) -> dict[str, Any]:
        key = QueryKey(request.access.key, path, f"$select={names}", Style("none"), 1)
        statements = self._compiler.compile(key, request.access)
        assert statements.statement is not None
        pool: Pool = request.http.app.state.pool
        async with pool.connection() as connection:
            rows = await fetch_rows(connection, statements.statement)
        if not rows:
            raise NotFound(f"There is no resource at {path[:200]}.")
        row: dict[str, Any] = msgspec.json.decode(rows[0][0])
        return row

    # The answer

    async def _outcome(
        self,
        connection: Connection,
        writing: EntityWrite,
        target: WriteTarget,
    ) -> WriteOutcome:
        """What is written. Raises Rejection."""
        try:
            return await self._writer.write(connection, writing)
        except NotFound as rejection:
            raise NotFound(f"There is nothing at {target.path[:200]}.") from rejection

    def _headers(self, root: str, writing: EntityWrite, outcome: WriteOutcome) -> dict[str, str]:
        headers: dict[str, str] = {}
        if outcome.position is not None:
            headers["Gerance-Position"] = str(outcome.position)
        if writing.kind == "create":
            headers["Location"] = root + key_path(writing.entity, outcome.key)
        return headers

    async def _answer(
        self,
        connection: Connection,
        request: _Request,
        target: WriteTarget,
        writing: EntityWrite,
        representation: Representation | None,
        outcome: WriteOutcome | StoredResponse,
        root: str,
    ) -> StoredResponse:
        """The answer to a write, in its transaction: the entity as it is after it, or 204, as the
        request prefers. `outcome`: an answer without a body is of an earlier release, which stopped
        between the commit and the answer."""
        if isinstance(outcome, StoredResponse):
            headers = outcome.headers
        else:
            headers = self._headers(root, writing, outcome)
        if representation is None or writing.kind == "delete":
            return StoredResponse(204, headers, b"", root)
        path = target.path
        if writing.kind == "create":
            path = headers["Location"].removeprefix(root)
        try:
            if (
                isinstance(outcome, StoredResponse)
                or outcome.document is None
                or representation.needs_query
            ):
                tag_and_body = await representation.read(connection, path, root)
            else:
                tag_and_body = representation.of_document(outcome.version, outcome.document, root)
        except NotFound:
            if isinstance(outcome, WriteOutcome):
                raise
            # Created, and since deleted by another request.
            headers = {**headers, "OData-EntityId": root + path}
            return StoredResponse(204, headers, b"", root)
        return _answer_with(request, writing, representation, headers, path, tag_and_body, root)


def _answer_with(
    request: _Request,
    writing: EntityWrite,
    representation: Representation,
    headers: dict[str, str],
    path: str,
    tag_and_body: tuple[str | None, bytes],
    root: str,
) -> StoredResponse:
    """The answer with the entity's ETag and, if the client prefers it, its body."""
    etag, body = tag_and_body
    if (preferred := preferred_return(request.headers)) is not None:
        headers["Preference-Applied"] = f"return={preferred}"
    if etag is not None:
        headers["ETag"] = etag
    if _returns(request, writing) == "minimal":
        headers["OData-EntityId"] = root + path
        return StoredResponse(204, headers, b"", root)
    headers["Content-Type"] = representation.content_type
    headers["OData-Version"] = representation.form.version
    return StoredResponse(201 if writing.kind == "create" else 200, headers, body, root)


def _returns(request: _Request, writing: EntityWrite) -> str:
    """`minimal` or `representation`: as the request prefers. A new entity is answered, and one of
    which the request selects or expands something."""
    preferred = preferred_return(request.headers)
    if preferred is not None:
        return preferred
    answered = writing.kind == "create" or has_shape(request.query)
    return "representation" if answered else "minimal"
