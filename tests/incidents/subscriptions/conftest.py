"""The application with its worker, which may call loopback, and a receiver beside it."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx2
import psycopg
import pytest
from anyio.from_thread import BlockingPortal
from starlette.testclient import TestClient
from tests.incidents.conftest import User, World
from tests.receiving import Received, Receiver, receiving
from tests.waiting import until

from gerance.app import create_app
from gerance.kernel.settings import Settings

PATH = "/api/v1/subscriptions"


class Hook:
    """A receiver that the application reaches; `answer`: the status of each call."""

    def __init__(self, receiver: Receiver, portal: BlockingPortal) -> None:
        self._receiver, self._portal = receiver, portal

    @property
    def url(self) -> str:
        return self._receiver.url

    @property
    def calls(self) -> list[Received]:
        return self._receiver.received

    @property
    def events(self) -> list[dict[str, Any]]:
        return [call.json() for call in self.calls]

    @property
    def types(self) -> list[str]:
        return [event["eventType"] for event in self.events]

    def answer(self, status: int) -> None:
        self._receiver.answer = lambda call: status

    def until_count(self, count: int) -> list[Received]:
        """The calls, once there are as many."""
        self._portal.call(self._receiver.until_count, count)
        return self.calls

    def at(self, name: str) -> str:
        """An URL of it that calls can be told by."""
        return f"{self.url}/{name}"

    def told_at(self, name: str) -> list[Received]:
        return [call for call in self.calls if call.path == f"/hook/{name}"]


@pytest.fixture(scope="module")
def world(database: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    settings = Settings(
        home=Path(tmp_path_factory.mktemp("home")),
        database_url=database,
        webhook_networks=("127.0.0.0/8",),
    )
    with TestClient(create_app(settings), raise_server_exceptions=True) as http:
        yield World(http, database)


@pytest.fixture
def hook(world: World) -> Iterator[Hook]:
    """A receiver; what was subscribed to ends with it."""
    portal = world.http.portal
    assert portal is not None
    with portal.wrap_async_context_manager(receiving()) as receiver:
        yield Hook(receiver, portal)
        with psycopg.connect(world.database, autocommit=True) as connection:
            connection.execute("DELETE FROM endpoint")


def ask(user: User, method: str, path: str = "", body: Any = None) -> httpx2.Response:
    """A request on subscriptions."""
    return user.http.request(method, f"{PATH}{path}", json=body, headers=user._headers)


def asked(user: User, method: str, path: str, body: Any = None, status: int = 200) -> Any:
    """The answer to one that is accepted."""
    answer = ask(user, method, path, body)
    assert answer.status_code == status, answer.text
    return answer.json() if answer.content else None


def subscribed(user: User, url: str, **fields: Any) -> Any:
    """A new subscription of the user."""
    return asked(user, "POST", "", {"url": url, **fields}, status=201)


def change(user: User, uid: str, **fields: Any) -> Any:
    return asked(user, "PATCH", f"/{uid}", fields)


def show(user: User, uid: str) -> Any:
    return asked(user, "GET", f"/{uid}")


def all_told(user: User, *uids: str) -> None:
    """Wait until the subscriptions have nothing to be told of any more."""
    until(lambda: not any(show(user, uid)["waiting"] for uid in uids))
