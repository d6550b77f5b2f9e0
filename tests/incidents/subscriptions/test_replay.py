"""Secrets are rotated, endpoints tried, events told again or given up."""

import socket
from concurrent.futures import ThreadPoolExecutor

import pytest
from standardwebhooks import Webhook
from tests.app import close, in_agency, open_ticket
from tests.incidents.conftest import World, refusal
from tests.incidents.subscriptions.conftest import (
    Hook,
    all_told,
    ask,
    asked,
    change,
    show,
    subscribed,
)
from tests.receiving import Received
from tests.waiting import until

from gerance.kernel.webhooks import owner_endpoints

TICKETS = ["TicketOpened", "TicketClosed"]


def fits(secret: str, call: Received) -> bool:
    """Whether the call is signed with the secret."""
    try:
        Webhook(secret).verify(call.body, call.headers)
    except Exception:
        return False
    return True


@pytest.mark.parametrize(("overlap", "old_fits"), [(3600, True), (0, False)])
def test_calls_are_signed_with_both_secrets_for_a_while(
    overlap: int, old_fits: bool, world: World, hook: Hook
) -> None:
    user = world.manager
    made = subscribed(user, hook.url, eventTypes=TICKETS)
    rotated = asked(user, "POST", f"/{made['uid']}/rotate", {"overlapSeconds": overlap})
    assert set(rotated) == {"secret", "overlapSeconds"}
    open_ticket(world.root, in_agency(world.agency))
    (call,) = hook.until_count(1)
    assert fits(rotated["secret"], call)
    assert fits(made["secret"], call) is old_fits
    wrong = ask(user, "POST", f"/{made['uid']}/rotate", {"overlapSeconds": -1})
    assert "$.overlapSeconds" in wrong.json()["message"]


@pytest.mark.parametrize("state", ["active", "paused"])
def test_a_ping_is_answered_with_what_came_of_it(state: str, world: World, hook: Hook) -> None:
    user = world.manager
    made = subscribed(user, hook.url)
    uid = made["uid"]
    change(user, uid, state=state)
    well = asked(user, "POST", f"/{uid}/ping")
    assert (well["delivered"], well["status"], well["failure"]) == (True, 204, None)
    (call,) = hook.calls
    assert fits(made["secret"], call)
    assert (call.json()["eventType"], call.json()["aggregateUid"]) == ("Ping", uid)
    hook.answer(500)
    ill = asked(user, "POST", f"/{uid}/ping")
    assert (ill["delivered"], ill["status"], ill["failure"]) == (False, 500, "status")
    change(user, uid, url="http://127.0.0.1:9/")
    nobody = asked(user, "POST", f"/{uid}/ping")
    assert (nobody["status"], nobody["failure"]) == (None, "connection")
    page = asked(user, "GET", f"/{uid}/deliveries")
    assert [each["outcome"] for each in page["deliveries"]] == ["failed", "failed", "delivered"]


def test_only_so_many_pings_of_a_user_are_under_way(world: World, hook: Hook) -> None:
    user = world.manager
    with socket.create_server(("127.0.0.1", 0)) as silent, ThreadPoolExecutor() as threads:
        silent.settimeout(10)
        url = f"http://127.0.0.1:{silent.getsockname()[1]}/"
        path = f"/{subscribed(user, url)['uid']}/ping"
        pings = [
            threads.submit(asked, user, "POST", path) for _ in range(owner_endpoints.PINGS_AT_ONCE)
        ]
        calls = [silent.accept()[0] for _ in pings]
        refused = ask(user, "POST", path)
        assert refusal(refused, 429) == "TooManyPings"
        assert refused.headers["Retry-After"]
        for call in calls:
            call.close()
        assert [ping.result()["failure"] for ping in pings] == ["connection"] * len(pings)
    change(user, path.split("/")[1], url=hook.url)
    assert asked(user, "POST", path)["delivered"]


def test_the_calls_of_a_subscription_are_read_page_by_page(world: World, hook: Hook) -> None:
    user = world.manager
    uid = subscribed(user, hook.url)["uid"]
    for status in (204, 500, 204, 500, 204):
        hook.answer(status)
        asked(user, "POST", f"/{uid}/ping")
    found, query = [], "limit=2"
    while query:
        page = asked(user, "GET", f"/{uid}/deliveries?{query}")
        found += page["deliveries"]
        query = f"limit=2&before={page['before']}" if page["before"] else ""
    assert [each["status"] for each in found] == [204, 500, 204, 500, 204]
    assert len({each["id"] for each in found}) == 5
    failed = asked(user, "GET", f"/{uid}/deliveries?outcome=failed")["deliveries"]
    assert failed == [found[1], found[3]]
    assert asked(user, "GET", f"/{uid}/deliveries/{found[2]['id']}") == found[2]
    for wrong in ("outcome=well", "limit=0", "limit=1001", "before=x"):
        answer = ask(user, "GET", f"/{uid}/deliveries?{wrong}")
        assert refusal(answer) == "BadRequest"
        assert answer.json()["message"].startswith(wrong.partition("=")[0])


def test_one_event_is_told_again(world: World, hook: Hook) -> None:
    user = world.manager
    uid = subscribed(user, hook.url, eventTypes=TICKETS)["uid"]
    for _ in range(2):
        open_ticket(world.root, in_agency(world.agency))
    first, second = hook.until_count(2)
    all_told(user, uid)
    position = int(first.headers["gerance-position"])
    assert asked(user, "POST", f"/{uid}/replay", {"position": position}) == {"replayed": 1}
    again = hook.until_count(3)[-1]
    assert again.body == first.body != second.body
    assert again.headers["webhook-id"] == first.headers["webhook-id"]
    never = ask(user, "POST", f"/{uid}/replay", {"position": position + 1000})
    assert refusal(never, 404) == "NotFound"


def test_all_that_failed_is_told_again(world: World, hook: Hook) -> None:
    user = world.manager
    uid = subscribed(user, hook.url, eventTypes=TICKETS)["uid"]
    hook.answer(500)
    tickets = [open_ticket(world.root, in_agency(world.agency)) for _ in range(3)]
    until(lambda: show(user, uid)["failing"] == 3)
    kept = show(user, uid)
    assert (kept["healthy"], kept["waiting"]) == (False, 3)
    hook.answer(204)
    assert asked(user, "POST", f"/{uid}/replay", {"failed": True}) == {"replayed": 3}
    all_told(user, uid)
    assert sorted(event["aggregateUid"] for event in hook.events[-3:]) == sorted(tickets)
    assert show(user, uid)["healthy"]
    assert asked(user, "POST", f"/{uid}/replay", {"failed": True}) == {"replayed": 0}


def test_all_since_a_moment_is_told_again_as_far_as_it_is_wanted(world: World, hook: Hook) -> None:
    user = world.other_manager
    open_ticket(world.root, in_agency(world.other_agency))
    ticket = open_ticket(world.root, in_agency(world.other_agency))
    elsewhere = open_ticket(world.root, in_agency(world.far_agency))
    ((since,),) = world.rows("SELECT sent_date FROM event WHERE stream = %s", ticket)
    close(world.root, ticket)
    uid = subscribed(user, hook.url, eventTypes=["TicketOpened"])["uid"]
    body = {"since": since.isoformat(timespec="milliseconds")}
    assert asked(user, "POST", f"/{uid}/replay", body)["replayed"] >= 2
    hook.until_count(1)
    all_told(user, uid)
    told = {event["aggregateUid"] for event in hook.events}
    assert ticket in told
    assert elsewhere not in told
    assert set(hook.types) == {"TicketOpened"}


def test_more_than_may_be_told_again_at_once_is_refused(
    world: World, hook: Hook, monkeypatch: pytest.MonkeyPatch
) -> None:
    user = world.manager
    for _ in range(2):
        open_ticket(world.root, in_agency(world.agency))
    uid = subscribed(user, hook.url, eventTypes=["TicketOpened"])["uid"]
    monkeypatch.setattr(owner_endpoints, "MOST_REPLAYED", 1)
    body = {"since": "2000-01-01T00:00:00.000Z"}
    assert refusal(ask(user, "POST", f"/{uid}/replay", body)) == "TooManyEvents"
    assert show(user, uid)["waiting"] == 0


@pytest.mark.parametrize(
    ("body", "named"),
    [
        ({}, "one of position, failed and since"),
        ({"position": 1, "failed": True}, "one of position, failed and since"),
        ({"position": 0}, "$.position"),
        ({"position": "1"}, "$.position"),
        ({"failed": False}, "$.failed"),
        ({"since": "yesterday"}, "$.since"),
    ],
)
def test_what_cannot_be_told_again_is_named(
    body: dict[str, object], named: str, world: World, hook: Hook
) -> None:
    uid = subscribed(world.manager, hook.url)["uid"]
    answer = ask(world.manager, "POST", f"/{uid}/replay", body)
    assert refusal(answer) == "BadRequest"
    assert named in answer.json()["message"]


def test_an_event_that_is_given_up_lets_those_behind_it_come(world: World, hook: Hook) -> None:
    user = world.manager
    uid = subscribed(user, hook.url, eventTypes=TICKETS)["uid"]
    hook.answer(500)
    close(world.root, open_ticket(world.root, in_agency(world.agency)))
    (call,) = hook.until_count(1)
    until(lambda: show(user, uid)["failing"] == 1)
    assert show(user, uid)["waiting"] == 2
    hook.answer(204)
    body = {"position": int(call.headers["gerance-position"])}
    assert asked(user, "POST", f"/{uid}/giveup", body, status=204) is None
    all_told(user, uid)
    assert hook.types == TICKETS
    assert refusal(ask(user, "POST", f"/{uid}/giveup", body), 404) == "NotFound"


def test_no_more_calls_a_second_are_made_than_the_rate_says(world: World, hook: Hook) -> None:
    user = world.manager
    uid = subscribed(user, hook.url, eventTypes=TICKETS, rate=20)["uid"]
    change(user, uid, state="paused")
    for _ in range(6):
        open_ticket(world.root, in_agency(world.agency))
    change(user, uid, state="active")
    all_told(user, uid)
    moments = [
        row[0].timestamp()
        for row in world.rows("SELECT at FROM delivery WHERE endpoint = %s ORDER BY at", uid)
    ]
    assert len(moments) == 6
    assert moments[-1] - moments[0] >= 3 / 20
