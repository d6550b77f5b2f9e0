"""The rentals to read: a database of 2,000 buildings, a server over it, and who may ask it."""

import json
import os
import secrets
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from zoneinfo import ZoneInfo

import psycopg

from benchmarks.client import HttpConnection, request
from gerance import migrations
from gerance.demo.rentals import RentalSize, load_rentals
from gerance.kernel import embedded, keyring
from gerance.kernel.errors import Rejection
from gerance.kernel.identity.integrators import add_integrator, rotate_integrator
from gerance.kernel.identity.scope import Scope
from gerance.kernel.settings import load_settings
from gerance.rentals.model.rules import RULESET
from gerance.rentals.writing.daily_job import bring_to

SIZE = RentalSize(buildings=2000, units=40_000, tenants=40_000)
USER = "benchmark"
POOL = 16
"""Connections to the database that each of the servers may open."""


@contextmanager
def estate(home: Path) -> Iterator[str]:
    """The URL of the loaded database; it is kept in the home for the next time."""
    settings = load_settings(home=home, database_url=None)
    keyring.use(settings).create()
    with embedded.database(settings) as url:
        migrations.upgrade(url)
        yield url


async def loaded(url: str) -> None:
    """Load the rentals, unless they are there, bring them to the present day as a server would
    while it is measured, and have the database settle on them."""
    now, zone = datetime.now(UTC), ZoneInfo(load_settings().timezone)
    async with await psycopg.AsyncConnection.connect(url, autocommit=True) as connection:
        await load_rentals(connection, SIZE, now=now)
        await bring_to(connection, RULESET, now.astimezone(zone).date())
        await connection.execute("VACUUM ANALYZE")
        await connection.execute("CHECKPOINT")


async def credentials(url: str) -> tuple[str, str]:
    """The API key and the password of an integrator that sees everything."""
    password = secrets.token_urlsafe(16)
    async with await psycopg.AsyncConnection.connect(url, autocommit=True) as connection:
        try:
            key = await rotate_integrator(connection, USER, password=password)
        except Rejection:
            key = await add_integrator(connection, user_name=USER, password=password, scope=Scope())
    return key, password


@dataclass(frozen=True)
class Served:
    """A server that answers. `pid`: its process."""

    port: int
    pid: int


@contextmanager
def served(url: str, program: Path | None = None) -> Iterator[Served]:
    """`gerance serve` as one process over the database. `program`: of another release."""
    port = free_port()
    server = subprocess.Popen(
        [program or Path(sys.executable).with_name("gerance"), "serve", "--port", str(port),
         "--admin-port", "0"],
        env={
            "GERANCE_DATABASE_URL": url,
            "GERANCE_LOG_LEVEL": "warning",
            "GERANCE_POOL_SIZE": str(POOL),
            "GERANCE_SECRET_KEY_FILE": str(keyring.keyring().path),
            "HOME": "/nonexistent",
            "PATH": os.environ.get("PATH", ""),
        },
        stderr=subprocess.DEVNULL,
    )  # fmt: skip
    try:
        wait_for(port, server)
        yield Served(port, server.pid)
    finally:
        server.terminate()
        server.wait(20)


async def token(port: int, key: str, password: str) -> str:
    """A token, as an integrator gets it."""
    body = json.dumps({"UserName": USER, "Password": password}).encode()
    headers = {"x-api-key": key, "Content-Type": "application/json"}
    connection = await HttpConnection.open(port)
    answer = await connection.ask(request("POST", "/api/Token", headers, body), keep=True)
    connection.close()
    if answer.status != 200:
        raise SystemExit(f"no token: {answer.body.decode()}")
    return str(json.loads(answer.body)["token"])


def memory(pid: int) -> int:
    """Bytes of memory that a process has."""
    return int(Path(f"/proc/{pid}/statm").read_text().split()[1]) * os.sysconf("SC_PAGE_SIZE")


def free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as probe:
        return int(probe.getsockname()[1])


def wait_for(port: int, process: subprocess.Popen[bytes]) -> None:
    """Until a server accepts connections."""
    deadline = time.monotonic() + 60
    while time.monotonic() < deadline and process.poll() is None:
        try:
            socket.create_connection(("127.0.0.1", port), 1).close()
        except OSError:
            time.sleep(0.05)
        else:
            return
    raise SystemExit(f"{process.args!r} did not start to listen")
