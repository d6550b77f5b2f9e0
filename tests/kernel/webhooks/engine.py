"""The delivery engine over a real database, and things that happen for it to tell of."""

import asyncio
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import uuid4

from tests.waiting import until_async

from gerance.kernel.db import Connection, Pool, open_pool
from gerance.kernel.log.eventlog import NewEvent
from gerance.kernel.log.writer import AggregateRow, Change, Writer, WriteRequest, open_writer
from gerance.kernel.webhooks.client import WebhookClient
from gerance.kernel.webhooks.endpoints import add_endpoint, subscribe
from gerance.kernel.webhooks.engine import Deliverer
from gerance.kernel.webhooks.flavours import Message, PendingDelivery, WebhookEndpoint
from gerance.kernel.webhooks.guard import Guard
from gerance.kernel.wire import encode

LOOPBACK = ("127.0.0.0/8",)


class Plain:
    """A flavour: where the event is, and what it is; nothing of what is called Secret."""

    async def render(
        self, connection: Connection, owed: Sequence[PendingDelivery]
    ) -> Sequence[Message | None]:
        return [None if each.event_type == "Secret" else plain(each) for each in owed]

    def ping(self, endpoint: WebhookEndpoint) -> Message:
        return Message(encode({"type": "ping"}))


def plain(owed: PendingDelivery) -> Message:
    body = {"position": owed.position, "type": owed.event_type, "stream": owed.stream}
    return Message(encode(body))


class Clock:
    """A clock that goes when it is told to."""

    def __init__(self) -> None:
        self.now = datetime.now(UTC)

    def __call__(self) -> datetime:
        return self.now

    def pass_by(self, **time: float) -> None:
        self.now += timedelta(**time)


class Engine:
    """A pool, a writer and a deliverer with the flavour `plain`; `run` lets it work by itself."""

    def __init__(
        self, url: str, pool: Pool, writer: Writer, caller: WebhookClient, clock: Any
    ) -> None:
        self.url, self.pool, self.writer, self.clock = url, pool, writer, clock
        self.deliverer = Deliverer(pool, caller, {"plain": Plain()}, lease=30, clock=clock)

    async def endpoint(
        self, url: str, category: str = "thing", scope: dict[str, str] | None = None, **more: Any
    ) -> str:
        """An endpoint at `url` that wants all events of the category, or of the scope."""
        async with self.pool.connection() as connection:
            uid, _ = await add_endpoint(
                connection, flavour="plain", owner="somebody", url=url, **more
            )
            await subscribe(connection, uid, {category: None}, scope=scope)
        return uid

    async def happen(
        self,
        event_type: str = "Happened",
        stream: str | None = None,
        category: str = "thing",
        data: bytes = b"{}",
    ) -> int:
        """An event; its position."""

        def decide(loaded: AggregateRow) -> Change:
            return Change([NewEvent(event_type, data, datetime.now(UTC))], b"{}", ())

        done = await self.writer.execute(
            WriteRequest(
                category=category,
                stream=stream or str(uuid4()),
                process_uid=str(uuid4()),
                actor=None,
                decide=decide,
            )
        )
        assert done.position is not None
        return done.position

    async def deliver(self) -> int:
        """Take turns until nothing is due any more; how many calls were made."""
        calls = 0
        while taken := await self.deliverer.turn():
            calls += taken
            await self.deliverer.settle()
        return calls

    async def rows(self, query: str, *params: Any) -> list[tuple[Any, ...]]:
        async with self.pool.connection() as connection:
            return await (await connection.execute(query, params)).fetchall()

    async def until(self, query: str) -> None:
        """Wait until the query has rows."""
        await until_async(lambda: self.rows(query))

    @asynccontextmanager
    async def running(self) -> AsyncIterator[None]:
        """The deliverer works by itself."""
        task = asyncio.ensure_future(self.deliverer.run(self.url))
        try:
            yield
        finally:
            task.cancel()
            await asyncio.gather(task, return_exceptions=True)


@asynccontextmanager
async def engine(url: str, clock: Any = None, *, beside: bool = False) -> AsyncIterator[Engine]:
    """An engine on the migrated database at `url`, which may call loopback.

    No endpoint is there from before, unless it works `beside` another engine.
    """
    async with (
        open_pool(url, size=8, statement_timeout_ms=30_000) as pool,
        open_writer(pool) as writer,
        WebhookClient(Guard(LOOPBACK), timeout=5.0) as caller,
    ):
        if not beside:
            async with pool.connection() as connection:
                await connection.execute("TRUNCATE endpoint, subscription, outbox, delivery")
        yield Engine(url, pool, writer, caller, clock or (lambda: datetime.now(UTC)))
