"""Partners are told of their clients: all parameters of the contract, as of each event."""

import json
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import psycopg
import pytest
import yaml
from standardwebhooks import Webhook
from tests.partners.webhooks.living import CLIENT, DETAILS, TERMS, World, day, within

from gerance.kernel.webhooks.endpoints import endpoints_of
from gerance.kernel.webhooks.replay import replay_since
from gerance.partners.customers.commands import ActivateService, OfferMonths, Terminate
from gerance.partners.leads.commands import ReceiveLead
from gerance.partners.lifecycle.state import Details
from gerance.partners.webhooks.address import set_address

CONTRACT = Path(__file__).parents[2] / "contract/partners.yaml"

COUNTED = ("event_type", "nb_of_paid_months", "nb_of_offered_months", "nb_of_options")
DATED = (
    "lead_creation_date", "service_starting_date", "billing_starting_date", "end_of_contract_date",
)  # fmt: skip


def test_a_life_is_told_in_order_each_event_as_it_was_then(database: str) -> None:
    async def told(world: World) -> list[dict[str, str]]:
        await world.address(world.hook.url)
        await world.live()
        return await world.deliver()

    calls = within(database, told)
    assert [tuple(call[name] for name in COUNTED) for call in calls] == [
        ("0", "0", "0", "0"),
        ("1", "0", "0", "2"),
        ("2", "1", "0", "2"),
        ("4", "2", "0", "2"),
        ("2", "3", "2", "2"),
        ("3", "5", "2", "2"),
    ]
    assert [tuple(call[name] for name in DATED) for call in calls] == [
        ("2026-03-02", "", "", ""),
        *[("2026-03-02", "2026-03-12", "2026-05-01", "")] * 4,
        ("2026-03-02", "2026-03-12", "2026-05-01", "2026-11-15"),
    ]
    assert [call["unsubscription_reason"] for call in calls] == ["", "", "", "", "", "cesse & part"]
    assert {call["client_id"] for call in calls} == {CLIENT}


def test_a_call_has_all_parameters_of_the_contract_in_its_order(database: str) -> None:
    async def told(world: World) -> tuple[dict[str, str], dict[str, str]]:
        await world.address(world.hook.url)
        await world.activate("2026-03-12")
        (call,) = await world.deliver()
        return call, world.hook.received[0].headers

    call, headers = within(database, told)
    contract = yaml.safe_load(CONTRACT.read_text(encoding="utf-8"))["webhook"]["parameters"]
    assert list(call) == contract
    assert headers["content-type"] == "application/x-www-form-urlencoded"
    described = {name: getattr(DETAILS, name) or "" for name in contract[10:]}
    assert {name: call[name] for name in described} == described


def test_calls_are_signed_as_standard_webhooks_has_it(database: str) -> None:
    async def told(world: World) -> tuple[str, Any]:
        secret = await world.address(world.hook.url)
        await world.activate("2026-03-12")
        await world.deliver()
        return secret, world.hook.received[0]

    secret, received = within(database, told)
    # The library wants JSON inside: what it raises for a form comes behind its check.
    with pytest.raises(json.JSONDecodeError):
        Webhook(secret).verify(received.body, received.headers)


def test_late_calls_say_what_was_then_and_not_what_is_now(database: str) -> None:
    async def told(world: World) -> list[dict[str, str]]:
        await world.address(world.hook.url)
        world.hook.answer = lambda received: 503
        await world.live()
        await world.deliver()
        world.hook.answer = lambda received: 204
        async with world.pool.connection() as connection:
            await connection.execute("update outbox set due = '-infinity'")
        return await world.deliver()

    calls = within(database, told)
    assert [call["event_type"] for call in calls] == ["0", "1", "2", "4", "2", "3"]
    assert [call["end_of_contract_date"] for call in calls] == [""] * 5 + ["2026-11-15"]
    assert calls[0]["lastname"] == DETAILS.lastname


def test_what_is_told_again_says_the_same(database: str) -> None:
    async def told(world: World) -> tuple[list[dict[str, str]], list[dict[str, str]]]:
        await world.address(world.hook.url)
        await world.live()
        first = await world.deliver()
        async with world.pool.connection() as connection:
            uid = (await endpoints_of(connection, "partners", "FOUSSIER"))[0].uid
            await replay_since(connection, uid, datetime(2000, 1, 1, tzinfo=UTC))
        return first, await world.deliver()

    first, again = within(database, told)
    assert len(first) == 6
    assert again == first


def test_refreshing_and_planning_tell_nothing_by_themselves(database: str) -> None:
    new = Details(
        lastname="New", email="n@n.example", phone_number1="+33199001234", campaign_code="ETE"
    )

    async def told(world: World) -> list[dict[str, str]]:
        await world.address(world.hook.url)
        await world.activate("2026-03-12")
        await world.deliver()
        await world.ask("2026-03-13", ActivateService(new, {"ETE": TERMS}, "ETE"))
        await world.ask("2026-03-14", Terminate(day("2026-12-31")))
        assert await world.deliver() == []
        await world.ask("2026-03-15", OfferMonths(None))
        return await world.deliver()

    (call,) = within(database, told)
    assert (call["event_type"], call["lastname"]) == ("4", "New")
    assert call["end_of_contract_date"] == "2026-12-31"


def test_nobody_is_told_of_clients_of_others_nor_when_disabled(database: str) -> None:
    async def told(world: World) -> tuple[list[dict[str, str]], list[tuple[Any, ...]]]:
        await world.address(world.hook.url)
        await world.address(world.hook.url + "/other", "LEGALLAIS")
        await world.activate("2026-03-12", "a")
        await world.activate("2026-03-12", "b", "LEGALLAIS")
        both = await world.deliver()
        async with world.pool.connection() as connection:
            await connection.execute("update partner set disabled = true")
            await world.activate("2026-03-12", "c")
            assert await world.deliver() == []
            rows = await connection.execute("select count(*) from outbox")
            return both, await rows.fetchall()

    both, left = within(database, told)
    assert sorted(call["client_id"] for call in both) == ["a", "b"]
    assert left == [(0,)]


def test_many_clients_are_told_of_each_in_its_order(database: str) -> None:
    async def told(world: World) -> list[dict[str, str]]:
        await world.address(world.hook.url)
        for nth in range(40):
            await world.ask("2026-03-02", ReceiveLead(DETAILS), f"c{nth}")
            await world.activate("2026-03-12", f"c{nth}")
        return await world.deliver()

    calls = within(database, told)
    assert len(calls) == 80
    by_client: dict[str, list[str]] = {}
    for call in calls:
        by_client.setdefault(call["client_id"], []).append(call["event_type"])
    assert set(map(tuple, by_client.values())) == {("0", "1")}


def test_an_address_is_one_and_takes_what_waited_along(database: str) -> None:
    async def told(world: World) -> list[str]:
        await world.address("http://127.0.0.1:9/gone")
        await world.activate("2026-03-12")
        async with world.pool.connection() as connection:
            assert await set_address(connection, "FOUSSIER", world.hook.url, None) is None
            await connection.execute("update endpoint set state = 'off', reason = 'gone'")
            await set_address(connection, "FOUSSIER", world.hook.url, [("X-Key", "1")])
        await world.deliver()
        return [each.headers["x-key"] for each in world.hook.received]

    assert within(database, told) == ["1"]
    with psycopg.connect(database) as connection:
        assert connection.execute("select count(*) from endpoint").fetchone() == (1,)
