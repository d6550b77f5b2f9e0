"""The pull feed: a page of events behind the client's cursor, at once or when there are some."""

import asyncio
import re
from contextlib import AsyncExitStack
from typing import Any

import msgspec
from starlette.responses import Response

from gerance.kernel.errors import reject
from gerance.kernel.feeds.cursors import FROM_START, cursor_text
from gerance.kernel.feeds.feeds import ClientConnection, Feeds
from gerance.kernel.feeds.listener import EventFilter, FeedEntry, Listener, parse_filter
from gerance.kernel.http.endpoint import Call
from gerance.kernel.wire import encode

DEFAULT, MOST = 100, 1000
MOST_WAIT_SECONDS = 30.0
MOST_BYTES = 4_000_000
"""Bytes of events at which a page ends, however many were asked for."""
MOST_PIECES = 20
"""Pieces of the log that one page goes through before it answers, be it without an event."""

_WAIT = re.compile(r"\d{1,2}(\.\d{1,3})?", re.ASCII)


class FedEvent(msgspec.Struct):
    """An event of a feed. `cursor`: behind it; `position`: its place in the log, as in
    `Gerance-Position`; `event`: as its command answered it."""

    cursor: str
    position: int
    category: str
    event: dict[str, Any]


class FeedPage(msgspec.Struct):
    """`next`: what to give as `after` the next time; `more`: there is more already."""

    events: list[FedEvent]
    next: str
    more: bool


async def answer_page(call: Call, listener: Listener) -> Response:
    """FeedPage for the query. Raises BadRequest, naming the parameter, and Rejection (429, 503)."""
    feeds = call.instance(Feeds)
    event_filter, limit, wait = parse_filter(call, listener), _limit(call), _wait(call)
    after = await feeds.start(call, call.parameter("after") or FROM_START, name="after")
    loop = asyncio.get_running_loop()
    deadline = loop.time() + wait
    async with AsyncExitStack() as stack:
        client = ClientConnection(call.request.scope, feeds.news)
        entries, end, more = await _page(feeds, call, listener, event_filter, after, limit)
        if wait and not entries and not more:
            stack.enter_context(feeds.seat(call, listener))
            await stack.enter_async_context(feeds.news.watching(call.pool))
        while not entries and not more and loop.time() < deadline and not client.stop_requested:
            left = deadline - loop.time()
            await feeds.news.wait_behind(end, at_most=left, unless=client.is_stopping)
            listener = await listener.refresh()
            entries, end, more = await _page(feeds, call, listener, event_filter, end, limit)
    body = b",".join(_render(each) for each in entries)
    tail = f'],"next":"{cursor_text(end)}","more":{str(more).lower()}}}'.encode()
    return Response(b'{"events":[' + body + tail, media_type="application/json")


async def _page(
    feeds: Feeds, call: Call, listener: Listener, event_filter: EventFilter, after: Any, limit: int
) -> tuple[list[FeedEntry], Any, bool]:
    entries: list[FeedEntry] = []
    more, size = True, 0
    for _ in range(MOST_PIECES):
        piece = await feeds.piece(call, listener, event_filter, after, limit=limit - len(entries))
        entries += piece.entries
        size += sum(len(each.data) for each in piece.entries)
        after, more = piece.end_cursor, piece.more
        if not more or len(entries) >= limit or size >= MOST_BYTES:
            break
    return entries, after, more


def _render(entries: FeedEntry) -> bytes:
    head = (
        f'{{"cursor":"{cursor_text(entries.cursor)}","position":{entries.cursor.position},"category":'
    ).encode()
    return head + encode(entries.category) + b',"event":' + entries.data + b"}"


def _limit(call: Call) -> int:
    text = call.parameter("limit")
    if text is None:
        return DEFAULT
    if not re.fullmatch(r"\d{1,4}", text, re.ASCII) or not 1 <= int(text) <= MOST:
        raise reject("BadRequest", "limit", most=MOST, text=repr(text[:40]))
    return int(text)


def _wait(call: Call) -> float:
    text = call.parameter("wait")
    if text is None:
        return 0.0
    if not _WAIT.fullmatch(text) or float(text) > MOST_WAIT_SECONDS:
        most = f"{MOST_WAIT_SECONDS:g}"
        raise reject("BadRequest", "wait", most=most, text=repr(text[:40]))
    return float(text)
