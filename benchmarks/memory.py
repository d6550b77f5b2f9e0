"""What a server takes in memory under a mixed load that never asks the same question twice.

.venv/bin/python -m benchmarks.memory [--minutes 7] [--kept-mb 128] [--json]

It starts a demonstration of its own. Four clients read rentals (distinct questions, and all
buildings with their units), read and export tickets, send commands to tickets and change units:
every cache fills, and every set changes. The resident memory of the process is noted as it goes.
"""

import argparse
import asyncio
import itertools
import json
import os
import random
import signal
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from urllib.parse import quote

from benchmarks.client import HttpConnection, request

CLIENTS = 4
SAMPLES = 28
_WORDS = ("fuite", "chauffage", "ascenseur", "porte", "serrure", "eau", "panne", "urgence")


@contextmanager
def demonstration(home: str, kept_mb: int) -> Iterator[tuple[int, dict[str, Any]]]:
    """A demonstration's process id and what it prints of itself."""
    process = subprocess.Popen(
        [str(Path(sys.executable).with_name("gerance")), "demo", "--json", "--port", "0"],
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
        env={
            "HOME": home,
            "GERANCE_HOME": home,
            "GERANCE_LOG_LEVEL": "warning",
            "GERANCE_ODATA_KEPT_BYTES": str(kept_mb * 1024 * 1024),
            "PATH": os.environ["PATH"],
        },
    )
    assert process.stdout is not None
    try:
        yield process.pid, json.loads(process.stdout.readline())
    finally:
        process.send_signal(signal.SIGTERM)
        process.wait()


class Load:
    """Clients of one installation."""

    def __init__(self, installation: dict[str, Any]) -> None:
        self.port = int(installation["url"].rpartition(":")[2])
        self.accounts = installation["accounts"]
        self.statuses: Counter[int] = Counter()
        self.bytes = 0
        self._number = itertools.count()
        self._bearer: dict[str, str] = {}
        self._session: dict[str, str] = {}
        self._tickets: list[str] = []

    async def begin(self) -> None:
        """Log in on both sides, and find some tickets to write to."""
        connection = await HttpConnection.open(self.port)
        integrator, user = self.accounts["integrator"], self.accounts["callCenterUser"]
        headers = {"x-api-key": integrator["apiKey"], "Content-Type": "application/json"}
        proof = {"UserName": integrator["userName"], "Password": integrator["password"]}
        message = request("POST", "/api/Token", headers, json.dumps(proof).encode())
        answer = await connection.ask(message, keep=True)
        self._bearer = {"Authorization": f"Bearer {json.loads(answer.body)['token']}"}
        proof = {"login": user["login"], "password": user["password"]}
        headers = {"Content-Type": "application/json"}
        message = request("POST", "/api/vEvent/login", headers, json.dumps(proof).encode())
        answer = await connection.ask(message)
        cookie = answer.head.lower().partition(b"set-cookie: pi_session=")
        start = len(cookie[0]) + len(cookie[1])
        self._session = {"Cookie": f"PI_SESSION={answer.head[start:].partition(b';')[0].decode()}"}
        message = request("GET", "/api/v1/tickets?range=0-99", self._session)
        answer = await connection.ask(message, keep=True)
        self._tickets = [each["uid"] for each in json.loads(answer.body)["result"]]
        connection.close()

    async def run(self, until: float, chance: random.Random) -> None:
        """One client, one request after another."""
        connection = await HttpConnection.open(self.port)
        while time.monotonic() < until:
            answer = await connection.ask(self._next(chance))
            self.statuses[answer.status] += 1
            self.bytes += answer.size
            if b"connection: close" in answer.head.lower():
                connection = await HttpConnection.open(self.port)
        connection.close()

    def _next(self, chance: random.Random) -> bytes:
        n = next(self._number)
        kind = chance.randrange(20)
        if kind < 8:
            return self._read(f"Units?$filter=Id gt {n}&$orderby=BaseRent&$top={1 + n % 400}")
        if kind < 11:
            select = "Id,BuildingCode,Name"
            units = f"Units($select=UnitCode,BaseRent;$top={1 + n % 40})"
            return self._read(f"Buildings?$select={select}&$expand={units}&$skip={n % 500}")
        if kind < 12:
            return self._read("Buildings?$expand=Units")
        if kind < 13:
            body = json.dumps({"BaseRent": 500 + n % 900}).encode()
            headers = {**self._bearer, "Content-Type": "application/json"}
            return request("PATCH", f"/api/Units({1 + n % 1000})", headers, body)
        if kind < 16:
            word = chance.choice(_WORDS)
            path = f"/api/v1/tickets?fulltext={word}&range={n % 500}-{n % 500 + 49}"
            return request("GET", path, self._session)
        if kind < 17:
            return request("GET", "/api/v1/tickets/export", self._session)
        ticket = self._tickets[n % len(self._tickets)]
        body = {
            "processUid": f"00000000-0000-4000-8000-{n:012x}",
            "message": f"Message {n}",
            "messageAddedDate": "2026-11-30T10:00:00.000Z",
            "commandType": "AddMessage",
        }
        headers = {**self._session, "Content-Type": "application/json"}
        path = f"/api/vEvent/tickets/{ticket}"
        return request("PATCH", path, headers, json.dumps(body).encode())

    def _read(self, query: str) -> bytes:
        return request("GET", f"/api/{quote(query, safe='?$&=(),;')}", self._bearer)


def resident_mb(pid: int) -> float:
    """The resident memory of a process."""
    pages = int(Path(f"/proc/{pid}/statm").read_text().split()[1])
    return round(pages * os.sysconf("SC_PAGE_SIZE") / 1024 / 1024, 1)


async def under_load(load: Load, pid: int, minutes: float) -> list[float]:
    """The resident memory of a process as the load goes on, in MB."""
    await load.begin()
    samples = [resident_mb(pid)]
    until = time.monotonic() + minutes * 60
    clients = [
        asyncio.ensure_future(load.run(until, random.Random(seed))) for seed in range(CLIENTS)
    ]
    for _ in range(SAMPLES):
        await asyncio.sleep(minutes * 60 / SAMPLES)
        samples.append(resident_mb(pid))
    await asyncio.gather(*clients)
    return samples


def measure(minutes: float, kept_mb: int) -> dict[str, Any]:
    """The figures of one run."""
    with (
        tempfile.TemporaryDirectory(prefix="gerance-bench-", ignore_cleanup_errors=True) as home,
        demonstration(home, kept_mb) as (pid, installation),
    ):
        load = Load(installation)
        samples = asyncio.run(under_load(load, pid, minutes))
    third = samples[-len(samples) // 3 :]
    return {
        "minutes": minutes,
        "kept_mb": kept_mb,
        "requests": sum(load.statuses.values()),
        "statuses": dict(load.statuses),
        "answered_mb": round(load.bytes / 1024 / 1024),
        "resident_mb": samples,
        "growth_in_the_last_third_mb": round(third[-1] - third[0], 1),
    }


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--minutes", type=float, default=7.0)
    parser.add_argument("--kept-mb", type=int, default=128, help="odata_kept_bytes")
    parser.add_argument("--json", action="store_true", help="print one line of JSON")
    options = parser.parse_args()
    figures = measure(options.minutes, options.kept_mb)
    print(json.dumps(figures, indent=None if options.json else 2))


if __name__ == "__main__":
    main()
