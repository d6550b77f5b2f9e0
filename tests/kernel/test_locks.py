"""Transactions that meet take their locks in one order: whichever stops where, none deadlocks.

Each pair runs on two connections. The first transaction stops after each of its statements in turn,
the second runs until it is done or waits, and then the first goes on. Were any two locks taken in
opposite orders, one of these interleavings would be a deadlock.
"""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from typing import Any, NamedTuple

import pytest

from gerance.kernel.db import Connection, open_pool
from gerance.kernel.eventlog import Recorded
from gerance.kernel.execute import Change, Intent, Loaded, opened_writer
from gerance.kernel.webhooks import endpoints, replay
from gerance.kernel.webhooks.claim import claim, forget, park
from gerance.kernel.webhooks.flavours import Owed, WebhookEndpoint
from gerance.kernel.webhooks.moving import move_owed
from gerance.kernel.webhooks.record import Told, record
from gerance.rentals.access.notice import FLAVOUR
from gerance.rentals.notifications import subscribing

OWNER = "a1b2c3d4-0000-4000-8000-000000000001"
STREAM = "00000000-0000-8000-8000-000000000001"


class Scene(NamedTuple):
    """Two endpoints of one owner with four events of one stream each, of which each first one is
    being delivered."""

    url: str
    one: str
    other: str
    owed: list[Owed]
    since: datetime


Act = Callable[[Connection, Scene], Awaitable[Any]]


async def recording(connection: Connection, scene: Scene, outcome: str, held: bool = False) -> None:
    now = datetime.now(UTC)
    told = [
        Told(each, None, outcome, now, due=now, held=now if held else None) for each in scene.owed
    ]
    await record(connection, told, now)


async def claiming(connection: Connection, scene: Scene) -> None:
    now = datetime.now(UTC)
    await claim(
        connection, now=now, lease=now + timedelta(seconds=9), together=50, most_bytes=1 << 20,
        most=9, rooms={}, flavours=[FLAVOUR],
    )  # fmt: skip


async def patching(connection: Connection, scene: Scene) -> None:
    async with connection.transaction():
        await endpoints.change_endpoint(connection, scene.one, owner=OWNER, rate=5.0)
        await endpoints.subscribe(connection, scene.one, {"Unit": None})
        await endpoints.set_state(connection, scene.one, "paused", actor=OWNER)


TRANSACTIONS: dict[str, Act] = {
    "record deliveries": lambda c, s: recording(c, s, "delivered"),
    "record failures": lambda c, s: recording(c, s, "failed"),
    "claim": claiming,
    "park": lambda c, s: park(c, [s.one, s.other]),
    "forget": lambda c, s: forget(c),
    "give up": lambda c, s: replay.give_up(c, s.one, s.owed[0].position),
    "replay one": lambda c, s: replay.replay_one(c, s.one, s.owed[0].position),
    "replay since": lambda c, s: replay.replay_since(c, s.other, s.since),
    "switch off": lambda c, s: endpoints.set_state(c, s.one, "off", actor="deliveries"),
    "patch": patching,
    "remove": lambda c, s: endpoints.remove_endpoint(c, s.one, owner=OWNER),
    "move": lambda c, s: move_owed(c, s.one, s.other, ["Unit"]),
    "subscribe elsewhere": lambda c, s: subscribing.subscribe_entities(
        c, OWNER, "http://127.0.0.1:9/third", [], ["Unit"]
    ),
    "unsubscribe": lambda c, s: subscribing.unsubscribe_entities(c, OWNER, ["Unit", "Supplier"]),
}
"""Every transaction that locks endpoints, subscriptions or rows of the outbox."""


@pytest.fixture(scope="module")
def scene(database: str) -> Scene:
    async def set_up() -> Scene:
        since = datetime.now(UTC) - timedelta(hours=1)
        uids = []
        async with (
            open_pool(database, size=4, statement_timeout_ms=0) as pool,
            opened_writer(pool) as writer,
        ):
            async with pool.connection() as connection:
                for nth, category in enumerate(("Unit", "Supplier")):
                    uid, _ = await endpoints.add_endpoint(
                        connection, flavour=FLAVOUR, owner=OWNER, url=f"http://127.0.0.1:9/{nth}"
                    )
                    await endpoints.subscribe(connection, uid, {category: None})
                    uids.append(uid)
                await endpoints.change_endpoint(connection, uids[1], owner=OWNER, rate=1000.0)
            for nth in range(4):
                for category in ("Unit", "Supplier"):
                    await writer.execute(_happening(category, nth))
            async with pool.connection() as connection:
                # One has failed before: whoever records that it is well again changes it.
                await connection.execute("UPDATE endpoint SET failing_since = now()")
                rows = await connection.execute(
                    "UPDATE outbox SET due = now() + interval '1 hour', claims = 1"
                    " WHERE position IN (SELECT min(position) FROM outbox GROUP BY endpoint)"
                    " RETURNING endpoint::text, position"
                )
                owed = [_owed(uid, position) for uid, position in await rows.fetchall()]
        return Scene(database, *uids, owed, since)

    return asyncio.run(set_up())


def _happening(category: str, nth: int) -> Intent:
    def decide(loaded: Loaded) -> Change:
        return Change([Recorded("X", b"{}", datetime.now(UTC))], b"{}", ())

    process = f"00000000-0000-4000-8000-{nth:012d}"
    return Intent(category=category, stream=STREAM, process_uid=process, actor=None, decide=decide)


def _owed(uid: str, position: int) -> Owed:
    endpoint = WebhookEndpoint(
        uid=uid, flavour=FLAVOUR, owner=OWNER, url="", headers=(), choice={}, secrets=()
    )
    return Owed(endpoint, position, 0, 1, "Unit", STREAM, "X", b"{}", datetime.now(UTC))


class Stepped:
    """Runs a transaction that stops after `stops` statements until it may go on, and that is
    rolled back at its end. `statements`: how many there were."""

    def __init__(self, connection: Connection, stops: int | None = None) -> None:
        self.connection, self.stops, self.statements = connection, stops, 0
        self.stopped, self.go_on = asyncio.Event(), asyncio.Event()
        self._execute = connection.execute
        connection.execute = self._counted  # type: ignore[method-assign]

    async def run(self, act: Act, scene: Scene) -> None:
        try:
            async with self.connection.transaction(force_rollback=True):
                await act(self.connection, scene)
        finally:
            self.stopped.set()
            self.connection.execute = self._execute  # type: ignore[method-assign]

    async def _counted(self, *given: Any, **more: Any) -> Any:
        if self.statements == self.stops:
            self.stopped.set()
            await self.go_on.wait()
        self.statements += 1
        return await self._execute(*given, **more)


@asynccontextmanager
async def connected(url: str) -> AsyncIterator[Connection]:
    async with (
        open_pool(url, size=1, statement_timeout_ms=0) as pool,
        pool.connection() as connection,
    ):
        await connection.execute("SET deadlock_timeout = '10ms'")
        yield connection


class Pair:
    """Two connections on which transactions meet, and one that watches them."""

    def __init__(self, scene: Scene, one: Connection, other: Connection, watch: Connection) -> None:
        self._scene, self._one, self._other, self._watch = scene, one, other, watch

    async def meet(self, first: Act, second: Act) -> None:
        """Run them in each interleaving. Raises DeadlockDetected."""
        alone = Stepped(self._one)
        await alone.run(first, self._scene)
        for stops in range(1, alone.statements):
            stepped = Stepped(self._one, stops)
            going = asyncio.ensure_future(stepped.run(first, self._scene))
            await stepped.stopped.wait()
            beside = asyncio.ensure_future(Stepped(self._other).run(second, self._scene))
            while not beside.done() and not await self._waits():  # noqa: ASYNC110 - nobody tells
                await asyncio.sleep(0.001)
            stepped.go_on.set()
            await asyncio.gather(going, beside)

    async def _waits(self) -> bool:
        rows = await self._watch.execute(
            "SELECT cardinality(pg_blocking_pids(%s)) > 0", [self._other.info.backend_pid]
        )
        return bool((await rows.fetchall())[0][0])


@pytest.mark.parametrize("name", TRANSACTIONS)
def test_no_two_transactions_wait_for_each_other(
    scene: Scene, name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def written(connection: Connection) -> bool:
        return True  # nobody else writes, and the test's own transactions stay open

    monkeypatch.setattr(subscribing, "all_written", written)

    async def story() -> None:
        async with (
            connected(scene.url) as one,
            connected(scene.url) as other,
            connected(scene.url) as watch,
        ):
            for second in TRANSACTIONS.values():
                await Pair(scene, one, other, watch).meet(TRANSACTIONS[name], second)

    asyncio.run(story())
