"""Answers sent in parts."""

import asyncio
from collections.abc import AsyncGenerator, Coroutine, Mapping
from contextlib import AsyncExitStack, aclosing

import structlog
from starlette.requests import ClientDisconnect
from starlette.responses import StreamingResponse
from starlette.types import Message, Receive, Scope, Send

from gerance.kernel.limits.long_answers import AnswerSlot

CONNECTION = "gerance.connection"
"""The name in a request's scope of its connection, where the server lets us have it."""

log = structlog.get_logger("gerance.http")


class AnswerCut(Exception):
    """An answer cannot be ended, though a part of it is sent; the message says why.

    The connection is closed without the end of the body, so that no client takes it for complete.
    """


class NotTaken(Exception):
    """The client does not take what it asked for."""


class StreamedResponse(StreamingResponse):
    """Sends parts, then closes their generator and `resources`, however the answer ends: also when
    the client is gone before the first part. `place`: the place of the long answer."""

    def __init__(
        self,
        parts: AsyncGenerator[bytes, None],
        status_code: int = 200,
        *,
        headers: Mapping[str, str],
        media_type: str | None = None,
        resources: AsyncExitStack,
        place: AnswerSlot,
    ) -> None:
        super().__init__(parts, status_code, headers=headers, media_type=media_type)
        self._parts, self._resources, self._place = parts, resources, place

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        async def send_in_time(message: Message) -> None:
            try:
                await self._place.send(send, message)
            except TimeoutError as late:
                raise NotTaken from late

        async with self._resources, aclosing(self._parts):
            sending = self.stream_response(send_in_time)
            try:
                await send_until_gone(sending, self.listen_for_disconnect(receive))
            except (NotTaken, AnswerCut) as ended:
                if isinstance(ended, AnswerCut):
                    log.warning("an answer is cut", path=scope["path"], reason=str(ended))
                else:
                    log.info("an answer that is not read is cut", path=scope["path"])
                if CONNECTION not in scope:
                    raise
                scope[CONNECTION].cut()
                await self.listen_for_disconnect(receive)


async def send_until_gone(
    sending: Coroutine[None, None, None], disconnect: Coroutine[None, None, None]
) -> None:
    """Send an answer, until it is sent or the client is gone.

    Then it is cancelled once, unlike Starlette's, which are cancelled at each step from then on: a
    statement that is given up takes some steps, or its connection is lost with it.
    """
    tasks = asyncio.create_task(sending), asyncio.create_task(disconnect)
    try:
        await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.wait(tasks)
    if tasks[0].cancelled():
        return
    try:
        tasks[0].result()
    except OSError as failure:
        raise ClientDisconnect from failure
