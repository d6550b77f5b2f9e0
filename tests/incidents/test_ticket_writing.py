"""Commands on tickets that come twice, all at once, through several processes, or on trial."""

from collections import Counter
from contextlib import AsyncExitStack
from pathlib import Path
from typing import Any

import anyio
import httpx2
import pytest
from tests.app import (
    LATER,
    Body,
    all_at_once,
    close,
    in_patrimony,
    new_uid,
    open_ticket,
    opening,
    request,
)
from tests.incidents.conftest import User, World, command, refusal
from tests.living import contents, running

from gerance.app import create_app
from gerance.kernel.settings import Settings

TICKETS = "/api/vEvent/tickets"
DRY = {"Prefer": "handling=dry-run"}


@pytest.fixture(scope="module")
def user(world: World) -> User:
    return world.operator_user


@pytest.fixture
def ticket(world: World, user: User) -> str:
    return open_ticket(user, in_patrimony(world.patrimony))


def message(text: str = "Un message") -> Body:
    return command("AddMessage", message=text, messageAddedDate=LATER)


def outcomes(answers: list[httpx2.Response]) -> Counter[str]:
    """How many were accepted, and how many refused with which code."""
    return Counter(
        "accepted" if each.status_code in (200, 201) else each.json()["errorType"]
        for each in answers
    )


def versions(world: World, ticket: str) -> list[int]:
    query = "SELECT version FROM event WHERE stream = %s ORDER BY position"
    return [version for (version,) in world.rows(query, ticket)]


@pytest.mark.parametrize("uid", [None, "chosen"], ids=["server's uid", "client's uid"])
def test_one_of_fifty_identical_openings_is_accepted(
    uid: str | None, world: World, user: User
) -> None:
    chosen = {"aggregateUid": new_uid()} if uid else {}
    body = opening(in_patrimony(world.patrimony), **chosen)
    answers = all_at_once(user.http, [request(user, "POST", TICKETS, body) for _ in range(50)])
    assert outcomes(answers) == {"accepted": 1, "CommandAlreadySent": 49}
    query = "SELECT count(*) FROM event WHERE process_uid = %s"
    assert world.rows(query, body["processUid"]) == [(1,)]


def test_one_of_fifty_identical_messages_is_accepted(user: User, ticket: str, world: World) -> None:
    body = message()
    requests = [request(user, "PATCH", f"{TICKETS}/{ticket}", body) for _ in range(50)]
    assert outcomes(all_at_once(user.http, requests)) == {"accepted": 1, "CommandAlreadySent": 49}
    assert versions(world, ticket) == [1, 2]
    assert refusal(user.send("PATCH", f"tickets/{ticket}", body)) == "CommandAlreadySent"


def test_a_process_uid_is_used_again_for_another_ticket(user: User, world: World) -> None:
    body = message()
    for _ in range(2):
        uid = open_ticket(user, in_patrimony(world.patrimony))
        assert user.send("PATCH", f"tickets/{uid}", body).status_code == 200


def test_a_refused_command_may_be_sent_again(user: User, ticket: str) -> None:
    body = command("CorrectTicketInformations", fieldsToCorrect={"closingReport": "."}, date=LATER)
    code = "ImpossibleToUpdateClosingReportFieldIfTicketIsNotClosed"
    assert refusal(user.send("PATCH", f"tickets/{ticket}", body)) == code
    close(user, ticket)
    assert user.send("PATCH", f"tickets/{ticket}", body).status_code == 200


def test_two_hundred_writers_on_one_ticket_leave_no_gap(
    user: User, ticket: str, world: World
) -> None:
    requests = [
        request(user, "PATCH", f"{TICKETS}/{ticket}", message(f"n° {nth}")) for nth in range(200)
    ]
    answers = all_at_once(user.http, requests)
    assert outcomes(answers) == {"accepted": 200}
    assert versions(world, ticket) == list(range(1, 202))
    (day,) = user.get(f"tickets/{ticket}")["journal"]
    told = {event["data"]["message"] for event in day["events"]}
    assert told == {f"n° {nth}" for nth in range(200)}
    positions = [int(answer.headers["Gerance-Position"]) for answer in answers]
    assert len(set(positions)) == 200


def test_two_processes_write_one_ticket_at_once(user: User, ticket: str, world: World) -> None:
    bodies = [message(f"n° {nth}") for nth in range(120)]
    twice = bodies[:10]

    async def send() -> list[httpx2.Response]:
        async with AsyncExitStack() as stack:
            clients = []
            for _ in range(2):
                app = create_app(Settings(home=Path("unused"), database_url=world.database))
                await stack.enter_async_context(app.router.lifespan_context(app))
                transport = httpx2.ASGITransport(app=app)
                client = httpx2.AsyncClient(transport=transport)
                clients.append(await stack.enter_async_context(client))
            answers: list[httpx2.Response] = []

            async def one(client: httpx2.AsyncClient, body: Body) -> None:
                sent = request(user, "PATCH", f"{TICKETS}/{ticket}", body)
                answers.append(await client.send(sent))

            async with anyio.create_task_group() as group:
                for nth, body in enumerate(bodies):
                    group.start_soon(one, clients[nth % 2], body)
                for nth, body in enumerate(twice):
                    group.start_soon(one, clients[(nth + 1) % 2], body)
            return answers

    assert outcomes(anyio.run(send)) == {"accepted": 120, "CommandAlreadySent": 10}
    assert versions(world, ticket) == list(range(1, 122))


def test_a_dry_run_answers_the_events_and_writes_nothing(
    user: User, ticket: str, world: World
) -> None:
    before = contents(world.database)
    closing = command("CloseTicket", stillOnSite="No", closingDate=LATER)
    for method, path, body, event in (
        ("POST", "tickets", opening(in_patrimony(world.patrimony)), "TicketOpened"),
        ("PATCH", f"tickets/{ticket}", closing, "TicketClosed"),
    ):
        answer = user.send(method, path, body, **DRY)
        assert answer.status_code == 200
        assert answer.headers["Preference-Applied"] == "handling=dry-run"
        assert "Gerance-Position" not in answer.headers
        assert [each["eventType"] for each in answer.json()["events"]] == [event]
    assert contents(world.database) == before
    assert user.send("PATCH", f"tickets/{ticket}", closing).status_code == 200


def test_a_dry_run_is_refused_as_the_command_would_be(
    user: User, ticket: str, world: World
) -> None:
    before = contents(world.database)
    planned = {"assignee": {}, "date": LATER, "startDate": LATER, "endDate": LATER}
    nobody = {"providerUid": new_uid(), "assigneeType": "ReferencedProviderContact"}
    for fields, code in (
        (planned, "TicketGenericError"),
        (planned | {"assignee": nobody}, "ImpossibleToScheduleMissionIfNoProviderIsAssigned"),
    ):
        body = command("ScheduleIntervention", **fields)
        assert refusal(user.send("PATCH", f"tickets/{ticket}", body, **DRY)) == code
    again = opening(in_patrimony(world.patrimony), aggregateUid=ticket)
    assert refusal(user.send("POST", "tickets", again, **DRY)) == "ImpossibleToOpenExistingTicket"
    assert contents(world.database) == before


@pytest.mark.parametrize(
    ("prefer", "dry"),
    [
        ('respond-async, handling="dry-run"', True),
        ("Handling=Dry-Run", True),
        ("handling=lenient", False),
        ("return=minimal", False),
    ],
)
def test_other_preferences_are_no_dry_run(
    prefer: str, dry: bool, user: User, ticket: str, world: World
) -> None:
    answer = user.send("PATCH", f"tickets/{ticket}", message(), Prefer=prefer)
    assert answer.status_code == 200
    assert ("Preference-Applied" in answer.headers) is dry
    assert versions(world, ticket) == ([1] if dry else [1, 2])


def test_the_position_rises_and_a_read_may_wait_for_it(
    user: User, ticket: str, world: World
) -> None:
    reached = 0
    for nth in range(5):
        answer = user.send("PATCH", f"tickets/{ticket}", message(f"n° {nth}"))
        position = int(answer.headers["Gerance-Position"])
        assert position > reached
        reached = position
        headers = {**user._headers, "Gerance-Min-Position": str(position)}
        seen = user.http.get(f"/api/v1/tickets/{ticket}", headers=headers)
        assert seen.status_code == 200
        assert len(seen.json()["journal"][0]["events"]) == nth + 1
    assert world.rows("SELECT max(position) FROM event") == [(reached,)]


def test_a_position_that_does_not_come_is_not_waited_for_long(
    user: User, world: World, tmp_path: Path
) -> None:
    headers = {**user._headers, "Gerance-Min-Position": "999999999999"}
    with running(world.database, tmp_path, min_position_wait_seconds=0.2) as http:
        answer = http.get("/api/v1/tickets", headers=headers)
    assert refusal(answer, 503) == "PositionNotReached"
    assert int(answer.headers["Retry-After"]) > 0


@pytest.mark.parametrize("position", ["-1", "x", "1.5", "", "²", "9" * 19, "1 2"])
def test_a_malformed_position_is_refused(position: str, user: User) -> None:
    headers: Any = {**user._headers, "Gerance-Min-Position": position.encode()}
    assert refusal(user.http.get("/api/v1/tickets", headers=headers)) == "BadRequest"
