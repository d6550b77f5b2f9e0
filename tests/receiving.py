"""A receiver of webhooks: a real HTTP server on loopback that answers as it is told."""

import asyncio
import json
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from typing import Any, NamedTuple

from tests.waiting import PATIENCE


class Received(NamedTuple):
    """A call: its path, its headers by name in lower case, its body."""

    path: str
    headers: dict[str, str]
    body: bytes

    def json(self) -> Any:
        return json.loads(self.body)


class Receiver:
    """`answer`: gives the status of each call, or a status and further header lines; `received`:
    the calls so far, whatever they were answered."""

    def __init__(self) -> None:
        self.received: list[Received] = []
        self.answer: Callable[[Received], int | tuple[int, str]] = lambda received: 204
        self.url = ""
        self._news = asyncio.Condition()
        self._open: set[asyncio.StreamWriter] = set()

    async def until(self, enough: Callable[[], bool], seconds: float = PATIENCE) -> None:
        """Wait until `enough` holds, which is asked again after each call."""
        async with asyncio.timeout(seconds), self._news:
            await self._news.wait_for(enough)

    async def until_count(self, count: int, seconds: float = PATIENCE) -> None:
        """Wait until there were `count` calls."""
        await self.until(lambda: len(self.received) >= count, seconds)

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """One connection."""
        self._open.add(writer)
        try:
            while head := await reader.readuntil(b"\r\n\r\n"):
                lines = head.decode("latin-1").split("\r\n")
                pairs = (line.split(":", 1) for line in lines[1:] if line)
                headers = {name.lower(): value.strip() for name, value in pairs}
                body = await reader.readexactly(int(headers.get("content-length", "0")))
                received = Received(lines[0].split()[1], headers, body)
                answer = self.answer(received)
                status, more = answer if isinstance(answer, tuple) else (answer, "")
                self.received.append(received)
                writer.write(f"HTTP/1.1 {status} .\r\n{more}Content-Length: 0\r\n\r\n".encode())
                async with self._news:
                    self._news.notify_all()
        except (asyncio.IncompleteReadError, ConnectionError):
            pass
        finally:
            self._open.discard(writer)
            writer.close()

    def hang_up(self) -> None:
        """Close every connection."""
        for writer in self._open:
            writer.close()


@asynccontextmanager
async def receiving() -> AsyncIterator[Receiver]:
    """A receiver that listens."""
    receiver = Receiver()
    server = await asyncio.start_server(receiver.serve, "127.0.0.1", 0)
    receiver.url = f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}/hook"
    try:
        yield receiver
    finally:
        server.close()
        receiver.hang_up()
