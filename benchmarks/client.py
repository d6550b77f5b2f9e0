"""The cheapest HTTP client there is, the same for every server that is measured.

One connection that is kept. It counts the bytes of a body, by Content-Length or in chunks, and
copies them only for whoever wants to see them.
"""

import asyncio
import time
from dataclasses import dataclass
from typing import cast

BUFFER = 1 << 18


@dataclass
class Answer:
    """`size`: bytes of the body; `first`: seconds until its first byte; `body`: if it was kept."""

    status: int
    head: bytes
    size: int
    first: float
    body: bytes


def request(method: str, path: str, headers: dict[str, str], body: bytes = b"") -> bytes:
    """The bytes of a request."""
    lines = [f"{method} {path} HTTP/1.1", "Host: bench"]
    lines += [f"{name}: {value}" for name, value in headers.items()]
    if body:
        lines.append(f"Content-Length: {len(body)}")
    return "\r\n".join([*lines, "", ""]).encode() + body


class HttpConnection(asyncio.BufferedProtocol):
    """A connection on which one request after another is answered."""

    def __init__(self) -> None:
        self._buffer = memoryview(bytearray(BUFFER))
        self._transport: asyncio.Transport | None = None
        self._waiting: asyncio.Future[Answer] | None = None
        self._begin(keep=False)

    @classmethod
    async def open(cls, port: int) -> "HttpConnection":
        """Connected to a port of this machine."""
        loop = asyncio.get_running_loop()
        _, connection = await loop.create_connection(cls, "127.0.0.1", port)
        return connection

    async def ask(self, message: bytes, *, keep: bool = False) -> Answer:
        """Send a request, and read its answer to the end."""
        self._begin(keep=keep)
        self._waiting = asyncio.get_running_loop().create_future()
        assert self._transport is not None
        self._transport.write(message)
        return await self._waiting

    def close(self) -> None:
        if self._transport is not None:
            self._transport.close()

    def _begin(self, *, keep: bool) -> None:
        self._started = time.perf_counter()
        self._head, self._line = b"", b""
        self._answer: Answer | None = None
        self._chunked, self._last = False, False
        self._left = 0
        self._kept: list[bytes] | None = [] if keep else None

    # What the event loop calls

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast("asyncio.Transport", transport)

    def connection_lost(self, exc: Exception | None) -> None:
        if self._waiting is not None and not self._waiting.done():
            self._waiting.set_exception(exc or ConnectionResetError("closed in an answer"))

    def get_buffer(self, sizehint: int) -> memoryview:
        return self._buffer

    def buffer_updated(self, nbytes: int) -> None:
        data = self._buffer[:nbytes]
        if self._answer is None:
            self._head += data
            end = self._head.find(b"\r\n\r\n")
            if end < 0:
                return
            data = memoryview(self._head)[end + 4 :]
            self._open(self._head[:end])
        if self._chunked:
            self._take_chunks(data)
        else:
            self._take(data)
            self._last = True
        if self._left == 0 and self._last:
            self._close()

    # The answer

    def _open(self, head: bytes) -> None:
        small = head.lower()
        status = int(head.split(b" ", 2)[1])
        self._answer = Answer(status, head, 0, 0.0, b"")
        if status not in (204, 304):
            self._chunked = b"\r\ntransfer-encoding: chunked" in small
            if not self._chunked:
                length = small.partition(b"\r\ncontent-length:")[2].partition(b"\r\n")[0]
                self._left = int(length)

    def _take(self, data: memoryview) -> None:
        assert self._answer is not None
        if not len(data):
            return
        if self._answer.size == 0:
            self._answer.first = time.perf_counter() - self._started
        self._answer.size += len(data)
        self._left -= len(data)
        if self._kept is not None:
            self._kept.append(bytes(data))

    def _take_chunks(self, data: memoryview) -> None:
        while len(data):
            if self._left > 2:
                part = data[: self._left - 2]
                self._take(part)
                data = data[len(part) :]
            elif self._left:  # the end of line behind a chunk
                passed = min(self._left, len(data))
                self._left -= passed
                data = data[passed:]
            else:
                end = bytes(data[:32]).find(b"\n")
                self._line += bytes(data[: end + 1] if end >= 0 else data)
                data = data[end + 1 :] if end >= 0 else data[:0]
                if end >= 0:
                    size = int(self._line.partition(b";")[0], 16)
                    self._line, self._left, self._last = b"", size + 2, size == 0

    def _close(self) -> None:
        assert self._answer is not None
        if self._kept is not None:
            self._answer.body = b"".join(self._kept)
        if self._waiting is not None and not self._waiting.done():
            self._waiting.set_result(self._answer)
