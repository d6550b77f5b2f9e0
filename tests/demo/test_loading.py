"""Loading the demonstration: the rows that its commands would have given, once, never mixed."""

import asyncio
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import urlsplit

import psycopg
import pytest
from tests.conftest import made_database
from tests.living import begun_demonstration, contents, live, lives_to_come, log_in, running

from gerance import demo
from gerance.demo import bulk
from gerance.demo.world import build_world
from gerance.kernel.errors import Rejection
from gerance.kernel.identity.accounts import add_user

COUNT, BEGUN = 60, 20


@pytest.fixture(scope="module")
def begun(database_url: str, migrated_template: str) -> Iterator[str]:
    """Name of a database where a load was interrupted."""
    with begun_demonstration(database_url, migrated_template, count=COUNT, done=BEGUN) as url:
        yield urlsplit(url).path[1:]


@pytest.fixture
def copied(database_url: str, begun: str) -> Iterator[str]:
    """URL of a copy of it."""
    with made_database(database_url, template=begun) as url:
        yield url


@pytest.fixture(scope="module", autouse=True)
def _without_partners() -> Iterator[None]:
    """Their events say when they were loaded, so no two loads are equal: see test_partners."""

    async def left_out(*_: object, **__: object) -> None:
        return None

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(demo, "load_partners", left_out)
        yield


@pytest.fixture(scope="module")
def loaded(database_url: str, begun: str) -> Iterator[str]:
    """URL of a copy of it, loaded to the end, though with another scale."""
    with made_database(database_url, template=begun) as url:
        told: list[tuple[int, int]] = []
        demo.load(url, scale=3, on_progress=lambda *done: told.append(done))
        assert told == [(COUNT, COUNT)]
        yield url


def test_copy_loads_the_rows_that_the_commands_give(
    loaded: str, copied: str, tmp_path: Path
) -> None:
    world = build_world()
    lives = lives_to_come(copied, world, count=COUNT, done=BEGUN)
    cookies = log_in(copied, world, {life.actor for life in lives})
    with running(copied, tmp_path) as http:
        for life in lives:
            live(http, cookies, life)
    demo.load(copied)
    by_copy, by_command = contents(loaded), contents(copied)
    assert len(by_copy["ticket"]) == COUNT
    assert by_copy.keys() == by_command.keys()
    for table, rows in by_command.items():
        assert by_copy[table] == rows, table


def test_an_interrupted_load_goes_on_in_batches_where_it_stopped(
    loaded: str, copied: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(bulk, "BATCH", 15)
    counted: list[int] = []
    demo.load(copied, on_progress=lambda done, total: counted.append(done))
    assert counted == [35, 50, 60]
    assert contents(copied) == contents(loaded)


def test_what_is_loaded_is_left_alone(loaded: str) -> None:
    before = contents(loaded)
    told: list[int] = []
    again = demo.load(loaded, scale=2, on_progress=lambda done, total: told.append(done))
    assert told == []
    assert contents(loaded) == before
    assert set(again.accounts) >= {"superUser", "callCenterUser", "clientAccountManager"}


def test_a_database_with_accounts_of_its_own_is_refused(
    database_url: str, migrated_template: str
) -> None:
    with made_database(database_url, template=migrated_template) as url:

        async def add() -> None:
            async with await psycopg.AsyncConnection.connect(url, autocommit=True) as connection:
                await add_user(
                    connection,
                    kind="superUser",
                    login="me",
                    password="a password of mine",
                    first_name=None,
                    last_name="Moi",
                )

        asyncio.run(add())
        before = contents(url)
        with pytest.raises(Rejection, match="empty database"):
            demo.load(url)
        assert contents(url) == before
