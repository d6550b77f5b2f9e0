"""Reads at 10,000 and at 1,000,000 tickets, and an export beside psql.

Lists and details must not slow down as tickets grow; the export is held against psql copying the
same documents to a file from the same database, in turn. The data are the demonstration's, loaded
on the first run into `--home` (the large one takes a while) and kept there.

    .venv/bin/python -m benchmarks.reads [--home DIR] [--scales 5 500] [--json]
"""

import argparse
import http.client
import json
import random
import shutil
import socket
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from gerance import migrations
from gerance.demo import DemoWorld, load
from gerance.incidents.tickets.queries import EXPORT_JSON
from gerance.kernel import embedded, keyring
from gerance.kernel.embedded.binaries import find_binaries
from gerance.kernel.settings import load_settings

ROUNDS = 60
EXPORT = 20_000


class Client:
    """One connection that is kept, logged in as the demonstration's super user."""

    def __init__(self, port: int, account: dict[str, str]) -> None:
        self.connection = http.client.HTTPConnection("127.0.0.1", port)
        self.headers = {"Content-Type": "application/json"}
        answer = self.request("POST", "/api/v1/login", json.dumps(account))
        self.headers["Cookie"] = answer.headers["Set-Cookie"]

    def request(self, method: str, path: str, body: str | None = None) -> http.client.HTTPResponse:
        self.connection.request(method, path, body, self.headers)
        answer = self.connection.getresponse()
        if answer.status >= 400:
            raise SystemExit(f"{method} {path}: {answer.status} {answer.read().decode()}")
        answer.body = answer.read()  # type: ignore[attr-defined]
        return answer

    def get(self, path: str) -> Any:
        return json.loads(self.request("GET", path).body)  # type: ignore[attr-defined]


@contextmanager
def served(home: Path, scale: int) -> Iterator[tuple[int, int, DemoWorld, str]]:
    """A server over the loaded demonstration: its port, its process id, the world, the database."""
    settings = load_settings(home=home, database_url=None)
    keyring.use(settings).create()
    with embedded.database(settings) as url:
        migrations.upgrade(url)
        world = load(url, scale=scale, on_progress=_say)
        with socket.create_server(("127.0.0.1", 0)) as probe:
            port = probe.getsockname()[1]
        command = [str(Path(sys.executable).with_name("gerance")), "serve", "--home", str(home)]
        environment = {
            "GERANCE_LOG_LEVEL": "warning",
            "GERANCE_ALLOW_DEMO_ACCOUNTS": "true",
            "PATH": "/usr/bin:/bin",
        }
        server = subprocess.Popen([*command, "--port", str(port)], env=environment)
        try:
            _wait_until_ready(port)
            yield port, server.pid, world, url
        finally:
            server.terminate()
            server.wait(20)


def median_ms(work: Callable[[], object]) -> float:
    """The median time of `work` in milliseconds, warmed up."""
    for _ in range(5):
        work()
    times = []
    for _ in range(ROUNDS):
        started = time.perf_counter()
        work()
        times.append(time.perf_counter() - started)
    return round(statistics.median(times) * 1000, 2)


def measure(home: Path, scale: int) -> dict[str, Any]:
    """Medians of the reads at a scale."""
    with served(home, scale) as (port, pid, world, url):
        client = Client(port, world.accounts["superUser"])
        page = client.get("/api/v1/tickets")
        count = sum(status["count"] for status in page["aggregations"]["status"])
        deep = random.Random(7).sample(range(count), 50)
        uids = [client.get(f"/api/v1/tickets?range={n}-{n}")["result"][0]["uid"] for n in deep]
        chosen = iter(uids * (ROUNDS // 25 + 2))
        result: dict[str, Any] = {
            "tickets": count,
            "list_ms": median_ms(lambda: client.request("GET", "/api/v1/tickets?range=0-99")),
            "open_list_ms": median_ms(
                lambda: client.request("GET", "/api/v1/tickets?range=0-99&status=OPENED")
            ),
            "detail_ms": median_ms(
                lambda: client.request("GET", f"/api/v1/tickets/{next(chosen)}")
            ),
        }
        if count >= EXPORT:
            result |= export(port, pid, client, url)
        return result


def export(port: int, pid: int, client: Client, url: str) -> dict[str, Any]:
    """The export and psql in turn: medians, their ratio, the first byte, how memory grew."""
    ours, theirs, first = [], [], []
    before = _memory(pid)
    psql = find_binaries() / "psql"
    with tempfile.TemporaryDirectory() as directory:
        target = Path(directory, "tickets")
        copied = (
            f"\\copy (SELECT {EXPORT_JSON} FROM ticket JOIN ticket_document d USING (number)"
            f" ORDER BY ticket.number DESC LIMIT {EXPORT}) TO '{target}'"
        )
        for _ in range(6):
            started = time.perf_counter()
            subprocess.run([psql, url, "-qc", copied], check=True, capture_output=True)
            theirs.append(time.perf_counter() - started)
            started = time.perf_counter()
            client.connection.request("GET", "/api/v1/tickets/export", headers=client.headers)
            answer = client.connection.getresponse()
            with target.open("wb") as file:
                file.write(answer.read(1))
                first.append(time.perf_counter() - started)
                shutil.copyfileobj(answer, file, 1 << 18)
            ours.append(time.perf_counter() - started)
            size = target.stat().st_size
    return {
        "export_mb": round(size / 1e6, 1),
        "export_ms": round(statistics.median(ours) * 1000),
        "psql_ms": round(statistics.median(theirs) * 1000),
        "export_to_psql": round(
            statistics.median(a / b for a, b in zip(ours[1:], theirs[1:], strict=True)), 2
        ),
        "first_byte_ms": round(statistics.median(first) * 1000, 1),
        "memory_growth_mb": round((_memory(pid) - before) / 1e6, 1),
    }


def _memory(pid: int) -> int:
    pages = int(Path(f"/proc/{pid}/statm").read_text().split()[1])
    return pages * 4096


def _wait_until_ready(port: int) -> None:
    for _ in range(300):
        try:
            connection = http.client.HTTPConnection("127.0.0.1", port, timeout=5)
            connection.request("GET", "/ready")
            if connection.getresponse().status == 200:
                return
        except OSError:
            time.sleep(0.1)
    raise SystemExit("the server did not become ready")


def _say(done: int, total: int) -> None:
    if done % 50_000 == 0 and total > 50_000:
        print(f"loaded {done} of {total}", file=sys.stderr)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--home", type=Path, default=Path(".gerance", "benchmarks"))
    parser.add_argument("--scales", type=int, nargs=2, default=[5, 500])
    parser.add_argument("--json", action="store_true")
    options = parser.parse_args()
    small, large = (
        measure(options.home.resolve() / f"scale-{scale}", scale) for scale in options.scales
    )
    ratios = {
        name.removesuffix("_ms"): round(large[name] / small[name], 2)
        for name in ("list_ms", "open_list_ms", "detail_ms")
    }
    result = {"small": small, "large": large, "large_to_small": ratios}
    print(json.dumps(result) if options.json else json.dumps(result, indent=2))


if __name__ == "__main__":
    main()
