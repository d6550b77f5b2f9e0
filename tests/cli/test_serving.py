"""A signal ends the server after the requests that are in flight."""

import signal
import socket
import subprocess
import sys

import pytest
from tests.waiting import PATIENCE, until

SCRIPT = """
import sys
from pathlib import Path
from starlette.applications import Starlette
from starlette.responses import PlainTextResponse
from starlette.routing import Route
from gerance.cli.server.sockets import bind, port_of
from gerance.cli.server.process import run_here
from gerance.cli.signals import stoppable
from gerance.kernel.logging import configure_logging
from gerance.kernel.settings import Settings

configure_logging("json")

async def echo(request):
    print("in flight", flush=True)
    return PlainTextResponse(await request.body())

app = Starlette(routes=[Route("/", echo, methods=["POST"])])
with stoppable(), bind("127.0.0.1", 0, option="--port") as listener:
    run_here(
        app, Settings(home=Path()), listener,
        on_ready=lambda: print(port_of(listener), flush=True),
    )
    print("stopped", flush=True)
"""


@pytest.mark.parametrize("how", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP])
def test_a_request_in_flight_finishes(how: signal.Signals) -> None:
    process = subprocess.Popen(
        [sys.executable, "-c", SCRIPT], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    )
    assert process.stdout
    port = int(process.stdout.readline())
    with socket.create_connection(("127.0.0.1", port), timeout=PATIENCE) as client:
        client.sendall(b"POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 2\r\n\r\na")
        assert process.stdout.readline() == "in flight\n"
        process.send_signal(how)
        until_refused(port)
        client.sendall(b"b")
        answer = b""
        while received := client.recv(4096):
            answer += received
    assert answer.startswith(b"HTTP/1.1 200 OK")
    assert answer.endswith(b"ab")
    assert b"server:" not in answer.lower()
    out, err = process.communicate(timeout=PATIENCE)
    assert (process.returncode, out) == (0, "stopped\n"), err


def until_refused(port: int) -> None:
    """Wait until nothing listens any more."""

    def refused() -> bool:
        try:
            socket.create_connection(("127.0.0.1", port), timeout=1).close()
        except (ConnectionResetError, TimeoutError):
            pass  # It stood in the queue of the socket when that closed, or the queue was full.
        except ConnectionRefusedError:
            return True
        return False

    until(refused)
