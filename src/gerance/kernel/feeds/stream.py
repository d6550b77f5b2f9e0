"""The live feed: Server-Sent Events (HTML standard, section 9.2), each with its cursor as its id.

A client that reconnects with `Last-Event-ID` continues behind that event. The log is read only as
fast as the client reads: events that it has not read are in the log, not in memory.
"""

import asyncio
from contextlib import ExitStack

import structlog
from starlette.responses import Response, StreamingResponse
from starlette.types import Receive, Scope, Send

from gerance.kernel.errors import Rejection
from gerance.kernel.feeds.cursors import FROM_END, cursor_text
from gerance.kernel.feeds.feeds import ClientConnection, Feeds
from gerance.kernel.feeds.listener import EventFilter, FeedEntry, Listener, parse_filter
from gerance.kernel.http.endpoint import Call
from gerance.kernel.http.stream_response import send_until_gone
from gerance.kernel.log.eventlog import Cursor
from gerance.kernel.transactions import PASSING

HEARTBEAT_SECONDS = 15.0
RENEWED_EVERY_SECONDS = 5.0
"""How often the rights of a stream without new events are checked again."""
RETRY_MILLISECONDS = 2_000
PATIENCE_SECONDS = 60.0
"""How long a client may read nothing before its stream is cut."""
STOPPING_SECONDS = 2.0
"""How long a stream has to end when the server stops."""
AT_ONCE = 100
"""Events that are read and sent at once."""

_IN_ONE_LINE = bytes.maketrans(b"\r\n", b"  ")
"""Line breaks in JSON are blanks between its parts: within texts they are escaped."""
_HEADERS = {"Cache-Control": "no-store", "X-Accel-Buffering": "no"}

log = structlog.get_logger("gerance.feeds")


async def answer_stream(call: Call, listener: Listener) -> Response:
    """A text/event-stream. Raises BadRequest, naming the parameter, and Rejection (429, 503)."""
    feeds = call.instance(Feeds)
    event_filter = parse_filter(call, listener)
    text, name = call.request.headers.get("last-event-id"), "Last-Event-ID"
    if not text:
        text, name = call.parameter("lastEventId"), "lastEventId"
    if not text:
        text, name = call.parameter("after"), "after"
    start = await feeds.start(call, text or FROM_END, name=name)
    if call.request.method == "HEAD":
        return Response(headers=_HEADERS, media_type="text/event-stream")
    seat = ExitStack()
    seat.enter_context(feeds.seat(call, listener))
    return LiveStream(call, feeds, listener, event_filter, start, seat)


class LiveStream(StreamingResponse):
    """The answer, for as long as the client, its rights and the server are there."""

    def __init__(
        self,
        call: Call,
        feeds: Feeds,
        listener: Listener,
        event_filter: EventFilter,
        start: Cursor,
        seat: ExitStack,
    ) -> None:
        super().__init__((), headers=_HEADERS, media_type="text/event-stream")
        self._call, self._feeds, self._event_filter, self._seat = call, feeds, event_filter, seat
        self._listener = listener
        self._read_cursor = self._client_cursor = start
        """How far the log was read, and how far the client knows that it was."""
        self._client = ClientConnection(call.request.scope, feeds.news, grace=STOPPING_SECONDS)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        with self._seat:
            await send_until_gone(self.stream_response(send), self.listen_for_disconnect(receive))

    async def stream_response(self, send: Send) -> None:
        """Send until something ends it; what ends it is no failure of ours."""
        start = {"status": self.status_code, "headers": self.raw_headers}
        await send({"type": "http.response.start", **start})
        try:
            async with self._feeds.news.watching(self._call.pool):
                await self._send_events(send)
        except TimeoutError:
            log.info("a stream that is not read is cut", user=self._listener.name)
            self._client.cut()
        except Rejection as rejection:
            log.info("a stream is ended", user=self._listener.name, reason=rejection.code)
        except PASSING as failure:
            log.warning("a stream ends, the database does not answer", reason=str(failure))
        await send({"type": "http.response.body", "body": b"", "more_body": False})

    async def _send_events(self, send: Send) -> None:
        """Raises TimeoutError when the client takes nothing, Rejection when it has no rights left,
        OperationalError and PoolTimeout when the database does not answer."""
        loop = asyncio.get_running_loop()
        await self._send(
            send, f"retry: {RETRY_MILLISECONDS}\n".encode() + _bookmark(self._read_cursor)
        )
        sent_at = loop.time()
        while not self._client.stop_requested:
            self._listener = await self._listener.refresh()
            piece = await self._feeds.piece(
                self._call, self._listener, self._event_filter, self._read_cursor, limit=AT_ONCE
            )
            self._read_cursor = piece.end_cursor
            if piece.entries:
                await self._send(send, b"".join(map(_render, piece.entries)))
                self._client_cursor, sent_at = piece.entries[-1].cursor, loop.time()
            elif loop.time() - sent_at >= HEARTBEAT_SECONDS:
                await self._send(send, self._heartbeat())
                self._client_cursor, sent_at = self._read_cursor, loop.time()
            if not piece.more:
                # All at the same moments: their rights are then looked at in one statement.
                left = RENEWED_EVERY_SECONDS - loop.time() % RENEWED_EVERY_SECONDS
                silent = max(sent_at + HEARTBEAT_SECONDS - loop.time(), 0)
                await self._feeds.news.wait_behind(
                    self._read_cursor, at_most=min(left, silent), unless=self._client.is_stopping
                )

    def _heartbeat(self) -> bytes:
        """A comment; where events went by that were not for the client, it learns how far."""
        return (
            b":\n\n" if self._client_cursor == self._read_cursor else _bookmark(self._read_cursor)
        )

    @staticmethod
    async def _send(send: Send, body: bytes) -> None:
        async with asyncio.timeout(PATIENCE_SECONDS):
            await send({"type": "http.response.body", "body": body, "more_body": True})


def _bookmark(cursor: Cursor) -> bytes:
    """An id without an event: clients store it and dispatch no event."""
    return f"id: {cursor_text(cursor)}\n\n".encode()


def _render(entries: FeedEntry) -> bytes:
    head = f"id: {cursor_text(entries.cursor)}\nevent: {entries.event_type}\ndata: ".encode()
    return head + entries.data.translate(_IN_ONE_LINE) + b"\n\n"
