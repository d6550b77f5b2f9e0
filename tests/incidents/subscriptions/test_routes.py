"""Subscriptions over HTTP: made, read, changed, ended, by who made them and by nobody else."""

import re
from typing import Any

import pytest
from tests.app import close, in_agency, new_uid, open_ticket
from tests.incidents.conftest import World, refusal
from tests.incidents.subscriptions.conftest import (
    PATH,
    Hook,
    all_told,
    ask,
    asked,
    change,
    show,
    subscribed,
)

from gerance.incidents.subscriptions.routes import ENDPOINTS
from gerance.kernel.webhooks.endpoints import MOST_OF_ONE_OWNER

SHOWN = {
    *("uid", "url", "eventTypes", "agencies", "headers", "rate", "state", "reason", "healthy"),
    *("failingSince", "created", "waiting", "failing", "dead"),
}


def test_a_secret_is_shown_once(world: World, hook: Hook) -> None:
    user = world.manager
    answer = ask(user, "POST", "", {"url": hook.url, "headers": {"X-Key": "s3cret"}})
    made = answer.json()
    assert answer.headers["Location"] == f"{PATH}/{made['uid']}"
    assert made["secret"].startswith("whsec_")
    assert set(made) == {*SHOWN, "secret"}
    for path in ("", f"/{made['uid']}"):
        text = ask(user, "GET", path).text
        assert made["uid"] in text
        assert made["secret"] not in text
        assert "s3cret" not in text
    del made["secret"]
    assert show(user, made["uid"]) == made
    assert [each["uid"] for each in asked(user, "GET", "")] == [made["uid"]]
    assert (made["eventTypes"], made["agencies"], made["rate"]) == (None, None, None)
    assert (made["state"], made["healthy"], made["headers"]) == ("active", True, ["X-Key"])


@pytest.mark.parametrize("field", ["url", "eventTypes", "agencies", "headers", "rate", "state"])
def test_each_field_is_changed_by_itself(field: str, world: World, hook: Hook) -> None:
    user = world.manager
    changes: dict[str, list[Any]] = {
        "url": [hook.at("elsewhere")],
        "eventTypes": [["AgencyCreated", "TicketOpened"], ["TicketClosed"], None],
        "agencies": [[world.agency], [world.second_agency, world.agency], None],
        "headers": [{"X-Two": "2"}, {}],
        "rate": [7.5, None],
        "state": ["paused", "active"],
    }
    given = {"eventTypes": ["TicketOpened"], "agencies": [world.agency], "headers": {"X-One": "1"}}
    before = subscribed(user, hook.url, rate=3, **given)
    del before["secret"]
    for value in changes[field]:
        shown = list(value) if field == "headers" else value
        after = change(user, before["uid"], **{field: value})
        assert after == {**before, field: shown} == show(user, before["uid"])
    assert change(user, before["uid"]) == after


def test_what_was_changed_counts_from_then_on(world: World, hook: Hook) -> None:
    user = world.manager
    uid = subscribed(user, hook.url, eventTypes=["TicketClosed"])["uid"]
    headers = {"X-New": "yes"}
    change(user, uid, url=hook.at("new"), eventTypes=["TicketOpened"], headers=headers)
    close(world.root, open_ticket(world.root, in_agency(world.agency)))
    (call,) = hook.until_count(1)
    all_told(user, uid)
    assert (call.path, call.headers["x-new"]) == ("/hook/new", "yes")
    assert hook.types == ["TicketOpened"]


def test_a_paused_subscription_is_told_later_and_an_ended_one_never(
    world: World, hook: Hook
) -> None:
    user = world.manager
    paused, ended = (
        subscribed(user, hook.at(name), eventTypes=["TicketOpened"])["uid"]
        for name in ("paused", "ended")
    )
    change(user, paused, state="paused")
    change(user, ended, state="paused")
    ticket = open_ticket(world.root, in_agency(world.agency))
    assert asked(user, "DELETE", f"/{ended}", status=204) is None
    assert refusal(ask(user, "GET", f"/{ended}"), 404) == "NotFound"
    assert show(user, paused)["waiting"] == 1
    assert hook.calls == []
    change(user, paused, state="active")
    (call,) = hook.until_count(1)
    all_told(user, paused)
    assert (call.path, call.json()["aggregateUid"]) == ("/hook/paused", ticket)
    assert world.rows("SELECT FROM outbox") == []


BAD = "00000000-0000-4000-8000-000000000000"


@pytest.mark.parametrize(
    ("field", "value", "named"),
    [
        ("url", 7, "$.url"),
        ("url", "ftp://example.org/", "url: The URL does not begin with http"),
        ("url", "http://10.0.0.1/hook", "url: 10.0.0.1 is not called"),
        ("url", "http://[::ffff:10.0.0.1]/", "is not called"),
        ("url", "http://me:pass@example.org/", "user information"),
        ("eventTypes", [], "$.eventTypes"),
        ("eventTypes", "TicketOpened", "$.eventTypes"),
        ("eventTypes", ["TicketOpened", "TicketEaten"], "TicketEaten"),
        ("eventTypes", ["InvoiceCreated"], "$.eventTypes[0]"),
        ("agencies", [], "$.agencies"),
        ("agencies", ["here"], "$.agencies[0]"),
        ("agencies", [BAD], f"no agency {BAD} - at `$.agencies[0]`"),
        ("headers", ["X-Own"], "$.headers"),
        ("headers", {"Host": "elsewhere"}, "Host is set by the server"),
        ("headers", {"webhook-id": "1"}, "webhook-id is set by the server"),
        ("headers", {"X-Own": "a\r\nX-Other: b"}, "the value of X-Own"),
        ("headers", {f"X-{n}": "" for n in range(21)}, "more than 20"),
        ("rate", 0, "$.rate"),
        ("rate", 1e-60, "$.rate"),
        ("rate", 1001, "$.rate"),
        ("eventType", ["TicketOpened"], "eventType"),
        ("state", "off", "state"),
    ],
)
def test_a_wrong_body_is_named_and_changes_nothing(
    field: str, value: Any, named: str, world: World, hook: Hook
) -> None:
    user = world.manager
    made = subscribed(user, hook.url, headers={"X-One": "1"})
    del made["secret"]
    for method, path, body in (
        ("POST", "", {"url": hook.url, field: value}),
        ("PATCH", f"/{made['uid']}", {"rate": 5, field: value}),
    ):
        answer = ask(user, method, path, body)
        assert refusal(answer) in ("BadRequest", "TargetRefused")
        assert named in answer.json()["message"]
    assert asked(user, "GET", "") == [made]


def test_nobody_learns_of_agencies_that_are_out_of_reach(world: World, hook: Hook) -> None:
    user, told = world.executive, set()
    for uid in (world.second_agency, world.far_agency, new_uid()):
        answer = ask(user, "POST", "", {"url": hook.url, "agencies": [world.agency, uid]})
        assert refusal(answer) == "BadRequest"
        told.add(answer.json()["message"].replace(uid, ""))
    assert told == {"There is no agency  - at `$.agencies[1]`"}


def test_what_is_somebody_elses_is_not_there(world: World, hook: Hook) -> None:
    owner = world.manager
    uid = subscribed(owner, hook.url)["uid"]
    asked(owner, "POST", f"/{uid}/ping")
    (delivery,) = asked(owner, "GET", f"/{uid}/deliveries")["deliveries"]
    named = [each for each in ENDPOINTS if "{" in each.path]
    assert len(named) == 9
    bodies = {"replay": {"failed": True}, "giveup": {"position": 1}, "rotate": {}}
    for stranger in (world.root, world.other_manager, world.resident):
        assert asked(stranger, "GET", "") == []
        for endpoint in named:
            path = endpoint.path.replace("{subscription_uid}", uid)
            path = path.replace("{delivery_id}", str(delivery["id"])).removeprefix(PATH)
            body = bodies.get(path.rsplit("/", 1)[1], {"state": "paused"})
            answer = ask(stranger, endpoint.method, path, body)
            assert refusal(answer, 404) == "NotFound", endpoint
            assert answer.json()["message"] == f"There is no endpoint {uid}."
            unknown = ask(owner, endpoint.method, path.replace(uid, "x"), body)
            assert refusal(unknown, 404) == "NotFound", endpoint
    assert show(owner, uid)["state"] == "active"


def test_a_delivery_is_found_in_its_own_subscription_only(world: World, hook: Hook) -> None:
    user = world.manager
    uids = [subscribed(user, hook.url)["uid"] for _ in range(2)]
    for uid in uids:
        asked(user, "POST", f"/{uid}/ping")
    (first,), (second,) = (asked(user, "GET", f"/{uid}/deliveries")["deliveries"] for uid in uids)
    assert asked(user, "GET", f"/{uids[0]}/deliveries/{first['id']}") == first
    for wrong in (second["id"], 0, "x", "9" * 30, "٣"):
        answer = ask(user, "GET", f"/{uids[0]}/deliveries/{wrong}")
        assert refusal(answer, 404) == "NotFound"


def test_a_user_has_so_many_subscriptions_and_no_more(world: World, hook: Hook) -> None:
    user = world.manager_of(world.company)
    uids = [subscribed(user, hook.url)["uid"] for _ in range(MOST_OF_ONE_OWNER)]
    answer = ask(user, "POST", "", {"url": hook.url})
    assert refusal(answer, 409) == "TooManyEndpoints"
    asked(user, "DELETE", f"/{uids[0]}", status=204)
    subscribed(user, hook.url)


def test_who_does_what_is_written_down_without_secrets(world: World, hook: Hook) -> None:
    user = world.manager
    made = subscribed(user, hook.url, headers={"X-Key": "s3cret"})
    uid = made["uid"]
    change(user, uid, headers={"X-Key": "s3cret2"}, state="paused")
    rotated = asked(user, "POST", f"/{uid}/rotate", {})
    asked(user, "DELETE", f"/{uid}", status=204)
    acts = world.rows("SELECT actor, act FROM audit WHERE subject = %s ORDER BY id", uid)
    assert {actor for actor, _ in acts} == {user.uid}
    assert [re.sub(r" \(.*", "", act) for _, act in acts] == [
        *("endpoint added", "endpoint changed", "endpoint paused"),
        *("endpoint secret rotated", "endpoint removed"),
    ]
    assert not re.search("s3cret|whsec", str(acts))
    assert rotated["secret"] != made["secret"]
