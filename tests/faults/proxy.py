"""A proxy of TCP that does to connections what networks do to them."""

import asyncio
import socket
import struct
from collections import Counter
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager, suppress
from random import Random
from typing import NamedTuple

AT_ONCE = 65_536


class Side(NamedTuple):
    """One of the two ends of a connection through the proxy."""

    reader: asyncio.StreamReader
    writer: asyncio.StreamWriter

    def reset(self) -> None:
        """End it at once, and tell the other end that something went wrong (RST)."""
        linger = struct.pack("ii", 1, 0)
        self.writer.get_extra_info("socket").setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, linger)
        self.writer.transport.abort()


async def passed(client: Side, server: Side, chance: Random) -> None:
    """One call and its answer; the connection is closed behind them, or kept for one more."""
    for _ in range(chance.randrange(1, 4)):
        if not (call := await client.reader.read(AT_ONCE)):
            return
        server.writer.write(call)
        client.writer.write(await server.reader.read(AT_ONCE))


async def late(client: Side, server: Side, chance: Random) -> None:
    """Both ways take their time."""
    call = await client.reader.read(AT_ONCE)
    await asyncio.sleep(chance.random() / 10)
    server.writer.write(call)
    answer = await server.reader.read(AT_ONCE)
    await asyncio.sleep(chance.random() / 10)
    client.writer.write(answer)


async def reset_before(client: Side, server: Side, chance: Random) -> None:
    """The call comes to nobody."""
    await client.reader.read(AT_ONCE)
    client.reset()


async def reset_after(client: Side, server: Side, chance: Random) -> None:
    """The call is answered, and the answer is lost."""
    server.writer.write(await client.reader.read(AT_ONCE))
    await server.reader.read(AT_ONCE)
    client.reset()


async def half_closed(client: Side, server: Side, chance: Random) -> None:
    """The end of the answer comes before its beginning; further calls could still be sent."""
    await client.reader.read(AT_ONCE)
    client.writer.write_eof()
    await client.reader.read()


async def half_sent(client: Side, server: Side, chance: Random) -> None:
    """The receiver sees the beginning of the call and then its end, and the caller nothing."""
    call = await client.reader.read(AT_ONCE)
    server.writer.write(call[: len(call) // 2])
    server.writer.write_eof()
    await client.reader.read()


async def dripping(client: Side, server: Side, chance: Random) -> None:
    """The answer comes a byte a second."""
    server.writer.write(await client.reader.read(AT_ONCE))
    answer = await server.reader.read(AT_ONCE)
    for nth in range(len(answer)):
        client.writer.write(answer[nth : nth + 1])
        with suppress(TimeoutError):
            async with asyncio.timeout(1):
                await client.reader.read()
                return


Fault = Callable[[Side, Side, Random], Awaitable[None]]
FAULTS: tuple[Fault, ...] = (
    late, reset_before, reset_after, half_closed, half_sent, dripping,
)  # fmt: skip


class Proxy:
    """In front of what listens at `port`; a third of the connections are well.

    `seen`: how often what happened. `url`: where it listens itself.
    """

    def __init__(self, port: int, seed: int) -> None:
        self.url = ""
        self.seen: Counter[str] = Counter()
        self._port = port
        self._chance = Random(seed)
        self._open: set[asyncio.Task[None]] = set()

    def take(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """One connection, from now on."""
        task = asyncio.ensure_future(self._serve(reader, writer))
        self._open.add(task)
        task.add_done_callback(self._open.discard)

    async def hang_up(self) -> None:
        """End every connection."""
        for task in self._open:
            task.cancel()
        await asyncio.gather(*self._open, return_exceptions=True)

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        well = self._chance.random() < 1 / 3
        fault = passed if well else self._chance.choice(FAULTS)
        self.seen[fault.__name__] += 1
        client, server = (
            Side(reader, writer),
            Side(*await asyncio.open_connection("127.0.0.1", self._port)),
        )
        try:
            await fault(client, server, self._chance)
        except ConnectionError:
            pass
        finally:
            for side in (client, server):
                side.writer.close()


@asynccontextmanager
async def proxied(port: int, seed: int) -> AsyncIterator[Proxy]:
    """A proxy that listens."""
    proxy = Proxy(port, seed)
    listening = await asyncio.start_server(proxy.take, "127.0.0.1", 0)
    proxy.url = f"http://127.0.0.1:{listening.sockets[0].getsockname()[1]}"
    try:
        yield proxy
    finally:
        listening.close()
        await proxy.hang_up()
