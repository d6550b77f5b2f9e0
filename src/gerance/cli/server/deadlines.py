"""The deadlines of a connection: for what its client sends, and for what its client reads."""

import asyncio
import fcntl
import math
import struct
import termios
from collections import deque
from enum import Enum
from typing import Any

import structlog
import uvicorn
from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol, RequestResponseCycle
from uvicorn.server import ServerState

from gerance.cli.server.gate import Guest, gate_of

READ_TIMEOUT_SECONDS = 60.0
"""How long a client may read nothing of an answer."""
LINGER_SECONDS = 2.0
"""How long a client may send nothing, and not close, after its last answer."""

log = structlog.get_logger("gerance.http")


class Phase(Enum):
    """The part of a request that arrives next."""

    IDLE = "idle"
    HEAD = "head"
    BODY = "body"


class Cycle(RequestResponseCycle):
    """A request and its answer."""

    body_bytes = 0
    """Bytes of the body that count for the process."""


class DeadlineProtocol(HttpToolsProtocol, Guest):
    """A connection with a deadline, at which the gate calls `expire`."""

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
        self._phase = Phase.IDLE
        self._cycles: deque[Cycle] = deque()
        """Requests without a complete answer; the first is being answered."""
        self._unsent_bytes = 0
        self._progress_at = 0.0

    def _watch_sender(self) -> None:
        """Set the deadline for what the client sends next."""
        now = self.loop.time()
        if self._phase is Phase.HEAD:
            self.deadline = now + self._limits.head_seconds
        elif self._phase is Phase.BODY:
            self.deadline = now + self._limits.body_seconds
        else:
            self.deadline = math.inf if self._cycles else now + self._limits.keep_alive_seconds

    def _watch_reader(self) -> None:
        """Check at once, and then regularly, that the client reads its answer."""
        self._unsent_bytes, self._progress_at = -1, self.loop.time()
        self.deadline = self._progress_at

    def _expire_reader(self, now: float) -> None:
        """Close the connection if its client has stopped reading."""
        unsent = self.transport.get_write_buffer_size()
        if unsent != self._unsent_bytes:
            self._unsent_bytes, self._progress_at = unsent, now
        if now - self._progress_at > (READ_TIMEOUT_SECONDS if unsent else LINGER_SECONDS):
            log.info("connection cut", reason="not read", client=self._peer(), bytes=unsent)
            self.transport.abort()
            self.deadline = math.inf
        else:
            self.deadline = now + LINGER_SECONDS / 4

    def _has_unread_bytes(self) -> bool:
        """Whether bytes of a request wait in the socket."""
        socket = self.transport.get_extra_info("socket")
        if socket is None:
            return False
        try:
            count = fcntl.ioctl(socket.fileno(), termios.FIONREAD, bytes(4))
        except OSError:
            return False
        return bool(struct.unpack("i", count)[0])

    def _peer(self) -> str | None:
        return self.client[0] if self.client else None
