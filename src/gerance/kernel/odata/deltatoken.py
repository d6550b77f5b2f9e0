"""Delta links: `$deltatoken` names a query, a principal, and a moment since which changes are read.

A moment is the oldest transaction that was still running when a snapshot was taken. Changes that an
answer does not include were written by this transaction or a later one, if the answer was read
after that snapshot. So the events of these transactions have every change that the answer lacks.
They may also have some that the answer includes; this does no harm, as a delta answer has an entity
as it is now.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from hashlib import blake2b
from typing import Annotated
from urllib.parse import quote, unquote, unquote_plus

import msgspec
from msgspec import Meta
from msgspec.structs import replace

from gerance.kernel.odata.errors import ODataRejection
from gerance.kernel.odata.parse.options import option_name
from gerance.kernel.odata.signing import TokenSigner
from gerance.kernel.odata.sql.changes import since
from gerance.kernel.odata.sql.statements import Statement

_Number = Annotated[int, Meta(ge=0, le=2**63 - 1)]
_PAGE_OPTIONS = frozenset({"top", "skip", "skiptoken", "count", "orderby"})


class DeltaToken(msgspec.Struct, frozen=True, array_like=True, forbid_unknown_fields=True):
    """`query`, `access`, `origin`: digests of the query, of the principal's rights when the link
    was issued, and of the database; `since`: the moment since which changes are read; `issued_at`:
    in seconds since 1970.

    `loading`: the link leads to a further page of the rows themselves; `until`: the moment of the
    first page of these changes; `after`: the number of the last entity read; `page`: the entities
    of a page of changes.
    """

    query: str
    access: str
    origin: str
    since: _Number
    issued_at: _Number
    loading: bool = False
    until: _Number | None = None
    after: _Number | None = None
    page: _Number | None = None


_DECODER = msgspec.json.Decoder(DeltaToken)


@dataclass(frozen=True)
class DeltaLinks:
    """The delta links of an answer. `page`: the token of its link to the next page; `change`: the
    token of its link to later changes."""

    page: DeltaToken
    change: DeltaToken
    signer: TokenSigner

    def bind(self, statement: Statement) -> Statement:
        """The statement of the changes, for the moment and the page of the link."""
        return since(statement, self.page.since, self.page.after)

    def next_link(self, root: str, path: str, query: str, after: int | None = None) -> str:
        """The URL of the next page; of changes, those behind the entity `after`."""
        return _url(root, path, self._with(query, replace(self.page, after=after)))

    def delta_link(self, root: str, path: str, query: str) -> str:
        """The URL of later changes, whatever page the query is of."""
        return _url(root, path, self._with(defining_query(query), self.change))

    def _with(self, query: str, token: DeltaToken) -> str:
        option = f"$deltatoken={self.signer.sign(msgspec.json.encode(token), 'delta')}"
        return f"{query}&{option}" if query else option


def read_token(text: str, signer: TokenSigner) -> DeltaToken:
    """The token of a link. Raises ODataRejection when it was not issued to this principal."""
    payload = signer.verify(text, "delta")
    if payload is None:
        raise bad_token()
    try:
        return _DECODER.decode(payload)
    except msgspec.DecodeError:
        raise bad_token() from None


def bad_token() -> ODataRejection:
    """The error for a `$deltatoken` that is forged, or of another query or principal."""
    return ODataRejection(
        "BadDeltaToken",
        "$deltatoken: this token is not valid, or was issued for another query or integrator.",
        target="$deltatoken",
    )


def expired_link(root: str, path: str, query: str, reason: str) -> ODataRejection:
    """The error for an expired link; its Location is the query of all rows."""
    restart = quote(_url(root, path, defining_query(query)), safe="%/:?#[]@!$&'()*+,;=~")
    return ODataRejection(
        "DeltaLinkExpired",
        f"{reason}. Send Prefer: odata.track-changes with the next read.",
        target="$deltatoken",
        headers={"Location": restart},
    )


def defining_query(raw: str) -> str:
    """The options that define the rows; those of the page are left out."""
    return "&".join(part for name, part in _options(raw) if name not in _PAGE_OPTIONS)


def query_digest(path: str, raw: str) -> str:
    """A digest of a query, but for its page, its format and its percent-encoding."""
    options = sorted(
        f"{name}={unquote_plus(part.partition('=')[2]).strip()}"
        for name, part in _options(raw)
        if name not in _PAGE_OPTIONS and name != "format"
    )
    return digest([unquote(path), *options])


def digest(parts: Iterable[str]) -> str:
    return blake2b("\n".join(parts).encode(), digest_size=16).hexdigest()


def _url(root: str, path: str, query: str) -> str:
    return f"{root}{path}?{query}" if query else f"{root}{path}"


def _options(raw: str) -> list[tuple[str, str]]:
    """Each option of a query: its name, and its text as it was sent."""
    options = []
    for part in raw.split("&"):
        if part:
            name = unquote_plus(part.partition("=")[0]).strip()
            options.append((option_name(name) or name.lower(), part))
    return options
