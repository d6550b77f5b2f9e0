"""Pages: `$skiptoken` says after which values the next one begins.

A page begins behind a row, not at a number: rows that come or go before it do not move it.
"""

import base64
import binascii
from hashlib import blake2b
from urllib.parse import unquote_plus

import msgspec

from gerance.kernel.odata.parse.options import option_name

_Token = tuple[str, list[str | None]]


def next_query(raw: str, path: str, values: str, top: int | None) -> str:
    """The query of the page behind a row. `values`: its order values, a JSON array of texts;
    `top`: how many rows are still wanted of all."""
    parts = [part for name, part in _parts(raw) if name not in ("skiptoken", "skip", "top")]
    if top is not None:
        parts.append(f"$top={top}")
    token = msgspec.json.encode((_digest(raw, path), msgspec.Raw(values.encode())))
    parts.append(f"$skiptoken={base64.urlsafe_b64encode(token).decode().rstrip('=')}")
    return "&".join(parts)


def values_after(skiptoken: str, raw: str, path: str) -> tuple[str | None, ...] | None:
    """The order values in a token that belongs to this question; None when it does not."""
    try:
        text = base64.urlsafe_b64decode(skiptoken + "=" * (-len(skiptoken) % 4))
        digest, values = msgspec.json.decode(text, type=_Token)
    except (binascii.Error, ValueError, msgspec.DecodeError):
        return None
    if digest != _digest(raw, path) or any("\x00" in value for value in values if value):
        return None
    return tuple(values)


def _digest(raw: str, path: str) -> str:
    """What a question is, but for the page: its path and the options that choose and order."""
    asked = sorted(part for name, part in _parts(raw) if name in ("filter", "orderby", "custom"))
    return blake2b("\n".join([path.lower(), *asked]).encode(), digest_size=6).hexdigest()


def _parts(raw: str) -> list[tuple[str, str]]:
    found = []
    for part in raw.split("&"):
        if part:
            name = unquote_plus(part.partition("=")[0]).strip()
            found.append((option_name(name) or "custom", part))
    return found
