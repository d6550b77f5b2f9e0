"""Connections that end when the other side sends answers that nobody asked for.

aiohttp reads on while a kept connection waits for its next call, and keeps each answer that comes:
20 MB of tiny ones grew a process by 800 MB in five seconds. Here they end the connection.
"""

from functools import partial
from typing import Any, cast

from aiohttp import TCPConnector
from aiohttp.client_proto import ResponseHandler

MOST_WAITING = 4
"""Heads of answers not read yet: 100 and 103 may come before the answer that was asked for."""


class BoundedConnection(ResponseHandler):
    """A connection on which at most MOST_WAITING heads of answers wait."""

    def data_received(self, data: bytes) -> None:
        """Take what came; close the connection, and forget the rest, when that is too much."""
        super().data_received(data)
        if len(self._buffer) > MOST_WAITING:
            while len(self._buffer) > MOST_WAITING:
                self._buffer.pop()
            self.abort()


class BoundedConnector(TCPConnector):
    """A TCPConnector of BoundedConnections."""

    def __init__(self, **given: Any) -> None:
        super().__init__(**given)
        # No public way to choose the protocol; the test that floods a kept connection keeps
        # watch over this line.
        self._factory = cast(
            "partial[ResponseHandler]", partial(BoundedConnection, loop=self._loop)
        )
