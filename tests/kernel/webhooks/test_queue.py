"""The queue of deliveries: what a claim costs does not depend on how long it is, nor on statistics.

Work is counted in the blocks that a statement touches (EXPLAIN), never in seconds.
"""

import asyncio
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from tests.kernel.webhooks.engine import Engine, engine

from gerance.kernel.db import Connection
from gerance.kernel.webhooks import claim as claiming
from gerance.kernel.webhooks.attempts import Attempt, record
from gerance.kernel.webhooks.claim import PARK_TOGETHER, ClaimBatch, Marks, claim, park
from gerance.kernel.webhooks.replay import replay_one

ROOM = 32
BACKLOG = 2_000
STREAMS = 60
BLOCKS_A_ROW = 80
"""Blocks that a claim touches for each row that it may claim, at most: some for each index."""

FILL = (
    "WITH e AS (INSERT INTO event (category, stream, version, ordinal, event_type, process_uid,"
    " sent_date, data) SELECT 'thing', md5((n %% %(streams)s)::text)::uuid, n + (SELECT count(*)"
    " FROM event), 0, 'X', gen_random_uuid(), now(), '{}' FROM generate_series(1, %(count)s) n"
    " RETURNING position, stream) INSERT INTO outbox (endpoint, position, stream, bytes)"
    " SELECT %(uid)s, position, stream, 2 FROM e ORDER BY position"
)
STATISTICS = {
    "never analysed": ["DELETE FROM pg_statistic WHERE starelid = 'outbox'::regclass"],
    "analysed while empty": ["ANALYZE outbox"],
    "analysed while all was parked": [
        (
            "INSERT INTO outbox (endpoint, position, stream, parked)"
            " SELECT %(uid)s, -n, %(uid)s, true FROM generate_series(1, 3000) n"
        ),
        "VACUUM ANALYZE outbox",
        "DELETE FROM outbox WHERE position < 0",
    ],
    "analysed while all was of one stream": [
        (
            "INSERT INTO outbox (endpoint, position, stream) SELECT gen_random_uuid(), -n, %(uid)s"
            " FROM generate_series(1, 3000) n"
        ),
        "VACUUM ANALYZE outbox",
        "DELETE FROM outbox WHERE position < 0",
    ],
}


async def filled(connection: Connection, uid: str, count: int, streams: int = STREAMS) -> None:
    await connection.execute(FILL, {"uid": uid, "count": count, "streams": streams})


class Worker:
    """A worker without HTTP, whose calls all come through. `blocks`: what its latest claims
    touched."""

    def __init__(self, it: Engine, connection: Connection) -> None:
        self.it, self.connection = it, connection
        self.now = datetime.now(UTC)
        self.marks = Marks()
        self.blocks: list[int] = []
        self.told: list[tuple[str, int]] = []

    async def turn(self, *, marks: bool = True, most: int = ROOM) -> ClaimBatch:
        """Claim, park and record, as the engine does."""
        self.now += timedelta(seconds=0.05)
        used = self.marks if marks else Marks()
        claimed = await claim(
            self.connection, now=self.now, lease=self.now + timedelta(seconds=30), limit=256,
            most_bytes=1 << 24, default_capacity=most, capacities={},
            flavours=["plain"], marks=used,
        )  # fmt: skip
        self.marks.note(claimed.positions)
        if claimed.blocked_endpoints:
            await park(self.connection, claimed.blocked_endpoints, used)
        if claimed.deliveries:
            self.told += [(each.endpoint.uid, each.position) for each in claimed.deliveries]
            done = [Attempt(each, None, "delivered", self.now) for each in claimed.deliveries]
            await record(self.connection, done, self.now)
        return claimed

    async def drain(self, uid: str) -> None:
        """Work until the endpoint is owed nothing."""
        turns = 0
        while await self.it.rows("SELECT FROM outbox WHERE endpoint = %s LIMIT 1", uid):
            turns += 1
            if turns % 20 == 0:
                self.marks.move(self.now)
            await self.turn(marks=turns % 20 != 0, most=128)

    async def touched(self) -> int:
        """The blocks that the next claim touches; it is not made."""
        seen: list[int] = []
        execute = self.connection.execute

        async def explained(query: Any, params: Any = None, **more: Any) -> Any:
            if query != claiming._SQL["claim_rows"]:
                return await execute(query, params, **more)
            plan = await execute(f"EXPLAIN (ANALYZE, BUFFERS, FORMAT JSON) {query}", params)
            ((found,),) = await plan.fetchall()
            root = found[0]["Plan"]
            seen.append(root["Shared Hit Blocks"] + root["Shared Read Blocks"])
            return await execute("SELECT WHERE false")

        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(self.connection, "execute", explained)
            async with self.connection.transaction(force_rollback=True):
                await claim(
                    self.connection, now=self.now, lease=self.now + timedelta(seconds=30),
                    limit=256, most_bytes=1 << 24, default_capacity=ROOM, capacities={},
                    flavours=["plain"],
                    marks=self.marks,
                )  # fmt: skip
        return seen[0]


def in_order(told: Sequence[tuple[str, int]], streams: dict[int, str]) -> bool:
    last: dict[tuple[str, str], int] = {}
    for uid, position in told:
        key = uid, streams[position]
        if last.get(key, -1) >= position:
            return False
        last[key] = position
    return True


REGIMES = (
    ("never analysed", "auto"),
    ("analysed while empty", "force_generic_plan"),
    ("analysed while all was parked", "auto"),
    ("analysed while all was of one stream", "force_generic_plan"),
)


@pytest.mark.parametrize(("statistics", "plans"), REGIMES)
def test_a_backlog_takes_the_same_work_whatever_the_planner_believes(
    database: str, statistics: str, plans: str
) -> None:
    """Nobody vacuums, and the worker goes on from one backlog to the next."""

    async def story() -> tuple[list[int], list[float], bool, bool]:
        async with engine(database) as it, it.pool.connection() as connection:
            uid = await it.endpoint("http://127.0.0.1:9/")
            await connection.execute("ALTER TABLE outbox SET (autovacuum_enabled = false)")
            for statement in STATISTICS[statistics]:
                await connection.execute(statement, {"uid": uid} if "%" in statement else None)
            await connection.execute(f"SET plan_cache_mode = {plans}")
            worker, claims, cycles = Worker(it, connection), [], []
            for _ in range(3):
                await filled(connection, uid, BACKLOG)
                claims.append(await worker.touched())
                before = await blocks(connection)
                await worker.drain(uid)
                cycles.append((await blocks(connection) - before) / BACKLOG)
            streams = dict(await it.rows("SELECT position, stream::text FROM event"))
            complete = len(worker.told) == 3 * BACKLOG
            return claims, cycles, complete, in_order(worker.told, streams)

    claims, cycles, complete, ordered = asyncio.run(story())
    assert complete
    assert ordered
    assert max(claims) <= ROOM * BLOCKS_A_ROW, claims
    assert max(cycles) <= BLOCKS_A_ROW, cycles


async def blocks(connection: Connection) -> int:
    """The blocks of the outbox and its indexes that were touched so far, by anybody."""
    await connection.execute("SELECT pg_stat_force_next_flush()")
    rows = await connection.execute(
        "SELECT heap_blks_hit + heap_blks_read + idx_blks_hit + idx_blks_read"
        " FROM pg_statio_user_tables WHERE relname = 'outbox'"
    )
    return int((await rows.fetchall())[0][0])


def test_a_backlog_that_comes_at_once_does_not_delay_another_endpoint(database: str) -> None:
    async def story() -> None:
        async with engine(database) as it, it.pool.connection() as connection:
            resumed = await it.endpoint("http://127.0.0.1:9/resumed")
            other = await it.endpoint("http://127.0.0.1:9/other")
            await filled(connection, resumed, BACKLOG, 1)
            await filled(connection, other, 3, 3)
            worker = Worker(it, connection)
            first = {each.endpoint.uid for each in (await worker.turn()).deliveries}
            assert first == {resumed, other}
            # What one turn puts aside is bounded, and recording waits for no more than that.
            ((parked,),) = await it.rows("SELECT count(*) FROM outbox WHERE parked")
            assert ROOM < parked <= PARK_TOGETHER

    asyncio.run(story())


def test_what_is_replayed_comes_before_what_was_ready(database: str) -> None:
    async def story() -> None:
        async with engine(database) as it, it.pool.connection() as connection:
            uid = await it.endpoint("http://127.0.0.1:9/")
            await filled(connection, uid, 3, 1)
            worker = Worker(it, connection)
            await worker.turn()
            positions = [each for (each,) in await it.rows(
                "SELECT position FROM event WHERE position >= %s ORDER BY 1", worker.told[0][1]
            )]  # fmt: skip
            # The second is ready, and the first goes in front of it again.
            assert await replay_one(connection, uid, positions[0])
            await worker.drain(uid)
            assert [position for _, position in worker.told] == [positions[0], *positions]

    asyncio.run(story())
