"""A server that stops or is replaced under load resets no request."""

import asyncio
import json
import os
import signal
import subprocess
from collections.abc import Callable
from contextlib import ExitStack
from pathlib import Path

from tests.cli.conftest import COMMAND, Gerance, clean_environment
from tests.cli.server_process import rest, serving, status
from tests.cli.test_serve import free_port, until_ready
from tests.waiting import PATIENCE, until

CLIENTS = 12
REQUESTS = 1_500


class Load:
    """Clients of a port, half of which use a connection again as long as it says that they may.

    `answered`: requests that were answered whole; `failed`: what became of the others. A client
    ends when nothing listens any more, or when it is told.
    """

    def __init__(self, port: int, path: str = "/wait") -> None:
        self.answered = 0
        self.failed: list[str] = []
        self._port = port
        self._request = f"GET {path} HTTP/1.1\r\nHost: x\r\n".encode()
        self._over = False

    async def run(self, act: Callable[["Load"], object]) -> None:
        """Ask until the server is gone, or until `act` has returned; it runs beside it."""
        clients = asyncio.gather(*(self._client(keep=n % 2 == 0) for n in range(CLIENTS)))
        await asyncio.to_thread(act, self)
        self._over = True
        await asyncio.wait_for(clients, PATIENCE)

    async def _client(self, *, keep: bool) -> None:
        while not self._over:
            try:
                reader, writer = await asyncio.open_connection("127.0.0.1", self._port)
            except ConnectionRefusedError:
                return
            except OSError as failure:
                self.failed.append(f"not connected: {failure!r}")
                return
            try:
                while await self._ask(reader, writer, keep=keep) and not self._over:
                    pass
            except (OSError, asyncio.IncompleteReadError) as failure:
                self.failed.append(repr(failure))
            writer.close()

    async def _ask(
        self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, *, keep: bool
    ) -> bool:
        writer.write(self._request + (b"\r\n" if keep else b"Connection: close\r\n\r\n"))
        head = (await reader.readuntil(b"\r\n\r\n")).lower()
        (length,) = (
            int(line[15:]) for line in head.splitlines() if line[:15] == b"content-length:"
        )
        await reader.readexactly(length)
        self.answered += 1
        return b"connection: close" not in head


def test_no_request_is_reset_when_a_signal_ends_the_server() -> None:
    with serving(drain_seconds=0.5) as server:

        def end(load: Load) -> None:
            until(lambda: load.answered > REQUESTS)
            server.process.terminate()
            server.process.wait(PATIENCE)

        load = Load(server.port)
        asyncio.run(load.run(end))
    assert (load.failed, server.process.returncode) == ([], 0)
    assert load.answered > REQUESTS


def test_no_request_is_reset_when_another_server_takes_the_port_over() -> None:
    with ExitStack() as servers:
        old = servers.enter_context(serving(reuse_port=True, drain_seconds=0.2))

        def replace(load: Load) -> None:
            until(lambda: load.answered > REQUESTS // 2)
            servers.enter_context(serving(reuse_port=True, port=old.port))
            old.process.terminate()
            old.process.wait(PATIENCE)
            replaced = load.answered
            until(lambda: load.answered > replaced + REQUESTS // 2)

        load = Load(old.port)
        asyncio.run(load.run(replace))
    assert (load.failed, old.process.returncode) == ([], 0)


def test_a_stopping_server_says_so_before_it_refuses_connections() -> None:
    with serving(drain_seconds=30.0) as server, server.connect() as idle:
        idle.sendall(b"GET /wait HTTP/1.1\r\nHost: x\r\n\r\n")
        assert b"connection: close" not in idle.recv(4096)
        server.process.terminate()
        assert server.line() == "stopping"
        answer = server.exchange(b"GET /ready HTTP/1.1\r\nHost: x\r\n\r\n")
        assert status(answer) == 503
        assert b"connection: close" in answer
        idle.sendall(b"GET /wait HTTP/1.1\r\nHost: x\r\n\r\n")
        assert b"connection: close" in rest(idle)


def test_an_idle_connection_is_closed_and_a_request_under_way_ends() -> None:
    with serving() as server, server.connect() as idle, server.connect() as busy:
        idle.sendall(b"GET /wait HTTP/1.1\r\nHost: x\r\n\r\n")
        answer = b""
        while not answer.endswith(b"waited"):
            answer += idle.recv(4096)
        busy.sendall(b"POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 2\r\n\r\na")
        assert server.line() == "in flight"
        server.process.terminate()
        assert rest(idle) == b""
        busy.sendall(b"b")
        assert rest(busy).endswith(b"ab")
        server.process.communicate(timeout=PATIENCE)
        assert server.process.returncode == 0


def test_a_request_that_is_cut_by_the_stop_is_no_error() -> None:
    with serving() as server, server.connect() as busy:
        busy.sendall(b"POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 2\r\n\r\na")
        assert server.line() == "in flight"
        log = [json.loads(line) for line in server.stop().splitlines()]
    assert {"warning": "requests cut by the stop"}.items() <= {
        line["level"]: line["event"] for line in log
    }.items()
    assert [line for line in log if line["level"] in ("error", "critical")] == []


def test_workers_are_replaced_and_stopped_without_a_reset(
    gerance: Gerance, database: str, tmp_path: Path
) -> None:
    port, admin = free_port(), free_port()
    command = f"{COMMAND} serve --port {port} --admin-port {admin} --workers 2".split()
    environment = clean_environment(
        GERANCE_DATABASE_URL=database, GERANCE_HOME=str(tmp_path), GERANCE_LOG_LEVEL="warning"
    )
    process = subprocess.Popen(command, stderr=subprocess.PIPE, text=True, env=environment)

    def children() -> set[str]:
        tasks = Path(f"/proc/{process.pid}/task/{process.pid}/children")
        return {
            pid
            for pid in tasks.read_text().split()
            if b"spawn_main" in Path(f"/proc/{pid}/cmdline").read_bytes()
        }

    def replace_and_stop(load: Load) -> None:
        until(lambda: load.answered > REQUESTS // 3)
        before = children()
        assert len(before) == 2
        os.kill(process.pid, signal.SIGHUP)
        until(lambda: len(children()) == 2 and not children() & before)
        replaced = load.answered
        until(lambda: load.answered > replaced + REQUESTS // 3)
        process.terminate()
        process.wait(PATIENCE)

    try:
        until_ready(f"http://127.0.0.1:{port}/live", process)
        load = Load(port, "/live")
        asyncio.run(load.run(replace_and_stop))
        assert (load.failed, process.returncode) == ([], 0)
    finally:
        process.kill()
        print(process.communicate()[1])  # noqa: T201


def test_a_long_answer_does_not_hold_the_server_longer_than_its_grace() -> None:
    with serving() as server, server.connect() as reader:
        reader.sendall(b"GET /big?parts=2000 HTTP/1.1\r\nHost: x\r\n\r\n")
        assert reader.recv(1024).startswith(b"HTTP/1.1 200")
        server.process.terminate()
        server.process.communicate(timeout=PATIENCE)
        assert server.process.returncode == 0
