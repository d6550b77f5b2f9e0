"""The HTTP client of deliveries: one request, bounded in time and memory whatever the receiver
does.

Limits: the time of the request (`timeout`), the head of the answer (64 lines of 8 KiB), the stored
body (64 KiB, then the connection is closed), and the number of connections. It follows no
redirects, uses no proxy of the environment, stores no cookies and decompresses nothing.
"""

import asyncio
import ssl
from collections.abc import Sequence
from datetime import UTC, datetime
from functools import lru_cache, partial
from io import BytesIO
from math import inf
from socket import socket
from time import perf_counter
from types import SimpleNamespace
from typing import Any, Self, cast
from weakref import WeakSet

import aiohttp
from aiohttp.abc import AbstractResolver
from aiohttp.client_proto import ResponseHandler
from yarl import URL

from gerance import __version__
from gerance.kernel.webhooks.dns import CheckedNames, Names
from gerance.kernel.webhooks.guard import AddrInfo, ForbiddenTarget, Guard
from gerance.kernel.webhooks.outcome import RequestOutcome, failure_of, retry_after, status_failure

__all__ = ["RequestOutcome", "WebhookClient"]

MOST_BODY_BYTES = 65_536
MOST_HEADS = 4
"""Heads of answers on one connection that are not read yet: 100 and 103 may come before the final
one."""
LARGE_BODY_BYTES = 1 << 20

_HEADERS = {
    "User-Agent": f"Gerance/{__version__}",
    "Accept": "*/*",
    "Accept-Encoding": "identity",
}


class WebhookClient:
    """Sends requests to endpoints; one for each process, as an asynchronous context manager.

    `timeout`: seconds for a whole request, including its answer. `connections`: the requests that
    run at the same time (the time of others does not begin while they wait), and the connections
    that stay open. `resolver`, `tls`: replace the system's resolver and trusted authorities.
    """

    def __init__(
        self,
        guard: Guard,
        *,
        timeout: float = 15.0,
        connections: int = 256,
        resolver: AbstractResolver | None = None,
        tls: ssl.SSLContext | None = None,
    ) -> None:
        self._guard = guard
        self._timeout = timeout
        self._connections = connections
        self._resolver = resolver
        self._tls = tls or ssl.create_default_context()
        self._slots = asyncio.Semaphore(connections)
        self._sockets: WeakSet[socket] = WeakSet()
        self._target = lru_cache(maxsize=4096)(self._check_target)

    async def __aenter__(self) -> Self:
        self._names = CheckedNames(self._resolver or Names(), self._guard)
        self._reusing = self._session(force_close=False)
        self._closing = self._session(force_close=True)
        return self

    async def __aexit__(self, *_: object) -> None:
        await self._reusing.close()
        await self._closing.close()
        if self._resolver is None:
            await self._names.close()

    async def post(
        self, url: str, body: bytes, headers: Sequence[tuple[str, str]], content_type: str
    ) -> RequestOutcome:
        """Send `body` to `url` and return the outcome. A failure of the receiver raises nothing."""
        try:
            target = self._target(url)
        except ForbiddenTarget as rejection:
            return RequestOutcome(None, "refused-target", str(rejection), b"", None, 0.0)
        async with self._slots:
            start = perf_counter()
            all_headers = [*headers, ("Content-Type", content_type)]
            try:
                response = await self._send(target, body, all_headers, start)
            except (ForbiddenTarget, aiohttp.ClientError, aiohttp.EofStream, OSError) as error:
                failure, detail = failure_of(error, self._timeout)
                return RequestOutcome(None, failure, detail, b"", None, perf_counter() - start)
            return await self._read(response, start)

    async def _send(
        self, target: URL, body: bytes, headers: Sequence[tuple[str, str]], start: float
    ) -> aiohttp.ClientResponse:
        """The head of the answer; raises ForbiddenTarget, ClientError, OSError."""
        if len(self._sockets) <= self._connections:
            reused: list[bool] = []
            try:
                return await self._reusing.post(
                    target,
                    data=_payload(body),
                    headers=headers,
                    allow_redirects=False,
                    trace_request_ctx=reused,
                )
            except (aiohttp.ServerDisconnectedError, aiohttp.ClientOSError):
                # A kept connection that the other side has just given up says nothing about
                # this call: once more, on a new one.
                if not reused:
                    raise
        left = max(self._timeout - (perf_counter() - start), 0.001)
        return await self._closing.post(
            target,
            data=_payload(body),
            headers=headers,
            allow_redirects=False,
            timeout=aiohttp.ClientTimeout(total=left, ceil_threshold=inf),
        )

    async def _read(self, response: aiohttp.ClientResponse, start: float) -> RequestOutcome:
        status = response.status
        body = bytearray()
        failure, detail = status_failure(status)
        try:
            content = response.content
            while len(body) < MOST_BODY_BYTES and not content.at_eof():
                body += await content.read(MOST_BODY_BYTES - len(body))
        except (aiohttp.ClientError, OSError) as error:
            if failure is None:
                failure, detail = failure_of(error, self._timeout)
        finally:
            # Closes the connection unless the answer was read to its end.
            response.close()
        wait = response.headers.get("Retry-After")
        return RequestOutcome(
            status,
            failure,
            detail,
            bytes(body),
            None if wait is None else retry_after(wait, datetime.now(UTC)),
            perf_counter() - start,
        )

    def _check_target(self, url: str) -> URL:
        return URL(self._guard.check_url(url))

    def _socket(self, addr_info: AddrInfo) -> socket:
        new_socket = self._guard.socket_factory(addr_info)
        self._sockets.add(new_socket)
        return new_socket

    def _session(self, *, force_close: bool) -> aiohttp.ClientSession:
        connector = _BoundedConnector(
            limit=0,
            ssl=self._tls,
            force_close=force_close,
            resolver=self._names,
            socket_factory=self._socket,
        )
        trace = aiohttp.TraceConfig()
        trace.on_connection_reuseconn.append(_note_reuse)
        return aiohttp.ClientSession(
            connector=connector,
            cookie_jar=aiohttp.DummyCookieJar(),
            headers=_HEADERS,
            timeout=aiohttp.ClientTimeout(total=self._timeout, ceil_threshold=inf),
            auto_decompress=False,
            trust_env=False,
            trace_configs=[] if force_close else [trace],
            max_line_size=8190,
            max_field_size=8190,
            max_headers=64,
        )


def _payload(body: bytes) -> bytes | BytesIO:
    # aiohttp warns of large bodies given as bytes.
    return body if len(body) <= LARGE_BODY_BYTES else BytesIO(body)


async def _note_reuse(_: aiohttp.ClientSession, context: SimpleNamespace, __: Any) -> None:
    context.trace_request_ctx.append(True)


class _BoundedConnection(ResponseHandler):
    """A connection that is closed when more than MOST_HEADS heads of answers wait on it.

    aiohttp keeps reading while a connection waits for its next request, and stores each answer
    that arrives: 20 MB of tiny ones grew a process by 800 MB in five seconds.
    """

    def data_received(self, data: bytes) -> None:
        """Store what arrived; drop it and close the connection when that is too much."""
        super().data_received(data)
        if len(self._buffer) > MOST_HEADS:
            while len(self._buffer) > MOST_HEADS:
                self._buffer.pop()
            self.abort()


class _BoundedConnector(aiohttp.TCPConnector):
    """A TCPConnector of bounded connections."""

    def __init__(self, **options: Any) -> None:
        super().__init__(**options)
        # aiohttp has no public way to choose the protocol. A test floods a connection, and so fails
        # when this line has no effect.
        self._factory = cast(
            "partial[ResponseHandler]", partial(_BoundedConnection, loop=self._loop)
        )
