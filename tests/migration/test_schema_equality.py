"""The migrations lead to the schema that `schema.sql` declares."""

import re
import subprocess
import uuid
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from urllib.parse import urlsplit

import psycopg
import pytest

from gerance import migrations
from gerance.kernel.embedded.binaries import find_binaries


@pytest.fixture
def two_databases(database_url: str) -> Iterator[tuple[str, str]]:
    """URLs of two databases without anything in them."""
    names = [f"test_{uuid.uuid4().hex}" for _ in range(2)]
    with psycopg.connect(database_url, autocommit=True) as connection:
        for name in names:
            connection.execute(f"create database {name} template template0")
        try:
            first, second = (urlsplit(database_url)._replace(path=f"/{name}") for name in names)
            yield first.geturl(), second.geturl()
        finally:
            for name in names:
                connection.execute(f"drop database {name} with (force)")


def test_replayed_migrations_equal_the_declared_schema(two_databases: tuple[str, str]) -> None:
    replayed, declared = two_databases
    migrations.upgrade(replayed)
    with psycopg.connect(declared) as connection:
        connection.execute((Path(migrations.__file__).parent / "schema.sql").read_bytes())
    assert dump(replayed) == dump(declared)


def test_processes_that_migrate_at_once_wait_for_one_another(
    two_databases: tuple[str, str],
) -> None:
    url, _ = two_databases
    assert migrations.pending(url)[0] == "0001_initial"
    assert migrations.current(url) is None
    with ThreadPoolExecutor(2) as threads:
        list(threads.map(migrations.upgrade, [url, url]))
    assert migrations.pending(url) == []
    assert migrations.current(url) is not None


def dump(url: str) -> str:
    """The schema of a database as statements, without comments and pg_dump's random markers."""
    text = subprocess.run(
        [
            *(find_binaries() / "pg_dump", "--schema-only", "--no-owner"),
            *("--exclude-table=alembic_version", url),
        ],
        check=True,
        capture_output=True,
        text=True,
    ).stdout
    kept = [
        line for line in text.splitlines() if line and not re.match(r"--|\\(un)?restrict ", line)
    ]
    return "\n".join(kept)
