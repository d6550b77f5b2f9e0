"""Arrays of texts on their way to PostgreSQL, in its binary format.

A batch sends its rows as columns, each an array; writing them in the array's own binary form
costs a join of bytes, where a general dumper looks at each element.
"""

from datetime import datetime
from struct import Struct, pack
from typing import Any

from psycopg.adapt import AdaptersMap, Dumper
from psycopg.pq import Format

_TEXT_OID = 25
_TEXT_ARRAY_OID = 1009
_LENGTH = Struct("!i").pack
_NULL = _LENGTH(-1)


class TextArray(tuple[str | bytes | None, ...]):
    """A text[] parameter: strings, UTF-8 bytes, or None for NULL."""

    __slots__ = ()


class TextArrayDumper(Dumper):
    """Writes a TextArray: one dimension from 1, each element its length and its bytes."""

    format = Format.BINARY
    oid = _TEXT_ARRAY_OID

    def dump(self, obj: TextArray) -> bytes:
        if not obj:
            return pack("!iii", 0, 0, _TEXT_OID)
        parts = [pack("!iiiii", 1, 1, _TEXT_OID, len(obj), 1)]
        for element in obj:
            if element is None:
                parts.append(_NULL)
                continue
            data = element.encode() if isinstance(element, str) else element
            parts += (_LENGTH(len(data)), data)
        return b"".join(parts)


def register(adapters: AdaptersMap) -> None:
    """Let a connection send TextArray."""
    adapters.register_dumper(TextArray, TextArrayDumper)


def as_text(value: Any) -> str | bytes | None:
    """A value as PostgreSQL reads it from text: None, texts, numbers, booleans, moments, and
    lists of texts."""
    if value is None or isinstance(value, str | bytes):
        return value
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, list | tuple):
        return "{" + ",".join(map(_quote, value)) + "}"
    if isinstance(value, datetime):
        return value.isoformat()
    return str(value)


def _quote(element: str) -> str:
    return '"' + element.replace("\\", "\\\\").replace('"', '\\"') + '"'
