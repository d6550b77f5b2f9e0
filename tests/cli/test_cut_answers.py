"""An answer that cannot be ended is never taken for a complete one, over a socket."""

import http.client
import socket
import subprocess
import sys
from contextlib import closing

import pytest
from tests.waiting import PATIENCE

SCRIPT = """
from contextlib import AsyncExitStack
from pathlib import Path
from starlette.applications import Starlette
from starlette.routing import Route
from gerance.cli.server.sockets import bind, port_of
from gerance.cli.server.process import run_here
from gerance.cli.signals import stoppable
from gerance.kernel.http.stream_response import AnswerCut, StreamedResponse
from gerance.kernel.limits.long_answers import AnswerSlot
from gerance.kernel.logging import configure_logging
from gerance.kernel.settings import Settings

configure_logging("json")

async def parts():
    yield b'{"value":[1'
    yield b',2'
    raise AnswerCut("it is too long")

async def answer(request):
    return StreamedResponse(
        parts(),
        headers={"Content-Type": "application/json"},
        resources=AsyncExitStack(),
        place=AnswerSlot("somebody"),
    )

app = Starlette(routes=[Route("/", answer)])
with stoppable(), bind("127.0.0.1", 0, option="--port") as listener:
    run_here(
        app, Settings(home=Path()), listener,
        on_ready=lambda: print(port_of(listener), flush=True),
    )
"""


def test_a_cut_answer_is_unfinished_and_is_logged() -> None:
    process = subprocess.Popen(
        [sys.executable, "-c", SCRIPT], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    )
    assert process.stdout
    try:
        port = int(process.stdout.readline())
        with closing(http.client.HTTPConnection("127.0.0.1", port, timeout=PATIENCE)) as connection:
            connection.request("GET", "/")
            with closing(connection.getresponse()) as answer:
                assert answer.status == 200
                with pytest.raises((http.client.IncompleteRead, ConnectionError)):
                    answer.read()
        with socket.create_connection(("127.0.0.1", port), timeout=PATIENCE) as client:
            client.sendall(b"GET / HTTP/1.1\r\nHost: x\r\n\r\n")
            received = b""
            try:
                while more := client.recv(4096):
                    received += more
            except ConnectionError:
                pass
        assert not received.endswith(b"0\r\n\r\n")
    finally:
        process.terminate()
        out, err = process.communicate(timeout=PATIENCE)
    assert (out + err).count('"event":"an answer is cut"') == 2, out + err
    assert "it is too long" in out + err
    assert "Traceback" not in out + err
