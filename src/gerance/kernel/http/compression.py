"""gzip for answers of some size, to clients that accept it.

A part of an answer is compressed as it is sent, so that a long answer still streams. Large parts
are compressed on a thread, and at most `MOST_AT_ONCE` answers at a time: the others are sent as
they are.

The length of a compressed answer reveals whether it repeats what the request says (BREACH). So HTML
pages, which have secrets of a session, and answers to pages of other sites are never compressed.
"""

import asyncio
import zlib
from collections.abc import Mapping

from starlette.datastructures import Headers, MutableHeaders
from starlette.requests import Request
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from gerance.kernel.accept import accepted_values
from gerance.kernel.http.origin import is_other_site

SHORTEST = 4096
"""Bytes of the shortest answer that is compressed."""
MOST_AT_ONCE = 8
LEVEL = 2
"""Some 340 MB/s of JSON, to a tenth of its size. Level 6 takes three times as long for a fifth
less."""
STORED = "gerance.stored_gzip"
"""The name in a request's scope of the `StoredGzip` of its answer, where there is one."""
_INLINE = 65_536
"""Bytes that are compressed on the event loop: in 0.2 ms."""
_GZIP = 31
_TYPES = frozenset(
    {
        "application/javascript",
        "application/json",
        "application/problem+json",
        "application/xml",
        "image/svg+xml",
        "text/css",
        "text/csv",
        "text/javascript",
        "text/plain",
    }
)
_SUFFIX = b'-gzip"'


class StoredGzip:
    """A cached answer in gzip, from the first time it was sent so."""

    __slots__ = ("body",)

    def __init__(self) -> None:
        self.body: bytes | None = None


class CompressionMiddleware:
    """Compresses the answers of an application."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app
        self._active = 0

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http" or scope["method"] == "HEAD":
            await self.app(scope, receive, send)
            return
        headers = Headers(scope=scope)
        gzip = _accepts_gzip(headers) and not is_other_site(Request(scope))
        tagged = gzip and _without_suffixes(scope)
        answer = _Answer(self, scope, send, gzip=gzip, tagged=tagged)
        try:
            await self.app(scope, receive, answer.send)
        finally:
            answer.release()

    def take(self) -> bool:
        """Whether one more answer may be compressed now; release it afterwards."""
        if self._active >= MOST_AT_ONCE:
            return False
        self._active += 1
        return True

    def release(self) -> None:
        """An answer is sent."""
        self._active -= 1


class _Answer:
    """An answer on its way. `tagged`: the request names an ETag of a compressed answer."""

    def __init__(
        self,
        middleware: CompressionMiddleware,
        scope: Scope,
        send: Send,
        *,
        gzip: bool,
        tagged: bool,
    ) -> None:
        self._middleware = middleware
        self._scope = scope
        self._send = send
        self._gzip = gzip
        self._tagged = tagged
        self._start: Message | None = None
        self._compressor: zlib._Compress | None = None
        self._stored: StoredGzip | None = None
        self._parts: list[bytes] | None = None
        self._is_sent = False

    def release(self) -> None:
        """The answer is complete, or is given up."""
        if self._compressor is not None:
            self._compressor = None
            self._middleware.release()

    async def send(self, message: Message) -> None:
        """Send a message of the application."""
        if message["type"] == "http.response.start":
            if self._may_compress(message):
                self._start = message
                return
            await self._send(message)
        elif self._start is not None:
            await self._begin(self._start, message)
        elif self._compressor is not None:
            await self._continue(message)
        elif not self._is_sent:
            await self._send(message)

    def _may_compress(self, start: Message) -> bool:
        headers = MutableHeaders(raw=start["headers"])
        if start["status"] == 304 and self._tagged:
            _add_suffix(headers)
        media_type = headers.get("content-type", "").partition(";")[0].strip().lower()
        if media_type not in _TYPES or "content-encoding" in headers:
            return False
        return int(headers.get("content-length", SHORTEST)) >= SHORTEST

    async def _begin(self, start: Message, message: Message) -> None:
        """Send the start with the first part."""
        self._start = None
        body, more = message.get("body", b""), message.get("more_body", False)
        headers = MutableHeaders(raw=list(start["headers"]))
        start = {**start, "headers": headers.raw}
        if not more and len(body) < SHORTEST:
            await self._send(start)
            await self._send(message)
            return
        headers.add_vary_header("Accept-Encoding")
        stored: StoredGzip | None = self._scope.get(STORED) if self._gzip else None
        if stored is not None and stored.body is not None:
            _set_gzip(headers, len(stored.body))
            self._is_sent = True
            await self._send(start)
            await self._send({"type": "http.response.body", "body": stored.body})
            return
        if not self._gzip or not self._middleware.take():
            await self._send(start)
            await self._send(message)
            return
        self._compressor = zlib.compressobj(LEVEL, zlib.DEFLATED, _GZIP)
        self._stored, self._parts = stored, None if stored is None else []
        if not more:
            body = await self._compressed(body, last=True)
            _set_gzip(headers, len(body))
            await self._send(start)
            await self._send_part(body, more=False)
            return
        _set_gzip(headers, None)
        await self._send(start)
        await self._continue(message)

    async def _continue(self, message: Message) -> None:
        more = message.get("more_body", False)
        body = await self._compressed(message.get("body", b""), last=not more)
        if body or not more:
            await self._send_part(body, more=more)

    async def _send_part(self, body: bytes, *, more: bool) -> None:
        if self._parts is not None:
            self._parts.append(body)
        await self._send({"type": "http.response.body", "body": body, "more_body": more})
        if more:
            return
        if self._stored is not None and self._parts is not None:
            self._stored.body = b"".join(self._parts)
        self.release()

    async def _compressed(self, part: bytes, *, last: bool) -> bytes:
        compressor = self._compressor
        assert compressor is not None

        def compress() -> bytes:
            # A part is complete when it is sent: the client can read it at once.
            end = zlib.Z_FINISH if last else zlib.Z_SYNC_FLUSH
            return compressor.compress(part) + compressor.flush(end)

        if not part and not last:
            return b""
        return compress() if len(part) <= _INLINE else await asyncio.to_thread(compress)


def _accepts_gzip(headers: Mapping[str, str]) -> bool:
    header = headers.get("accept-encoding", "")
    if "gzip" not in header:
        return False
    return any(each.name == "gzip" and each.quality > 0 for each in accepted_values(header))


def _set_gzip(headers: MutableHeaders, length: int | None) -> None:
    headers["Content-Encoding"] = "gzip"
    del headers["Content-Length"]
    if length is not None:
        headers["Content-Length"] = str(length)
    _add_suffix(headers)


def _add_suffix(headers: MutableHeaders) -> None:
    """A strong ETag names bytes, so that of the compressed answer is another one. A weak one names
    what the answer says."""
    etag = headers.get("etag", "")
    if etag.startswith('"') and not etag.endswith('-gzip"'):
        headers["ETag"] = f'{etag[:-1]}-gzip"'


def _without_suffixes(scope: Scope) -> bool:
    """Name the ETags of compressed answers in a request as the application knows them; whether
    there are any."""
    has_suffix = False
    headers = []
    for name, value in scope["headers"]:
        if name in (b"if-none-match", b"if-match") and _SUFFIX in value:
            value, has_suffix = value.replace(_SUFFIX, b'"'), True
        headers.append((name, value))
    if has_suffix:
        scope["headers"] = headers
    return has_suffix
