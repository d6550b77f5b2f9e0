"""The database goes away: nothing acknowledged is lost, and the application finds it again."""

from collections import Counter
from collections.abc import Awaitable, Callable, Iterator, Sequence
from contextlib import contextmanager
from typing import Any
from urllib.parse import urlsplit

import anyio
import anyio.lowlevel
import httpx2
import psycopg
import pytest
from starlette.testclient import TestClient
from tests.app import LATER, Body, in_patrimony, open_ticket, opening, request
from tests.incidents.conftest import User, World, command
from tests.waiting import until, until_async

TICKETS = "/api/vEvent/tickets"
ROUNDS = 10
"""How often connections are cut at most until that is amid the load."""

Sent = list[tuple[Body, httpx2.Response]]


@pytest.fixture(scope="module")
def user(world: World) -> User:
    return world.operator_user


@pytest.fixture
def tickets(world: World, user: User) -> list[str]:
    return [open_ticket(user, in_patrimony(world.patrimony)) for _ in range(5)]


def message() -> Body:
    return command("AddMessage", message="Un message", messageAddedDate=LATER)


def disconnect(database_url: str, database: str) -> int:
    """Close every connection to the database; how many there were."""
    name = urlsplit(database).path[1:]
    connected = "SELECT pid FROM pg_stat_activity WHERE datname = %s"
    left = "SELECT 1 FROM pg_stat_activity WHERE pid = ANY(%s)"
    with psycopg.connect(database_url, autocommit=True) as connection:
        pids = [pid for (pid,) in connection.execute(connected, [name]).fetchall()]
        connection.execute("SELECT pg_terminate_backend(pid) FROM unnest(%s::int[]) AS pid", [pids])
        until(lambda: not connection.execute(left, [pids]).fetchall())
    return len(pids)


@contextmanager
def away(database_url: str, database: str) -> Iterator[None]:
    """For this time the database takes nobody in."""
    name = urlsplit(database).path[1:]
    with psycopg.connect(database_url, autocommit=True) as connection:
        connection.execute(f"ALTER DATABASE {name} ALLOW_CONNECTIONS false")
        try:
            disconnect(database_url, database)
            yield
        finally:
            connection.execute(f"ALTER DATABASE {name} ALLOW_CONNECTIONS true")


def under_load(
    user: User,
    bodies: Sequence[tuple[str, str, Body]],
    fault: Callable[[Sent], Awaitable[None]],
) -> Sent:
    """Send everything at once while the fault happens; the answers as they came."""
    sent: Sent = []

    async def one(client: httpx2.AsyncClient, method: str, path: str, body: Body) -> None:
        sent.append((body, await client.send(request(user, method, path, body))))

    async def everything() -> None:
        transport = httpx2.ASGITransport(app=user.http.app)
        async with (
            httpx2.AsyncClient(transport=transport) as client,
            anyio.create_task_group() as group,
        ):
            group.start_soon(fault, sent)
            for method, path, body in bodies:
                group.start_soon(one, client, method, path, body)

    assert user.http.portal is not None
    user.http.portal.call(everything)
    return sent


def recovered(http: TestClient, user: User, ticket: str) -> bool:
    """Whether sessions are found, reads answered and commands carried out again, in good time."""

    def answered() -> bool:
        answers = [user.read("tickets"), user.send("PATCH", f"tickets/{ticket}", message())]
        assert {answer.status_code for answer in answers} <= {200, 503}
        return all(answer.status_code == 200 for answer in answers)

    until(answered)
    return True


def assert_nothing_lost(world: World, sent: Sent) -> Counter[int]:
    """What was accepted is in the log once, what was not at most once; how many of each status."""
    logged = Counter(uid for (uid,) in world.rows("SELECT process_uid::text FROM event"))
    for body, answer in sent:
        count = logged[body["processUid"]]
        assert answer.status_code in (200, 201, 503), answer.text
        assert count == 1 if answer.is_success else count <= 1
    gaps = world.rows(
        "SELECT stream FROM event GROUP BY stream HAVING max(version) <> count(*)"
        " UNION ALL SELECT s.uid FROM stream s WHERE s.version <>"
        " (SELECT count(*) FROM event e WHERE e.stream = s.uid)"
    )
    assert gaps == []
    return Counter(answer.status_code for _, answer in sent)


def test_connections_that_are_cut_under_load_lose_nothing_that_was_acknowledged(
    world: World, user: User, tickets: list[str], database_url: str
) -> None:
    async def cut(sent: Sent) -> None:
        while not sent:
            await anyio.lowlevel.checkpoint()
        while len(sent) < 150 and all(answer.is_success for _, answer in sent):
            await anyio.to_thread.run_sync(disconnect, database_url, world.database)

    for _ in range(ROUNDS):
        opened = [("POST", TICKETS, opening(in_patrimony(world.patrimony))) for _ in range(80)]
        written = [("PATCH", f"{TICKETS}/{tickets[nth % 5]}", message()) for nth in range(120)]
        mixed = [each for pair in zip(written, opened, strict=False) for each in pair]
        sent = under_load(user, mixed + written[80:], cut)
        statuses = assert_nothing_lost(world, sent)
        assert sum(statuses.values()) == 200
        if statuses[503] and statuses[200] + statuses[201]:
            break
    else:
        pytest.fail("the connections were always cut too soon or too late to prove anything")
    for _, answer in sent:
        if answer.status_code == 503:
            # Unknown when the connection was lost while the command was written.
            assert answer.json()["errorType"] in (
                "CommitUnknown", "DatabaseUnavailable", "DatabaseRestarting",
            )  # fmt: skip
            assert int(answer.headers["Retry-After"]) > 0
    assert recovered(world.http, user, tickets[0])
    again = under_load(
        user, [("PATCH", f"{TICKETS}/{tickets[nth % 5]}", message()) for nth in range(50)], _nothing
    )
    assert assert_nothing_lost(world, again) == {200: 50}


async def _nothing(sent: Sent) -> None:
    """No fault at all."""


def test_what_was_not_acknowledged_may_be_sent_again(
    world: World, user: User, tickets: list[str], database_url: str
) -> None:
    bodies = [("PATCH", f"{TICKETS}/{tickets[nth % 5]}", message()) for nth in range(100)]

    async def cut(sent: Sent) -> None:
        while len(sent) < 5:
            await anyio.lowlevel.checkpoint()
        await anyio.to_thread.run_sync(disconnect, database_url, world.database)

    sent = under_load(user, bodies, cut)
    assert recovered(world.http, user, tickets[0])
    path_of = {body["processUid"]: path for _, path, body in bodies}
    again = under_load(
        user,
        [
            ("PATCH", path_of[body["processUid"]], body)
            for body, answer in sent
            if answer.status_code == 503
        ],
        _nothing,
    )
    for _, answer in again:
        assert answer.status_code == 200 or answer.json()["errorType"] == "CommandAlreadySent"
    logged = Counter(uid for (uid,) in world.rows("SELECT process_uid::text FROM event"))
    assert {logged[body["processUid"]] for _, _, body in bodies} == {1}


def test_connections_that_are_cut_while_nobody_asks_are_noticed_by_nobody(
    world: World, user: User, tickets: list[str], database_url: str
) -> None:
    for _ in range(3):
        user.get("tickets")
        user.events(f"tickets/{tickets[0]}", "AddMessage", message="m", messageAddedDate=LATER)
        assert disconnect(database_url, world.database)
        answers: list[Any] = [user.read("tickets") for _ in range(3)]
        answers += [user.send("PATCH", f"tickets/{uid}", message()) for uid in tickets]
        assert [answer.status_code for answer in answers] == [200] * 8


def test_a_database_that_is_away_for_a_moment_is_waited_for(
    world: World, user: User, tickets: list[str], database_url: str
) -> None:
    async def go_and_come_back(sent: Sent) -> None:
        while len(sent) < 5:
            await anyio.lowlevel.checkpoint()
        pool = world.http.app.state.pool  # type: ignore[attr-defined]
        failures = pool.get_stats().get("connections_errors", 0)
        with away(database_url, world.database):
            await until_async(lambda: pool.get_stats().get("connections_errors", 0) > failures)

    bodies = [("PATCH", f"{TICKETS}/{tickets[nth % 5]}", message()) for nth in range(100)]
    statuses = assert_nothing_lost(world, under_load(user, bodies, go_and_come_back))
    assert sum(statuses.values()) == 100
    assert recovered(world.http, user, tickets[0])
    ready = world.http.get("/ready")
    assert (ready.status_code, ready.json()["ready"]) == (200, True)
