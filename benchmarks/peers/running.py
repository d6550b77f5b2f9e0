"""Peers as servers: each one process, over the database that is given."""

import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import psycopg

from benchmarks.peers.installing import HERE, Missing, environment, node, with_npm, with_uv
from benchmarks.rentals.estate import POOL, free_port, wait_for


def prepare(url: str) -> None:
    """Give the database what the peers need of it."""
    with psycopg.connect(url, autocommit=True) as connection:
        connection.execute((HERE / "indexes.sql").read_bytes())


@contextmanager
def postgraphile(url: str) -> Iterator[int]:
    """The port of a PostGraphile. Raises Missing."""
    directory = with_npm()
    script = shutil.copy(HERE / "postgraphile.mjs", directory)
    modes = {"NODE_ENV": "production", "GRAPHILE_ENV": "production"}
    with _running([*node(), str(script)], {**environment(), **modes}, url) as port:
        yield port


@contextmanager
def orm(url: str) -> Iterator[int]:
    """The port of the application that uses an ORM. Raises Missing."""
    python = with_uv() / "venv/bin/python"
    port = free_port()
    options = ["--loop", "uvloop", "--http", "httptools", "--log-level", "warning"]
    command = [str(python), "-m", "uvicorn", "orm_app:app", *options, "--port", str(port)]
    with _running(command, {**os.environ}, url, port, HERE):
        yield port


@contextmanager
def _running(
    command: list[str],
    env: dict[str, str],
    url: str,
    port: int | None = None,
    directory: Path | None = None,
) -> Iterator[int]:
    port = port or free_port()
    given = {"DATABASE_URL": url, "POOL_SIZE": str(POOL), "PORT": str(port)}
    process = subprocess.Popen(
        command, env={**env, **given}, cwd=directory, stdout=sys.stderr, stderr=sys.stderr
    )
    try:
        try:
            wait_for(port, process)
        except SystemExit as why:
            raise Missing(str(why)) from why
        yield port
    finally:
        process.terminate()
        process.wait(20)
