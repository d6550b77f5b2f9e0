"""The service: a request in, an answer out."""

import asyncio
import re
from collections.abc import AsyncGenerator, AsyncIterator, Awaitable, Callable
from contextlib import AsyncExitStack, aclosing, asynccontextmanager
from dataclasses import dataclass, replace
from hashlib import blake2b
from urllib.parse import unquote

from psycopg.errors import CardinalityViolation, QueryCanceled
from starlette.requests import Request
from starlette.responses import Response
from starlette.types import Receive, Scope, Send

from gerance.kernel.db import Connection, Pool
from gerance.kernel.errors import NotFound, Refused
from gerance.kernel.http.stream_response import AnswerCut, StreamedResponse
from gerance.kernel.limits.long_answers import LongAnswers
from gerance.kernel.limits.rates import owner_of
from gerance.kernel.odata.access import Access
from gerance.kernel.odata.compiler import CompiledQuery, Compiler, QueryKey
from gerance.kernel.odata.deltatoken import DeltaLinks
from gerance.kernel.odata.describe.metadata import service_document
from gerance.kernel.odata.edm import EntityType, Model
from gerance.kernel.odata.errors import LimitExceeded, ODataRefused, error_response
from gerance.kernel.odata.parse.options import delta_token_in, format_in
from gerance.kernel.odata.respond.bodies import collection, entity, property_body, raw_value
from gerance.kernel.odata.respond.cache import Answer, AnswerCache
from gerance.kernel.odata.respond.deltas import Deltas, changes
from gerance.kernel.odata.respond.documents import all_rows, documents
from gerance.kernel.odata.respond.etag import matches, not_modified
from gerance.kernel.odata.respond.failures import CANNOT_COMPUTE, refusal_of, too_slow
from gerance.kernel.odata.respond.metadata import MetadataDocument
from gerance.kernel.odata.respond.negotiate import Form, negotiate
from gerance.kernel.odata.signing import SigningKey, TokenSigner
from gerance.kernel.odata.skiptoken import today, values_after
from gerance.kernel.odata.sql.changes import since
from gerance.kernel.odata.sql.style import Style
from gerance.kernel.odata.versions import SetVersions
from gerance.kernel.odata.writing.payload import EntityWriter
from gerance.kernel.odata.writing.requests import WRITES, WriteService
from gerance.kernel.wire import encode

METHODS = ("GET", "HEAD", "OPTIONS")
_BESIDE_AN_ANSWER = 2048
"""Bytes that an answer takes when it is kept, but for its body and the text of its question."""
_FIRST = re.compile(r"[/(]")
_HOST = re.compile(r"[\w.-]{1,253}(:\d{1,5})?|\[[0-9A-Fa-f:.]{2,45}\](:\d{1,5})?", re.ASCII)


@dataclass(frozen=True)
class Caller:
    """Whoever asks: its rights, and the versions of the sets, read after the request came.

    `actor`: the uid under which it writes, None for one who may not.
    """

    access: Access
    versions: SetVersions
    actor: str | None = None


Authorize = Callable[[Request], Awaitable[Caller]]
"""Finds out who asks. Raises Refused: 401."""


@dataclass
class _Asked:
    """A request on its way."""

    request: Request
    headers: dict[str, str]
    asker: Caller
    form: Form
    question: QueryKey
    compiled: CompiledQuery
    tag: str | None
    seal: TokenSigner
    following: DeltaLinks | None = None

    @property
    def kept(self) -> bool:
        """Whether an answer may come from those that are kept, and be kept."""
        return self.tag is not None and "no-" not in self.headers.get("cache-control", "")


class ODataService:
    """The entity sets of a model over HTTP, below `root` (which ends with a slash).

    It reads on `app.state.pool`, and what may be long on a place of `app.state.long_answers`, where
    statements may take as long as their readers do.

    `page`: rows of an answer after which the rest comes by a link;
    `answer_bytes`: of the longest answer; `kept_bytes`: memory for answers kept; `seconds`: until
    the first row of an answer; `delta_days`: how long a link to what has changed is good.
    """

    def __init__(
        self,
        model: Model,
        *,
        root: str,
        authorize: Authorize,
        page: int,
        kept_bytes: int,
        seconds: float,
        answer_bytes: int = 268_435_456,
        writer: EntityWriter | None = None,
        most_bytes: int = 1_048_576,
        conditional: bool = False,
        delta_days: float = 30,
    ) -> None:
        self._model = model
        self._root = root
        self._authorize = authorize
        self._page = page
        self._seconds = seconds or None
        self._answer_bytes = answer_bytes
        self._compiler = Compiler(model)
        self._answers = AnswerCache(kept_bytes)
        self._deltas = Deltas(delta_days * 86_400)
        self._sealing = SigningKey()
        self._writes = writer and WriteService(
            model,
            self._compiler,
            writer,
            self._read_again,
            root=root,
            most_bytes=most_bytes,
            conditional=conditional,
        )
        self._described = MetadataDocument(model, None if writer is None else writer.annotations)

    def serves(self, path: str) -> bool:
        """Whether a path (decoded) leads to a set or to the service itself."""
        if not self.below(path):
            return path.lower() == self._root.rstrip("/")
        first = _FIRST.split(path[len(self._root) :], maxsplit=1)[0].strip()
        return not first or first.startswith("$") or self._model.entity_set(first) is not None

    def below(self, path: str) -> bool:
        """Whether a path is below the root."""
        return path[: len(self._root)].lower() == self._root

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        request = Request(scope, receive)
        scope["endpoint_path"], scope["render"] = f"{self._root}*", error_response
        try:
            response = await self._respond(request)
        except Refused as refused:
            response = error_response(refused)
        response.headers.setdefault("OData-Version", "4.0")
        await response(scope, receive, send)

    async def _respond(self, request: Request) -> Response:
        raw: bytes = request.scope.get("raw_path") or request.scope["path"].encode()
        # Some clients send letters as they are instead of percent-encoded.
        path = raw.decode(errors="replace")[len(self._root) :].strip("/")
        query = request.scope["query_string"].decode(errors="replace")
        if request.method == "OPTIONS":
            return Response(status_code=204, headers={"Allow": ", ".join(self._methods(path))})
        headers = _headers_in(request.scope)
        if request.method in WRITES and self._writes:
            asker = await self._authorize(request)
            return await self._writes.respond(
                request,
                headers,
                path,
                query,
                access=asker.access,
                actor=asker.actor,
                root=self._url(request),
            )
        if request.method not in METHODS:
            message = f"{request.method} is not supported here."
            allow = {"Allow": ", ".join(METHODS)}
            raise ODataRefused("MethodNotAllowed", message, headers=allow)
        asker = await self._authorize(request)
        return await self._read_path(request, headers, path, query, asker)

    def _methods(self, path: str) -> tuple[str, ...]:
        try:
            return self._writes.methods(path) if self._writes else METHODS
        except Refused:
            return METHODS

    async def _read_again(self, request: Request, path: str, query: str, root: str) -> Response:
        """What a GET of this path answers now, after a write, with URLs below `root`."""
        asker = await self._authorize(request)
        accept = request.headers.get("accept", "application/json")
        headers = {"accept": accept, "cache-control": "no-cache"}
        return await self._read_path(request, headers, path, query, asker, root)

    async def _read_path(
        self,
        request: Request,
        headers: dict[str, str],
        path: str,
        query: str,
        asker: Caller,
        root: str | None = None,
    ) -> Response:
        if path.lower() == "$metadata":
            return self._described.answer(headers, format_in(query))
        form = negotiate(headers, format_in(query))
        root = root or self._url(request)
        style = Style(form.metadata, form.exact_numbers, root, self._model.namespace)
        page = self._page if form.page is None else min(form.page, self._page)
        text, query = delta_token_in(query)
        owner = asker.access.owner if self._owned(path) else None
        pool: Pool = request.app.state.pool
        seal = await self._sealing.seal(pool, asker.access.owner)
        after = values_after(query, path, seal=seal, access=asker.access.key)
        question = QueryKey(asker.access.key, path, query, style, page, owner=owner, after=after)
        opened = None if text is None else await self._deltas.opened(pool, text, question, seal)
        if opened is not None and not opened.token.loading:
            # Who does not say otherwise gets the form in which all can be said.
            form = replace(form, version="4.0" if form.first_release else "4.01")
            question = replace(question, changes="4.0" if form.first_release else "4.01")
        compiled = await self._compiler.compile_aside(question, asker.access)
        following = await self._deltas.following(pool, opened, form, question, compiled, seal)
        tag = None if following else _tag(question, compiled, asker.versions, seal.key)
        asked = _Asked(request, headers, asker, form, question, compiled, tag, seal, following)
        return await self._answer(asked)

    def _owned(self, path: str) -> bool:
        """Whether a path (still percent-encoded) leads to rows that belong to single owners."""
        found = self._model.entity_set(_FIRST.split(unquote(path), maxsplit=1)[0].strip())
        return found is not None and found.owned is not None

    def _url(self, request: Request) -> str:
        host = request.headers.get("host", "")
        if not _HOST.fullmatch(host):
            host = "localhost"
        return f"{request.scope['scheme']}://{host}{self._root}"

    async def _answer(self, asked: _Asked) -> Response:
        compiled = asked.compiled
        if compiled.plan.shape is None:
            return self._service(asked)
        if asked.tag is not None:
            etag = f'W/"{asked.tag}"'
            there = compiled.plan.kind in ("collection", "count") and compiled.existing is None
            if matches(asked.headers, etag, star=there):
                return not_modified(etag)
            answer = self._kept_answer(asked) if asked.kept else None
            if answer is not None:
                return _kept_response(answer, asked)
        try:
            await _check_patterns(asked)
            return await self._read(asked)
        except (*CANNOT_COMPUTE, QueryCanceled, CardinalityViolation) as failure:
            raise refusal_of(failure) from failure

    async def _read(self, asked: _Asked) -> Response:
        compiled = asked.compiled
        head = asked.request.method == "HEAD" and compiled.plan.kind == "collection"
        if head and compiled.existing is None:
            return Response(headers=self._headers(asked, None))
        if compiled.plan.kind == "collection" and not compiled.bounded and not head:
            return await self._stream(asked)
        async with self._connection(asked) as connection:
            if unchanged := await self._there(connection, asked):
                return unchanged
            if head:
                return Response(headers=self._headers(asked, None))
            if compiled.plan.kind == "collection":
                async with aclosing(self._limited(connection, asked)) as parts:
                    body = b"".join([part async for part, _ in parts])
                return self._send(asked, [body], None)
            return await self._read_one(connection, asked)

    @asynccontextmanager
    async def _connection(self, asked: _Asked) -> AsyncIterator[Connection]:
        """What a short answer is read on: where it may take long to compute, a long one's place."""
        if not asked.compiled.plan.costly:
            pool: Pool = asked.request.app.state.pool
            async with pool.connection() as connection:
                yield connection
            return
        long_answers: LongAnswers = asked.request.app.state.long_answers
        async with long_answers.connection(owner_of(asked.request.scope)) as (connection, _):
            try:
                async with asyncio.timeout(self._seconds):
                    yield connection
            except TimeoutError:
                raise too_slow() from None

    async def _there(self, connection: Connection, asked: _Asked) -> Response | None:
        """304 when what a path leads over is there and whoever asks has the answer.

        Raises NotFound when it is not there.
        """
        existing, kind = asked.compiled.existing, asked.compiled.plan.kind
        if existing is None:
            return None
        if not await all_rows(connection, existing):
            raise NotFound(f"There is nothing at {asked.question.path[:200]}.")
        if asked.tag is None or kind not in ("collection", "count"):
            return None
        etag = f'W/"{asked.tag}"'
        return not_modified(etag) if matches(asked.headers, etag) else None

    async def _read_one(self, connection: Connection, asked: _Asked) -> Response:
        compiled = asked.compiled
        assert compiled.statement is not None
        rows = await all_rows(connection, compiled.statement)
        if compiled.plan.kind == "count":
            return self._send(asked, [str(rows[0][0]).encode()], None, "text/plain;charset=utf-8")
        if not rows:
            shape = compiled.plan.shape
            to_one = shape is not None and shape.within is not None and shape.filter is None
            if compiled.plan.kind == "entity" and to_one:
                return Response(status_code=204)
            raise NotFound(f"There is nothing at {asked.question.path[:200]}.")
        document, version = rows[0]
        if compiled.plan.kind == "media":
            if document is None:
                return Response(status_code=204)
            return self._send(asked, [bytes(document)], None, version.decode())
        etag = f'W/"{asked.tag}"' if asked.tag is not None else None
        if version and not _expanded(compiled):
            etag = f'W/"{version.decode()}"'
        elif version and etag is not None:
            # If-Match reads what stands before the point.
            etag = f'W/"{version.decode()}.{asked.tag}"'
        if etag is not None and matches(asked.headers, etag):
            return not_modified(etag)
        if compiled.plan.kind == "entity":
            return self._send(asked, [entity(document, compiled, asked.question)], etag)
        if compiled.plan.kind == "property":
            found = property_body(document, compiled, asked.question)
            return Response(status_code=204) if found is None else self._send(asked, [found], etag)
        text = raw_value(document)
        if text is None:
            return Response(status_code=204)
        return self._send(asked, [text], etag, "text/plain;charset=utf-8")

    async def _stream(self, asked: _Asked) -> Response:
        """An answer that may be long: its first part is read before anything is said."""
        long_answers: LongAnswers = asked.request.app.state.long_answers
        async with AsyncExitStack() as stack:
            connection, place = await stack.enter_async_context(
                long_answers.connection(owner_of(asked.request.scope))
            )
            if unchanged := await self._there(connection, asked):
                return unchanged
            parts = await stack.enter_async_context(aclosing(self._limited(connection, asked)))
            try:
                async with asyncio.timeout(self._seconds):
                    first, last = await anext(parts)
            except TimeoutError:
                raise too_slow() from None
            if last:
                return self._send(asked, [first], None)
            rest = self._rest(asked, first, parts)
            headers = self._headers(asked, None)
            return StreamedResponse(rest, headers=headers, held=stack.pop_all(), place=place)

    async def _rest(
        self, asked: _Asked, first: bytes, parts: AsyncGenerator[tuple[bytes, bool], None]
    ) -> AsyncGenerator[bytes, None]:
        collector = self._answers.collect() if asked.kept else None
        try:
            if collector is not None:
                collector.add(first)
            yield first
            while (part := await self._next(parts)) is not None:
                if collector is not None:
                    collector.add(part)
                yield part
            if collector is not None and collector.parts is not None:
                self._keep(asked, collector.parts, self._headers(asked, None))
        except (
            *CANNOT_COMPUTE,
            QueryCanceled,
            CardinalityViolation,
            LimitExceeded,
            TimeoutError,
        ) as failure:
            raise AnswerCut(refusal_of(failure).message) from failure
        finally:
            if collector is not None:
                collector.close()

    async def _next(self, parts: AsyncGenerator[tuple[bytes, bool], None]) -> bytes | None:
        """The next part, which takes no longer than a first one may; None after the last."""
        async with asyncio.timeout(self._seconds):
            found = await anext(parts, None)
        return None if found is None else found[0]

    async def _limited(
        self, connection: Connection, asked: _Asked
    ) -> AsyncGenerator[tuple[bytes, bool], None]:
        """The parts of a body. Raises LimitExceeded before one that makes the answer too long."""
        size = 0
        async with aclosing(self._parts(connection, asked)) as parts:
            async for part, last in parts:
                size += len(part)
                if size > self._answer_bytes:
                    raise LimitExceeded(
                        f"The answer has more than {self._answer_bytes} bytes"
                        " (odata_answer_bytes): ask for less of it, by $top, $select or $filter."
                    )
                yield part, last

    async def _parts(
        self, connection: Connection, asked: _Asked
    ) -> AsyncGenerator[tuple[bytes, bool], None]:
        """The body of a collection, and with each part whether it is the last."""
        compiled, following = asked.compiled, asked.following
        assert compiled.statement is not None
        if asked.question.changes and following:
            token = following.page
            statement = since(compiled.statement, token.since, token.after)
            rows = documents(connection, statement, compiled.rows_at_once)
            async with aclosing(rows):
                async for part in changes(rows, compiled, asked.question, following):
                    yield part
            return
        if compiled.counting is None:
            rows = documents(connection, compiled.statement, compiled.rows_at_once)
            async with aclosing(rows):
                async for part in collection(
                    rows, compiled, asked.question, None, asked.seal, following
                ):
                    yield part
            return
        async with connection.transaction():
            await connection.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ READ ONLY")
            ((count,),) = await all_rows(connection, compiled.counting)
            rows = documents(connection, compiled.statement, compiled.rows_at_once)
            async with aclosing(rows):
                async for part in collection(
                    rows, compiled, asked.question, count, asked.seal, following
                ):
                    yield part

    def _send(
        self, asked: _Asked, body: list[bytes], etag: str | None, media_type: str | None = None
    ) -> Response:
        headers = self._headers(asked, etag, media_type)
        if asked.kept:
            self._keep(asked, body, headers)
        return _response(b"".join(body), headers, asked.request.method)

    def _kept_answer(self, asked: _Asked) -> Answer | None:
        assert asked.tag is not None
        keys = (asked.question, (asked.question, asked.seal.owner))
        found = (self._answers.get(key, asked.tag) for key in keys)
        return next((answer for answer in found if answer is not None), None)

    def _keep(self, asked: _Asked, body: list[bytes], headers: dict[str, str]) -> None:
        assert asked.tag is not None
        size = sum(len(part) for part in body)
        beside = _BESIDE_AN_ANSWER + len(asked.question.path) + len(asked.question.query)
        # A link to the next page is good for one principal only.
        key = (asked.question, asked.seal.owner) if asked.seal.used else asked.question
        self._answers.put(key, Answer(asked.tag, headers, tuple(body), size, beside))

    def _headers(
        self, asked: _Asked, etag: str | None, media_type: str | None = None
    ) -> dict[str, str]:
        if etag is None and asked.tag is not None:
            etag = f'W/"{asked.tag}"'
        headers = {
            "Content-Type": media_type or asked.form.content_type,
            "Cache-Control": "no-store" if asked.following else "private, no-cache",
            "Vary": "Accept, Authorization, Prefer",
            **_agreed(asked),
        }
        if etag is not None:
            headers["ETag"] = etag
        return headers

    def _service(self, asked: _Asked) -> Response:
        access = asked.asker.access
        sets = [each.set_name for each in self._model.sets.values() if _may_read(access, each)]
        context = {"@odata.context": f"{asked.question.style.root}$metadata"}
        if asked.form.metadata == "none":
            context = {}
        body = encode({**context, "value": service_document(self._model, sets)})
        return _response(body, self._headers(asked, None), asked.request.method)


def _headers_in(scope: Scope) -> dict[str, str]:
    """The headers of a request; what several of one name say counts as one list."""
    found: dict[str, str] = {}
    for raw in scope["headers"]:
        name, value = (part.decode("latin-1") for part in raw)
        found[name] = f"{found[name]}, {value}" if name in found else value
    return found


def _tag(
    question: QueryKey, compiled: CompiledQuery, versions: SetVersions, key: bytes
) -> str | None:
    """What the answer is known by: the question and the versions of all that it depends on.

    None when it changes by itself, as with `now()`. Only who has the `key` can find the versions in
    it: they count the changes of all companies.
    """
    plan = compiled.plan
    if not plan.cacheable or plan.shape is None:
        return None
    parts = [question.access, question.path, question.query, repr(question.style)]
    parts.append(str(question.page))
    if compiled.page is not None:
        # What has a link to a next page is cached for a day at most: the link expires.
        parts.append(str(today()))
    parts += [versions.of(each.set_name, versioned=each.versioned) for each in plan.entities]
    return blake2b("\n".join(parts).encode(), digest_size=12, key=key[:64]).hexdigest()


def _response(body: bytes, headers: dict[str, str], method: str) -> Response:
    response = Response(b"" if method == "HEAD" else body, headers=headers)
    if method == "HEAD":
        response.headers["Content-Length"] = str(len(body))
    return response


def _agreed(asked: _Asked) -> dict[str, str]:
    """Headers that differ between requests which ask for the same."""
    agreed = {"OData-Version": asked.form.version}
    applied = ["odata.track-changes"] if asked.following and asked.form.track else []
    if asked.form.page is not None:
        applied.append(f"odata.maxpagesize={asked.question.page}")
    if applied:
        agreed["Preference-Applied"] = ", ".join(applied)
    return agreed


def _kept_response(answer: Answer, asked: _Asked) -> Response:
    etag = answer.headers.get("ETag")
    if etag is not None and matches(asked.headers, etag):
        return not_modified(etag)
    kept = {name: value for name, value in answer.headers.items() if name != "Preference-Applied"}
    headers = {**kept, **_agreed(asked)}
    if asked.request.method == "HEAD":
        return _response(b"".join(answer.body), headers, "HEAD")
    return _KeptResponse(answer, headers)


class _KeptResponse(Response):
    """A kept answer, sent part by part: nothing is copied together."""

    def __init__(self, answer: Answer, headers: dict[str, str]) -> None:
        super().__init__(headers={**headers, "Content-Length": str(answer.size)})
        self._parts = answer.body

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        await send({"type": "http.response.start", "status": 200, "headers": self.raw_headers})
        for part in self._parts:
            await send({"type": "http.response.body", "body": part, "more_body": True})
        await send({"type": "http.response.body", "body": b""})


def _expanded(compiled: CompiledQuery) -> bool:
    return compiled.plan.shape is not None and bool(compiled.plan.shape.expands)


def _may_read(access: Access, entity_type: EntityType) -> bool:
    try:
        access.require(entity_type)
    except Refused:
        return False
    return True


async def _check_patterns(asked: _Asked) -> None:
    """Raises DataError for a wrong pattern, whether or not there is a row to match with it."""
    patterns = asked.compiled.plan.patterns
    if patterns:
        pool: Pool = asked.request.app.state.pool
        async with pool.connection() as connection:
            await connection.execute("SELECT '' ~ ALL (%s::text[])", [list(patterns)])
