"""The live feed: Server-Sent Events (HTML standard, section 9.2), each with its cursor as its id.

A client that comes back with `Last-Event-ID` goes on behind what it had. The log is read only as
fast as the client takes it: what it has not taken is in the log, not in memory.
"""

import asyncio
from contextlib import ExitStack

import structlog
from starlette.responses import Response, StreamingResponse
from starlette.types import Receive, Scope, Send

from gerance.kernel.errors import Refused
from gerance.kernel.feeds.cursors import FROM_END, cursor_text
from gerance.kernel.feeds.feeds import Feeds, Line
from gerance.kernel.feeds.listener import Listener, Told, Wanted, wanted_by
from gerance.kernel.http.endpoint import Call
from gerance.kernel.http.stream_response import send_until_gone
from gerance.kernel.log.eventlog import Cursor
from gerance.kernel.transactions import PASSING

HEARTBEAT_SECONDS = 15.0
RENEWED_EVERY_SECONDS = 5.0
"""How long a stream that has nothing to tell goes on before its rights are looked at again."""
RETRY_MILLISECONDS = 2_000
PATIENCE_SECONDS = 60.0
"""How long a client may take nothing before its stream is cut."""
STOPPING_SECONDS = 2.0
"""How long a stream has to end when the server stops."""
AT_ONCE = 100
"""Events that are read and sent at once."""

_IN_ONE_LINE = bytes.maketrans(b"\r\n", b"  ")
"""Line breaks in JSON are blanks between its parts: within texts they are escaped."""
_HEADERS = {"Cache-Control": "no-store", "X-Accel-Buffering": "no"}

log = structlog.get_logger("gerance.feeds")


async def answer_stream(call: Call, listener: Listener) -> Response:
    """A text/event-stream. Raises BadRequest, naming the parameter, and Refused (429, 503)."""
    feeds = call.instance(Feeds)
    wanted = wanted_by(call, listener)
    given, name = call.request.headers.get("last-event-id"), "Last-Event-ID"
    if not given:
        given, name = call.parameter("lastEventId"), "lastEventId"
    if not given:
        given, name = call.parameter("after"), "after"
    start = await feeds.start(call, given or FROM_END, name=name)
    if call.request.method == "HEAD":
        return Response(headers=_HEADERS, media_type="text/event-stream")
    seat = ExitStack()
    seat.enter_context(feeds.seat(call, listener))
    return LiveStream(call, feeds, listener, wanted, start, seat)


class LiveStream(StreamingResponse):
    """The answer, for as long as the client, its rights and the server are there."""

    def __init__(
        self,
        call: Call,
        feeds: Feeds,
        listener: Listener,
        wanted: Wanted,
        start: Cursor,
        seat: ExitStack,
    ) -> None:
        super().__init__((), headers=_HEADERS, media_type="text/event-stream")
        self._call, self._feeds, self._wanted, self._seat = call, feeds, wanted, seat
        self._listener = listener
        self._reached = self._known = start
        """How far the log was read, and how far the client knows that it was."""
        self._line = Line(call.request.scope, feeds.news, grace=STOPPING_SECONDS)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        with self._seat:
            await send_until_gone(self.stream_response(send), self.listen_for_disconnect(receive))

    async def stream_response(self, send: Send) -> None:
        """Send until something ends it; what ends it is no failure of ours."""
        start = {"status": self.status_code, "headers": self.raw_headers}
        await send({"type": "http.response.start", **start})
        try:
            async with self._feeds.news.watching(self._call.pool):
                await self._tell(send)
        except TimeoutError:
            log.info("a stream that is not read is cut", user=self._listener.name)
            self._line.cut()
        except Refused as refused:
            log.info("a stream is ended", user=self._listener.name, reason=refused.code)
        except PASSING as failure:
            log.warning("a stream ends, the database does not answer", reason=str(failure))
        await send({"type": "http.response.body", "body": b"", "more_body": False})

    async def _tell(self, send: Send) -> None:
        """Raises TimeoutError when the client takes nothing, Refused when it has no rights left,
        OperationalError and PoolTimeout when the database does not answer."""
        loop = asyncio.get_running_loop()
        await self._send(send, f"retry: {RETRY_MILLISECONDS}\n".encode() + _bookmark(self._reached))
        sent = loop.time()
        while not self._line.stopping:
            self._listener = await self._listener.renewed()
            piece = await self._feeds.piece(
                self._call, self._listener, self._wanted, self._reached, limit=AT_ONCE
            )
            self._reached = piece.reached
            if piece.told:
                await self._send(send, b"".join(map(_rendered, piece.told)))
                self._known, sent = piece.told[-1].cursor, loop.time()
            elif loop.time() - sent >= HEARTBEAT_SECONDS:
                await self._send(send, self._heartbeat())
                self._known, sent = self._reached, loop.time()
            if not piece.more:
                # All at the same moments: their rights are then looked at in one statement.
                left = RENEWED_EVERY_SECONDS - loop.time() % RENEWED_EVERY_SECONDS
                silent = max(sent + HEARTBEAT_SECONDS - loop.time(), 0)
                await self._feeds.news.wait_behind(
                    self._reached, at_most=min(left, silent), unless=self._line.is_stopping
                )

    def _heartbeat(self) -> bytes:
        """A comment; where events went by that were not for the client, it learns how far."""
        return b":\n\n" if self._known == self._reached else _bookmark(self._reached)

    @staticmethod
    async def _send(send: Send, body: bytes) -> None:
        async with asyncio.timeout(PATIENCE_SECONDS):
            await send({"type": "http.response.body", "body": body, "more_body": True})


def _bookmark(cursor: Cursor) -> bytes:
    """An id without an event: clients keep it, and tell nobody."""
    return f"id: {cursor_text(cursor)}\n\n".encode()


def _rendered(told: Told) -> bytes:
    head = f"id: {cursor_text(told.cursor)}\nevent: {told.event_type}\ndata: ".encode()
    return head + told.data.translate(_IN_ONE_LINE) + b"\n\n"
