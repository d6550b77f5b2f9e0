"""Bodies: what stands around the JSON that the database wrote."""

from collections.abc import AsyncGenerator, AsyncIterator

import msgspec
from psycopg.rows import TupleRow

from gerance.kernel.odata.compiler import CompiledQuery, QueryKey
from gerance.kernel.odata.deltatoken import DeltaLinks
from gerance.kernel.odata.signing import TokenSigner
from gerance.kernel.odata.skiptoken import next_query
from gerance.kernel.wire import encode

PART = 262_144


def context(compiled: CompiledQuery, question: QueryKey) -> bytes:
    """`"@odata.context":"...",`, or nothing when no metadata are wanted.

    The select list has no nested one for `$expand`: spreadsheets refuse to read those.
    """
    if question.style.metadata == "none":
        return b""
    plan = compiled.plan
    assert plan.shape is not None
    entity = plan.shape.row.entity
    url = f"{question.style.root}$metadata#{entity.set_name}"
    if entity.base is not None:
        url = f"{question.style.root}$metadata#Collection({question.style.namespace}.{entity.name})"
    if plan.property is not None:
        url = f"{question.style.root}$metadata#{_property_path(compiled, question.path)}"
    elif plan.select is not None:
        url += f"({','.join(plan.select)})"
    if plan.kind == "entity":
        url += "/$entity"
    elif question.changes is not None:
        url += "/$delta"
    return b'"@odata.context":' + encode(url) + b","


def _property_path(compiled: CompiledQuery, path: str) -> str:
    """`Buildings(1)/Name`; only the type where another entity's key led to it."""
    shape, found = compiled.plan.shape, compiled.plan.property
    assert shape is not None
    assert found is not None
    if shape.within is not None:
        return found.type.value
    key = path.split("/", 1)[0].partition("(")[2]
    return f"{shape.row.entity.set_name}({key}/{found.name}"


async def collection(
    batches: AsyncIterator[list[TupleRow]],
    compiled: CompiledQuery,
    question: QueryKey,
    count: int | None,
    seal: TokenSigner,
    following: DeltaLinks | None = None,
) -> AsyncGenerator[tuple[bytes, bool], None]:
    """The body of a collection in parts of some 256 KiB, each with whether it is the last.

    `batches`: lists of (json, token); `count`: how many there are in all, None when not asked;
    `seal`: signs the link to the next page; `following`: its last page has a link to what will
    have changed, None when not asked.
    """
    parts: list[bytes] = [b"{", context(compiled, question)]
    if count is not None:
        number = f'"{count}"' if question.style.exact_numbers else str(count)
        parts.append(f'"@odata.count":{number},'.encode())
    parts.append(b'"value":[')
    size, sent, more, token = 0, 0, False, None
    page = compiled.page
    async for batch in batches:
        if page is not None and sent + len(batch) > page:
            more = True
            batch = batch[: page - sent]
        if not batch:
            continue
        if page is not None and sent + len(batch) == page:
            token = batch[-1][1]
        joined = b",".join([row[0] for row in batch])
        parts += (b",", joined) if sent else (joined,)
        sent += len(batch)
        size += len(joined)
        if size >= PART:
            yield b"".join(parts), False
            parts, size = [], 0
    parts.append(b"]")
    if more and token is not None:
        page_link = _next(compiled, question, token, sent, seal, following)
        parts.append(b',"@odata.nextLink":' + encode(page_link))
    elif following is not None:
        root = question.style.root
        delta_link = following.delta_link(root, question.path, question.query)
        parts.append(b',"@odata.deltaLink":' + encode(delta_link))
    parts.append(b"}")
    yield b"".join(parts), True


def _next(
    compiled: CompiledQuery,
    question: QueryKey,
    token: bytes,
    sent: int,
    seal: TokenSigner,
    following: DeltaLinks | None,
) -> str:
    top = compiled.options.top
    query = next_query(
        question.query,
        question.path,
        token.decode(),
        None if top is None else top - sent,
        seal=seal,
        access=question.access,
    )
    if following is not None:
        return following.next_link(question.style.root, question.path, query)
    return f"{question.style.root}{question.path}?{query}"


def entity(document: bytes, compiled: CompiledQuery, question: QueryKey) -> bytes:
    """The body of a single entity."""
    return b"{" + context(compiled, question) + document[1:] if document != b"{}" else (
        b"{" + context(compiled, question).rstrip(b",") + b"}"
    )  # fmt: skip


def property_body(document: bytes, compiled: CompiledQuery, question: QueryKey) -> bytes | None:
    """The body of a property asked for by itself; None when it is null."""
    value = _value(document)
    if value == b"null":
        return None
    return b"{" + context(compiled, question) + b'"value":' + value + b"}"


def raw_value(document: bytes) -> bytes | None:
    """A property's value as a text, `$value`; None when it is null."""
    value = _value(document)
    if value == b"null":
        return None
    return str(msgspec.json.decode(value)).encode() if value.startswith(b'"') else value


def _value(document: bytes) -> bytes:
    """The JSON of the only property of an object."""
    values = msgspec.json.decode(document, type=dict[str, msgspec.Raw])
    return bytes(next(value for name, value in values.items() if "@" not in name))
