"""Pages: `$skiptoken` says after which values the next one begins.

A page begins behind a row, not at a number: rows that come or go before it do not move it. A token
is signed for its principal, the principal's rights and its question, and expires after some days.
"""

import time
from urllib.parse import unquote_plus

import msgspec

from gerance.kernel.odata.parse.options import option_name
from gerance.kernel.odata.signing import TokenSigner

DAYS = 7
"""How long a token is good."""

_Token = tuple[int, list[str | None]]


def today() -> int:
    """The day on which a token is issued, counted since 1970. Answers with tokens are cached within
    one day only, so that the tokens in them are good for `DAYS - 1` days at least."""
    return int(time.time() // 86_400)


def next_query(
    raw: str, path: str, values: str, top: int | None, *, seal: TokenSigner, access: str
) -> str:
    """The query of the page behind a row. `values`: its order values, a JSON array of texts;
    `top`: how many rows are still wanted of all; `access`: the key of the principal's rights."""
    parts = [part for name, part in _parts(raw) if name not in ("skiptoken", "skip", "top")]
    if top is not None:
        parts.append(f"$top={top}")
    payload = msgspec.json.encode((today(), msgspec.Raw(values.encode())))
    parts.append(f"$skiptoken={seal.sign(payload, 'skip', access, *_question(raw, path))}")
    return "&".join(parts)


def values_after(
    raw: str, path: str, *, seal: TokenSigner, access: str
) -> tuple[str | None, ...] | None:
    """The order values in the `$skiptoken` of a query; None when there is none, when it was issued
    for another principal, other rights or another question, or when it has expired."""
    for name, part in _parts(raw) if "skiptoken" in raw.lower() else ():
        if name == "skiptoken":
            token = unquote_plus(part.partition("=")[2]).strip()
            payload = seal.open(token, "skip", access, *_question(raw, path))
            if payload is None:
                return None
            day, values = msgspec.json.decode(payload, type=_Token)
            return tuple(values) if today() - day <= DAYS else None
    return None


def _question(raw: str, path: str) -> list[str]:
    """What a question is, but for the page: its path and the options that choose and order."""
    asked = sorted(part for name, part in _parts(raw) if name in ("filter", "orderby", "custom"))
    return [path.lower(), *asked]


def _parts(raw: str) -> list[tuple[str, str]]:
    found = []
    for part in raw.split("&"):
        if part:
            name = unquote_plus(part.partition("=")[0]).strip()
            found.append((option_name(name) or "custom", part))
    return found
