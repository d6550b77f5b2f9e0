"""A connection of the server that tells a request in progress when the server begins to stop.

ASGI tells an application that it stops only once all requests are over. A request that lasts as
long as its client listens has to know before.
"""

from collections.abc import Callable

from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol


class Connection(HttpToolsProtocol):
    """In the scope of its requests as `gerance.connection` (kernel.feeds.feeds)."""

    on_shutdown: Callable[[], None] | None = None

    def on_message_begin(self) -> None:
        super().on_message_begin()
        self.scope["gerance.connection"] = self  # type: ignore[typeddict-unknown-key]
        self.on_shutdown = None

    def shutdown(self) -> None:
        super().shutdown()
        if self.on_shutdown is not None:
            self.on_shutdown()

    def cut(self) -> None:
        """Close it, without waiting for what was not sent."""
        self.transport.abort()
