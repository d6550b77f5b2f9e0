"""The outbox owes each endpoint the events that it wants, each once, and nothing else."""

import asyncio
from collections import Counter

import psycopg
import pytest
from tests.app import (
    LATER,
    all_at_once,
    close,
    in_patrimony,
    new_uid,
    open_ticket,
    opening,
    request,
)
from tests.incidents.conftest import User, World, command, refusal

from gerance.kernel.webhooks.endpoints import add_endpoint, set_state, subscribe


@pytest.fixture(scope="module")
def user(world: World) -> User:
    return world.operator_user


def subscribed(world: World, category: str, *event_types: str) -> str:
    """An endpoint for the events of the category: all, or those of these types."""

    async def act() -> str:
        async with await psycopg.AsyncConnection.connect(
            world.database, autocommit=True
        ) as connection:
            uid, _ = await add_endpoint(
                connection, flavour="none", owner="test", url="https://receiver.example/"
            )
            await subscribe(connection, uid, {category: event_types or None})
            return uid

    return asyncio.run(act())


def switched_off(world: World, endpoint: str) -> None:
    """The endpoint, from now on."""

    async def act() -> None:
        async with await psycopg.AsyncConnection.connect(
            world.database, autocommit=True
        ) as connection:
            await set_state(connection, endpoint, "off", actor="test")

    asyncio.run(act())


def owed(world: World, endpoint: str) -> list[str]:
    """The types of the events that the endpoint is to be told of, in the order of the rows."""
    rows = world.rows(
        "SELECT e.event_type, o.position FROM outbox o LEFT JOIN event e USING (position)"
        " WHERE o.endpoint = %s ORDER BY o.position",
        endpoint,
    )
    positions = [position for _, position in rows]
    assert positions == sorted(set(positions))
    return [event_type for event_type, _ in rows]


def test_each_subscription_is_owed_what_it_wants(world: World, user: User) -> None:
    open_ticket(user, in_patrimony(world.patrimony))
    everything = subscribed(world, "ticket")
    closings = subscribed(world, "ticket", "TicketClosed", "TicketReopened")
    companies = subscribed(world, "company")
    ended = subscribed(world, "ticket")
    switched_off(world, ended)
    ticket = open_ticket(user, in_patrimony(world.patrimony), fromSimplifiedRequest=new_uid())
    user.events(f"tickets/{ticket}", "AddMessage", message="m", messageAddedDate=LATER)
    close(user, ticket)
    world.new_agency(world.company, "Agence nouvelle")
    assert owed(world, everything) == [
        "TicketOpened", "TicketOpenedFromSimplifiedRequest", "MessageAdded", "TicketClosed",
    ]  # fmt: skip
    assert owed(world, closings) == ["TicketClosed"]
    assert owed(world, companies) == ["AgencyCreated"]
    assert owed(world, ended) == []


def test_what_was_not_done_is_not_told(world: World, user: User) -> None:
    ticket = open_ticket(user, in_patrimony(world.patrimony))
    subscription = subscribed(world, "ticket")
    path = f"tickets/{ticket}"
    body = command("AddMessage", message="m", messageAddedDate=LATER)
    tried = user.send("PATCH", path, body, Prefer="handling=dry-run")
    assert tried.status_code == 200
    unknown = {"providerUid": new_uid(), "assigneeType": "ReferencedProviderContact"}
    refused = user.patch(path, "IdentifyAssignee", assignee=unknown, date=LATER)
    assert refusal(refused) == "TicketGenericError"
    assert owed(world, subscription) == []
    assert user.send("PATCH", path, body).status_code == 200
    assert refusal(user.send("PATCH", path, body)) == "CommandAlreadySent"
    assert owed(world, subscription) == ["MessageAdded"]


def test_what_is_done_at_once_is_told_once_each(world: World, user: User) -> None:
    tickets = [open_ticket(user, in_patrimony(world.patrimony)) for _ in range(3)]
    subscription = subscribed(world, "ticket")
    again = subscribed(world, "ticket", "MessageAdded")
    messages = [command("AddMessage", message="m", messageAddedDate=LATER) for _ in range(60)]
    openings = [opening(in_patrimony(world.patrimony)) for _ in range(20)]
    requests = [
        request(user, "PATCH", f"/api/vEvent/tickets/{tickets[nth % 3]}", body)
        for nth, body in enumerate([*messages, *messages[:30]])
    ] + [request(user, "POST", "/api/vEvent/tickets", body) for body in openings]
    statuses = Counter(answer.status_code for answer in all_at_once(user.http, requests))
    assert statuses == {200: 60, 201: 20, 400: 30}
    told = world.rows(
        "SELECT count(*), count(DISTINCT e.process_uid), count(DISTINCT o.position)"
        " FROM outbox o JOIN event e USING (position) WHERE o.endpoint = %s",
        subscription,
    )
    assert told == [(80, 80, 80)]
    ((count,),) = world.rows("SELECT count(*) FROM outbox WHERE endpoint = %s", again)
    assert count == 60
