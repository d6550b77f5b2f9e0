"""A connection of the server that tells all its requests what becomes of it.

ASGI tells an application that it stops only once all requests are over. A request that lasts as
long as its client listens has to know before. And uvicorn tells only the latest of several requests
sent at once that the client is gone, not the one that is being answered.
"""

from collections.abc import Callable

from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol, RequestResponseCycle


class Connection(HttpToolsProtocol):
    """In the scope of its requests as `gerance.connection` (kernel.http.streamed)."""

    on_shutdown: Callable[[], None] | None = None
    _unanswered: tuple[RequestResponseCycle, ...] = ()

    def on_message_begin(self) -> None:
        super().on_message_begin()
        self.scope["gerance.connection"] = self  # type: ignore[typeddict-unknown-key]
        self.on_shutdown = None

    def on_headers_complete(self) -> None:
        super().on_headers_complete()
        before = (cycle for cycle in self._unanswered if not cycle.response_complete)
        self._unanswered = (*before, self.cycle)

    def connection_lost(self, exc: Exception | None) -> None:
        for cycle in self._unanswered:
            if not cycle.response_complete:
                cycle.disconnected = True
                cycle.message_event.set()
        super().connection_lost(exc)

    def shutdown(self) -> None:
        super().shutdown()
        if self.on_shutdown is not None:
            self.on_shutdown()

    def cut(self) -> None:
        """Close it, without waiting for what was not sent."""
        self.transport.abort()
