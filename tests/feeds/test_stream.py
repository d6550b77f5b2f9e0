"""The live feed: resumes without loss, and ends when its session, its server or its reader does."""

import socket
import tracemalloc
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager, suppress
from pathlib import Path
from urllib.parse import urlsplit

import httpx2
import psycopg
import pytest
from tests.app import close, in_patrimony, open_ticket
from tests.faults.test_lost_database import away
from tests.feeds.conftest import end_sessions, page, serving, stream
from tests.incidents.conftest import User, World, refusal
from tests.waiting import PATIENCE, until

from gerance.kernel.feeds import stream as event_stream

BIG = 1_000_000
COUNT = 120


def test_it_starts_with_the_present_and_tells_what_happens(world: World) -> None:
    before = open_ticket(world.root, in_patrimony(world.patrimony))
    with stream(world.manager) as heard:
        answer = world.root.patch(
            f"tickets/{before}", "AddMessage", message="Ça, \n là", messageAddedDate="2026-01-15"
            "T11:00:00.000Z",
        )  # fmt: skip
        event = heard.heard()
        assert event is not None
        assert (event.type, event.data) == ("MessageAdded", answer.json()["events"][0])


def test_a_cursor_is_good_for_both_feeds(world: World) -> None:
    with stream(world.manager) as first:
        begun = first.last_id
    ticket = open_ticket(world.root, in_patrimony(world.patrimony))
    close(world.root, ticket)
    (opened, closed) = page(world.manager, after=begun)["events"]
    for query in ({"after": begun}, {"lastEventId": begun}, {"types": "TicketOpened"}):
        with stream(world.manager, None if "types" not in query else begun, **query) as heard:
            event = heard.heard()
            assert event is not None
            assert (event.id, event.data) == (opened["cursor"], opened["event"])
    with stream(world.manager, opened["cursor"], after="end") as heard:
        event = heard.heard()
        assert event is not None
        assert event.data == closed["event"]


def test_a_stream_ends_with_its_session(
    world: World, database: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(event_stream, "RENEWED_EVERY_SECONDS", 0.2)
    user = world.login("superUser")
    with stream(user) as heard:
        end_sessions(database, user)
        assert heard.heard() is None
    assert refusal(user.read("events/stream"), 401) == "Unauthorized"


def test_what_is_out_of_reach_by_now_is_told_no_more(world: World, database: str) -> None:
    user = world.login("executive", world.company, (world.agency,))
    with (
        stream(user, categories="ticket") as heard,
        psycopg.connect(database, autocommit=True) as connection,
    ):
        first = open_ticket(world.root, in_patrimony(world.patrimony))
        event = heard.heard()
        assert event is not None
        assert event.data["aggregateUid"] == first
        connection.execute(
            "UPDATE account SET agencies = %s::uuid[] WHERE uid = %s",
            [[world.second_agency], user.uid],
        )
        open_ticket(world.root, in_patrimony(world.patrimony))
        last = open_ticket(world.root, in_patrimony(world.second_patrimony))
        event = heard.heard()
        assert event is not None
        assert event.data["aggregateUid"] == last


def test_who_is_told_nothing_learns_how_far_the_log_is(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(event_stream, "HEARTBEAT_SECONDS", 0.1)
    monkeypatch.setattr(event_stream, "RENEWED_EVERY_SECONDS", 3600.0)
    with stream(world.other_manager) as heard:
        begun = heard.last_id
        assert heard.block() is None  # a comment
        assert heard.last_id == begun
        open_ticket(world.root, in_patrimony(world.patrimony))
        while heard.last_id == begun:
            assert heard.block() is None
    assert page(world.root, after=heard.last_id)["events"] == []


def test_a_database_that_was_away_costs_no_event(
    world: World, database_url: str, database: str
) -> None:
    place, user = in_patrimony(world.patrimony), world.manager
    with ExitStack() as streams:
        heard = streams.enter_context(stream(user, categories="ticket"))
        with away(database_url, database):
            pass
        tickets = []
        for _ in range(3):
            tickets.append(open_ticket(world.root, place))
            event = heard.heard()
            if event is None:  # it had ended: its client comes back
                heard = streams.enter_context(stream(user, heard.last_id, categories="ticket"))
                event = heard.heard()
            assert event is not None
            assert event.data["aggregateUid"] == tickets[-1]


def test_a_server_that_stops_ends_its_streams_at_once(database: str, tmp_path: Path) -> None:
    with serving(database, tmp_path) as (url, server):
        user = World(_client(url), database).root
        with stream(user) as heard:
            server.should_exit = True
            assert heard.heard() is None  # ended, not cut: the client sees the difference
        until(lambda: not server.server_state.connections)
        user.http.close()


def test_a_user_has_so_many_streams_and_a_process_too(database: str, tmp_path: Path) -> None:
    with serving(database, tmp_path, event_streams=3, event_streams_per_user=2) as (url, _):
        client = _client(url)
        world = World(client, database)
        with ExitStack() as streams:
            for _ in range(2):
                streams.enter_context(stream(world.root))
            for path, query in (("events/stream", {}), ("events", {"after": "end", "wait": "1"})):
                answer = world.root.read(path, **query)
                assert refusal(answer, 429) == "TooManyStreams"
                assert int(answer.headers["Retry-After"]) > 0
            third = streams.enter_context(stream(world.login("superUser")))
            answer = world.login("superUser").read("events/stream")
            assert refusal(answer, 503) == "TooManyStreams"
            assert int(answer.headers["Retry-After"]) > 0
            assert page(world.root)["events"]  # who does not wait needs no place
            assert not third.ended
        until(lambda: client.head("/live").is_success and _opens(world.root))
        client.close()


def test_who_leaves_after_asking_for_more_behind_a_stream_gives_its_place_back(
    database: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(event_stream, "HEARTBEAT_SECONDS", 3600.0)
    monkeypatch.setattr(event_stream, "RENEWED_EVERY_SECONDS", 3600.0)
    with serving(database, tmp_path, event_streams_per_user=1) as (url, _):
        client, address = _client(url), urlsplit(url)
        world = World(client, database)
        asked = (
            "GET /api/v1/events/stream HTTP/1.1\r\nHost: x\r\n"
            f"Cookie: {world.root._headers['Cookie']}\r\n\r\n"
        )
        with socket.create_connection((str(address.hostname), address.port or 0)) as leaving:
            leaving.sendall(f"{asked}GET /live HTTP/1.1\r\nHost: x\r\n\r\n".encode())
            assert leaving.recv(65_536).startswith(b"HTTP/1.1 200")
            assert not _opens(world.root)
        until(lambda: _opens(world.root))
        client.close()


def test_a_client_that_does_not_read_fills_no_memory_and_is_cut(
    database: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(event_stream, "PATIENCE_SECONDS", 1.0)
    with serving(database, tmp_path) as (url, server), _client(url) as client:
        world = World(client, database)
        start = page(world.root, after="end")["next"]
        _many_big_events(database, open_ticket(world.root, in_patrimony(world.patrimony)))
        client.close()
        until(lambda: not server.server_state.connections)
        address = urlsplit(url)
        with (
            _traced(),
            socket.create_connection((str(address.hostname), address.port or 0)) as slow,
        ):
            slow.sendall(
                f"GET /api/v1/events/stream?after={start} HTTP/1.1\r\nHost: x\r\n"
                f"Cookie: {world.root._headers['Cookie']}\r\n\r\n".encode()
            )
            until(lambda: len(server.server_state.connections) == 1)
            until(lambda: not server.server_state.connections)
            _, most_at_once = tracemalloc.get_traced_memory()
            assert most_at_once < COUNT * BIG / 3
            received = 0
            with suppress(ConnectionResetError):
                while some := slow.recv(1 << 16):
                    received += len(some)
            assert received < COUNT * BIG / 3


def _client(url: str) -> httpx2.Client:
    return httpx2.Client(base_url=url, timeout=PATIENCE)


def _opens(user: User) -> bool:
    with user.http.stream("GET", "/api/v1/events/stream", headers=user._headers) as answer:
        return bool(answer.status_code == 200)


@contextmanager
def _traced() -> Iterator[None]:
    """Count what is allocated; what the process has is another matter after thousands of tests."""
    tracemalloc.start()
    try:
        yield
    finally:
        tracemalloc.stop()


def _many_big_events(database: str, ticket: str) -> None:
    with psycopg.connect(database, autocommit=True) as connection:
        connection.execute(
            "INSERT INTO event (category, stream, version, ordinal, event_type, process_uid,"
            " sent_date, data) SELECT 'ticket', %(ticket)s, n, 1, 'MessageAdded',"
            " gen_random_uuid(), now(), json_build_object('n', n, 'message', repeat('x', %(big)s))"
            " FROM generate_series(1000, 999 + %(count)s) n",
            {"ticket": ticket, "big": BIG, "count": COUNT},
        )
