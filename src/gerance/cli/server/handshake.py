"""Accept connections: plain ones at once, others when their TLS handshake is complete.

The event loop would do the handshake itself, for up to a minute and without the gate's limits.
"""

import asyncio
import contextlib
import math
import os
import socket
from functools import partial
from typing import Any

import structlog
import uvicorn
from uvicorn.protocols.utils import get_remote_addr
from uvicorn.server import ServerState

from gerance.cli.server.connection import Connection
from gerance.cli.server.gate import Config, gate_of

_log = structlog.get_logger("gerance.http")


def accept(
    config: uvicorn.Config,
    server_state: ServerState,
    app_state: dict[str, Any],
    _loop: asyncio.AbstractEventLoop | None = None,
) -> asyncio.Protocol:
    """The protocol that serves a new connection."""
    connection = Connection(config, server_state, app_state, _loop)
    if isinstance(config, Config) and config.tls is not None:
        return _Handshake(connection, config, server_state)
    return connection


class _Handshake(asyncio.Protocol):
    """A connection whose TLS handshake is in progress."""

    def __init__(self, connection: Connection, config: Config, state: ServerState) -> None:
        self.deadline = math.inf
        self._connection, self._tls = connection, config.tls
        self._gate = gate_of(state, config)
        self._loop = connection.loop
        self._socket: socket.socket
        self._task: asyncio.Task[None] | None = None

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        peer = get_remote_addr(transport)
        rejection = self._gate.admit(self, peer[0] if peer else None)
        if rejection is None:
            # The transport would read the bytes of the handshake: a copy of the socket is used.
            self._socket = socket.socket(fileno=os.dup(transport.get_extra_info("socket").fileno()))
            self.deadline = self._loop.time() + self._gate.settings.head_seconds
            self._task = self._loop.create_task(self._secure())
        else:
            self._gate.leave(self)
        transport.abort()

    def expire(self, now: float) -> None:
        _log.info("connection cut", reason="the TLS handshake took too long")
        self.close_idle()

    def close_idle(self) -> None:
        self._gate.leave(self)
        with contextlib.suppress(OSError):
            self._socket.shutdown(socket.SHUT_RDWR)

    def drop_body(self) -> None:
        """Nothing: a handshake has no body."""

    async def _secure(self) -> None:
        self._connection.on_secured = partial(self._gate.leave, self)
        try:
            await self._loop.connect_accepted_socket(
                lambda: self._connection,
                self._socket,
                ssl=self._tls,
                ssl_handshake_timeout=2 * self._gate.settings.head_seconds,
                ssl_shutdown_timeout=5.0,
            )
        except OSError as failure:
            _log.debug("TLS handshake failed", reason=str(failure))
            self._socket.close()
        finally:
            self._gate.leave(self)
