"""The answer to a read of a collection: sent at once when it is short, else streamed.

Memory holds a batch of rows at a time. A long answer takes one of the places for long answers
(`kernel.limits.long_answers`); its first part is read before the status is sent.
"""

import asyncio
from collections.abc import AsyncGenerator, AsyncIterator
from contextlib import AsyncExitStack, aclosing

from psycopg.errors import CardinalityViolation, QueryCanceled
from psycopg.rows import TupleRow
from starlette.responses import Response

from gerance.kernel.db import Connection
from gerance.kernel.http.stream_response import AnswerCut, StreamedResponse
from gerance.kernel.limits.long_answers import LongAnswers
from gerance.kernel.limits.rates import owner_of
from gerance.kernel.odata.errors import LimitExceeded
from gerance.kernel.odata.respond.cache import AnswerCache
from gerance.kernel.odata.respond.failures import CANNOT_COMPUTE, rejection_of, timed_out
from gerance.kernel.odata.respond.request import ReadLimits, ReadRequest
from gerance.kernel.odata.respond.rows import (
    check_parent,
    fetch_rows,
    short_connection,
    stream_rows,
)
from gerance.kernel.odata.skiptoken import next_query
from gerance.kernel.wire import encode

PART = 262_144
"""Bytes after which a part of a body is sent."""

Parts = AsyncGenerator[tuple[bytes, bool], None]
"""The parts of a body, each with whether it is the last."""


async def respond_collection(
    request: ReadRequest, cache: AnswerCache, limits: ReadLimits
) -> Response:
    """The answer. Raises NotFound, Rejection, and what the statement raises."""
    query = request.query
    head = request.http.method == "HEAD"
    if head and query.existing is None:
        return Response(headers=request.response_headers())
    if not query.bounded and not head:
        return await _stream(request, cache, limits)
    async with short_connection(request, limits) as connection:
        if query.existing is not None and (unchanged := await check_parent(connection, request)):
            return unchanged
        if head:
            return Response(headers=request.response_headers())
        async with aclosing(body_parts(connection, request, limits)) as parts:
            body = b"".join([part async for part, _ in parts])
        return cache.send(request, body)


async def _stream(request: ReadRequest, cache: AnswerCache, limits: ReadLimits) -> Response:
    long_answers: LongAnswers = request.http.app.state.long_answers
    async with AsyncExitStack() as stack:
        connection, place = await stack.enter_async_context(
            long_answers.connection(owner_of(request.http.scope))
        )
        if request.query.existing and (unchanged := await check_parent(connection, request)):
            return unchanged
        parts = await stack.enter_async_context(aclosing(body_parts(connection, request, limits)))
        try:
            async with asyncio.timeout(limits.seconds):
                first, last = await anext(parts)
        except TimeoutError:
            raise await timed_out(request.pool) from None
        if last:
            return cache.send(request, first)
        body = _sent_parts(request, cache, limits, first, parts)
        headers = request.response_headers()
        return StreamedResponse(body, headers=headers, resources=stack.pop_all(), place=place)


async def _sent_parts(
    request: ReadRequest, cache: AnswerCache, limits: ReadLimits, first: bytes, parts: Parts
) -> AsyncGenerator[bytes, None]:
    """All parts; the answer is cached once the last one is sent."""
    collector = cache.collect() if request.cacheable else None
    try:
        if collector is not None:
            collector.add(first)
        yield first
        while (part := await _next_part(parts, limits)) is not None:
            if collector is not None:
                collector.add(part)
            yield part
        if collector is not None and collector.parts is not None:
            cache.store(request, collector.parts, request.response_headers())
    except (
        *CANNOT_COMPUTE,
        QueryCanceled,
        CardinalityViolation,
        LimitExceeded,
        TimeoutError,
    ) as failure:
        raise AnswerCut(rejection_of(failure).message) from failure
    finally:
        if collector is not None:
            collector.close()


async def _next_part(parts: Parts, limits: ReadLimits) -> bytes | None:
    """The next part, within the time of a first one; None after the last."""
    async with asyncio.timeout(limits.seconds):
        part = await anext(parts, None)
    return None if part is None else part[0]


async def body_parts(connection: Connection, request: ReadRequest, limits: ReadLimits) -> Parts:
    """The parts of the body. Raises LimitExceeded before one that makes the answer too long."""
    size = 0
    async with aclosing(_parts(connection, request)) as parts:
        async for part, last in parts:
            size += len(part)
            if size > limits.answer_bytes:
                raise LimitExceeded(
                    f"The answer has more than {limits.answer_bytes} bytes (odata_answer_bytes)."
                    " Request less with $top, $select or $filter."
                )
            yield part, last


async def _parts(connection: Connection, request: ReadRequest) -> Parts:
    query = request.query
    assert query.statement is not None
    if request.key.changes and request.delta:
        statement = request.delta.bind(query.statement)
        async with aclosing(stream_rows(connection, statement, query.batch)) as batches:
            async for part in render_changes(batches, request):
                yield part
    elif query.counting is None:
        async with aclosing(stream_rows(connection, query.statement, query.batch)) as batches:
            async for part in render_rows(batches, request):
                yield part
    else:
        async with connection.transaction():
            await connection.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ READ ONLY")
            ((count,),) = await fetch_rows(connection, query.counting)
            async with aclosing(stream_rows(connection, query.statement, query.batch)) as batches:
                async for part in render_rows(batches, request, count):
                    yield part


async def render_rows(
    batches: AsyncIterator[list[TupleRow]], request: ReadRequest, count: int | None = None
) -> Parts:
    """The body of a collection in parts of some 256 KiB.

    `batches`: lists of (json, order values); `count`: the rows of all pages, for `$count=true`.
    """
    key, query = request.key, request.query
    parts: list[bytes] = [b"{", query.context]
    if count is not None:
        number = f'"{count}"' if key.style.exact_numbers else str(count)
        parts.append(f'"@odata.count":{number},'.encode())
    parts.append(b'"value":[')
    size, total, more, values = 0, 0, False, None
    page = query.page
    async for batch in batches:
        if page is not None and total + len(batch) > page:
            more = True
            batch = batch[: page - total]
        if not batch:
            continue
        if page is not None and total + len(batch) == page:
            values = batch[-1][1]
        text = b",".join([row[0] for row in batch])
        parts += (b",", text) if total else (text,)
        total += len(batch)
        size += len(text)
        if size >= PART:
            yield b"".join(parts), False
            parts, size = [], 0
    parts.append(b"]")
    if more and values is not None:
        parts.append(b',"@odata.nextLink":' + encode(_next_link(request, values, total)))
    elif request.delta is not None:
        link = request.delta.delta_link(key.style.root, key.path, key.query)
        parts.append(b',"@odata.deltaLink":' + encode(link))
    parts.append(b"}")
    yield b"".join(parts), True


def _next_link(request: ReadRequest, values: bytes, total: int) -> str:
    key, top = request.key, request.query.options.top
    query = next_query(
        key.query,
        key.path,
        values.decode(),
        None if top is None else top - total,
        page=key.page,
        signer=request.signer,
        access=key.access,
    )
    if request.delta is not None:
        return request.delta.next_link(key.style.root, key.path, query)
    return f"{key.style.root}{key.path}?{query}"


async def render_changes(batches: AsyncIterator[list[TupleRow]], request: ReadRequest) -> Parts:
    """The body of a delta answer in parts of some 256 KiB.

    `batches`: lists of (json, number), one more than a page when there is another page.
    """
    key, page, delta = request.key, request.query.page, request.delta
    assert page is not None
    assert delta is not None
    parts: list[bytes] = [b"{", request.query.context, b'"value":[']
    size, total, more, last = 0, 0, False, b""
    async for batch in batches:
        if total + len(batch) > page:
            more = True
            batch = batch[: page - total]
        if not batch:
            continue
        last = batch[-1][1]
        text = b",".join([row[0] for row in batch])
        parts += (b",", text) if total else (text,)
        total += len(batch)
        size += len(text)
        if size >= PART:
            yield b"".join(parts), False
            parts, size = [], 0
    parts.append(b"]")
    root = key.style.root
    if more:
        link = delta.next_link(root, key.path, key.query, int(last))
        parts.append(b',"@odata.nextLink":' + encode(link))
    else:
        link = delta.delta_link(root, key.path, key.query)
        parts.append(b',"@odata.deltaLink":' + encode(link))
    parts.append(b"}")
    yield b"".join(parts), True
