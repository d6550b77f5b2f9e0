"""The pull feed: pages behind a cursor, at once or when there are some."""

import threading
from typing import Any

import psycopg
import pytest
from tests.app import assign, close, in_patrimony, new_uid, open_ticket, provider_contact
from tests.feeds.conftest import end_sessions, key, log, page, pulled
from tests.incidents.conftest import User, World, refusal
from tests.waiting import PATIENCE

from gerance.kernel.feeds import reader


def test_pages_have_all_of_the_log_in_its_order(world: World, database: str) -> None:
    ticket = open_ticket(world.root, in_patrimony(world.patrimony))
    close(world.root, ticket)
    for limit in (1, 3, 1000):
        events = pulled(world.root, limit=limit)
        assert [key(each["event"]) for each in events] == log(database)
    first = page(world.root, limit=1)
    assert (len(first["events"]), first["more"]) == (1, True)
    assert first["next"] == first["events"][0]["cursor"]
    last = page(world.root, after=events[-1]["cursor"])
    assert last == {"events": [], "next": events[-1]["cursor"], "more": False}


def test_an_event_is_told_as_its_command_was_answered(world: World) -> None:
    start = page(world.root, after="end")["next"]
    answer = world.root.post(
        "providercompanies", "ReferenceProviderCompany", name="Œuvre", siretNumber="73282932000074"
    )
    (told,) = pulled(world.root, after=start)
    assert told["event"] == answer.json()["events"][0]
    assert told["position"] == int(answer.headers["Gerance-Position"])
    assert told["category"] == "provider_company"


def test_filters_go_together(world: World) -> None:
    start = page(world.root, after="end")["next"]
    here = open_ticket(world.root, in_patrimony(world.patrimony))
    there = open_ticket(world.root, in_patrimony(world.second_patrimony))
    assign(world.root, here, provider_contact(world.root, world.company))
    close(world.root, here)

    def told(**query: str) -> set[tuple[str, str]]:
        events = pulled(world.root, after=start, **query)
        return {(each["event"]["aggregateUid"], each["event"]["eventType"]) for each in events}

    tickets = told(categories="ticket")
    assert {uid for uid, _ in tickets} == {here, there}
    assert told(agencies=world.agency) == {each for each in tickets if each[0] == here}
    both = f"{world.agency}, {world.second_agency}"
    assert told(agencies=both, types="TicketOpened,TicketClosed") == {
        (here, "TicketOpened"), (here, "TicketClosed"), (there, "TicketOpened"),
    }  # fmt: skip
    assert told(agencies=world.agency, categories="provider_contact") == set()


def test_whoever_waits_is_told_at_once(world: World) -> None:
    user = world.manager
    start = page(user, after="end")["next"]
    answers: list[Any] = []
    waiting = threading.Thread(target=lambda: answers.append(page(user, after=start, wait=20)))
    waiting.start()
    open_ticket(world.root, in_patrimony(world.other_patrimony))  # of another company
    ticket = open_ticket(world.root, in_patrimony(world.patrimony))
    waiting.join(timeout=PATIENCE)
    ((event,),) = [answer["events"] for answer in answers]
    assert event["event"]["aggregateUid"] == ticket


def test_a_wait_without_news_ends_with_a_cursor_behind_what_was_looked_at(world: World) -> None:
    user = world.login("clientAccountManager", world.account("Sans nouvelles"))
    start = page(user, after="end")["next"]
    open_ticket(world.root, in_patrimony(world.patrimony))
    answer = page(user, after=start, wait=0.1)
    assert (answer["events"], answer["more"]) == ([], False)
    assert answer["next"] != start


def test_a_session_that_ends_while_one_waits_is_refused(world: World, database: str) -> None:
    user = world.login("superUser")
    start = page(user, after="end")["next"]
    answers: list[Any] = []
    query = {"after": start, "wait": 20}
    waiting = threading.Thread(target=lambda: answers.append(user.read("events", **query)))
    waiting.start()
    end_sessions(database, user)
    open_ticket(world.root, in_patrimony(world.patrimony))
    waiting.join(timeout=PATIENCE)
    (answer,) = answers
    assert refusal(answer, 401) == "Unauthorized"


def test_a_rare_event_far_behind_is_found_piece_by_piece(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(reader, "LOOKED_AT", 3)
    monkeypatch.setattr(reader, "BYTES_AT_ONCE", 1)
    ticket = open_ticket(world.root, in_patrimony(world.patrimony))
    tickets = [open_ticket(world.root, in_patrimony(world.patrimony)) for _ in range(20)]
    close(world.root, ticket)
    answer, pages = page(world.root, types="TicketClosed", after="start", limit=1000), 1
    found = answer["events"]
    while answer["more"]:
        answer = page(world.root, types="TicketClosed", after=answer["next"], limit=1000)
        found += answer["events"]
        pages += 1
    assert found[-1]["event"]["aggregateUid"] == ticket
    assert {each["event"]["eventType"] for each in found} == {"TicketClosed"}
    everything = pulled(world.root, types="TicketOpened")
    opened = [each["event"]["aggregateUid"] for each in everything]
    assert opened[-21:] == [ticket, *tickets]


def test_what_is_not_settled_is_told_later_and_not_missed(world: World, database: str) -> None:
    start = page(world.root, after="end")["next"]
    with psycopg.connect(database) as slow:
        slow.execute("SELECT pg_current_xact_id()")
        ticket = open_ticket(world.root, in_patrimony(world.patrimony))
        answer = page(world.root, after=start)
        assert (answer["events"], answer["next"]) == ([], start)
        slow.commit()
    (told,) = pulled(world.root, after=answer["next"])
    assert told["event"]["aggregateUid"] == ticket


@pytest.mark.parametrize(
    ("query", "says"),
    [
        ({"limit": "0"}, "limit: expected a number from 1 to 1000"),
        ({"limit": "1001"}, "limit: expected"),
        ({"limit": "many"}, "limit: expected"),
        ({"wait": "31"}, "wait: expected seconds from 0 to 30"),
        ({"wait": "-1"}, "wait: expected"),
        ({"types": "TicketOpend"}, "types: there is no 'TicketOpend'"),
        ({"categories": "tickets"}, "categories: there is no 'tickets': ticket, company"),
        ({"agencies": "here"}, "agencies: Expected a UUID"),
        (
            {"agencies": ",".join(new_uid() for _ in range(101))},
            "agencies: expected at most 100",
        ),
    ],
)
def test_what_is_wrong_with_a_query_is_named(world: World, query: Any, says: str) -> None:
    for path in ("events", "events/stream"):
        if path == "events/stream" and query.keys() & {"limit", "wait"}:
            continue
        answer = world.root.read(path, **query)
        assert refusal(answer) == "BadRequest"
        assert says in answer.json()["message"]


@pytest.mark.parametrize("cursor", ["x", "é", "MS4y", "OTk5OTk5OTk5LjE", "=" * 500, "None"])
def test_a_cursor_that_the_log_never_gave_is_refused(world: World, cursor: str) -> None:
    for path, name in (
        ("events", "after"), ("events/stream", "after"), ("events/stream", "lastEventId"),
    ):  # fmt: skip
        answer = world.root.read(path, **{name: cursor})
        assert refusal(answer) == "UnknownCursor"
        assert answer.json()["message"].startswith(f"{name}: ")


def test_nobody_but_who_has_logged_in_listens(world: World) -> None:
    for path in ("/api/v1/events", "/api/v1/events/stream"):
        for headers in ({}, {"Cookie": "PI_SESSION=x"}, {"Authorization": "Bearer x"}):
            assert refusal(world.http.get(path, headers=headers), 401) == "Unauthorized"


def test_head_of_a_live_feed_does_not_last(world: World) -> None:
    user: User = world.root
    answer = user.http.head("/api/v1/events/stream", headers=user._headers)
    assert answer.status_code == 200
    assert answer.headers["content-type"].startswith("text/event-stream")
