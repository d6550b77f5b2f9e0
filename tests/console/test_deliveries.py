"""Operators see in the console how the calls to every address fare, and act on it."""

import asyncio
import re
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import uuid4

import psycopg
import pytest
from starlette.testclient import TestClient
from tests.console.browser import Browser, add_manager, add_operator
from tests.kernel.webhooks.engine import engine
from tests.living import running
from tests.receiving import receiving

from gerance.console import deliveries

HOME = "/console/deliveries"


@pytest.fixture(scope="module")
def http(database: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[TestClient]:
    add_operator(database, "chef")
    add_manager(database, "gestion")
    with running(database, Path(tmp_path_factory.mktemp("home"))) as client:
        yield client


@pytest.fixture(scope="module")
def browser(http: TestClient) -> Browser:
    return Browser(http, "chef")


@pytest.fixture
def uid(database: str) -> str:
    """An address that took two events and refused a third; it is the only one."""

    async def story() -> str:
        async with engine(database) as it, receiving() as receiver:
            made = await it.endpoint(f"{receiver.url}?<b>")
            for _ in range(2):
                await it.happen()
            await it.deliver()
            receiver.answer = lambda received: 503
            await it.happen("Failing")
            await it.deliver()
            return made

    return asyncio.run(story())


def owed(database: str) -> list[Any]:
    with psycopg.connect(database) as connection:
        rows = connection.execute("SELECT failures, due = '-infinity' FROM outbox")
        return rows.fetchall()


def test_all_addresses_are_shown_with_what_waits_for_them(browser: Browser, uid: str) -> None:
    page = browser.get(HOME).text
    assert f"{HOME}/{uid}" in page
    assert "?&lt;b&gt;" in page
    assert "somebody" in page
    assert re.findall(r'class="number"[^>]*>(\d+)</td>', page) == ["1", "1", "0"]
    assert "en échec depuis" in page
    assert "failing since" in browser.get(HOME, **{"Accept-Language": "en"}).text


def test_calls_are_shown_with_what_was_sent_and_answered(
    browser: Browser, uid: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    page = browser.get(f"{HOME}/{uid}").text
    assert re.findall(r"thing (\w+) <span", page) == ["Failing", "Happened", "Happened"]
    assert [page.count(word) for word in ("échec</strong> 503", "livré</strong> 204")] == [1, 2]
    assert "prochaine tentative" in page
    assert "{&#34;position&#34;:" in page
    monkeypatch.setattr(deliveries, "PAGE_SIZE", 2)
    first = browser.get(f"{HOME}/{uid}").text
    (older,) = re.findall(rf'href="({HOME}/{uid}\?before=\d+)"', first)
    assert re.findall(r"thing (\w+) <span", browser.get(older).text) == ["Happened"]


def test_what_failed_is_told_again(browser: Browser, uid: str, database: str) -> None:
    path = f"{HOME}/{uid}"
    assert owed(database) == [(1, False)]
    done = browser.post(f"{path}/replay")
    assert done.headers["location"] == f"{path}?replayed=1"
    assert owed(database) == [(0, True)]
    assert "ments\u00a0: 1." in browser.get(done.headers["location"]).text
    page = browser.get(path).text
    position = re.findall(r'name="position" value="(\d+)"', page)[-1]
    assert browser.post(f"{path}/replay", position=position).status_code == 303
    assert owed(database) == [(0, True)] * 2
    since = (datetime.now(UTC) - timedelta(hours=1)).strftime("%Y-%m-%dT%H:%M")
    replayed = browser.post(f"{path}/replay", since=since).headers["location"]
    assert int(replayed.rpartition("=")[2]) == len(owed(database)) >= 3


def test_an_address_is_paused_switched_off_and_resumed(
    browser: Browser, uid: str, database: str
) -> None:
    path = f"{HOME}/{uid}"
    unconfirmed = browser.post(f"{path}/state", state="off")
    assert unconfirmed.headers["location"] == f"{path}/off"
    question = browser.get(unconfirmed.headers["location"]).text
    assert "?&lt;b&gt;" in question
    assert 'name="confirmed"' in question
    assert f'action="{path}/off"' in browser.get(path).text
    for state, shown in (("paused", "en pause"), ("off", "par un opérateur"), ("active", "active")):
        assert (
            browser.post(f"{path}/state", state=state, confirmed="1").headers["location"]
            == f"{path}?state={state}"
        )
        page = browser.get(path).text
        assert shown in page
        assert f'name="state" value="{state}"' not in page
    with psycopg.connect(database) as connection:
        rows = connection.execute(
            "SELECT a.act FROM audit a JOIN account u ON u.uid::text = a.actor"
            " WHERE u.login = 'chef' AND a.subject = %s ORDER BY a.id",
            [uid],
        )
        assert [act for (act,) in rows.fetchall()] == [
            "endpoint paused", "endpoint off", "endpoint active"
        ]  # fmt: skip


@pytest.mark.parametrize(
    ("act", "fields", "status"),
    [
        ("state", {"state": "gone"}, 400),
        ("state", {}, 400),
        ("replay", {"position": "1000000000"}, 404),
        ("replay", {"position": "x"}, 404),
        ("replay", {"since": "hier"}, 400),
    ],
    ids=str,
)
def test_what_cannot_be_done_is_told(
    browser: Browser, uid: str, database: str, act: str, fields: dict[str, str], status: int
) -> None:
    before = owed(database)
    answer = browser.post(f"{HOME}/{uid}/{act}", **fields)
    assert (answer.status_code, 'role="alert"' in answer.text) == (status, True)
    assert owed(database) == before


@pytest.mark.parametrize("name", [str(uuid4()), "x", "%00"], ids=["unknown", "none", "nul"])
def test_an_address_that_is_not_there_is_told(browser: Browser, name: str) -> None:
    text = browser.get(f"{HOME}/{name}").text
    assert "Cette destination n&#39;existe pas." in text
    assert "<h1>Page introuvable</h1>" in text
    for act in ("state", "replay"):
        assert browser.post(f"{HOME}/{name}/{act}", state="off").status_code == 404


def test_nobody_else_and_no_other_site_acts(
    browser: Browser, http: TestClient, uid: str, database: str
) -> None:
    before = owed(database)
    manager = Browser(http, "gestion")
    for path in (HOME, f"{HOME}/{uid}"):
        assert manager.get(path).status_code == 403
    for act in ("state", "replay"):
        path = f"{HOME}/{uid}/{act}"
        assert manager.post(path, state="off").status_code == 403
        stranger = browser.post(path, cookie="", state="off")
        assert stranger.headers["location"].startswith("/console/login")
        headers = {"Cookie": browser.cookie, "Origin": "https://evil.example"}
        assert http.post(path, data={"state": "off"}, headers=headers).status_code == 403
    assert owed(database) == before
