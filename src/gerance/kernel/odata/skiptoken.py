"""Skip tokens: `$skiptoken` holds the order values after which the next page begins.

A page begins behind a row, not at a number: rows that come or go before it do not move it. A token
is signed for its principal, the principal's rights and its query, and expires after some days.
"""

from urllib.parse import unquote_plus

import msgspec

from gerance.kernel.odata.parse.options import option_name
from gerance.kernel.odata.signing import TokenSigner, today

DAYS = 7
"""How long a token is valid."""


class SkipToken(msgspec.Struct, frozen=True, array_like=True):
    """`day`: when it was issued; `values`: the order values of the last row; `page`: the rows of a
    page, None in a token of an earlier release."""

    day: int
    values: tuple[str | None, ...]
    page: int | None = None


_DECODER = msgspec.json.Decoder(SkipToken)


def next_query(
    raw: str,
    path: str,
    values: str,
    top: int | None,
    *,
    page: int,
    signer: TokenSigner,
    access: str,
) -> str:
    """The query of the page behind a row. `values`: its order values, a JSON array of texts;
    `top`: the rows of all further pages; `page`: of each; `access`: the key of the principal's
    rights."""
    parts = [part for name, part in _options(raw) if name not in ("skiptoken", "skip", "top")]
    if top is not None:
        parts.append(f"$top={top}")
    payload = msgspec.json.encode((today(), msgspec.Raw(values.encode()), page))
    parts.append(f"$skiptoken={signer.sign(payload, 'skip', access, *_subject(raw, path))}")
    return "&".join(parts)


def skip_token_in(raw: str, path: str, *, signer: TokenSigner, access: str) -> SkipToken | None:
    """The `$skiptoken` of a query; None when there is none, when it was issued for another
    principal, other rights or another query, or when it has expired."""
    for name, part in _options(raw):
        if name == "skiptoken":
            token = unquote_plus(part.partition("=")[2]).strip()
            payload = signer.verify(token, "skip", access, *_subject(raw, path))
            if payload is None:
                return None
            decoded = _DECODER.decode(payload)
            return decoded if today() - decoded.day <= DAYS else None
    return None


def _subject(raw: str, path: str) -> list[str]:
    """What a query is, but for the page: its path and the options that filter and order."""
    names = ("filter", "orderby", "custom")
    return [path.lower(), *sorted(part for name, part in _options(raw) if name in names)]


def _options(raw: str) -> list[tuple[str, str]]:
    options = []
    for part in raw.split("&"):
        if part:
            name = unquote_plus(part.partition("=")[0]).strip()
            options.append((option_name(name) or "custom", part))
    return options
