"""Answers sent in parts."""

from collections.abc import AsyncGenerator
from contextlib import AsyncExitStack, aclosing

from starlette.responses import StreamingResponse
from starlette.types import Receive, Scope, Send


class StreamedResponse(StreamingResponse):
    """Sends parts, and then lets go of what they come from, however it ends: also when whoever
    asked is gone before the first part, and nobody ever begins to read them."""

    def __init__(
        self, parts: AsyncGenerator[bytes, None], held: AsyncExitStack, headers: dict[str, str]
    ) -> None:
        super().__init__(parts, headers=headers)
        self._parts = parts
        self._held = held

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        async with self._held, aclosing(self._parts):
            await super().__call__(scope, receive, send)
