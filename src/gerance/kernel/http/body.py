"""Request bodies: UTF-8 JSON within a limit, decoded into messages."""

import asyncio
from collections.abc import Callable
from typing import Any, TypeVar

import msgspec
from starlette.datastructures import Headers
from starlette.requests import ClientDisconnect, Request

from gerance.kernel.errors import BadRequest, Rejection, reject
from gerance.kernel.text import TextError, normal_json, require_distinct_members
from gerance.kernel.wire import convert, decode

T = TypeVar("T", bound=msgspec.Struct)
R = TypeVar("R")

AT_ONCE = 16_384
"""Bytes of a body that is decoded where it was read."""
_LONGEST = 300
"""Characters of a message that quotes a body."""

MOST_NESTED = 50_000
"""Objects and lists in a body. The decoder holds the interpreter while it makes them, on whatever
thread: some 7 ms for as many."""
SMALL = 16_384
"""Bytes of a body before authentication."""
_NUL, _BACKSLASH = rb"\u0000", rb"\\"


async def read_body(request: Request, *, limit: int, any_type: bool = False) -> bytes:
    """The body's bytes. `any_type`: it need not be JSON.

    Raises Rejection: 413 over `limit` bytes, 415 for another media type than JSON or a compressed
    body, 400 for another charset than UTF-8 or a body cut short.
    """
    _check_encoding(request.headers)
    if not any_type:
        _check_media_type(request.headers)
    length = request.headers.get("content-length", "")
    if length.isdecimal() and int(length) > limit:
        raise _too_large(limit)
    body = bytearray()
    try:
        async for chunk in request.stream():
            body += chunk
            if len(body) > limit:
                raise _too_large(limit)
    except ClientDisconnect as gone:
        raise BadRequest("The connection ended before the body was complete.") from gone
    return bytes(body)


async def read_aside(size: int, read: Callable[[], R]) -> R:
    """What `read` makes of a body of `size` bytes; on a thread when that takes long.

    The event loop serves other requests meanwhile: one body takes it a few milliseconds at most.
    """
    return read() if size <= AT_ONCE else await asyncio.to_thread(read)


def decode_body(kind: Any, body: bytes) -> Any:
    """The body as a message of `kind`, its texts in one spelling.

    Raises BadRequest, naming the path of what is wrong, also for a member given twice.
    """
    try:
        body = normal_json(body)
    except UnicodeDecodeError as undecodable:
        raise BadRequest(
            f"The body is not UTF-8: byte {undecodable.start} is not part of a character."
        ) from undecodable
    # Without the escaped backslashes what is left of them escapes what follows.
    if _NUL in body and _NUL in body.replace(_BACKSLASH, b""):
        raise BadRequest("The body must not contain the character U+0000 - at `$`")
    require_few_nested(body)
    try:
        message = decode(kind, body)
        require_distinct_members(body)
        return message
    except TextError as twice:
        raise BadRequest(f"{twice} - at `$`") from twice
    except msgspec.ValidationError as invalid:
        raise BadRequest(with_path(invalid)) from invalid
    except msgspec.DecodeError as malformed:
        raise BadRequest(f"The body is not JSON: {malformed} - at `$`") from malformed
    except RecursionError as deep:
        raise BadRequest("The body is nested too deeply - at `$`") from deep


def require_few_nested(body: bytes) -> None:
    """Raises BadRequest for JSON of so many objects and lists that making them takes too long."""
    if body.count(b"{") + body.count(b"[") > MOST_NESTED:
        raise BadRequest(f"The body has over {MOST_NESTED} objects and lists - at `$`")


def decode_without_case(kind: type[T], body: bytes, *, strict: bool = False) -> T:
    """The body, a JSON object, as a Struct; the names of its members are read without case.

    Those that the Struct has not are passed over, or refused when `strict`. Raises BadRequest, also
    for a member given twice.
    """
    members: dict[str, Any] = decode_body(dict[str, Any], body)
    fields: tuple[str, ...] = kind.__struct_encode_fields__
    length = {name.lower(): name for name in fields}
    values: dict[str, Any] = {}
    for spelling, value in members.items():
        name = length.get(spelling.lower())
        if name in values:
            raise BadRequest(f"{name}: given more than once - at `$`")
        if name is not None:
            values[name] = value
        elif strict:
            raise BadRequest(f"{spelling[:60]}: unknown member - at `$`")
    try:
        return convert(values, kind)
    except msgspec.ValidationError as invalid:
        raise BadRequest(with_path(invalid)) from invalid


def with_path(invalid: msgspec.ValidationError) -> str:
    """What is wrong and at which path, without most of a long value that it quotes."""
    what, at, path = str(invalid).rpartition(" - at `")
    if not at:
        what, at, path = path, " - at `", "$`"
    return f"{_cut(what)}{at}{_cut(path)}"


def _cut(text: str) -> str:
    return text if len(text) <= _LONGEST else f"{text[: _LONGEST - 3]}..."


def _check_media_type(headers: Headers) -> None:
    content_type = headers.get("content-type", "")
    media_type, _, parameters = content_type.partition(";")
    media_type = media_type.strip().lower()
    if media_type not in ("", "application/json", "text/json") and not media_type.endswith("+json"):
        raise Rejection(
            "UnsupportedMediaType",
            f"The body must be application/json, not {media_type[:80]}.",
        )
    for parameter in parameters.split(";"):
        name, _, value = parameter.partition("=")
        charset = value.strip().strip('"').lower()
        if name.strip().lower() == "charset" and charset not in ("utf-8", "utf8", "us-ascii"):
            raise BadRequest(f"The body must be encoded in utf-8, not {charset[:40]}.")


def _check_encoding(headers: Headers) -> None:
    encoding = headers.get("content-encoding", "").strip().lower()
    if encoding not in ("", "identity"):
        raise reject(
            "UnsupportedMediaType",
            "compressed",
            encoding=encoding[:40],
            headers={"Accept-Encoding": "identity"},
        )


def _too_large(limit: int) -> Rejection:
    return reject("PayloadTooLarge", "size", most=limit)
