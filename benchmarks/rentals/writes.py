"""Changes of single rows over HTTP, 16 clients: this server, PostGraphile, and an earlier release.

The same change of the same rows of one database: of a unit's BaseRent and a tenant's Rent (from
which CurrentRent is derived), of a supplier and a building, from which nothing is derived. A change
here checks rights and rules, appends an event, writes the outbox and counts set versions; a
mutation of PostGraphile does none of that. All servers run at the same time and take turns in short
bursts, so that what disturbs one disturbs all; ratios are medians of the rounds.

`--base`: a checkout of an earlier release with its `.venv`, whose schema is the same.

    .venv/bin/python -m benchmarks.rentals.writes [--base DIR] [--rounds 9] [--seconds 0.7] [--json]
"""

import argparse
import asyncio
import json
import os
import statistics
import sys
import time
from collections import defaultdict
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from itertools import count
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import psycopg
import uvloop

from benchmarks.client import HttpConnection, request
from benchmarks.peers import running
from benchmarks.peers.installing import Missing
from benchmarks.rentals.estate import credentials, estate, served, token
from benchmarks.rentals.results import BASE, OURS, PEER, writes_table
from gerance.demo.rentals import RentalSize, load_rentals
from gerance.kernel import clock
from gerance.kernel.settings import load_settings
from gerance.rentals.model.rules import RULESET
from gerance.rentals.writing.daily_job import bring_to

SIZE = RentalSize(buildings=200, units=4000, tenants=4000)
CLIENTS = 16
ROWS = 64
"""Rows of each kind that are changed, by each client its own."""
JSON_BODY = {"Content-Type": "application/json", "Accept": "application/json"}


@dataclass(frozen=True)
class Kind:
    """A kind of change. `derived`: derived columns depend on the entity; `value`: the next value;
    `graphql`: its mutation and the field of its patch."""

    name: str
    path: str
    property: str
    derived: bool
    value: Callable[[int], Any]
    graphql: tuple[str, str, str]
    table: str


KINDS = (
    Kind("Units.BaseRent", "Units", "BaseRent", True, lambda n: 500 + n % 900,
         ("updateUnitByRowId", "unitPatch", "baseRent"), "unit"),
    Kind("Tenants.Rent", "Tenants", "Rent", True, lambda n: 500 + n % 900,
         ("updateTenantByRowId", "tenantPatch", "rent"), "tenant"),
    Kind("Suppliers", "Suppliers", "ContactName", False, lambda n: f"Contact {n}",
         ("updateSupplierByRowId", "supplierPatch", "contactName"), "supplier"),
    Kind("Buildings", "Buildings", "ManagerName", False, lambda n: f"Manager {n}",
         ("updateBuildingByRowId", "buildingPatch", "managerName"), "building"),
)  # fmt: skip


@dataclass(frozen=True)
class Server:
    """`write`: the bytes of the request that gives a row the n-th value."""

    name: str
    port: int
    write: Callable[[Kind, int, int], bytes]


def gerance(name: str, port: int, bearer: str) -> Server:
    headers = {**JSON_BODY, "Authorization": f"Bearer {bearer}"}

    def write(kind: Kind, row: int, nth: int) -> bytes:
        body = json.dumps({kind.property: kind.value(nth)}).encode()
        return request("PATCH", f"/api/{kind.path}({row})", headers, body)

    return Server(name, port, write)


def postgraphile(port: int) -> Server:
    def write(kind: Kind, row: int, nth: int) -> bytes:
        mutation, patch, field = kind.graphql
        value = json.dumps(str(kind.value(nth)))
        text = (
            f"mutation {{ {mutation}(input: {{rowId: {row}, {patch}: {{{field}: {value}}}}})"
            " { clientMutationId } }"
        )
        return request("POST", "/graphql", JSON_BODY, json.dumps({"query": text}).encode())

    return Server(PEER, port, write)


async def loaded(url: str) -> dict[str, list[int]]:
    """Load the rentals, unless they are there; the ids of rows to change, by table."""
    now, zone = datetime.now(UTC), ZoneInfo(load_settings().timezone)
    async with await psycopg.AsyncConnection.connect(url, autocommit=True) as connection:
        await load_rentals(connection, SIZE, now=now)
        await bring_to(connection, RULESET, clock.today(zone))
        await connection.execute("VACUUM ANALYZE")
        ids: dict[str, list[int]] = {}
        for kind in KINDS:
            rows = await connection.execute(
                f"SELECT id FROM rentals.{kind.table} ORDER BY md5(id::text) LIMIT {ROWS}".encode()
            )
            ids[kind.table] = [id_ for (id_,) in await rows.fetchall()]
        return ids


async def burst(server: Server, kind: Kind, ids: list[int], seconds: float) -> tuple[float, float]:
    """Changes a second of all clients, and the median time of one in milliseconds."""
    connections = [await HttpConnection.open(server.port) for _ in range(CLIENTS)]
    numbers, times = count(time.time_ns() % 1_000_000), list[float]()

    async def client(nth: int, deadline: float) -> None:
        rows = ids[nth::CLIENTS]
        for turn in count():
            message = server.write(kind, rows[turn % len(rows)], next(numbers))
            started = time.perf_counter()
            answer = await connections[nth].ask(message, keep=True)
            times.append(time.perf_counter() - started)
            if answer.status not in (200, 204) or b'"errors"' in answer.body:
                raise SystemExit(f"{server.name}, {kind.name}: {answer.status} {answer.body!r}")
            if time.perf_counter() >= deadline:
                return

    started = time.perf_counter()
    await asyncio.gather(*(client(nth, started + seconds) for nth in range(CLIENTS)))
    rate = len(times) / (time.perf_counter() - started)
    for connection in connections:
        connection.close()
    return rate, statistics.median(times) * 1000


async def measured(
    servers: list[Server], ids: dict[str, list[int]], rounds: int, seconds: float
) -> dict[str, Any]:
    """The figures of all kinds: rates, medians of times, and ratios of ours within each round."""
    rates: dict[tuple[str, str], list[float]] = defaultdict(list)
    times: dict[tuple[str, str], list[float]] = defaultdict(list)
    for nth in range(rounds + 1):
        for kind in KINDS:
            for server in servers:
                rate, p50 = await burst(server, kind, ids[kind.table], seconds)
                # The first round warms up.
                if nth:
                    rates[kind.name, server.name].append(rate)
                    times[kind.name, server.name].append(p50)
        print(f"round {nth} of {rounds}, load {os.getloadavg()[0]:.1f}", file=sys.stderr)
    figures: dict[str, Any] = {}
    for kind in KINDS:
        ours = rates[kind.name, OURS]
        figures[kind.name] = {
            "derived": kind.derived,
            "a_second": {s.name: round(statistics.median(rates[kind.name, s.name]))
                         for s in servers},
            "p50_ms": {s.name: round(statistics.median(times[kind.name, s.name]), 1)
                       for s in servers},
            "ratio": {
                s.name: round(
                    statistics.median(
                        mine / theirs
                        for mine, theirs in zip(ours, rates[kind.name, s.name], strict=True)
                    ),
                    2,
                )
                for s in servers
                if s.name != OURS
            },
        }  # fmt: skip
    return {"writes": figures, "load": round(os.getloadavg()[0], 1)}


@contextmanager
def servers_over(url: str, base: Path | None) -> Iterator[list[Server]]:
    """This server, the earlier release and PostGraphile, as far as they can be run here."""
    access = uvloop.run(credentials(url))
    with ExitStack() as stack:
        started = [(OURS, stack.enter_context(served(url)))]
        if base is not None:
            program = base.resolve() / ".venv/bin/gerance"
            started.append((BASE, stack.enter_context(served(url, program))))
        servers = [
            gerance(name, server.port, uvloop.run(token(server.port, *access)))
            for name, server in started
        ]
        try:
            servers.append(postgraphile(stack.enter_context(running.postgraphile(url))))
        except Missing as why:
            print(f"without {PEER}: {why}", file=sys.stderr)
        yield servers


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--home", type=Path, default=Path(".gerance", "benchmarks"))
    parser.add_argument("--base", type=Path, help="a checkout of an earlier release")
    parser.add_argument("--rounds", type=int, default=9)
    parser.add_argument("--seconds", type=float, default=0.7, help="of each burst")
    parser.add_argument("--json", action="store_true")
    options = parser.parse_args()
    with estate(options.home.resolve() / "writes") as url:
        ids = uvloop.run(loaded(url))
        with servers_over(url, options.base) as servers:
            run = uvloop.run(measured(servers, ids, options.rounds, options.seconds))
    print(
        json.dumps(run) if options.json else f"{writes_table(run)}\n\nLoad average: {run['load']}."
    )


if __name__ == "__main__":
    main()
