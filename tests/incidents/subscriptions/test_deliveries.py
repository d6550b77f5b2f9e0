"""A subscriber is told of events as they happen, and of none that it could not read."""

import psycopg
from standardwebhooks import Webhook
from tests.app import close, in_agency, in_patrimony, open_ticket, opening
from tests.incidents.conftest import User, World
from tests.incidents.login import cookie_of, log_in, new_login
from tests.incidents.subscriptions.conftest import (
    Hook,
    all_told,
    asked,
    change,
    show,
    subscribed,
)
from tests.incidents.test_users import reference
from tests.waiting import until


def test_a_ticket_that_is_opened_is_told_and_its_signature_fits(world: World, hook: Hook) -> None:
    user = world.operator_user
    made = subscribed(user, hook.url, headers={"X-Own": "mine"}, eventTypes=["TicketOpened"])
    opened = world.root.send("POST", "tickets", opening(in_patrimony(world.patrimony)))
    assert opened.status_code == 201, opened.text
    (call,) = hook.until_count(1)
    (event,) = opened.json()["events"]
    assert call.json() == event
    assert call.headers["content-type"] == "application/json"
    assert call.headers["x-own"] == "mine"
    assert call.headers["gerance-position"] == opened.headers["Gerance-Position"]
    assert Webhook(made["secret"]).verify(call.body, call.headers) == event


def test_only_the_types_that_are_wanted_are_told(world: World, hook: Hook) -> None:
    user = world.manager
    uid = subscribed(user, hook.url, eventTypes=["TicketClosed", "PatrimonyReferenced"])["uid"]
    ticket = open_ticket(world.root, in_patrimony(world.patrimony))
    close(world.root, ticket)
    world.new_patrimony("P-TYPES", world.agency)
    hook.until_count(2)
    all_told(user, uid)
    assert sorted(hook.types) == ["PatrimonyReferenced", "TicketClosed"]


def test_all_types_are_told_and_no_password(world: World, hook: Hook) -> None:
    root = world.root
    uid = subscribed(root, hook.url)["uid"]
    reference(world, "Executive", managedAgencies=[world.agency])
    open_ticket(root, in_agency(world.agency))
    hook.until_count(2)
    all_told(root, uid)
    assert {"ExecutiveReferenced", "TicketOpened"} <= set(hook.types)
    assert not [call for call in hook.calls if b"assword" in call.body or b"argon2" in call.body]


def test_what_belongs_to_no_chosen_agency_is_not_told(world: World, hook: Hook) -> None:
    user = world.operator_user
    chosen = [world.second_agency]
    one = subscribed(user, hook.at("one"), agencies=chosen)["uid"]
    both = subscribed(user, hook.at("both"), agencies=[*chosen, world.agency])["uid"]
    tickets = [
        open_ticket(world.root, in_agency(agency))
        for agency in (world.agency, world.second_agency, world.other_agency)
    ]
    hook.until_count(3)
    all_told(user, one, both)
    told = {
        name: [call.json()["aggregateUid"] for call in hook.told_at(name)]
        for name in ("one", "both")
    }
    assert told["one"] == tickets[1:2]
    assert sorted(told["both"]) == sorted(tickets[:2])


def test_rights_that_are_lost_before_the_call_count(world: World, hook: Hook) -> None:
    user = world.login("executive", world.company, (world.agency, world.second_agency))
    uid = subscribed(user, hook.url, eventTypes=["TicketOpened"])["uid"]
    change(user, uid, state="paused")
    lost = open_ticket(world.root, in_agency(world.agency))
    kept = open_ticket(world.root, in_agency(world.second_agency))
    assert show(user, uid)["waiting"] == 2
    assert hook.calls == []
    set_account(world, user.uid, f"agencies = ARRAY['{world.second_agency}']::uuid[]")
    change(user, uid, state="active")
    all_told(user, uid)
    assert [event["aggregateUid"] for event in hook.events] == [kept] != [lost]
    page = asked(user, "GET", f"/{uid}/deliveries")
    assert [each["stream"] for each in page["deliveries"]] == [kept]


def test_a_disabled_account_is_told_nothing(world: World, hook: Hook) -> None:
    user = world.manager_of(world.company)
    mine = subscribed(user, hook.at("mine"), eventTypes=["TicketOpened"])["uid"]
    subscribed(world.root, hook.at("witness"), eventTypes=["TicketOpened"])
    first = open_ticket(world.root, in_agency(world.agency))
    hook.until_count(2)
    set_account(world, user.uid, "disabled = true")
    second = open_ticket(world.root, in_agency(world.agency))
    hook.until_count(3)
    until(lambda: not world.rows("SELECT FROM outbox WHERE endpoint = %s", mine))
    told = {
        name: [call.json()["aggregateUid"] for call in hook.told_at(name)]
        for name in ("mine", "witness")
    }
    assert told == {"mine": [first], "witness": [first, second]}


def test_a_subscription_that_was_switched_off_is_told_at_the_next_log_in(
    world: World, hook: Hook
) -> None:
    login = new_login(world)
    assert "Gerance-Notice" not in log_in(world.http, login).headers
    token = cookie_of(log_in(world.http, login)).partition("=")[2]
    user = User(world.http, token, "the one who logs in")
    mine = subscribed(user, hook.url, eventTypes=["TicketOpened"])["uid"]
    subscribed(user, hook.at("other"), eventTypes=["TicketClosed"])
    hook.answer(410)
    open_ticket(world.root, in_agency(world.agency))
    hook.until_count(1)
    until(lambda: show(user, mine)["state"] == "off")
    assert show(user, mine)["reason"] == "gone"
    for prefix in ("/api/vEvent", "/api/v1"):
        notice = log_in(world.http, login, prefix=prefix).headers["Gerance-Notice"]
        host = hook.url.split("/")[2]
        assert notice == (
            f"Webhooks are switched off: {host} (it answered 410). See GET /api/v1/subscriptions."
        )
    hook.answer(204)
    again = change(user, mine, state="active")
    assert (again["state"], again["reason"]) == ("active", None)
    assert "Gerance-Notice" not in log_in(world.http, login).headers


def set_account(world: World, uid: str, assignment: str) -> None:
    """Change what an account is tied to, as of now."""
    with psycopg.connect(world.database, autocommit=True) as connection:
        connection.execute(f"UPDATE account SET {assignment} WHERE uid = %s", [uid])
