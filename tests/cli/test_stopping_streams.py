"""A server that stops under load ends its feeds, cuts long answers, and resets no other request."""

import asyncio
import socket
import subprocess
from pathlib import Path

from tests.cli.conftest import COMMAND, clean_environment
from tests.cli.server_process import rest
from tests.cli.test_serve import free_port, until_ready
from tests.cli.test_stopping import Load
from tests.living import running
from tests.rentals.conftest import estate, rentals_template
from tests.rentals.test_writing import integrator
from tests.waiting import PATIENCE, until

from gerance.kernel.identity.scope import Scope

__all__ = ["estate", "rentals_template"]

REQUESTS = 500
LONG_ANSWER = "/api/Transactions?$expand=Tenant($expand=Unit($expand=Building))"
"""Larger than what the sockets of both sides buffer."""
LAST_CHUNK = b"0\r\n\r\n"


def ask(port: int, path: str, headers: dict[str, str]) -> socket.socket:
    """A connection on which a request was sent."""
    client = socket.socket()
    client.settimeout(PATIENCE)
    client.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 65_536)
    client.connect(("127.0.0.1", port))
    lines = [f"{name}: {value}" for name, value in headers.items()]
    client.sendall("\r\n".join([f"GET {path} HTTP/1.1", "Host: x", *lines, "", ""]).encode())
    return client


def test_a_feed_ends_and_a_long_answer_is_cut_while_no_other_request_is_reset(
    estate: str, tmp_path: Path
) -> None:
    with running(estate, tmp_path) as http:
        headers = integrator(http, estate, "reader", Scope())
    port = free_port()
    process = subprocess.Popen(
        f"{COMMAND} serve --port {port} --admin-port {free_port()}".split(),
        stderr=subprocess.PIPE,
        text=True,
        env=clean_environment(
            GERANCE_DATABASE_URL=estate, GERANCE_HOME=str(tmp_path), GERANCE_LOG_LEVEL="warning"
        ),
    )

    def stop(load: Load) -> None:
        until(lambda: load.answered > REQUESTS)
        process.terminate()
        process.wait(PATIENCE)

    try:
        until_ready(f"http://127.0.0.1:{port}/live", process)
        with (
            ask(port, "/api/v1/events/stream", headers) as feed,
            ask(port, LONG_ANSWER, headers) as unread,
        ):
            beginning = b""
            while b"retry:" not in beginning:
                beginning += feed.recv(4096)
            assert unread.recv(1024).startswith(b"HTTP/1.1 200")
            load = Load(port, "/live")
            asyncio.run(load.run(stop))
            assert (load.failed, process.returncode) == ([], 0)
            assert (beginning + rest(feed)).endswith(LAST_CHUNK)
            try:
                left = rest(unread)
            except ConnectionResetError:
                left = b""
            assert not left.endswith(LAST_CHUNK)
    finally:
        process.kill()
        print(process.communicate()[1])  # noqa: T201
