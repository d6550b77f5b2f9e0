"""One database server for the whole run, one fresh migrated database per test module."""

import logging
import os
import shutil
import tempfile
import uuid
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import urlsplit

import msgspec
import psycopg
import pytest
from argon2 import PasswordHasher
from tests import answers

from gerance import migrations
from gerance.kernel import embedded
from gerance.kernel.identity import passwords
from gerance.kernel.keyring import new_key
from gerance.kernel.settings import load_settings

SERVERS = ("browser", "cli", "clients", "demo", "docs", "faults", "hostile", "migration")
SERVER_MODULES = (
    "incidents/test_walk_through.py",
    "kernel/test_embedded.py",
    "partners/mail/test_approving.py",
)
"""Directories and modules whose tests start databases, servers or programs of their own."""

TESTS = Path(__file__).parent
QUICK = "unit or contract"
"""What `make check` runs."""


def group(path: Path, fixtures: Iterable[str]) -> str:
    """The group of a test, by where it is and whether it needs a database."""
    place = path.relative_to(TESTS)
    if place.parts[0] in SERVERS or place.as_posix() in SERVER_MODULES:
        return "servers"
    if place.parts[0] == "contract":
        return "contract"
    return "database" if "database_url" in fixtures else "unit"


def pytest_ignore_collect(collection_path: Path, config: pytest.Config) -> bool | None:
    """The quick checks import nothing of the slow groups."""
    quick = config.getoption("markexpr") == QUICK
    slow = quick and group(collection_path, ()) == "servers" if collection_path != TESTS else False
    return True if slow else None


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Mark each test with its group; the slowest files, which have few tests, come first, so that
    no processor is idle at the end."""
    for item in items:
        item.add_marker(group(item.path, getattr(item, "fixturenames", ())))
    items.sort(key=lambda item: item.get_closest_marker("servers") is None)


# One key for all homes: tests open one database from several.
os.environ["GERANCE_SECRET_KEY"] = new_key()


@pytest.fixture(scope="session", autouse=True)
def light_hashes() -> Iterator[None]:
    """argon2id as ever, with less work in each: tests log in thousands of times."""
    with pytest.MonkeyPatch.context() as patch:
        light = PasswordHasher(time_cost=1, memory_cost=64, parallelism=1)
        patch.setattr(passwords, "_hasher", light)
        yield


@pytest.fixture(scope="session", autouse=True)
def problems_of_answers() -> Iterator[answers.Problems]:
    """What is wrong with the answers of the application, by its own document."""
    with answers.watching() as problems:
        yield problems


@pytest.fixture(autouse=True)
def answers_are_as_described(problems_of_answers: answers.Problems) -> Iterator[None]:
    """Fails a test while which the application answered something that OpenAPI does not say."""
    yield
    found = list(dict.fromkeys(problems_of_answers))
    problems_of_answers.clear()
    assert not found, "\n".join(found)


@pytest.fixture(autouse=True)
def no_log_is_left_configured() -> Iterator[None]:
    """A test that configures the log of the product does so for itself: the next one has another
    standard error, and a handler that writes to the former one fails."""
    yield
    for handler in logging.getLogger().handlers[:]:
        if type(handler) is logging.StreamHandler:
            logging.getLogger().removeHandler(handler)


@pytest.fixture(scope="session")
def database_url() -> Iterator[str]:
    """URL of a server where databases may be made: the given one, else an embedded one."""
    if given := os.environ.get("GERANCE_TEST_DATABASE_URL"):
        yield given
        return
    # Not pytest's own directory: pytest closes that one to the account which the server runs as.
    home = Path(tempfile.mkdtemp(prefix="gerance-tests-"))
    try:
        settings = msgspec.structs.replace(load_settings(home=home), database_url=None)
        with embedded.database(settings) as url:
            # Tests ask whether a commit is visible, not whether it outlives the machine.
            with psycopg.connect(url, autocommit=True) as connection:
                connection.execute("alter system set fsync = off")
                connection.execute("select pg_reload_conf()")
            yield url
    finally:
        shutil.rmtree(home)


@pytest.fixture(scope="session")
def migrated_template(database_url: str) -> Iterator[str]:
    """Name of a migrated database that others are copied from; nobody may stay connected to it."""
    with made_database(database_url) as url:
        migrations.upgrade(url)
        yield urlsplit(url).path[1:]


@pytest.fixture(scope="module")
def database(database_url: str, migrated_template: str) -> Iterator[str]:
    """URL of a migrated database without data, for one test module alone."""
    with made_database(database_url, template=migrated_template) as url:
        yield url


@contextmanager
def made_database(server_url: str, template: str = "template0") -> Iterator[str]:
    """A new database on a server, dropped at the end whoever is still connected; gives its URL."""
    name = f"test_{uuid.uuid4().hex}"
    with psycopg.connect(server_url, autocommit=True) as connection:
        connection.execute(f"create database {name} template {template}")
        try:
            yield urlsplit(server_url)._replace(path=f"/{name}").geturl()
        finally:
            connection.execute(f"drop database {name} with (force)")
