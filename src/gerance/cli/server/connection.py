"""A connection of the server, with limits on what arrives.

uvicorn parses requests and writes answers. This class adds sizes and deadlines for heads, bodies
and idle connections, and rejects requests that two servers could read in two ways (`head`).
"""

import asyncio
import math
from collections.abc import Callable
from typing import Any

import httptools
import uvicorn
from uvicorn.protocols.http.flow_control import HIGH_WATER_LIMIT
from uvicorn.server import ServerState

from gerance.cli.server.deadlines import Cycle, Phase
from gerance.cli.server.head import (
    check_head,
    check_request_line,
    describe_request,
    head_too_large,
)
from gerance.cli.server.proxy_headers import read_forwarded
from gerance.cli.server.request_target import encoded_line
from gerance.cli.server.shutdown import ClosingProtocol, ResponseTransport
from gerance.kernel.errors import BadRequest, Rejection

MAX_PIPELINED = 32
"""Requests that a client may send ahead. The connection closes after the last of them."""
MAX_OVERHEAD_BYTES = 16_384
"""Bytes of chunk sizes, extensions and trailers, beyond eight for each byte of a body."""


class Connection(ClosingProtocol):
    """The application finds it in the scope as `gerance.connection` (`kernel.http`)."""

    on_secured: Callable[[], None] | None = None

    def __init__(
        self,
        config: uvicorn.Config,
        server_state: ServerState,
        app_state: dict[str, Any],
        _loop: asyncio.AbstractEventLoop | None = None,
    ) -> None:
        super().__init__(config, server_state, app_state, _loop)
        self._outlet: ResponseTransport
        self._piece = self._unparsed = b""
        """The bytes being parsed, and those before them that had no complete request line."""
        self._head_in_piece = False
        """The head started in the piece that is being parsed."""
        self._at_start, self._line_checked = True, False
        """The piece starts with a request; the request line was checked."""
        self._head_bytes = self._body_bytes = self._body_wire_bytes = 0
        self._hosts = self._codings = 0
        self._host: bytes | None = None

    @property
    def is_stopping(self) -> bool:
        """Whether the server is about to stop."""
        return self.gate.draining

    # DeliveryAttempt by the transport.

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        if self.on_secured is not None:
            self.on_secured()
        super().connection_made(transport)
        self._outlet = ResponseTransport(transport, self.linger)
        self.deadline = self.loop.time() + self._limits.head_seconds
        rejection = self.gate.admit(self, self.client[0] if self.client else None)
        if rejection == "TooManyConnections":
            self.reject(429, rejection, "Too many connections are open from this address.")
        elif rejection is not None:
            self.reject(503, rejection, "The server has too many connections. Try again later.")
            transport.close()

    def data_received(self, data: bytes) -> None:
        if self._ignores_input:
            self._ignore(len(data))
            return
        if self._phase is Phase.IDLE:
            self._phase = Phase.HEAD
            self.deadline = self.loop.time() + self._limits.head_seconds
            data = encoded_line(data)
        piece_bytes = self._limits.max_head_bytes
        try:
            if len(data) <= piece_bytes:
                self._parse(data)
            else:
                for start in range(0, len(data), piece_bytes):
                    self._parse(data[start : start + piece_bytes])
        except httptools.HttpParserUpgrade:
            # No other protocol is supported: the request is answered, what follows is ignored.
            self._close_after_answers()
        except (Rejection, httptools.HttpParserError) as error:
            self._reject_input(error)

    def _parse(self, piece: bytes) -> None:
        if self._ignores_input:
            return
        self._piece, self._unparsed = self._unparsed + piece, b""
        self._at_start = self._phase is Phase.HEAD and not self._line_checked
        self.parser.feed_data(piece)
        if self._phase is Phase.HEAD:
            if self._at_start and not self._line_checked:
                self._unparsed = self._piece
            if self._head_in_piece:
                self._head_in_piece = False
            else:
                self._head_bytes += len(piece)
                if self._head_bytes > self._limits.max_head_bytes:
                    raise self._head_too_large()
        elif self._phase is Phase.BODY:
            if self.deadline == math.inf:
                self.deadline = self.loop.time() + self._limits.body_seconds
            if self._codings:
                self._body_wire_bytes += len(piece)
                if self._body_wire_bytes > MAX_OVERHEAD_BYTES + 9 * self._body_bytes:
                    self.reject(400, "BadRequest", "The body has too many chunks for its size.")

    def _reject_input(self, error: BaseException) -> None:
        """Reject the request at which parsing has stopped."""
        if self._ignores_input:
            return
        if isinstance(error, httptools.HttpParserCallbackError):
            error = error.__context__ or error  # What one of the callbacks below has raised.
        if isinstance(error, Rejection):
            self.reject(error.status, error.code, error.message)
        else:
            reason = str(error).rstrip(".") or "it cannot be parsed"
            self.reject(400, "BadRequest", f"This is not HTTP/1.1: {reason}.")

    def connection_lost(self, exc: Exception | None) -> None:
        self.gate.leave(self)
        for cycle in self._cycles:
            cycle.disconnected = True
            cycle.message_event.set()
        while self._cycles:
            self.gate.release(self._cycles.popleft().body_bytes)
        self._ignores_input = True
        super().connection_lost(exc)

    def pause_writing(self) -> None:
        super().pause_writing()
        self._watch_reader()

    def resume_writing(self) -> None:
        super().resume_writing()
        if not self._lingering:
            self._watch_sender()

    # DeliveryAttempt by the parser.

    def on_message_begin(self) -> None:
        super().on_message_begin()
        self.scope["gerance.connection"] = self  # type: ignore[typeddict-unknown-key]
        self.on_shutdown = None
        self._phase, self._head_in_piece = Phase.HEAD, True
        self._head_bytes = self._body_bytes = self._body_wire_bytes = 0
        self._hosts = self._codings = 0
        self._host, self._line_checked = None, False

    def on_url(self, url: bytes) -> None:
        self.url += url
        if len(self.url) > self._limits.max_head_bytes // 2:
            raise self._head_too_large()

    def on_header(self, name: bytes, value: bytes) -> None:
        if self._phase is not Phase.HEAD:
            return  # Trailers after a body are not headers of the request.
        if not self._line_checked:
            self._line_checked = check_request_line(
                self.parser, self.url, self._piece, at_start=self._at_start
            )
        name = name.lower()
        if name == b"host":
            self._hosts += 1
            self._host = value
        elif name == b"transfer-encoding":
            # Some servers decode other codings, and others ignore them.
            self._codings += 1 if value.lower().strip() == b"chunked" else 2
        elif name == b"expect" and value.lower() == b"100-continue":
            self.expect_100_continue = True
        self.headers.append((name, value))

    def on_headers_complete(self) -> None:
        if len(self._cycles) > MAX_PIPELINED:
            self._close_after_answers()
            raise BadRequest("Too many requests are sent ahead.")
        check_head(self.parser.get_http_version(), self.headers, self._hosts, self._codings)
        if not self._line_checked:
            check_request_line(self.parser, self.url, self._piece, at_start=self._at_start)
        if not self._head_in_piece:
            self._check_head_size()
        describe_request(self.scope, self.parser, self.url, self._host, self.root_path)
        if self.client is not None and self.gate.proxies.trusts(self.client[0]):
            read_forwarded(self.scope, self.headers, self._host, self.client[0], self.gate.proxies)
        self.gate.idle.pop(self, None)
        self._phase, self.deadline = Phase.BODY, math.inf
        cycle = Cycle(
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
        if cycle is None or self._ignores_input:
            return
        self._body_bytes += len(body)
        if not cycle.body_bytes:
            self.gate.bodies[self] = None
        cycle.body_bytes += len(body)
        self.gate.hold(len(body))
        if cycle.disconnected:
            return
        cycle.body += body
        if len(cycle.body) > HIGH_WATER_LIMIT:
            self.flow.pause_reading()
        cycle.message_event.set()

    def on_message_complete(self) -> None:
        if self._ignores_input or not self._cycles:
            return
        self._phase, self.deadline = Phase.IDLE, math.inf
        self._at_start = self._line_checked = False
        cycle = self._cycles[-1]
        if cycle.body_bytes:
            self.gate.bodies.pop(self, None)
        cycle.more_body = False
        cycle.message_event.set()

    # DeliveryAttempt by the cycle and the gate.

    def on_response_complete(self) -> None:
        self.server_state.total_requests += 1
        self.gate.release(self._cycles.popleft().body_bytes)
        if self._lingering or self.transport.is_closing():
            return
        self.flow.resume_reading()
        if self._cycles:
            self._start_asgi_task(self._cycles[0], self.app)
        elif self._rejection is not None:
            self._answer_rejection()
        elif self._phase is Phase.BODY or self._ignores_input:
            self.linger()
        else:
            self.gate.idle[self] = None
            if not self.flow.write_paused:
                self._watch_sender()

    def expire(self, now: float) -> None:
        """The deadline has passed: for what the client sends, or for what it reads."""
        if self._lingering or self.flow.write_paused:
            self._expire_reader(now)
        elif self._phase is not Phase.IDLE and self.flow.read_paused:
            self._watch_sender()  # The server has not read what the client sent.
        elif self._phase is Phase.HEAD:
            seconds = self._limits.head_seconds
            self.reject(408, "RequestTimeout", f"The head took over {seconds:g} seconds.")
        elif self._phase is Phase.BODY:
            seconds = self._limits.body_seconds
            self.reject(408, "RequestTimeout", f"The body took over {seconds:g} seconds.")
        elif self._has_unread_bytes():
            self._watch_sender()
        else:
            self.linger()

    # Heads.

    def _check_head_size(self) -> None:
        size = len(self.url) + sum(len(name) + len(value) + 4 for name, value in self.headers)
        if size > self._limits.max_head_bytes:
            raise self._head_too_large()

    def _head_too_large(self) -> Rejection:
        return head_too_large(self._limits.max_head_bytes, in_headers=bool(self.headers))
