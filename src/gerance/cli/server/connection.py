"""A connection of the server: what arrives is bounded in bytes and time, what leaves is delivered.

uvicorn parses and answers. This class adds what a stranger can otherwise use up: a head, a body and
an idle connection have deadlines and sizes; requests that two servers could read in two ways are
refused; and a connection closes so that its client has read the last answer.
"""

import asyncio
import fcntl
import math
import struct
import termios
import urllib.parse
from collections import deque
from collections.abc import Callable
from enum import Enum
from typing import Any, NoReturn

import httptools
import structlog
import uvicorn
from uvicorn.protocols.http.flow_control import HIGH_WATER_LIMIT
from uvicorn.protocols.http.httptools_impl import (
    STATUS_LINE,
    HttpToolsProtocol,
    RequestResponseCycle,
)
from uvicorn.server import ServerState

from gerance.cli.server.gate import gate_of
from gerance.cli.server.request_target import read_target
from gerance.kernel.wire import encode

MOST_HEADERS = 100
MOST_PIPELINED = 32
"""Requests that a client may send ahead; the connection closes behind the last of them."""
MOST_OVERHEAD = 16_384
"""Bytes of chunk sizes, extensions and trailers beside eight for each byte of a body."""
PATIENCE_SECONDS = 60.0
"""How long a client may read nothing of what waits for it."""
STOPPING_SECONDS = 2.0
"""How long an idle connection stays open when the server has stopped to accept others."""
LINGER_SECONDS = 2.0
LINGER_BYTES = 16_777_216
"""What a client may still send behind its last answer, so that it gets to read that."""

_log = structlog.get_logger("gerance.http")


class _Reading(Enum):
    """Where in a request the parser is."""

    IDLE = "idle"
    HEAD = "head"
    BODY = "body"


class _Rejected(Exception):
    """Ends the parsing of what a connection sends; why is in the connection."""


class _Cycle(RequestResponseCycle):
    held = 0
    """Bytes of the body that count for the process."""


class _Outlet:
    """The transport as answers see it: what closes it, closes it gently."""

    def __init__(self, transport: asyncio.Transport, close: Callable[[], None]) -> None:
        self.write, self.is_closing, self.close = transport.write, transport.is_closing, close


class Connection(HttpToolsProtocol):
    """In the scope of its requests as `gerance.connection` (kernel.http.streamed).

    `on_shutdown` is called when the server closes its connections: ASGI tells an application that
    it stops only once all requests are over, and a feed lasts as long as its client listens.
    """

    on_shutdown: Callable[[], None] | None = None
    on_secured: Callable[[], None] | None = None

    def __init__(
        self,
        config: uvicorn.Config,
        server_state: ServerState,
        app_state: dict[str, Any],
        _loop: asyncio.AbstractEventLoop | None = None,
    ) -> None:
        super().__init__(config, server_state, app_state, _loop)
        self.gate = gate_of(server_state, config)
        self.deadline = math.inf
        self._limits = self.gate.settings
        self._reading = _Reading.IDLE
        self._cycles: deque[_Cycle] = deque()
        """Requests that are not answered; the first is at work."""
        self._outlet: _Outlet
        self._fresh = False
        """The head began in the piece that is being parsed."""
        self._head = self._hosts = self._codings = self._raw = self._received = 0
        self._host: bytes | None = None
        self._sent = self._begun = b""
        """What is being parsed; before it, what came of a request without a header until now."""
        self._first, self._lined = True, False
        """What is being parsed begins with a request; its line was checked."""
        self._failure: tuple[int, str, str] | None = None
        self._deaf = self._lingering = False
        self._discarded = self._left = 0
        self._moved = 0.0

    @property
    def stopping(self) -> bool:
        """The server is about to stop."""
        return self.gate.draining

    # What the transport calls.

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        if self.on_secured is not None:
            self.on_secured()
        super().connection_made(transport)
        self._outlet = _Outlet(transport, self.linger)
        self.deadline = self.loop.time() + self._limits.head_seconds
        refusal = self.gate.admit(self, self.client[0] if self.client else None)
        if refusal == "TooManyConnections":
            self._fail(429, refusal, "Too many connections are open from this address: close some.")
        elif refusal is not None:
            self._fail(503, refusal, "The server has as many connections as it can: try later.")
            transport.close()

    def data_received(self, data: bytes) -> None:
        if self._deaf:
            self._discard(len(data))
            return
        if self._reading is _Reading.IDLE:
            self._reading = _Reading.HEAD
            self.deadline = self.loop.time() + self._limits.head_seconds
        most = self._limits.max_head_bytes
        try:
            if len(data) <= most:
                self._feed(data)
            else:
                for start in range(0, len(data), most):
                    self._feed(data[start : start + most])
        except httptools.HttpParserUpgrade:
            # No other protocol is spoken here: the request is answered, what follows it is not.
            self._end_behind_answers()
        except (_Rejected, httptools.HttpParserError) as error:
            if self._failure is None and not self._deaf:
                self._failure = 400, "BadRequest", f"This is not HTTP/1.1: {_reason(error)}."
            self._fail_as_found()

    def _feed(self, piece: bytes) -> None:
        if self._deaf:
            return
        self._sent, self._begun = self._begun + piece, b""
        self._first = self._reading is _Reading.HEAD and not self._lined
        self.parser.feed_data(piece)
        if self._reading is _Reading.HEAD:
            if self._first and not self._lined:
                self._begun = self._sent
            if self._fresh:
                self._fresh = False
            else:
                self._head += len(piece)
                if self._head > self._limits.max_head_bytes:
                    self._reject_head()
        elif self._reading is _Reading.BODY:
            if self.deadline == math.inf:
                self.deadline = self.loop.time() + self._limits.body_seconds
            if self._codings:
                self._raw += len(piece)
                if self._raw > MOST_OVERHEAD + 9 * self._received:
                    self._fail(400, "BadRequest", "The body has too many chunks for its bytes.")

    def connection_lost(self, exc: Exception | None) -> None:
        self.gate.leave(self)
        for cycle in self._cycles:
            cycle.disconnected = True
            cycle.message_event.set()
        self._release_all()
        self._deaf = True
        super().connection_lost(exc)

    def pause_writing(self) -> None:
        super().pause_writing()
        self._watch_reader()

    def resume_writing(self) -> None:
        super().resume_writing()
        if not self._lingering:
            self._watch_sender()

    # What the parser calls.

    def on_message_begin(self) -> None:
        super().on_message_begin()
        self.scope["gerance.connection"] = self  # type: ignore[typeddict-unknown-key]
        self.on_shutdown = None
        self._reading, self._fresh = _Reading.HEAD, True
        self._head = self._hosts = self._codings = self._raw = self._received = 0
        self._host, self._lined = None, False

    def on_url(self, url: bytes) -> None:
        self.url += url
        if len(self.url) > self._limits.max_head_bytes // 2:
            self._reject_head()

    def on_header(self, name: bytes, value: bytes) -> None:
        if self._reading is not _Reading.HEAD:
            return  # What stands behind a body is no header of the request.
        if not self._lined:
            self._check_line()
        name = name.lower()
        if name == b"host":
            self._hosts += 1
            self._host = value
        elif name == b"transfer-encoding":
            # Others than chunked are read by some servers, and overlooked by others.
            self._codings += 1 if value.lower().strip() == b"chunked" else 2
        elif name == b"expect" and value.lower() == b"100-continue":
            self.expect_100_continue = True
        self.headers.append((name, value))

    def on_headers_complete(self) -> None:
        self._check_head()
        self.gate.waiting.pop(self, None)
        self._reading, self.deadline = _Reading.BODY, math.inf
        self._describe_request()
        cycle = _Cycle(
            scope=self.scope,
            transport=self._outlet,  # type: ignore[arg-type]
            flow=self.flow,
            logger=self.logger,
            access_logger=self.access_logger,
            access_log=self.access_log,
            default_headers=self.server_state.default_headers,
            message_event=asyncio.Event(),
            expect_100_continue=self.expect_100_continue,
            keep_alive=self.scope["http_version"] != "1.0"
            and self.parser.should_keep_alive()
            and not self.gate.draining,
            on_response=self.on_response_complete,
        )
        self.cycle = cycle
        self._cycles.append(cycle)
        if len(self._cycles) == 1:
            self._start_asgi_task(cycle, self.app)
        else:
            self.flow.pause_reading()

    def on_body(self, body: bytes) -> None:
        cycle = self._cycles[-1] if self._cycles else None
        if cycle is None or self._deaf:
            return
        self._received += len(body)
        if not cycle.held:
            self.gate.bodies[self] = None
        cycle.held += len(body)
        self.gate.hold(len(body))
        if cycle.disconnected:
            return
        cycle.body += body
        if len(cycle.body) > HIGH_WATER_LIMIT:
            self.flow.pause_reading()
        cycle.message_event.set()

    def on_message_complete(self) -> None:
        if self._deaf or not self._cycles:
            return
        self._reading, self.deadline, self._lined = _Reading.IDLE, math.inf, False
        cycle = self._cycles[-1]
        if cycle.held:
            self.gate.bodies.pop(self, None)
        cycle.more_body = False
        cycle.message_event.set()

    def on_response_complete(self) -> None:
        self.server_state.total_requests += 1
        self.gate.release(self._cycles.popleft().held)
        if self._lingering or self.transport.is_closing():
            return
        self.flow.resume_reading()
        if self._cycles:
            self._start_asgi_task(self._cycles[0], self.app)
        elif self._failure is not None:
            self._answer_failure()
        elif self._reading is _Reading.BODY or self._deaf:
            self.linger()
        else:
            self.gate.waiting[self] = None
            if not self.flow.write_paused:
                self._watch_sender()

    # What the gate and the server call.

    def expire(self, now: float) -> None:
        """Its deadline is over: of the client that sends, or of the one that does not read."""
        if self._lingering or self.flow.write_paused:
            self._expire_reader(now)
        elif self._reading is not _Reading.IDLE and self.flow.read_paused:
            self._watch_sender()  # It is our turn.
        elif self._reading is _Reading.HEAD:
            seconds = self._limits.head_seconds
            self._fail(408, "RequestTimeout", f"The head took over {seconds:g} seconds.")
        elif self._reading is _Reading.BODY:
            seconds = self._limits.body_seconds
            self._fail(408, "RequestTimeout", f"The body took over {seconds:g} seconds.")
        elif self._has_arrived():
            self._watch_sender()
        else:
            self.linger()

    def close_idle(self) -> None:
        self.gate.waiting.pop(self, None)
        self._deaf = True
        self.transport.close()

    def drop_body(self) -> None:
        message = "Too many request bodies are under way: try again."
        self._fail(503, "Busy", message)

    def announce_stop(self) -> None:
        """Have the next answer say that it is the last, where it is not being sent already."""
        if self._cycles and not self._cycles[-1].response_started:
            self._cycles[-1].keep_alive = False

    def shutdown(self) -> None:
        """Close it behind the requests that are under way, or when none comes for some time."""
        if self.on_shutdown is not None:
            self.on_shutdown()
        if self._cycles:
            self._cycles[-1].keep_alive = False
        elif self._reading is _Reading.IDLE and not self._deaf:
            # Its client may be about to send a request, which it could not send again.
            self.deadline = min(self.deadline, self.loop.time() + STOPPING_SECONDS)

    def cut(self) -> None:
        """Close it, without waiting for what was not sent."""
        self.transport.abort()

    def linger(self) -> None:
        """Close it once the client has read what was sent to it.

        A socket that is closed with unread bytes resets the connection, and the client loses the
        answer. So our side is closed, and what still comes is dropped until the client closes too.
        """
        if self._lingering or self.transport.is_closing():
            return
        self._deaf = self._lingering = True
        self.gate.waiting.pop(self, None)
        self.gate.bodies.pop(self, None)
        if self.transport.can_write_eof():
            self.flow.resume_reading()
            self.transport.write_eof()
        else:
            self.transport.close()  # TLS says good-bye, and waits for the client's.
        self._watch_reader()

    # Heads.

    def _check_line(self) -> None:
        """Refuse a request line with other blanks than the parser made of it."""
        parser = self.parser
        line = b"%s %s HTTP/%s\r\n" % (
            parser.get_method(), self.url, parser.get_http_version().encode(),
        )  # fmt: skip
        sent = self._sent.lstrip(b"\r\n") if self._first else self._sent
        if not (sent.startswith(line) if self._first else line in sent):
            self._reject(400, "BadRequest", "One space stands on either side of the target.")
        self._first, self._lined = False, True

    def _check_head(self) -> None:
        """Refuse what a proxy in front might have read as another request."""
        if len(self._cycles) > MOST_PIPELINED:
            self._end_behind_answers()
            raise _Rejected
        version = self.parser.get_http_version()
        if version not in ("1.1", "1.0"):
            self._reject(505, "BadRequest", f"HTTP/{version} is not spoken here.")
        if not self._lined:
            self._check_line()
        if self._hosts != 1 and (version == "1.1" or self._hosts):
            self._reject(400, "BadRequest", "Exactly one Host header is needed.")
        if self._codings and (version == "1.0" or self._codings > 1):
            self._reject(400, "BadRequest", "The only Transfer-Encoding is chunked, of HTTP/1.1.")
        if len(self.headers) > MOST_HEADERS:
            self._reject(431, "HeadTooLarge", f"There are over {MOST_HEADERS} headers.")
        if not self._fresh:
            size = len(self.url) + sum(len(name) + len(value) + 4 for name, value in self.headers)
            if size > self._limits.max_head_bytes:
                self._reject_head()

    def _describe_request(self) -> None:
        """Fill in the ASGI scope, as uvicorn does."""
        scope = self.scope
        scope["method"] = self.parser.get_method().decode("ascii")
        if (version := self.parser.get_http_version()) != "1.1":
            scope["http_version"] = version
        try:
            raw, query = read_target(self.parser.get_method(), self.url, self._host)
            path = raw.decode("ascii")
        except UnicodeDecodeError:
            self._reject(400, "BadRequest", "The target has characters beyond ASCII.")
        except ValueError as wrong:
            self._reject(400, "BadRequest", str(wrong))
        scope["path"] = self.root_path + (urllib.parse.unquote(path) if "%" in path else path)
        scope["raw_path"] = self.root_path.encode("ascii") + raw
        scope["query_string"] = query
        if self.client is not None and self.gate.proxies.trusts(self.client[0]):
            self._believe_proxy(self.client[0])

    def _believe_proxy(self, peer: str) -> None:
        forwarded_for = []
        for name, value in self.headers:
            if name == b"x-forwarded-for":
                forwarded_for.append(value.decode("latin-1"))
            elif name == b"x-forwarded-proto" and value.strip() in (b"http", b"https"):
                self.scope["scheme"] = "https" if value.strip() == b"https" else "http"
        if forwarded_for:
            self.scope["client"] = self.gate.proxies.client(peer, forwarded_for), 0

    def _reject_head(self) -> None:
        most = self._limits.max_head_bytes
        if self.headers:
            self._reject(431, "HeadTooLarge", f"The headers have over {most} bytes in all.")
        self._reject(414, "HeadTooLarge", f"The request line has over {most // 2} bytes.")

    def _reject(self, status: int, code: str, message: str) -> NoReturn:
        if self._failure is None:
            self._failure = status, code, message
        raise _Rejected

    # Deadlines.

    def _watch_sender(self) -> None:
        """The deadline of what the client is to send."""
        now = self.loop.time()
        if self._reading is _Reading.HEAD:
            self.deadline = now + self._limits.head_seconds
        elif self._reading is _Reading.BODY:
            self.deadline = now + self._limits.body_seconds
        else:
            self.deadline = math.inf if self._cycles else now + self._limits.keep_alive_seconds

    def _watch_reader(self) -> None:
        """The deadline of what the client is to read: looked at every moment, as it gets less."""
        self._left, self._moved = -1, self.loop.time()
        self.deadline = self._moved

    def _expire_reader(self, now: float) -> None:
        left = self.transport.get_write_buffer_size()
        if left != self._left:
            self._left, self._moved = left, now
        if now - self._moved > (PATIENCE_SECONDS if left else LINGER_SECONDS):
            _log.info("connection cut", reason="not read", client=self._peer(), bytes=left)
            self.transport.abort()
            self.deadline = math.inf
        else:
            self.deadline = now + LINGER_SECONDS / 4

    # Failures.

    def _fail(self, status: int, code: str, message: str) -> None:
        """Refuse what is arriving: answer, once those before it are, and close."""
        if self._failure is None:
            self._failure = status, code, message
        self._fail_as_found()

    def _fail_as_found(self) -> None:
        if self._lingering or self._deaf:
            return
        self._deaf, self.deadline = True, math.inf
        self.gate.bodies.pop(self, None)
        if self._reading is _Reading.BODY and self._cycles:
            cycle = self._cycles.pop()
            started = cycle.response_started
            cycle.disconnected = True
            cycle.message_event.set()
            self.gate.release(cycle.held)
            if started:
                self.linger()
                return
        if not self._cycles:
            self._answer_failure()

    def _answer_failure(self) -> None:
        assert self._failure is not None
        status, code, message = self._failure
        _log.warning("request refused", status=status, reason=message, client=self._peer())
        body = encode({"errorType": code, "message": message})
        headers = [
            *self.server_state.default_headers,
            (b"content-type", b"application/json"),
            (b"content-length", str(len(body)).encode()),
            (b"cache-control", b"no-store"),
            (b"x-content-type-options", b"nosniff"),
            (b"connection", b"close"),
        ]
        if status in (429, 503):
            headers.append((b"retry-after", b"5"))
        head = b"".join(b"%s: %s\r\n" % header for header in headers)
        self.transport.write(STATUS_LINE[status] + head + b"\r\n" + body)
        self.linger()

    def _end_behind_answers(self) -> None:
        """Read no more; the last request that was read is the last that is answered."""
        self._deaf = True
        if self._cycles:
            self._cycles[-1].keep_alive = False
        else:
            self.linger()

    def _discard(self, size: int) -> None:
        self._discarded += size
        if self._discarded > LINGER_BYTES:
            self.transport.abort()

    def _release_all(self) -> None:
        while self._cycles:
            self.gate.release(self._cycles.popleft().held)

    def _has_arrived(self) -> bool:
        """Whether bytes of a request wait in the socket."""
        socket = self.transport.get_extra_info("socket")
        if socket is None:
            return False
        try:
            arrived = fcntl.ioctl(socket.fileno(), termios.FIONREAD, bytes(4))
        except OSError:
            return False
        return bool(struct.unpack("i", arrived)[0])

    def _peer(self) -> str | None:
        return self.client[0] if self.client else None


def _reason(error: Exception) -> str:
    return str(error).rstrip(".") or "it cannot be read"
