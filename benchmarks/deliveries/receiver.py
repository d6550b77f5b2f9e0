"""The cheapest receiver there is: it notes when it was told of which position."""

import asyncio
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import cast

ANSWER = b"HTTP/1.1 204 No Content\r\n\r\n"


class Receiver:
    """`told`: when each position was told of, for each path; `silent`: paths never answered."""

    def __init__(self) -> None:
        self.url = ""
        self.told: dict[tuple[bytes, int], float] = {}
        self.silent: frozenset[bytes] = frozenset()
        self._enough = 0
        self._reached = asyncio.Event()

    def note(self, path: bytes, position: int) -> bool:
        """Whether this call is answered."""
        if path in self.silent:
            return False
        self.told.setdefault((path, position), time.perf_counter())
        if len(self.told) >= self._enough:
            self._reached.set()
        return True

    async def until(self, count: int) -> None:
        """Wait until so many were told of."""
        self._enough = count
        self._reached.clear()
        if len(self.told) < count:
            await self._reached.wait()


class _Connection(asyncio.Protocol):
    def __init__(self, receiver: Receiver) -> None:
        self._receiver = receiver
        self._data = b""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast("asyncio.Transport", transport)

    def data_received(self, data: bytes) -> None:
        self._data += data
        while (end := self._data.find(b"\r\n\r\n")) >= 0:
            head = self._data[:end]
            whole = end + 4 + int(_header(head.lower(), b"content-length"))
            if len(self._data) < whole:
                return
            self._data = self._data[whole:]
            position = int(_header(head.lower(), b"gerance-position"))
            if self._receiver.note(head.split(b" ", 2)[1], position):
                self._transport.write(ANSWER)


def _header(head: bytes, name: bytes) -> bytes:
    return head.partition(b"\r\n" + name + b":")[2].partition(b"\r\n")[0].strip()


@asynccontextmanager
async def receiving() -> AsyncIterator[Receiver]:
    """A receiver that listens."""
    receiver = Receiver()
    loop = asyncio.get_running_loop()
    server = await loop.create_server(lambda: _Connection(receiver), "127.0.0.1", 0)
    receiver.url = f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}"
    try:
        yield receiver
    finally:
        server.close()
