"""The OData service over HTTP: dispatches a request, and answers reads.

`ODataService._read` shows a read from its request to its response.
"""

import asyncio
import re
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import replace
from typing import Any, Literal, TypeVar
from urllib.parse import unquote

from psycopg.errors import CardinalityViolation, QueryCanceled
from starlette.requests import Request
from starlette.responses import Response
from starlette.types import Receive, Scope, Send

from gerance.kernel.db import Pool
from gerance.kernel.errors import Rejection
from gerance.kernel.http.paths import canonical_path
from gerance.kernel.odata.compiler import (
    Compiler,
    QueryKey,
    compiles_inline,
    nested_too_deep,
    parse,
    plan_query,
    write_sql,
)
from gerance.kernel.odata.describe.metadata import service_document
from gerance.kernel.odata.edm import Model
from gerance.kernel.odata.errors import ODataRejection, error_response
from gerance.kernel.odata.parse.options import delta_token_in, format_in
from gerance.kernel.odata.respond.cache import AnswerCache, tag_of
from gerance.kernel.odata.respond.collection import respond_collection
from gerance.kernel.odata.respond.deltas import Deltas
from gerance.kernel.odata.respond.entity import respond_entity
from gerance.kernel.odata.respond.failures import CANNOT_COMPUTE, rejection_of
from gerance.kernel.odata.respond.metadata_document import MetadataDocument
from gerance.kernel.odata.respond.request import (
    TEXT,
    ODataCaller,
    ReadLimits,
    ReadRequest,
    negotiate,
    require_accepted,
)
from gerance.kernel.odata.respond.stages import ServerTiming
from gerance.kernel.odata.signing import SigningKey
from gerance.kernel.odata.skiptoken import skip_token_in
from gerance.kernel.odata.writing.payload import EntityWriter
from gerance.kernel.odata.writing.representation import QuerySource
from gerance.kernel.odata.writing.requests import WRITES, WriteService
from gerance.kernel.wire import encode

METHODS = ("GET", "HEAD", "OPTIONS")
_SEGMENT_END = re.compile(r"[/(]")
_RAW = re.compile(r"/\$(count|value)$", re.IGNORECASE)
_HOST = re.compile(r"[\w.-]{1,253}(:\d{1,5})?|\[[0-9A-Fa-f:.]{2,45}\](:\d{1,5})?", re.ASCII)

Authorize = Callable[[Request], Awaitable[ODataCaller]]
"""Authenticates a request. Raises Rejection: 401."""
T = TypeVar("T")


class ODataService:
    """The entity sets of a model over HTTP, below `root` (which ends with a slash).

    It reads on `app.state.pool`, and long answers on a place of `app.state.long_answers`, where
    statements may take as long as their readers do.

    `page`: rows of an answer after which the rest comes by a link; `answer_bytes`: of the longest
    answer; `cache_bytes`: memory for cached answers; `seconds`: until the first row of an answer;
    `delta_days`: how long a delta link is valid; `server_timing`: answers have the header
    Server-Timing, with the milliseconds of each stage.
    """

    def __init__(
        self,
        model: Model,
        *,
        root: str,
        authorize: Authorize,
        page: int,
        cache_bytes: int,
        seconds: float,
        answer_bytes: int = 268_435_456,
        writer: EntityWriter | None = None,
        most_bytes: int = 1_048_576,
        conditional: bool = False,
        delta_days: float = 30,
        server_timing: bool = False,
    ) -> None:
        self._model = model
        self._root = root
        self._authorize = authorize
        self._page = page
        self._limits = ReadLimits(seconds or None, answer_bytes)
        self._compiler = Compiler(model)
        self._cache = AnswerCache(cache_bytes)
        self._deltas = Deltas(model, delta_days * 86_400)
        self._signing_key = SigningKey()
        self._server_timing = server_timing
        self._writes = writer and WriteService(
            model,
            QuerySource(self._compiler, self._signing_key, model.namespace, page),
            writer,
            root=root,
            most_bytes=most_bytes,
            conditional=conditional,
        )
        self._metadata = MetadataDocument(model, None if writer is None else writer.annotations)

    def serves(self, path: str) -> bool:
        """Whether a path (decoded) leads to a set or to the service itself."""
        if not self.below(path):
            return path.lower() == self._root.rstrip("/")
        name = _SEGMENT_END.split(path[len(self._root) :], maxsplit=1)[0].strip()
        return not name or name.startswith("$") or self._model.entity_set(name) is not None

    def below(self, path: str) -> bool:
        """Whether a path is below the root."""
        return path[: len(self._root)].lower() == self._root

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        request = Request(scope, receive)
        scope["endpoint_path"], scope["render"] = f"{self._root}*", error_response
        try:
            response = await self._respond(request)
        except Rejection as rejection:
            response = error_response(rejection)
        response.headers.setdefault("OData-Version", "4.0")
        await response(scope, receive, send)

    async def _respond(self, request: Request) -> Response:
        scope, method = request.scope, request.method
        raw: bytes = scope.get("raw_path") or scope["path"].encode()
        path = canonical_path(raw)[len(self._root) :].strip("/")
        # Some clients send letters as they are instead of percent-encoded.
        query = scope["query_string"].decode(errors="replace")
        if method == "OPTIONS":
            return Response(status_code=204, headers={"Allow": ", ".join(self._methods(path))})
        headers = _headers(scope)
        _require_version(headers)
        if method in WRITES and self._writes:
            caller = await self._authorize(request)
            return await self._writes.respond(
                request,
                headers,
                path,
                query,
                access=caller.access,
                actor=caller.actor,
                root=self._url(request),
            )
        if method not in METHODS:
            message = f"{method} is not supported here."
            allow = {"Allow": ", ".join(METHODS)}
            raise ODataRejection("MethodNotAllowed", message, headers=allow)
        caller = await self._authorize(request)
        return await self._read(request, headers, path, query, caller, self._url(request))

    def _methods(self, path: str) -> tuple[str, ...]:
        try:
            return self._writes.methods(path) if self._writes else METHODS
        except Rejection:
            return METHODS

    async def _read(
        self,
        http: Request,
        headers: dict[str, str],
        path: str,
        query: str,
        caller: ODataCaller,
        root: str,
    ) -> Response:
        """A read: negotiate, parse, plan, sql, respond.

        `path` below the root and `query` are still percent-encoded; `root`: the URL of the service.
        Raises Rejection.
        """
        timing = ServerTiming() if self._server_timing else None
        mark = timing.mark if timing else _no_mark
        access, pool = caller.access, http.app.state.pool

        # Negotiate: the format of the answer, and the key of the query.
        if path.lower() == "$metadata":
            return self._metadata.respond(headers, format_in(query))
        form = negotiate(headers, format_in(query), raw=_RAW.search(path) is not None)
        delta_token, query = delta_token_in(query)
        signer = await self._signing_key.signer(pool, access.owner)
        skip_token = None
        if "skiptoken" in query.lower():
            skip_token = skip_token_in(query, path, signer=signer, access=access.key)
        page = form.page or (skip_token and skip_token.page) or self._page
        key = QueryKey(
            access.key,
            path,
            query,
            form.style(root, self._model.namespace),
            page=min(page, self._page),
            owner=access.owner if self._is_owned(path) else None,
            after=None if skip_token is None else skip_token.values,
        )
        delta = None
        if delta_token is not None:
            delta = await self._deltas.open(pool, delta_token, key, signer)
            if delta.token.page is not None and form.page is None:
                key = replace(key, page=min(delta.token.page, self._page))
            if not delta.token.loading:
                # Only 4.01 has a format for all changes: it is the default.
                release: Literal["4.0", "4.01"] = "4.0" if form.first_release else "4.01"
                form, key = replace(form, version=release), replace(key, changes=release)
        mark("negotiate")

        # Parse, plan, sql: the statements of the query, or those of the same query before.
        statements = self._compiler.cached(key)
        if statements is None:
            try:
                tree = await _aside(key, parse, key)
                mark("parse")
                plan = await _aside(key, plan_query, self._model, access, key, tree)
                mark("plan")
                statements = await _aside(key, write_sql, self._model, plan, key, tree)
                mark("sql")
            except RecursionError:
                raise nested_too_deep() from None
            self._compiler.store(key, statements)

        if statements.plan.kind in ("count", "value"):
            require_accepted(headers, TEXT)

        # Respond: 304, the cached answer, or the rows.
        links = None
        if delta is not None or form.track:
            links = await self._deltas.links(pool, delta, form, key, statements, signer)
        tag = None if links else tag_of(key, statements, caller.versions, signer.key)
        cacheable = tag is not None and "no-" not in headers.get("cache-control", "")
        request = ReadRequest(http, headers, form, key, statements, signer, tag, cacheable, links)
        response = self._cache.respond(request)
        if response is None:
            response = await self._execute(request, caller)
        mark("respond")
        if timing is not None:
            response.headers["Server-Timing"] = timing.header
        return response

    async def _execute(self, request: ReadRequest, caller: ODataCaller) -> Response:
        """The answer from the database. Raises Rejection."""
        plan = request.query.plan
        if plan.shape is None:
            return self._service_document(request, caller)
        try:
            if plan.patterns:
                await _check_patterns(request.http.app.state.pool, plan.patterns)
            respond = respond_collection if plan.kind == "collection" else respond_entity
            return await respond(request, self._cache, self._limits)
        except (*CANNOT_COMPUTE, QueryCanceled, CardinalityViolation) as failure:
            raise rejection_of(failure) from failure

    def _service_document(self, request: ReadRequest, caller: ODataCaller) -> Response:
        sets = [each.set_name for each in self._model.sets.values() if caller.access.reads(each)]
        context = {"@odata.context": f"{request.key.style.root}$metadata"}
        if request.format.metadata == "none":
            context = {}
        body = encode({**context, "value": service_document(self._model, sets)})
        return self._cache.send(request, body)

    def _is_owned(self, path: str) -> bool:
        """Whether a path (still percent-encoded) leads to rows that belong to single principals."""
        name = _SEGMENT_END.split(unquote(path), maxsplit=1)[0].strip()
        entity = self._model.entity_set(name)
        return entity is not None and entity.owner_column is not None

    def _url(self, request: Request) -> str:
        host = request.headers.get("host", "")
        if not _HOST.fullmatch(host):
            host = "localhost"
        return f"{request.scope['scheme']}://{host}{self._root}"


def _require_version(headers: Mapping[str, str]) -> None:
    """Raises ODataRejection for a request of another version of the protocol."""
    version = headers.get("odata-version", "4.0")
    if version.partition(";")[0].strip() not in ("4.0", "4.01"):
        raise ODataRejection(
            "UnsupportedVersion",
            f"OData-Version: the service speaks OData 4.0 and 4.01, not {version[:20]!r}.",
        )


def _no_mark(stage: str) -> None:
    """Stages are not timed."""


async def _aside(key: QueryKey, stage: Callable[..., T], *arguments: Any) -> T:
    """The result of a stage; a costly query runs on a thread, beside the event loop."""
    if compiles_inline(key):
        return stage(*arguments)
    return await asyncio.to_thread(stage, *arguments)


def _headers(scope: Scope) -> dict[str, str]:
    """The headers of a request; several of one name count as one list."""
    headers: dict[str, str] = {}
    for name_bytes, value_bytes in scope["headers"]:
        name, value = name_bytes.decode("latin-1"), value_bytes.decode("latin-1")
        headers[name] = f"{headers[name]}, {value}" if name in headers else value
    return headers


async def _check_patterns(pool: Pool, patterns: tuple[str, ...]) -> None:
    """Raises DataError for a wrong pattern, whether or not there is a row to match with it."""
    async with pool.connection() as connection:
        await connection.execute("SELECT '' ~ ALL (%s::text[])", [list(patterns)])
