"""Limits on SMTP connections: their number, in total and per address, and their duration."""

import asyncio
from collections import Counter
from typing import Any

from aiosmtpd.smtp import SMTP

MOST_CONNECTIONS = 100
MOST_OF_ONE_ADDRESS = 10
SESSION_SECONDS = 600.0


class ConnectionLimits:
    """Counts the open connections. Each is closed after `seconds`."""

    def __init__(
        self,
        most: int = MOST_CONNECTIONS,
        most_of_one: int = MOST_OF_ONE_ADDRESS,
        seconds: float = SESSION_SECONDS,
    ) -> None:
        self.seconds = seconds
        self._most = most
        self._most_of_one = most_of_one
        self._inside: Counter[str] = Counter()
        self._open: set[GuardedSMTP] = set()

    def enter(self, connection: "GuardedSMTP", address: str) -> bool:
        """Count a connection from an address. Returns False, without counting, over a limit."""
        if self._inside.total() >= self._most or self._inside[address] >= self._most_of_one:
            return False
        self._inside[address] += 1
        self._open.add(connection)
        return True

    def leave(self, connection: "GuardedSMTP", address: str) -> None:
        """Stop counting a connection."""
        if connection in self._open:
            self._open.discard(connection)
            self._inside[address] -= 1
            self._inside += Counter()

    def close(self) -> None:
        """Close all connections."""
        for connection in list(self._open):
            connection.cut()


class GuardedSMTP(SMTP):
    """A connection that is counted and has a maximum duration."""

    def __init__(self, handler: Any, limits: ConnectionLimits, **options: Any) -> None:
        super().__init__(handler, **options)
        self._limits = limits
        self._address = "unknown"
        self._is_counted = False
        self._end: asyncio.TimerHandle | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        if not self._is_counted:  # and again when TLS begins
            peer = transport.get_extra_info("peername")
            self._address = str(peer[0]) if peer else "unknown"
            if not self._limits.enter(self, self._address):
                assert isinstance(transport, asyncio.WriteTransport)
                transport.write(b"421 4.3.2 Too many connections, try again later\r\n")
                transport.close()
                return
            self._is_counted = True
            self._end = self.loop.call_later(self._limits.seconds, self.cut)
        super().connection_made(transport)

    def connection_lost(self, error: Exception | None) -> None:
        if not self._is_counted:
            return
        if self._end is not None:
            self._end.cancel()
        self._limits.leave(self, self._address)
        super().connection_lost(error)

    def cut(self) -> None:
        """Close the connection at once."""
        if self.transport is not None:
            self.transport.close()
