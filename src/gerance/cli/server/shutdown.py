"""The end of a connection: its client can read the last answer before the socket closes."""

import asyncio
import math
from collections.abc import Callable
from typing import Any

import uvicorn
from uvicorn.protocols.http.httptools_impl import STATUS_LINE
from uvicorn.server import ServerState

from gerance.cli.server.deadlines import DeadlineProtocol, Phase, log
from gerance.kernel.errors import Rejection
from gerance.kernel.wire import encode

LINGER_BYTES = 16_777_216
"""Bytes that a client may still send after its last answer."""
STOP_SECONDS = 2.0
"""How long an idle connection stays open when the server stops."""


class ResponseTransport:
    """The transport that answers use. Closing it waits until the client has read the answer."""

    def __init__(self, transport: asyncio.Transport, close: Callable[[], None]) -> None:
        self.write, self.is_closing, self.close = transport.write, transport.is_closing, close


class ClosingProtocol(DeadlineProtocol):
    """A connection that rejects requests and closes without a reset.

    `on_shutdown` is called when the server closes its connections. ASGI notifies an application
    only when all requests have ended, but a feed lasts as long as its client listens.
    """

    on_shutdown: Callable[[], None] | None = None

    def __init__(
        self,
        config: uvicorn.Config,
        server_state: ServerState,
        app_state: dict[str, Any],
        _loop: asyncio.AbstractEventLoop | None = None,
    ) -> None:
        super().__init__(config, server_state, app_state, _loop)
        self._rejection: Rejection | None = None
        self._ignores_input = self._lingering = False
        self._ignored_bytes = 0

    def reject(self, status: int, code: str, message: str) -> None:
        """Reject the request that is arriving: answer, after those before it, and close."""
        if self._rejection is None:
            self._rejection = Rejection(code, message, status=status)
        self._apply_rejection()

    def _apply_rejection(self) -> None:
        if self._lingering or self._ignores_input:
            return
        self._ignores_input, self.deadline = True, math.inf
        self.gate.bodies.pop(self, None)
        if self._phase is Phase.BODY and self._cycles:
            cycle = self._cycles.pop()
            answer_started = cycle.response_started
            cycle.disconnected = True
            cycle.message_event.set()
            self.gate.release(cycle.body_bytes)
            if answer_started:
                self.linger()
                return
        if not self._cycles:
            self._answer_rejection()

    def _answer_rejection(self) -> None:
        rejection = self._rejection
        assert rejection is not None
        status, message = rejection.status, rejection.message
        log.warning("request refused", status=status, reason=message, client=self._peer())
        body = encode({"errorType": rejection.code, "message": message})
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

    def linger(self) -> None:
        """Close the connection when the client has read its last answer.

        Closing a socket with unread bytes resets the connection, and the client loses the answer.
        So only the server's side is closed; input is ignored until the client closes, too.
        """
        if self._lingering or self.transport.is_closing():
            return
        self._ignores_input = self._lingering = True
        self.gate.idle.pop(self, None)
        self.gate.bodies.pop(self, None)
        if self.transport.can_write_eof():
            self.flow.resume_reading()
            self.transport.write_eof()
        else:
            self.transport.close()  # TLS sends its closing alert, and waits for the client's.
        self._watch_reader()

    def _close_after_answers(self) -> None:
        """Read no more, and close after the answer to the last request."""
        self._ignores_input = True
        if self._cycles:
            self._cycles[-1].keep_alive = False
        else:
            self.linger()

    def _ignore(self, size: int) -> None:
        self._ignored_bytes += size
        if self._ignored_bytes > LINGER_BYTES:
            self.transport.abort()

    def cut(self) -> None:
        """Close the connection without sending what is left."""
        self.transport.abort()

    def close_idle(self) -> None:
        """Close the connection, which waits for a request."""
        self.gate.idle.pop(self, None)
        self._ignores_input = True
        self.transport.close()

    def drop_body(self) -> None:
        """End the request, whose body is incomplete: there is no memory left for it."""
        self.reject(503, "Busy", "Too many request bodies are in progress. Try again later.")

    def announce_stop(self) -> None:
        """Announce in the next answer that it is the last, unless it has started."""
        if self._cycles and not self._cycles[-1].response_started:
            self._cycles[-1].keep_alive = False

    def shutdown(self) -> None:
        """Close the connection after the requests in progress, or soon when there is none."""
        if self.on_shutdown is not None:
            self.on_shutdown()
        if self._cycles:
            self._cycles[-1].keep_alive = False
        elif self._phase is Phase.IDLE and not self._ignores_input:
            # Its client may be sending a request, which it could not send again.
            self.deadline = min(self.deadline, self.loop.time() + STOP_SECONDS)
