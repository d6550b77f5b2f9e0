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
from tests.migration import declared

from gerance import migrations
from gerance.kernel.embedded.binaries import find_binaries
from gerance.migrations import catalog


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


def test_the_catalog_has_the_lines_of_the_declared_schema(database: str) -> None:
    with psycopg.connect(database) as connection:
        assert catalog.catalog(connection) == catalog.FILE.read_text().splitlines(), (
            "The schema has changed: run `make schema`."
        )


@pytest.mark.parametrize(
    ("change", "line"),
    [
        ("ALTER TABLE outbox DROP COLUMN claims", "column public.outbox.claims "),
        ("ALTER TABLE endpoint ALTER url TYPE varchar", "column public.endpoint.url "),
        ("ALTER TABLE endpoint ALTER url DROP NOT NULL", "column public.endpoint.url "),
        ("DROP INDEX event_order", "index CREATE INDEX event_order "),
        ("ALTER TABLE event DROP CONSTRAINT event_pkey CASCADE", "constraint public.event."),
        ("DROP VIEW odata.ticket CASCADE", "view odata.ticket"),
        (
            "CREATE OR REPLACE FUNCTION fold(value text) RETURNS text LANGUAGE sql AS 'SELECT $1'",
            "function public.fold(",
        ),
    ],
)
def test_an_object_that_is_missing_or_different_is_named(
    database: str, change: str, line: str
) -> None:
    with psycopg.connect(database) as connection:
        assert catalog.missing(connection) == []
        connection.execute("CREATE INDEX of_the_operator ON event (sent_date)")
        assert catalog.missing(connection) == []
        connection.execute(change)
        found = catalog.missing(connection)
        connection.rollback()
    assert any(each.startswith(line) for each in found), found


def test_a_migration_that_has_landed_never_changes() -> None:
    steps = declared.steps()
    assert {name: steps.get(name) for name in declared.landed()} == declared.landed(), (
        "Installations have run this migration: leave it as it was, and add another."
    )
    assert declared.landed().keys() == steps.keys(), "A migration is not listed: run `make schema`."


def test_processes_that_migrate_at_once_wait_for_one_another(
    two_databases: tuple[str, str],
) -> None:
    url, _ = two_databases
    assert migrations.pending(url)[0] == "0013_daily_job"
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
