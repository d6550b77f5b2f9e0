"""Commands per second: our write path beside the library `eventsourcing`, same PostgreSQL.

All take the same 16-fold concurrency, and wait for the disk at each commit. Measured in turn, in
several rounds; medians.

- the write path by itself does what the peer does and more: it reads the aggregate, decides,
  appends an event, and keeps the state, a read row, the idempotency key and the outbox;
- a ticket's command is the product: decoding, rights, the ticket's rules, and four read tables
  (filters, words, two documents, counts);
- over HTTP: the same through a server of its own, with its client on the same machine.

    .venv/bin/python -m benchmarks.commands [--seconds 5] [--rounds 3] [--json]
"""

import argparse
import asyncio
import json
import os
import statistics
import tempfile
import threading
import time
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit
from uuid import UUID, uuid4

import uvloop
from eventsourcing.application import Application
from eventsourcing.domain import Aggregate, event

from benchmarks.over_http import commands_over_http
from benchmarks.world import BenchWorld, message_body, open_body, prepare
from benchmarks.write_path import write_path
from gerance import migrations
from gerance.incidents.command_endpoint import write_request
from gerance.incidents.tickets.handle import AGGREGATE as TICKET
from gerance.incidents.tickets.routes import decode_command
from gerance.kernel import embedded
from gerance.kernel.db import open_pool
from gerance.kernel.log.writer import Writer, open_writer
from gerance.kernel.settings import load_settings
from gerance.kernel.wire import SafeUUID

CONCURRENT = 16
EVENTS_PER_TICKET = 8


async def send(writer: Writer, world: BenchWorld, uid: str, body: bytes) -> None:
    """One command, from its bytes to its answer, without HTTP."""
    command = decode_command(body)
    request = write_request(TICKET, command, SafeUUID(uid), world.principal)
    done = await writer.execute(request)
    b",".join(event.data for event in done.events)


async def ours(url: str, world: BenchWorld, seconds: float) -> tuple[float, list[float]]:
    """Commands a second, and how long each took."""
    async with (
        open_pool(url, size=CONCURRENT, statement_timeout_ms=30_000) as pool,
        open_writer(pool) as writer,
    ):
        latencies: list[float] = []
        deadline = time.perf_counter() + seconds

        async def client() -> int:
            count = 0
            while time.perf_counter() < deadline:
                if count % EVENTS_PER_TICKET == 0:
                    uid = str(uuid4())
                    body = open_body(world, uid)
                else:
                    body = message_body()
                started = time.perf_counter()
                await send(writer, world, uid, body)
                latencies.append(time.perf_counter() - started)
                count += 1
            return count

        started = time.perf_counter()
        counts = await asyncio.gather(*(client() for _ in range(CONCURRENT)))
        return sum(counts) / (time.perf_counter() - started), latencies


class Ticket(Aggregate):
    """The same aggregate, as `eventsourcing` has it."""

    @event("Opened")
    def __init__(self, body: dict[str, Any]) -> None:
        self.body = body
        self.messages: list[dict[str, Any]] = []

    @event("MessageAdded")
    def add_message(self, body: dict[str, Any]) -> None:
        self.messages.append(body)


def theirs(url: str, world: BenchWorld, seconds: float) -> float:
    """Commands a second of `eventsourcing`: an application, its PostgreSQL recorder, 16 threads."""
    parts = urlsplit(url)
    os.environ.update(
        PERSISTENCE_MODULE="eventsourcing.postgres",
        POSTGRES_DBNAME=parts.path[1:],
        POSTGRES_HOST=parse_qs(parts.query)["host"][0],
        POSTGRES_PORT=parse_qs(parts.query).get("port", ["5432"])[0],
        POSTGRES_USER=parse_qs(parts.query).get("user", [parts.username or "gerance"])[0],
        POSTGRES_PASSWORD="-",
        POSTGRES_POOL_SIZE=str(CONCURRENT),
        POSTGRES_MAX_OVERFLOW="0",
        POSTGRES_CONN_MAX_AGE="",
    )
    application: Application[UUID] = Application()
    counts = [0] * CONCURRENT
    deadline = time.perf_counter() + seconds

    def client(nth: int) -> None:
        while time.perf_counter() < deadline:
            if counts[nth] % EVENTS_PER_TICKET == 0:
                ticket = Ticket(body=json.loads(open_body(world, str(uuid4()))))
                uid = ticket.id
            else:
                ticket = application.repository.get(uid)
                ticket.add_message(json.loads(message_body()))
            application.save(ticket)
            counts[nth] += 1

    threads = [threading.Thread(target=client, args=(nth,)) for nth in range(CONCURRENT)]
    started = time.perf_counter()
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    rate = sum(counts) / (time.perf_counter() - started)
    application.close()
    return rate


def _rate(name: str, rates: list[float], others: list[float]) -> dict[str, float]:
    ratios = [ours / theirs for ours, theirs in zip(rates, others, strict=True)]
    return {
        f"{name}_per_second": round(statistics.median(rates)),
        f"{name}_ratio": round(statistics.median(ratios), 1),
    }


def _percentiles(name: str, latencies: list[float]) -> dict[str, float]:
    latencies.sort()
    return {
        f"{name}_p50_ms": round(latencies[len(latencies) // 2] * 1000, 1),
        f"{name}_p99_ms": round(latencies[len(latencies) * 99 // 100] * 1000, 1),
    }


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seconds", type=float, default=5.0)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--json", action="store_true")
    options = parser.parse_args()
    with (
        tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as home,
        embedded.database(load_settings(home=Path(home), database_url=None)) as url,
    ):
        migrations.upgrade(url)
        world = asyncio.run(prepare(url))
        paths, rates, others, latencies, http_rates, http_latencies = [], [], [], [], [], []
        for _ in range(options.rounds):
            paths.append(
                uvloop.run(
                    write_path(
                        url,
                        concurrent=CONCURRENT,
                        per_aggregate=EVENTS_PER_TICKET,
                        seconds=options.seconds,
                    )
                )
            )
            rate, took = uvloop.run(ours(url, world, options.seconds))
            rates.append(rate)
            latencies += took
            others.append(theirs(url, world, options.seconds))
            rate, took = asyncio.run(
                commands_over_http(
                    url,
                    world,
                    concurrent=CONCURRENT,
                    per_ticket=EVENTS_PER_TICKET,
                    seconds=options.seconds,
                )
            )
            http_rates.append(rate)
            http_latencies += took
    result = {
        "eventsourcing_per_second": round(statistics.median(others)),
        **_rate("write_path", paths, others),
        **_rate("ticket", rates, others),
        **_percentiles("ticket", latencies),
        **_rate("http", http_rates, others),
        **_percentiles("http", http_latencies),
    }
    print(json.dumps(result) if options.json else result)


if __name__ == "__main__":
    main()
