"""Changes since an answer: what is followed, and the body that says what has changed."""

import time
from collections.abc import AsyncGenerator, AsyncIterator
from typing import NamedTuple

from msgspec.structs import replace
from psycopg.rows import TupleRow

from gerance.kernel.db import Pool
from gerance.kernel.odata.compiler import CompiledQuery, QueryKey
from gerance.kernel.odata.deltatoken import (
    DeltaLinks,
    Token,
    bad_token,
    digest,
    expired,
    question_digest,
    read_token,
)
from gerance.kernel.odata.errors import ODataRefused
from gerance.kernel.odata.respond.bodies import PART, context
from gerance.kernel.odata.respond.negotiate import Form
from gerance.kernel.odata.signing import TokenSigner
from gerance.kernel.wire import encode

# A restored or promoted database may lack what its clients have read: it counts as another one.
_HERE = (
    "SELECT pg_snapshot_xmin(pg_current_snapshot())::text::bigint,"
    " (SELECT system_identifier FROM pg_control_system())::text,"
    " (SELECT timeline_id FROM pg_control_checkpoint())::text,"
    " (SELECT oid FROM pg_database WHERE datname = current_database())::text"
)


class Snapshot(NamedTuple):
    """The oldest transaction that is running before an answer is read, and the database's digest,
    by which it is told from others, from its restored copies and from its past."""

    moment: int
    origin: str


class DeltaRequest(NamedTuple):
    """A link that is followed: its token, and where and when."""

    token: Token
    here: Snapshot


class Deltas:
    """Gives out delta links and takes them again, for `seconds` after each was given out."""

    def __init__(self, seconds: float) -> None:
        self._seconds = seconds

    async def opened(
        self, pool: Pool, text: str, question: QueryKey, seal: TokenSigner
    ) -> DeltaRequest:
        """The link that is followed. Raises ODataRefused: forged, or of another question or
        principal (400), too old, of another database or of other rights (410)."""
        token = read_token(text, seal)
        if token.question != question_digest(question.path, question.query):
            raise bad_token()
        reason, here = None, await _here(pool)
        if time.time() > token.given + self._seconds:
            reason = "This link is too old"
        elif token.access != digest([question.access]):
            reason = "What you may see is not what it was"
        elif token.origin != here.origin:
            reason = "The database is not the one that this link is of"
        if reason is not None:
            raise expired(question.style.root, question.path, question.query, reason)
        return DeltaRequest(token, here)

    async def following(
        self,
        pool: Pool,
        opened: DeltaRequest | None,
        form: Form,
        question: QueryKey,
        compiled: CompiledQuery,
        seal: TokenSigner,
    ) -> DeltaLinks | None:
        """How the answer is followed; None when it is not. `opened`: the link that led here. To be
        asked before the answer's rows are read."""
        if opened is None:
            if not form.track or compiled.delta_plan is None:
                return None
            if form.first_release and _expands(compiled):
                return None
            here = await _here(pool)
            token = Token(
                question_digest(question.path, question.query),
                digest([question.access]),
                here.origin,
                since=here.moment,
                given=int(time.time()),
                loading=True,
            )
        else:
            token, here = opened
        if compiled.delta_plan is None:
            raise bad_token()
        if token.loading:
            return DeltaLinks(token, replace(token, loading=False), seal)
        if form.first_release and _expands(compiled):
            raise ODataRefused(
                "UnsupportedVersion",
                "Changes of what is expanded are answered as OData 4.01 has them:"
                " ask for it with OData-MaxVersion: 4.01.",
            )
        until = token.until if token.until is not None else here.moment
        change = replace(token, since=until, given=int(time.time()), until=None, after=None)
        return DeltaLinks(replace(token, until=until), change, seal)


async def changes(
    batches: AsyncIterator[list[TupleRow]],
    compiled: CompiledQuery,
    question: QueryKey,
    following: DeltaLinks,
) -> AsyncGenerator[tuple[bytes, bool], None]:
    """The body of changes in parts of some 256 KiB, each with whether it is the last.

    `batches`: lists of (json, number), one more than a page when there is another page.
    """
    assert compiled.page is not None
    parts: list[bytes] = [b"{", context(compiled, question), b'"value":[']
    size, seen, more, last = 0, 0, False, b""
    async for batch in batches:
        if seen + len(batch) > compiled.page:
            more = True
            batch = batch[: compiled.page - seen]
        if not batch:
            continue
        last = batch[-1][1]
        joined = b",".join([row[0] for row in batch])
        parts += (b",", joined) if seen else (joined,)
        seen += len(batch)
        size += len(joined)
        if size >= PART:
            yield b"".join(parts), False
            parts, size = [], 0
    parts.append(b"]")
    root, path, query = question.style.root, question.path, question.query
    if more:
        page = following.next_link(root, path, query, int(last))
        parts.append(b',"@odata.nextLink":' + encode(page))
    else:
        parts.append(b',"@odata.deltaLink":' + encode(following.delta_link(root, path, query)))
    parts.append(b"}")
    yield b"".join(parts), True


def _expands(compiled: CompiledQuery) -> bool:
    return compiled.plan.shape is not None and bool(compiled.plan.shape.expands)


async def _here(pool: Pool) -> Snapshot:
    async with pool.connection() as connection:
        rows = await connection.execute(_HERE)
        ((moment, *origin),) = await rows.fetchall()
        return Snapshot(moment, digest(origin))
