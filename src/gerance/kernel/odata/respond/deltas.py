"""Delta links: issues them, and opens those that come back."""

import time
from typing import NamedTuple

from msgspec.structs import replace

from gerance.kernel.db import Pool
from gerance.kernel.odata.compiler import CompiledQuery, QueryKey
from gerance.kernel.odata.deltatoken import (
    DeltaLinks,
    DeltaToken,
    bad_token,
    digest,
    expired_link,
    query_digest,
    read_token,
)
from gerance.kernel.odata.edm import Model
from gerance.kernel.odata.errors import ODataRejection
from gerance.kernel.odata.plan.changes import delta_plan
from gerance.kernel.odata.respond.request import ResponseFormat
from gerance.kernel.odata.signing import TokenSigner

# A restored or promoted database may lack changes that clients have read: it counts as another one.
_SNAPSHOT = (
    "SELECT pg_snapshot_xmin(pg_current_snapshot())::text::bigint,"
    " (SELECT system_identifier FROM pg_control_system())::text,"
    " (SELECT timeline_id FROM pg_control_checkpoint())::text,"
    " (SELECT oid FROM pg_database WHERE datname = current_database())::text"
)


class Snapshot(NamedTuple):
    """The oldest transaction that runs before an answer is read, and a digest that tells the
    database from others, from its restored copies and from its past."""

    moment: int
    origin: str


class DeltaRequest(NamedTuple):
    """A link that a client follows: its token, and the database now."""

    token: DeltaToken
    snapshot: Snapshot


class Deltas:
    """Issues delta links and opens them again, for `seconds` after each was issued."""

    def __init__(self, model: Model, seconds: float) -> None:
        self._model = model
        self._seconds = seconds

    async def open(self, pool: Pool, text: str, key: QueryKey, signer: TokenSigner) -> DeltaRequest:
        """The link with this token. Raises ODataRejection: it is forged, or of another query or
        principal (400); it is too old, of another database or of other rights (410)."""
        token = read_token(text, signer)
        if token.query != query_digest(key.path, key.query):
            raise bad_token()
        reason, snapshot = None, await _snapshot(pool)
        if time.time() > token.issued_at + self._seconds:
            reason = "The delta link has expired"
        elif token.access != digest([key.access]):
            reason = "Your rights have changed"
        elif token.origin != snapshot.origin:
            reason = "The delta link belongs to another database"
        if reason is not None:
            raise expired_link(key.style.root, key.path, key.query, reason)
        return DeltaRequest(token, snapshot)

    async def links(
        self,
        pool: Pool,
        request: DeltaRequest | None,
        form: ResponseFormat,
        key: QueryKey,
        query: CompiledQuery,
        signer: TokenSigner,
    ) -> DeltaLinks | None:
        """The delta links of an answer, issued before its rows are read; None when it has none.
        `request`: the link that the client follows."""
        has_changes = delta_plan(query.plan, self._model) is not None
        if request is None:
            if not has_changes or (form.first_release and query.expansions):
                return None
            snapshot = await _snapshot(pool)
            token = DeltaToken(
                query_digest(key.path, key.query),
                digest([key.access]),
                snapshot.origin,
                since=snapshot.moment,
                issued_at=int(time.time()),
                loading=True,
            )
        else:
            token, snapshot = request
        if not has_changes:
            raise bad_token()
        if token.loading:
            return DeltaLinks(token, replace(token, loading=False), signer)
        if form.first_release and query.expansions:
            raise ODataRejection(
                "UnsupportedVersion",
                "Changes of expanded entities need OData 4.01 (OData-MaxVersion: 4.01).",
            )
        until = token.until if token.until is not None else snapshot.moment
        change = replace(
            token, since=until, issued_at=int(time.time()), until=None, after=None, page=None
        )
        return DeltaLinks(replace(token, until=until, page=key.page), change, signer)


async def _snapshot(pool: Pool) -> Snapshot:
    async with pool.connection() as connection:
        rows = await connection.execute(_SNAPSHOT)
        ((moment, *origin),) = await rows.fetchall()
        return Snapshot(moment, digest(origin))
