"""Delta links: `$deltatoken` says of which question, for whom and since when changes are wanted.

A moment is the oldest transaction that was still running when a snapshot was taken. Whatever an
answer read after that snapshot did not see was written by this transaction or a later one. So the
events of these have every change that the answer lacks; that they also have some which it had
already does no harm, as an entity is answered as it is now.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from hashlib import blake2b
from typing import Annotated
from urllib.parse import quote, unquote, unquote_plus

import msgspec
from msgspec import Meta
from msgspec.structs import replace

from gerance.kernel.odata.errors import ODataRefused
from gerance.kernel.odata.parse.options import option_name
from gerance.kernel.odata.signing import TokenSigner

_Number = Annotated[int, Meta(ge=0, le=2**63 - 1)]
_OF_THE_PAGE = frozenset({"top", "skip", "skiptoken", "count", "orderby"})


class Token(msgspec.Struct, frozen=True, array_like=True, forbid_unknown_fields=True):
    """`question`, `access`, `origin`: digests of what is asked, of the rights with which the link
    was given out, and of the database; `since`: the moment from which changes are wanted; `given`:
    when the link was given out, in seconds since 1970.

    `loading`: the rows themselves are still being read, page by page; `until`: the moment of the
    first page of the changes that are being read, `after`: the number of the last entity read.
    """

    question: str
    access: str
    origin: str
    since: _Number
    given: _Number
    loading: bool = False
    until: _Number | None = None
    after: _Number | None = None


_DECODER = msgspec.json.Decoder(Token)


@dataclass(frozen=True)
class DeltaLinks:
    """A request whose answer is followed: the token of its link to the next page, and that of its
    link to what will have changed."""

    page: Token
    change: Token
    seal: TokenSigner

    def next_link(self, root: str, path: str, query: str, after: int | None = None) -> str:
        """The address of the next page; of changes, those behind the entity `after`."""
        return _address(root, path, self._with(query, replace(self.page, after=after)))

    def delta_link(self, root: str, path: str, query: str) -> str:
        """The address of what will have changed, whatever page the query is of."""
        return _address(root, path, self._with(defining_query(query), self.change))

    def _with(self, query: str, token: Token) -> str:
        option = f"$deltatoken={self.seal.sign(msgspec.json.encode(token), 'delta')}"
        return f"{query}&{option}" if query else option


def read_token(text: str, seal: TokenSigner) -> Token:
    """The token of a link. Raises ODataRefused: it was not issued to this principal."""
    payload = seal.open(text, "delta")
    if payload is None:
        raise bad_token()
    try:
        return _DECODER.decode(payload)
    except msgspec.DecodeError:
        raise bad_token() from None


def bad_token() -> ODataRefused:
    """The refusal of a `$deltatoken` that is forged, or of another question or principal."""
    return ODataRefused(
        "BadDeltaToken",
        "$deltatoken: follow @odata.deltaLink as it is. This token was issued for another question"
        " or to another integrator.",
        target="$deltatoken",
    )


def expired(root: str, path: str, query: str, reason: str) -> ODataRefused:
    """The refusal of a link that can no longer be followed; it says where to begin anew."""
    anew = quote(_address(root, path, defining_query(query)), safe="%/:?#[]@!$&'()*+,;=~")
    return ODataRefused(
        "DeltaLinkExpired",
        f"{reason}: read the whole set again, with Prefer: odata.track-changes.",
        target="$deltatoken",
        headers={"Location": anew},
    )


def defining_query(raw: str) -> str:
    """The options that say what is followed: those of the page have no part in it."""
    return "&".join(part for name, part in _parts(raw) if name not in _OF_THE_PAGE)


def question_digest(path: str, raw: str) -> str:
    """What a question is, but for its page, its form and how it is percent-encoded."""
    options = sorted(
        f"{name}={unquote_plus(part.partition('=')[2]).strip()}"
        for name, part in _parts(raw)
        if name not in _OF_THE_PAGE and name != "format"
    )
    return digest([unquote(path), *options])


def digest(parts: Iterable[str]) -> str:
    return blake2b("\n".join(parts).encode(), digest_size=16).hexdigest()


def _address(root: str, path: str, query: str) -> str:
    return f"{root}{path}?{query}" if query else f"{root}{path}"


def _parts(raw: str) -> list[tuple[str, str]]:
    """Each option of a query: its name, and its text as it was sent."""
    found = []
    for part in raw.split("&"):
        if part:
            name = unquote_plus(part.partition("=")[0]).strip()
            found.append((option_name(name) or name.lower(), part))
    return found
