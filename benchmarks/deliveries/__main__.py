"""How fast deliveries are: throughput, latency, what a dead endpoint costs the others.

The engine is a process of its own; the receiver, which does as little as it can, and the writer
are in this one, on the same machine.

- throughput: what is owed to 20 endpoints, in streams of 10 events, is there when it begins;
- latency, idle: from the answer to a command until its event is at the receiver, one by one;
- one dead endpoint among 50: 200 deliveries a second for a while, with all well and with one that
  takes calls and never answers, in turn;
- writing while workers sleep, which has each commit notify them, beside writing while none does.

    .venv/bin/python -m benchmarks.deliveries [--seconds 8] [--rounds 3] [--json]
"""

import argparse
import asyncio
import json
import os
import statistics
import sys
import tempfile
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from pathlib import Path
from uuid import uuid4

import psycopg
import uvloop

from benchmarks.deliveries.receiver import Receiver, receiving
from benchmarks.world import message_body
from gerance import migrations
from gerance.kernel import embedded, keyring
from gerance.kernel.db import open_pool
from gerance.kernel.log.eventlog import NewEvent
from gerance.kernel.log.writer import AggregateRow, Change, Writer, WriteRequest, open_writer
from gerance.kernel.settings import load_settings
from gerance.kernel.webhooks.endpoints import add_endpoint, subscribe

CATEGORY = "benchmark"
BACKLOG_ENDPOINTS = 20
AMONG = 50
GROUPS = 10
EVENTS_A_SECOND = 40
IDLE_CALLS = 40
BODY = message_body()

Connection = psycopg.AsyncConnection[tuple[object, ...]]


async def happen(writer: Writer, stream: str | None = None, group: int = 0) -> int:
    """An event that a group of endpoints wants; its position, once it is committed."""

    def decide(loaded: AggregateRow) -> Change:
        return Change([NewEvent("MessageAdded", BODY, datetime.now(UTC))], b"{}", ())

    done = await writer.execute(
        WriteRequest(
            category=f"{CATEGORY} {group}",
            stream=stream or str(uuid4()),
            process_uid=str(uuid4()),
            actor=None,
            decide=decide,
        )
    )
    assert done.position is not None
    return done.position


async def endpoints(
    connection: Connection, receiver: Receiver, count: int, groups: int = 1
) -> list[str]:
    """No endpoints but these, in groups that want different events; their paths."""
    await connection.execute("TRUNCATE endpoint, subscription, outbox, delivery, sleeper")
    receiver.told.clear()
    paths = [f"/{nth}" for nth in range(count)]
    for nth, path in enumerate(paths):
        uid, _ = await add_endpoint(
            connection, flavour="plain", owner=f"{nth}", url=f"{receiver.url}{path}"
        )
        await subscribe(connection, uid, {f"{CATEGORY} {nth % groups}": None})
    return paths


@asynccontextmanager
async def delivering(url: str) -> AsyncIterator[None]:
    """The engine works."""
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "benchmarks.deliveries.engine", url
    )
    try:
        yield
    finally:
        process.terminate()
        await process.wait()


async def throughput(
    url: str, connection: Connection, writer: Writer, receiver: Receiver, events: int
) -> float:
    """Deliveries a second of a backlog, from the first call to the last."""
    await endpoints(connection, receiver, BACKLOG_ENDPOINTS)
    streams = [str(uuid4()) for _ in range(events // 10)]
    for stream in range(0, len(streams), 40):
        for _ in range(10):
            await asyncio.gather(*(happen(writer, each) for each in streams[stream : stream + 40]))
    await connection.execute("VACUUM ANALYZE outbox")
    async with delivering(url):
        await receiver.until(events * BACKLOG_ENDPOINTS)
    times = sorted(receiver.told.values())
    return len(times) / (times[-1] - times[0])


async def idle(url: str, connection: Connection, writer: Writer, receiver: Receiver) -> list[float]:
    """Seconds from the answer to a command to the call, nothing else being done."""
    (path,) = await endpoints(connection, receiver, 1)
    latencies = []
    async with delivering(url):
        await happen(writer)
        await receiver.until(1)
        for nth in range(IDLE_CALLS):
            await asyncio.sleep(0.3)
            position = await happen(writer)
            committed = time.perf_counter()
            await receiver.until(nth + 2)
            latencies.append(receiver.told[path.encode(), position] - committed)
    return latencies


async def among(
    url: str,
    connection: Connection,
    writer: Writer,
    receiver: Receiver,
    seconds: float,
    *,
    dead: int,
) -> list[float]:
    """Seconds from commit to call for those endpoints that are well."""
    paths = await endpoints(connection, receiver, AMONG, GROUPS)
    receiver.silent = frozenset(path.encode() for path in paths[:dead])
    committed: dict[int, float] = {}
    async with delivering(url):
        for group in range(GROUPS):  # nobody waits for these: connections are made
            await happen(writer, group=group)
        await receiver.until(AMONG - dead)
        receiver.told.clear()
        expected = 0
        began = time.perf_counter()
        for nth in range(int(seconds * EVENTS_A_SECOND)):
            await asyncio.sleep(began + nth / EVENTS_A_SECOND - time.perf_counter())
            position = await happen(writer, group=nth % GROUPS)
            committed[position] = time.perf_counter()
            expected += AMONG // GROUPS - (dead if nth % GROUPS == 0 else 0)
        await receiver.until(expected)
    receiver.silent = frozenset()
    return [told - committed[position] for (_, position), told in receiver.told.items()]


async def writes(
    connection: Connection, writer: Writer, receiver: Receiver, seconds: float, *, asleep: bool
) -> float:
    """Commands a second of 16 clients, whose events one endpoint wants, while nobody delivers."""
    await endpoints(connection, receiver, 1)
    if asleep:
        await connection.execute(
            "INSERT INTO sleeper (worker, until) VALUES (%s, now() + interval '1 hour')", [uuid4()]
        )
    deadline = time.perf_counter() + seconds

    async def client() -> int:
        count = 0
        while time.perf_counter() < deadline:
            await happen(writer)
            count += 1
        return count

    return sum(await asyncio.gather(*(client() for _ in range(16)))) / seconds


def percentile(values: list[float], percent: int) -> float:
    """In milliseconds."""
    return sorted(values)[min(len(values) - 1, len(values) * percent // 100)] * 1000


async def measured(url: str, seconds: float, rounds: int) -> dict[str, float]:
    """All figures, the median of the rounds."""
    rates, idles, well, dead, quiet, noisy = [], [], [], [], [], []
    async with (
        open_pool(url, size=8, statement_timeout_ms=30_000) as pool,
        open_writer(pool) as writer,
        receiving() as receiver,
        await psycopg.AsyncConnection.connect(url, autocommit=True) as connection,
    ):
        for _ in range(rounds):
            rates.append(await throughput(url, connection, writer, receiver, round(seconds) * 50))
            idles += await idle(url, connection, writer, receiver)
            for dying in (0, 1, 1, 0):
                took = await among(url, connection, writer, receiver, seconds / 2, dead=dying)
                (dead if dying else well).append((percentile(took, 50), percentile(took, 99)))
            for asleep in (False, True, True, False):
                rate = await writes(connection, writer, receiver, seconds / 4, asleep=asleep)
                (noisy if asleep else quiet).append(rate)
    well_p99, dead_p99 = (statistics.median(p99 for _, p99 in each) for each in (well, dead))
    return {
        "per_second": round(statistics.median(rates)),
        "idle_p50_ms": round(percentile(idles, 50), 1),
        "idle_p99_ms": round(percentile(idles, 99), 1),
        "well_p50_ms": round(statistics.median(p50 for p50, _ in well), 1),
        "well_p99_ms": round(well_p99, 1),
        "beside_dead_p50_ms": round(statistics.median(p50 for p50, _ in dead), 1),
        "beside_dead_p99_ms": round(dead_p99, 1),
        "dead_ratio": round(dead_p99 / well_p99, 2),
        "writes_per_second": round(statistics.median(quiet)),
        "notified_writes_per_second": round(statistics.median(noisy)),
        "notified_ratio": round(statistics.median(noisy) / statistics.median(quiet), 2),
    }


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seconds", type=float, default=8.0)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--json", action="store_true")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as home:
        settings = load_settings(home=Path(home), database_url=None)
        keyring.use(settings).create()
        os.environ["GERANCE_SECRET_KEY_FILE"] = str(keyring.keyring().path)  # for the engine
        with embedded.database(settings) as url:
            migrations.upgrade(url)
            result = uvloop.run(measured(url, options.seconds, options.rounds))
    print(json.dumps(result) if options.json else result)


if __name__ == "__main__":
    main()
