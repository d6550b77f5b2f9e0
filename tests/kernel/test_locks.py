"""Transactions that meet take their locks in one order: whichever stops where, none deadlocks.

Each pair runs on two connections, in each interleaving of their statements. Were any two locks
taken in opposite orders, one of these would be a deadlock.
"""

import asyncio
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime, timedelta
from functools import partial
from pathlib import Path
from typing import Any, NamedTuple

import pytest
from tests.kernel.meeting import connected, meet

from gerance.kernel import locks
from gerance.kernel.db import Connection, open_pool
from gerance.kernel.log.eventlog import NewEvent
from gerance.kernel.log.writer import AggregateRow, Change, WriteRequest, open_writer
from gerance.kernel.webhooks import endpoints, replay
from gerance.kernel.webhooks.attempts import Attempt, record
from gerance.kernel.webhooks.claim import claim, delete_orphans, park
from gerance.kernel.webhooks.flavours import PendingDelivery, WebhookEndpoint
from gerance.kernel.webhooks.reassign import move_pending
from gerance.rentals.access.notice import FLAVOUR
from gerance.rentals.notifications import subscriptions

OWNER = "a1b2c3d4-0000-4000-8000-000000000001"
STREAM = "00000000-0000-8000-8000-000000000001"


class Scene(NamedTuple):
    """Two endpoints of one owner with four events of one stream each, of which each first one is
    being delivered."""

    url: str
    one: str
    other: str
    deliveries: list[PendingDelivery]
    since: datetime


Act = Callable[..., Awaitable[Any]]


async def recording(connection: Connection, scene: Scene, outcome: str, held: bool = False) -> None:
    now = datetime.now(UTC)
    told = [
        Attempt(each, None, outcome, now, due=now, held_until=now if held else None)
        for each in scene.deliveries
    ]
    await record(connection, told, now)


async def claiming(c: Connection, s: Scene) -> None:
    now = datetime.now(UTC)
    await claim(
        c, now=now, lease=now + timedelta(seconds=9), limit=50, most_bytes=1 << 20,
        default_capacity=9, capacities={}, flavours=[FLAVOUR],
    )  # fmt: skip


async def patching(c: Connection, s: Scene) -> None:
    async with c.transaction():
        await endpoints.change_endpoint(c, s.one, owner=OWNER, rate=5.0)
        await endpoints.subscribe(c, s.one, {"Unit": None})
        await endpoints.set_state(c, s.one, "paused", actor=OWNER)


TRANSACTIONS: dict[str, Act] = {
    "record deliveries": lambda c, s: recording(c, s, "delivered"),
    "record failures": lambda c, s: recording(c, s, "failed"),
    "claim": claiming,
    "park": lambda c, s: park(c, [s.one, s.other]),
    "forget": lambda c, s: delete_orphans(c),
    "give up": lambda c, s: replay.give_up(c, s.one, s.deliveries[0].position),
    "replay one": lambda c, s: replay.replay_one(c, s.one, s.deliveries[0].position),
    "replay since": lambda c, s: replay.replay_since(c, s.other, s.since),
    "switch off": lambda c, s: endpoints.set_state(c, s.one, "off", actor="deliveries"),
    "patch": patching,
    "remove": lambda c, s: endpoints.remove_endpoint(c, s.one, owner=OWNER),
    "move": lambda c, s: move_pending(c, s.one, s.other, ["Unit"]),
    "subscribe elsewhere": lambda c, s: subscriptions.subscribe_entities(
        c, OWNER, "http://127.0.0.1:9/third", [], ["Unit"]
    ),
    "unsubscribe": lambda c, s: subscriptions.unsubscribe_entities(c, OWNER, ["Unit", "Supplier"]),
}
"""Every transaction that locks endpoints, subscriptions or rows of the outbox."""


@pytest.fixture(scope="module")
def scene(database: str) -> Scene:
    async def set_up() -> Scene:
        since = datetime.now(UTC) - timedelta(hours=1)
        uids = []
        async with (
            open_pool(database, size=4, statement_timeout_ms=0) as pool,
            open_writer(pool) as writer,
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
                deliveries = [_owed(uid, position) for uid, position in await rows.fetchall()]
        return Scene(database, *uids, deliveries, since)

    return asyncio.run(set_up())


def _happening(category: str, nth: int) -> WriteRequest:
    def decide(loaded: AggregateRow) -> Change:
        return Change([NewEvent("X", b"{}", datetime.now(UTC))], b"{}", ())

    process = f"00000000-0000-4000-8000-{nth:012d}"
    return WriteRequest(
        category=category, stream=STREAM, process_uid=process, actor=None, decide=decide
    )


def _owed(uid: str, position: int) -> PendingDelivery:
    endpoint = WebhookEndpoint(
        uid=uid, flavour=FLAVOUR, owner=OWNER, url="", headers=(), choice={}, secrets=()
    )
    return PendingDelivery(endpoint, position, 0, 1, "Unit", STREAM, "X", b"{}", datetime.now(UTC))


@pytest.mark.parametrize("name", TRANSACTIONS)
def test_no_two_transactions_wait_for_each_other(
    scene: Scene, name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def written(connection: Connection) -> bool:
        return True  # nobody else writes, and the test's own transactions stay open

    monkeypatch.setattr(subscriptions, "wait_for_writers", written)

    async def story() -> None:
        async with (
            connected(scene.url) as one,
            connected(scene.url) as other,
            connected(scene.url) as watch,
        ):
            for second in TRANSACTIONS.values():
                first = TRANSACTIONS[name]
                await meet(partial(first, s=scene), partial(second, s=scene), one, other, watch)

    asyncio.run(story())


def test_every_advisory_lock_is_named_in_one_module() -> None:
    source = Path(locks.__file__).parents[1]
    users = {
        str(path.relative_to(source))
        for path in [*source.rglob("*.py"), *source.rglob("*.sql")]
        if "pg_advisory" in (text := path.read_text()) or "pg_try_advisory" in text
    }
    assert users == {"kernel/locks.py", "migrations/__init__.py"}
