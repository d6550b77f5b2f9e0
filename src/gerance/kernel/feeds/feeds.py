"""What the feeds of a process share: who waits, who watches the log, who reads it right now."""

import asyncio
from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager
from typing import Any, Protocol, TypeVar

from starlette.types import Scope

from gerance.kernel.db import Connection, Pool
from gerance.kernel.feeds.cursors import cursor_from
from gerance.kernel.feeds.listener import EventFilter, Listener
from gerance.kernel.feeds.notifier import News
from gerance.kernel.feeds.reader import Piece, read_piece
from gerance.kernel.feeds.seats import Seats
from gerance.kernel.http.endpoint import Call
from gerance.kernel.http.stream_response import CONNECTION
from gerance.kernel.log.eventlog import Cursor

T = TypeVar("T")

READERS = 4
"""Feeds that read the log at the same time; the others wait, and leave connections to requests."""


class ServerConnection(Protocol):
    """A connection of the server. `on_shutdown` is called when the server begins to stop."""

    on_shutdown: Any

    def cut(self) -> None:
        """Close it, without waiting for what was not sent."""


class ClientConnection:
    """The way to one client; `stop_requested`: the server wants to be rid of it.

    `grace`: seconds after which the line is cut when the server stops; None leaves that to it.
    """

    def __init__(self, scope: Scope, news: News, *, grace: float | None = None) -> None:
        self.stop_requested = False
        self._news, self._grace = news, grace
        self._server_connection: ServerConnection | None = scope.get(CONNECTION)
        if self._server_connection is not None:
            self._server_connection.on_shutdown = self._stop

    def is_stopping(self) -> bool:
        return self.stop_requested

    def cut(self) -> None:
        """Close the connection at once, where the server lets us."""
        if self._server_connection is not None:
            self._server_connection.cut()

    def _stop(self) -> None:
        self.stop_requested = True
        self._news.wake()
        if self._grace is not None:
            asyncio.get_running_loop().call_later(self._grace, self.cut)


class Feeds:
    """One for each application: `call.instance(Feeds)`."""

    def __init__(self) -> None:
        self.news = News()
        self.seats = Seats()
        self._readers = asyncio.Semaphore(READERS)

    @contextmanager
    def seat(self, call: Call, listener: Listener) -> Iterator[None]:
        """A place among those who wait. Raises Rejection (429, 503) when there is none."""
        most, each = call.settings.event_streams, call.settings.event_streams_per_user
        with self.seats.take(listener.name, most=most, most_each=each):
            yield

    async def start(self, call: Call, text: str, *, name: str) -> Cursor:
        """The cursor that a client gives. Raises BadRequest (`UnknownCursor`)."""

        async def read(connection: Connection) -> Cursor:
            return await cursor_from(connection, text, name=name)

        return await self._read(call.pool, read)

    async def piece(
        self,
        call: Call,
        listener: Listener,
        event_filter: EventFilter,
        after: Cursor,
        *,
        limit: int,
    ) -> Piece:
        """What comes next; holds a connection only as long as it reads."""

        async def read(connection: Connection) -> Piece:
            return await read_piece(connection, listener, event_filter, after, limit=limit)

        return await self._read(call.pool, read)

    async def _read(self, pool: Pool, read: Callable[[Connection], Awaitable[T]]) -> T:
        """To its end, also when the client goes: a statement that is broken off costs the
        connection."""

        async def reading() -> T:
            async with self._readers, pool.connection() as connection:
                return await read(connection)

        return await asyncio.shield(asyncio.ensure_future(reading()))
