"""One outgoing call, and what came of it; whatever the other side does, it ends and costs little.

What is bounded: the time of the whole call (`timeout`), the head of the answer (one line 8 KiB, 64
of them), what is kept of its body (64 KiB, then the connection is closed), connections. Redirects
are not followed, no proxy of the environment is used, no cookie kept, nothing decompressed.
"""

import asyncio
import ssl
from collections.abc import Sequence
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from functools import lru_cache
from io import BytesIO
from math import inf
from socket import socket
from time import perf_counter
from types import SimpleNamespace
from typing import Any, Self
from weakref import WeakSet

import aiohttp
import msgspec
from aiohttp.abc import AbstractResolver
from yarl import URL

from gerance import __version__
from gerance.kernel.webhooks.guard import AddrInfo, Guard, TargetRefused

KEPT_BYTES = 65_536
LONGEST_RETRY_AFTER = 86_400.0
LARGE_BODY_BYTES = 1 << 20

_HEADERS = {
    "User-Agent": f"Gerance/{__version__}",
    "Accept": "*/*",
    "Accept-Encoding": "identity",
}


class Answer(msgspec.Struct, frozen=True):
    """What came of one call.

    `status`: of HTTP; None when no whole head of an answer came. `failure`: None for 2xx that
    was read to its end or to 64 KiB, else "status", "redirect" (any 3xx), "timeout",
    "refused-target", "connection", "tls" or "protocol". `detail`: one line for people, without
    secrets. `body`: what was kept. `retry_after`: seconds asked for, 0 to 86,400. `duration`:
    seconds.
    """

    status: int | None
    failure: str | None
    detail: str
    body: bytes
    retry_after: float | None
    duration: float


class Caller:
    """Calls endpoints; one for each process, as an asynchronous context manager.

    `timeout`: seconds for a whole call, reading included. `connections`: how many calls run at
    once (further ones wait, which is not part of their time) and how many connections are kept.
    `resolver`, `tls`: in place of the system's names and trusted authorities.
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
        self._free = asyncio.Semaphore(connections)
        self._sockets: WeakSet[socket] = WeakSet()
        self._target = lru_cache(maxsize=4096)(self._checked)

    async def __aenter__(self) -> Self:
        self._keeping = self._session(force_close=False)
        self._closing = self._session(force_close=True)
        return self

    async def __aexit__(self, *_: object) -> None:
        await self._keeping.close()
        await self._closing.close()

    async def post(
        self, url: str, body: bytes, headers: Sequence[tuple[str, str]], content_type: str
    ) -> Answer:
        """Send `body` to `url` and say what came of it; raises nothing for what others do."""
        try:
            target = self._target(url)
        except TargetRefused as refused:
            return Answer(None, "refused-target", str(refused), b"", None, 0.0)
        async with self._free:
            started = perf_counter()
            reused: list[bool] = []
            try:
                try:
                    answer = await self._call(target, body, headers, content_type, reused, started)
                except (aiohttp.ServerDisconnectedError, aiohttp.ClientOSError):
                    # A kept connection that the other side has just given up says nothing
                    # about this call: once more, on a new one.
                    if not reused:
                        raise
                    answer = await self._call(target, body, headers, content_type, None, started)
            except (TargetRefused, aiohttp.ClientError, OSError) as error:
                failure, detail = _told(error, self._timeout)
                return Answer(None, failure, detail, b"", None, perf_counter() - started)
            return answer

    async def _call(
        self,
        target: URL,
        body: bytes,
        headers: Sequence[tuple[str, str]],
        content_type: str,
        reused: list[bool] | None,
        started: float,
    ) -> Answer:
        crowded = reused is None or len(self._sockets) > self._connections
        response = await (self._closing if crowded else self._keeping).post(
            target,
            data=body if len(body) <= LARGE_BODY_BYTES else BytesIO(body),
            headers=[*headers, ("Content-Type", content_type)],
            allow_redirects=False,
            trace_request_ctx=reused,
        )
        status = response.status
        kept = bytearray()
        failure, detail = _judged(status)
        try:
            content = response.content
            while len(kept) < KEPT_BYTES and not content.at_eof():
                kept += await content.read(KEPT_BYTES - len(kept))
        except (aiohttp.ClientError, OSError) as error:
            if failure is None:
                failure, detail = _told(error, self._timeout)
        finally:
            # Closes the connection unless the answer was read to its end.
            response.close()
        wait = response.headers.get("Retry-After")
        return Answer(
            status,
            failure,
            detail,
            bytes(kept),
            None if wait is None else retry_after(wait, datetime.now(UTC)),
            perf_counter() - started,
        )

    def _checked(self, url: str) -> URL:
        return URL(self._guard.check_url(url))

    def _socket(self, addr_info: AddrInfo) -> socket:
        made = self._guard.socket_factory(addr_info)
        self._sockets.add(made)
        return made

    def _session(self, *, force_close: bool) -> aiohttp.ClientSession:
        connector = aiohttp.TCPConnector(
            limit=0,
            ssl=self._tls,
            force_close=force_close,
            resolver=self._resolver,
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


async def _note_reuse(_: aiohttp.ClientSession, context: SimpleNamespace, __: Any) -> None:
    context.trace_request_ctx.append(True)


def retry_after(value: str, now: datetime) -> float | None:
    """Seconds to wait from `now` on, 0 to 86,400 (RFC 9110, 10.2.3); None for what is neither a
    number of seconds nor a date.
    """
    value = value.strip()
    if value.isascii() and value.isdigit():
        return min(float(value[:20]), LONGEST_RETRY_AFTER)
    try:
        moment = parsedate_to_datetime(value)
    except (ValueError, TypeError, OverflowError):
        return None
    if moment.tzinfo is None:
        moment = moment.replace(tzinfo=UTC)
    return min(max((moment - now).total_seconds(), 0.0), LONGEST_RETRY_AFTER)


def _judged(status: int) -> tuple[str | None, str]:
    if 200 <= status < 300:
        return None, f"The endpoint answered {status}."
    if 300 <= status < 400:
        return "redirect", f"The endpoint answered {status}: redirects are not followed."
    return "status", f"The endpoint answered {status}."


def _told(error: Exception, timeout: float) -> tuple[str, str]:
    """Code and line for what ended a call: nothing that the other side wrote is in it."""
    match error:
        case TargetRefused():
            return "refused-target", str(error)
        case TimeoutError():
            return "timeout", f"No whole answer within {timeout:g} s."
        case aiohttp.ClientConnectorCertificateError(certificate_error=cause):
            reason = getattr(cause, "verify_message", "") or "it does not fit"
            return "tls", f"The certificate is not accepted: {reason}."
        case aiohttp.ClientSSLError() | ssl.SSLError():
            return "tls", "No TLS connection could be agreed on."
        case aiohttp.ClientConnectorDNSError():
            return "connection", "The name of the host does not resolve."
        case aiohttp.ClientConnectorError():
            return "connection", f"No connection: {error.strerror or 'refused'}."
        case aiohttp.ServerDisconnectedError() | aiohttp.ClientOSError():
            return "connection", "The connection was closed before the answer."
        case aiohttp.ClientPayloadError():
            return "connection", "The answer ended before its end."
        case aiohttp.ClientResponseError():
            return "protocol", "What was answered is not HTTP, or its head is too large."
        case _:
            return "connection", "The connection failed."
