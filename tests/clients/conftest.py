"""Public clients of npm, installed as their lock says, a node to run them with, and a server."""

import json
import shutil
import signal
import subprocess
import tempfile
import urllib.request
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, NamedTuple

import pytest
from tests.cli.test_demo import ask_token, installation, started, stop
from tests.npm import NODE, environment, install
from tests.waiting import PATIENCE

HERE = Path(__file__).parent


class Server(NamedTuple):
    """A demonstration that serves; `token`: of an integrator that sees all; `partner`: the token of
    a partner."""

    url: str
    api_key: str
    user_name: str
    password: str
    token: str
    partner: str

    def get(self, path: str, **headers: str) -> bytes:
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        request = urllib.request.Request(
            self.url + path, headers={"Authorization": f"Bearer {self.token}"} | named
        )
        with urllib.request.urlopen(request, timeout=PATIENCE) as answer:
            return bytes(answer.read())

    def post(self, path: str, body: object) -> Any:
        headers = {"Authorization": f"Bearer {self.token}", "Content-Type": "application/json"}
        request = urllib.request.Request(self.url + path, json.dumps(body).encode(), headers)
        with urllib.request.urlopen(request, timeout=PATIENCE) as answer:
            return json.load(answer)


Run = Callable[..., "subprocess.CompletedProcess[str]"]


@pytest.fixture(scope="session")
def installed(pytestconfig: pytest.Config) -> Path:
    """The directory with `node_modules`."""
    return install(HERE, pytestconfig)


@pytest.fixture(scope="session")
def node(installed: Path) -> Run:
    """Runs node with arguments; what is required is found among the installed clients."""

    def run(
        *arguments: str, home: Path = installed, **more: str
    ) -> "subprocess.CompletedProcess[str]":
        return subprocess.run(
            [str(NODE / "node"), *arguments],
            cwd=home,
            env={**environment(), "NODE_PATH": str(installed / "node_modules"), **more},
            capture_output=True,
            text=True,
            timeout=PATIENCE,
            check=False,
        )

    return run


@pytest.fixture(scope="package")
def server() -> Iterator[Server]:
    yield from fresh_server()


def fresh_server() -> Iterator[Server]:
    """A demonstration of its own, for tests that execute all examples, which are created once."""
    home = Path(tempfile.mkdtemp(prefix="gerance-tests-"))
    try:
        # Nobody reads what it writes while it serves.
        (home / "gerance.toml").write_text('log_level = "error"\n', encoding="utf-8")
        with started(home, "--json") as process:
            told = installation(process)
            known = told["accounts"]["integrator"]
            with ask_token(told) as answer:
                token = json.load(answer)["token"]
            server = Server(
                told["url"],
                known["apiKey"],
                known["userName"],
                known["password"],
                token,
                told["accounts"]["partner"]["token"],
            )
            tell_of_something(server)
            yield server
            assert stop(process, signal.SIGTERM)[0] == 0
    finally:
        shutil.rmtree(home)


def tell_of_something(server: Server) -> None:
    """Let there be a delivery: a call that nobody takes, to a port where nobody is."""
    body = {"ResponseUrl": "http://127.0.0.1:9/", "ResponseHeaders": None, "Entities": ["Unit"]}
    made = server.post("/api/subscribe", body)
    server.post(f"/api/Webhooks/{made['Uid']}/Ping", {})
    server.post("/api/unsubscribe", ["Unit"])
