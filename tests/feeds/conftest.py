"""The application on a port of its own, as `gerance serve` serves it, and clients that listen."""

import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, NamedTuple

import httpx2
import psycopg
import pytest
import uvicorn
from tests.incidents.conftest import User, World
from tests.waiting import PATIENCE, until

from gerance.app import create_app
from gerance.cli.server.connection import Connection
from gerance.kernel.settings import Settings

Event = dict[str, Any]


class Heard(NamedTuple):
    """An event as a live feed told it."""

    id: str
    type: str
    data: Event


@contextmanager
def serving(database: str, home: Path, **settings: Any) -> Iterator[tuple[str, uvicorn.Server]]:
    """The URL of the application over the database, and its server; stopped at the end."""
    app = create_app(Settings(home=home, database_url=database, **settings))
    config = uvicorn.Config(
        app,
        port=0,
        http=Connection,
        log_config=None,
        access_log=False,
        timeout_graceful_shutdown=8,
    )
    server = uvicorn.Server(config)
    thread = threading.Thread(target=server.run)
    thread.start()
    try:
        until(lambda: server.started)
        port = server.servers[0].sockets[0].getsockname()[1]
        yield f"http://127.0.0.1:{port}", server
    finally:
        server.should_exit = True
        thread.join(timeout=PATIENCE)
        assert not thread.is_alive()


@pytest.fixture(scope="module")
def url(database: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    with serving(database, tmp_path_factory.mktemp("home")) as (served, _):
        yield served


@pytest.fixture(scope="module")
def world(url: str, database: str) -> Iterator[World]:
    """The world of the incident tests, over real connections."""
    limits = httpx2.Limits(max_connections=None)
    with httpx2.Client(base_url=url, timeout=PATIENCE, limits=limits) as http:
        yield World(http, database)


def page(user: User, **query: Any) -> Event:
    """A page of the pull feed."""
    answer: Event = user.get("events", **query)
    return answer


def pulled(user: User, after: str = "start", **query: Any) -> list[Event]:
    """All that the pull feed has behind a cursor, page by page."""
    events, more = [], True
    while more:
        answer = page(user, after=after, **query)
        events += answer["events"]
        after, more = answer["next"], answer["more"]
    return events


@contextmanager
def stream(user: User, last: str | None = None, **query: str) -> Iterator["Stream"]:
    """A live feed of the user, behind the last event it had."""
    headers = {**user._headers, **({"Last-Event-ID": last} if last else {})}
    with user.http.stream("GET", "/api/v1/events/stream", params=query, headers=headers) as answer:
        assert answer.status_code == 200, answer.read()
        assert answer.headers["content-type"].startswith("text/event-stream")
        heard = Stream(answer)  # named: what nobody holds is closed
        yield heard


class Stream:
    """Reads Server-Sent Events as a browser does. It begins when the first id is there: from then
    on everything is told."""

    def __init__(self, answer: httpx2.Response) -> None:
        self._lines = answer.iter_lines()
        self.last_id, self.ended = "", False
        assert self.block() is None
        assert self.last_id

    def heard(self) -> Heard | None:
        """The next event; None when the stream has ended."""
        while not self.ended:
            if (event := self.block()) is not None:
                return event
        return None

    def block(self) -> Heard | None:
        """What comes before the next blank line; None when it is no event."""
        kind, data = "message", []
        for line in self._lines:
            if not line:
                return Heard(self.last_id, kind, json.loads("\n".join(data))) if data else None
            name, _, value = line.partition(":")
            value = value.removeprefix(" ")
            if name == "id":
                self.last_id = value
            elif name == "event":
                kind = value
            elif name == "data":
                data.append(value)
        self.ended = True
        return None


def end_sessions(database: str, user: User) -> None:
    with psycopg.connect(database, autocommit=True) as connection:
        connection.execute("DELETE FROM session WHERE account = %s", [user.uid])


def key(event: Event) -> tuple[str, str]:
    """What an event is known by; none of the commands in these tests has two of one type."""
    return event["processUid"], event["eventType"]


def log(database: str, *categories: str) -> list[tuple[str, str]]:
    """The keys of the events in the log, in its order."""
    with psycopg.connect(database, autocommit=True) as connection:
        rows = connection.execute(
            "SELECT process_uid::text, event_type FROM event"
            " WHERE %(categories)s::text[] = '{}' OR category = ANY(%(categories)s)"
            " ORDER BY transaction_id, position",
            {"categories": list(categories)},
        )
        return rows.fetchall()
