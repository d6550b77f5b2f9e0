"""Commands over HTTP: a server of its own process, 16 connections that are kept."""

import asyncio
import socket
import subprocess
import sys
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from uuid import uuid4

import psycopg

from benchmarks.world import BenchWorld, message_body, open_body
from gerance.kernel.identity.accounts import add_user
from gerance.kernel.identity.sessions import COOKIE, open_session
from gerance.kernel.keyring import new_key


async def commands_over_http(
    url: str, world: BenchWorld, *, concurrent: int, per_ticket: int, seconds: float
) -> tuple[float, list[float]]:
    """Commands a second through `gerance serve`, and how long each took."""
    async with await psycopg.AsyncConnection.connect(url, autocommit=True) as connection:
        account = await add_user(
            connection,
            kind="superUser",
            login=f"{uuid4()}@bench",
            password=str(uuid4()),
            first_name=None,
            last_name="Bench",
        )
        token = await open_session(connection, account, lifetime=3600.0)
    latencies: list[float] = []
    async with _served(url) as port:
        deadline = time.perf_counter() + seconds

        async def client() -> int:
            reader, writer = await asyncio.open_connection("127.0.0.1", port)
            count, uid = 0, ""
            while time.perf_counter() < deadline:
                if count % per_ticket == 0:
                    uid = str(uuid4())
                    request = _request("POST", "", token, open_body(world, uid))
                else:
                    request = _request("PATCH", f"/{uid}", token, message_body())
                started = time.perf_counter()
                writer.write(request)
                head = await reader.readuntil(b"\r\n\r\n")
                length = int(head.lower().partition(b"content-length: ")[2].split(b"\r\n")[0])
                body = await reader.readexactly(length)
                if not head.startswith(b"HTTP/1.1 20"):
                    raise SystemExit(f"{head.decode()}{body.decode()}")
                latencies.append(time.perf_counter() - started)
                count += 1
            writer.close()
            return count

        started = time.perf_counter()
        counts = await asyncio.gather(*(client() for _ in range(concurrent)))
        return sum(counts) / (time.perf_counter() - started), latencies


def _request(method: str, path: str, token: str, body: bytes) -> bytes:
    return (
        f"{method} /api/vEvent/tickets{path} HTTP/1.1\r\nHost: bench\r\n"
        f"Cookie: {COOKIE}={token}\r\nContent-Type: application/json\r\n"
        f"Content-Length: {len(body)}\r\n\r\n"
    ).encode() + body


@asynccontextmanager
async def _served(url: str) -> AsyncIterator[int]:
    with socket.create_server(("127.0.0.1", 0)) as probe:
        port = probe.getsockname()[1]
    server = await asyncio.create_subprocess_exec(
        Path(sys.executable).with_name("gerance"),
        "serve",
        "--port",
        str(port),
        "--admin-port",
        "0",
        env={
            "GERANCE_DATABASE_URL": url,
            "GERANCE_LOG_LEVEL": "warning",
            "GERANCE_SECRET_KEY": new_key(),
            "HOME": "/nonexistent",
        },
        stderr=subprocess.DEVNULL,
    )
    try:
        for _ in range(200):
            try:
                _, writer = await asyncio.open_connection("127.0.0.1", port)
            except OSError:
                await asyncio.sleep(0.1)
            else:
                writer.close()
                break
        yield port
    finally:
        server.terminate()
        await server.wait()
