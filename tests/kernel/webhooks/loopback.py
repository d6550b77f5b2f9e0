"""A receiver on loopback that may do anything: it is given the connection after each request."""

import asyncio
import ssl
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager

Behaviour = Callable[["Receiver", asyncio.StreamWriter], Awaitable[None]]

OK = b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok"


class Receiver:
    """What has arrived so far.

    `requests`: heads and bodies; `arrived`, `closed`: that there was a request, that a connection
    ended; `sent`: bytes poured; `open`: connections now; `answered`: for behaviours to count.
    """

    def __init__(self, behave: Behaviour) -> None:
        self.requests: list[bytes] = []
        self.connections = self.open = self.sent = self.answered = 0
        self.arrived, self.closed = asyncio.Event(), asyncio.Event()
        self.port = 0
        self._behave = behave
        self._tasks: set[asyncio.Task[None]] = set()

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}/hook?key=hush"

    async def pour(self, writer: asyncio.StreamWriter, piece: bytes) -> None:
        """Send without an end: until the other side has closed."""
        while True:
            writer.write(piece)
            await writer.drain()
            self.sent += len(piece)

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task
        self._tasks.add(task)
        self.connections += 1
        self.open += 1
        try:
            while True:
                head = await reader.readuntil(b"\r\n\r\n")
                length = head.lower().split(b"content-length: ")[1].split(b"\r\n")[0]
                self.requests.append(head + await reader.readexactly(int(length)))
                self.arrived.set()
                await self._behave(self, writer)
        except (ConnectionError, asyncio.IncompleteReadError, asyncio.CancelledError):
            writer.transport.abort()
        finally:
            self.open -= 1
            self.closed.set()
            self._tasks.discard(task)

    async def end(self) -> None:
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)


@asynccontextmanager
async def receiving(
    behave: Behaviour | bytes = OK, *, host: str = "127.0.0.1", tls: ssl.SSLContext | None = None
) -> AsyncIterator[Receiver]:
    """A receiver that answers each request with these bytes, or behaves as the function says."""

    async def answer(_: Receiver, writer: asyncio.StreamWriter) -> None:
        assert isinstance(behave, bytes)
        writer.write(behave)

    receiver = Receiver(answer if isinstance(behave, bytes) else behave)
    server = await asyncio.start_server(receiver.serve, host, 0, ssl=tls)
    receiver.port = server.sockets[0].getsockname()[1]
    try:
        yield receiver
    finally:
        server.close()
        await receiver.end()
