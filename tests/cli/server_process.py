"""A server process as `gerance serve` runs it, with a few routes and without a database."""

import json
import socket
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, TextIO

from tests.waiting import PATIENCE

SCRIPT = """
import asyncio, json, os, resource, sys
from pathlib import Path
from starlette.applications import Starlette
from starlette.responses import JSONResponse, PlainTextResponse, StreamingResponse
from starlette.routing import Route
from gerance.cli.server.sockets import bind, port_of
from gerance.cli.server.process import run_here
from gerance.cli.signals import stoppable
from gerance.kernel.http.health import ready
from gerance.kernel.logging import configure_logging
from gerance.kernel.http.own_url import own_url
from gerance.kernel.settings import Settings

configure_logging("json")
given = json.loads(sys.argv[1])
if descriptors := given.pop("descriptors", None):
    resource.setrlimit(resource.RLIMIT_NOFILE, (descriptors // 2, descriptors))

async def echo(request):
    print("in flight", flush=True)
    return PlainTextResponse(await request.body())

async def client(request):
    return JSONResponse({"client": request.client.host, "scheme": request.url.scheme,
                         "own_url": own_url(request),
                         "headers": sorted(request.headers)})

async def query(request):
    return JSONResponse({"query": request.scope["query_string"].decode()})

async def refuse(request):
    return PlainTextResponse("not this", 413)

async def wait(request):
    await asyncio.sleep(0.05)
    return PlainTextResponse("waited")

async def big(request):
    async def parts():
        for _ in range(int(request.query_params["parts"])):
            yield b"x" * 65536
    return StreamingResponse(parts())

async def memory(request):
    pages = Path("/proc/self/statm").read_text().split()[1]
    return JSONResponse({"bytes": int(pages) * os.sysconf("SC_PAGE_SIZE"),
                         "cpu": resource.getrusage(resource.RUSAGE_SELF).ru_utime})

app = Starlette(routes=[
    Route("/", echo, methods=["GET", "POST"]), Route("/client", client), Route("/query", query),
    Route("/wait", wait),
    Route("/refuse", refuse, methods=["POST"]), Route("/big", big), Route("/memory", memory),
    Route("/ready", ready),
])
settings = Settings(home=Path(), **given)
with (
    stoppable(),
    bind("127.0.0.1", settings.port, option="--port", share=settings.reuse_port) as listener,
):
    run_here(
        app, settings, listener, on_ready=lambda: print(port_of(listener), flush=True),
        on_stop=lambda: print("stopping", flush=True),
    )
    print("stopped", flush=True)
"""


class ServerProcess:
    """`port`: where it listens; `process`: what runs it; `log`: what it writes its log to, a file,
    as a pipe that nobody reads would be full one day and hold the server up."""

    def __init__(self, process: "subprocess.Popen[str]", port: int, log: TextIO) -> None:
        self.process, self.port, self.log = process, port, log

    def line(self) -> str:
        """The next line that it prints."""
        assert self.process.stdout is not None
        return self.process.stdout.readline().strip()

    def connect(self) -> socket.socket:
        return socket.create_connection(("127.0.0.1", self.port), timeout=PATIENCE)

    def exchange(self, sent: bytes) -> bytes:
        """All that it answers until it closes the connection."""
        with self.connect() as client:
            client.sendall(sent)
            return rest(client)

    def get(self, path: str) -> Any:
        """The JSON of an answer."""
        answer = self.exchange(
            f"GET {path} HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n".encode()
        )
        return json.loads(answer.partition(b"\r\n\r\n")[2])

    def stop(self) -> str:
        """End it, and give its log."""
        self.process.terminate()
        self.process.communicate(timeout=PATIENCE)
        self.log.seek(0)
        log = self.log.read()
        assert self.process.returncode == 0, log
        return log


@contextmanager
def serving(**settings: Any) -> Iterator[ServerProcess]:
    """A server with some settings; killed at the end, if it still runs."""
    settings = {"drain_seconds": 0.0, "port": 0, **settings}
    with tempfile.TemporaryFile("w+") as log:
        process = subprocess.Popen(
            [sys.executable, "-c", SCRIPT, json.dumps(settings)],
            stdout=subprocess.PIPE,
            stderr=log,
            text=True,
        )
        try:
            assert process.stdout is not None
            port = process.stdout.readline()
            assert port, "the server does not start"
            yield ServerProcess(process, int(port), log)
        finally:
            process.kill()
            process.communicate()


def rest(client: socket.socket) -> bytes:
    """What a server still sends until it closes; a reset raises ConnectionResetError."""
    answer = b""
    while received := client.recv(65_536):
        answer += received
    return answer


def status(answer: bytes) -> int:
    return int(answer.split(b" ", 2)[1])
