"""Who sees and changes which tickets: never more than the reference gives a kind of user."""

import re
from typing import Any

import pytest
from tests.app import (
    LATER,
    Body,
    contact,
    new_uid,
    open_ticket,
    opening,
    phone,
    provider_contact,
)
from tests.incidents.conftest import User, World, refusal
from tests.incidents.reach_cases import NOW, OF_AGENCY, PLACES, REACH, TO_CALLER, Court
from tests.incidents.test_lots import new_lot

from gerance.app import endpoints

ALWAYS = {"from": "2000-01-01T00:00:00Z", "to": "2100-01-01T00:00:00Z"}


@pytest.fixture(scope="module")
def court(world: World) -> Court:
    return Court(world)


def seen(user: User, path: str, **query: Any) -> set[str]:
    answer = user.read(path, **query)
    assert answer.status_code in (200, 206), answer.text
    result = answer.json()["result"]
    assert answer.headers["Content-Range"].endswith(f"/{len(result)}")
    return {ticket["uid"] for ticket in result}


def heard(user: User) -> list[Body]:
    answer = user.http.get("/api/vEvent/tickets", params=ALWAYS, headers=user._headers)
    assert answer.status_code == 200, answer.text
    events: list[Body] = answer.json()["events"]
    assert answer.headers["Content-Range"].endswith(f"/{len(events)}")
    return events


@pytest.mark.parametrize("who", REACH)
def test_lists_searches_and_exports_show_what_is_reached(who: str, court: Court) -> None:
    user = court.users[who]
    for path in ("tickets", "tickets/export"):
        assert court.names(seen(user, path)) == REACH[who]
        assert court.names(seen(user, path, fulltext="fuite")) == REACH[who]
        assert court.names(seen(user, path, status="OPENED", location="paris")) == REACH[who]
        agency = court.world.agency
        assert court.names(seen(user, path, agency=agency)) == REACH[who] & OF_AGENCY


@pytest.mark.parametrize("who", REACH)
def test_counts_and_statistics_count_what_is_reached(who: str, court: Court) -> None:
    user = court.users[who]
    visible = seen(user, "tickets")
    counts = user.get("tickets")["aggregations"]
    filtered = user.read("tickets", status="OPENED").json()["aggregations"]
    assert filtered == counts
    for facet in ("status", "callPurposes", "locations", "interventions"):
        assert sum(it["count"] for it in counts[facet]) == len(visible)
    shown = {it["value"] for it in counts["agencies"]}
    reached = {
        agency["uid"] for ticket in user.get("tickets")["result"] for agency in ticket["agencies"]
    }
    assert shown == reached
    for query in ({}, {"fulltext": "fuite"}):
        new = user.get("tickets/stats", **query)["newTickets"]
        assert new["lastSevenDays"] == len(visible)


@pytest.mark.parametrize("who", REACH)
def test_a_detail_is_shown_to_who_reaches_it(who: str, court: Court) -> None:
    user = court.users[who]
    shown = {
        name
        for name, uid in court.tickets.items()
        if user.read(f"tickets/{uid}").status_code == 200
    }
    assert shown == REACH[who]
    for name in court.tickets.keys() - shown:
        assert refusal(user.read(f"tickets/{court.tickets[name]}"), 404) == "NotFound"


@pytest.mark.parametrize("who", REACH)
def test_the_feed_tells_what_is_reached(who: str, court: Court) -> None:
    told = {event["aggregateUid"] for event in heard(court.users[who])}
    assert court.names(told) == REACH[who]


@pytest.mark.parametrize("who", REACH)
def test_a_ticket_is_changed_by_who_reaches_it(who: str, court: Court) -> None:
    user, fields = court.users[who], {"message": f"de {who}", "messageAddedDate": LATER}
    changed = set()
    for name, uid in court.tickets.items():
        answer = user.patch(f"tickets/{uid}", "AddMessage", **fields)
        if answer.status_code == 200:
            changed.add(name)
        else:
            assert refusal(answer, 403) == "Forbidden"
    assert changed == REACH[who]


@pytest.mark.parametrize("who", REACH)
def test_a_ticket_is_opened_in_a_place_that_is_reached(who: str, court: Court) -> None:
    user, opened = court.users[who], set()
    for name in PLACES:
        body = opening(court.places[name])
        answer = user.send("POST", "tickets", body, Prefer="handling=dry-run")
        if answer.status_code == 200:
            opened.add(name)
        else:
            assert refusal(answer) == "TicketGenericError"
            assert "at `$.locationRef." in answer.json()["message"]
    assert opened == REACH[who] & set(PLACES)


@pytest.mark.parametrize("who", REACH)
def test_a_ticket_is_not_moved_out_of_reach(who: str, court: Court) -> None:
    user = court.users[who]
    for name in REACH[who]:
        for place in PLACES:
            fields = {
                "locationReference": court.places[place],
                "address": {"street": "", "zipCode": "", "city": ""},
            }
            path = f"tickets/{court.tickets[name]}"
            body = {"commandType": "CorrectLocationReference", "processUid": new_uid(), **fields}
            answer = user.send("PATCH", path, body, Prefer="handling=dry-run")
            may = place in REACH[who] and "resident" not in who and who != "neighbour"
            assert (answer.status_code == 200) is may, (place, answer.text)


def test_a_patrimony_user_opens_and_writes_and_does_nothing_else(court: Court) -> None:
    user, path = court.users["resident"], f"tickets/{court.tickets['patrimony']}"
    for kind, fields in (
        ("CloseTicket", {"stillOnSite": "No", "closingDate": LATER}),
        ("RestrictAccessToTicket", {"accessControlList": TO_CALLER}),
        ("CancelTicket", {"date": LATER}),
    ):
        assert refusal(user.patch(path, kind, **fields), 403) == "Forbidden"
    said = {"message": "Toujours en panne", "messageAddedDate": LATER}
    (event,) = user.events(path, "AddMessage", **said)
    assert event["operator"] == {"userUid": user.uid, "operatorType": "ReferencedUser"}


def test_a_restriction_may_come_later_and_hides_all_of_the_ticket(court: Court) -> None:
    root, user = court.world.root, court.users["resident"]
    uid = open_ticket(root, court.places["patrimony"], request="xylophone", date=NOW)
    count = user.get("tickets/stats")["newTickets"]["lastSevenDays"]
    assert seen(user, "tickets", fulltext="xylophone") == {uid}
    root.events(f"tickets/{uid}", "RestrictAccessToTicket", accessControlList=TO_CALLER)
    assert seen(user, "tickets", fulltext="xylophone") == set()
    assert user.get("tickets/stats")["newTickets"]["lastSevenDays"] == count - 1
    assert uid not in {event["aggregateUid"] for event in heard(user)}
    assert uid in seen(court.users["patrimony manager"], "tickets")


def test_a_ticket_that_moves_is_seen_where_it_is(court: Court) -> None:
    there, here = court.users["manager of another company"], court.users["manager"]
    uid = open_ticket(here, court.places["patrimony"])
    before = {user.uid: user.get("tickets")["aggregations"]["status"] for user in (here, there)}
    fields = {
        "locationReference": court.places["other patrimony"],
        "address": {"street": "", "zipCode": "", "city": ""},
    }
    court.world.operator_user.events(f"tickets/{uid}", "CorrectLocationReference", **fields)
    for user, change in ((here, -1), (there, 1)):
        (status,) = user.get("tickets")["aggregations"]["status"]
        assert status["count"] == before[user.uid][0]["count"] + change
    assert (here.read(f"tickets/{uid}").status_code, uid in seen(there, "tickets")) == (404, True)
    assert {event["aggregateUid"] for event in heard(there)} > {uid}
    assert uid not in {event["aggregateUid"] for event in heard(here)}


def test_what_a_command_names_must_be_within_reach(court: Court) -> None:
    world, user = court.world, court.users["manager"]
    path = f"tickets/{court.tickets['patrimony']}"
    far_operator = world.root.created(
        "operators", "ReferenceOperator", callCenterUid=world.other_center, lastName="Loin"
    )
    far_provider = provider_contact(world.root, world.other_company)
    far_user = court.users["manager of another company"].uid
    said: Body = {"message": "!", "messageAddedDate": LATER}
    for uids, at, kind, fields in (
        (far_provider, "$.assignee.providerUid", "IdentifyAssignee", lambda uid: {
            "assignee": contact(uid), "date": LATER}),
        (far_provider, "$.recipient.provider.providerUid", "EmitCallTo", lambda uid: {
            "recipient": {
                "provider": {"providerUid": uid, "providerType": "ReferencedProvider"},
                "personaType": "ProviderPersona",
            },
            "medium": phone(), "date": LATER}),
        (far_operator, "$.operator.operatorUid", "AddMessage", lambda uid: {
            **said, "operator": {"operatorUid": uid, "operatorType": "ReferencedOperator"}}),
        (far_user, "$.operator.userUid", "AddMessage", lambda uid: {
            **said, "operator": {"userUid": uid, "operatorType": "ReferencedUser"}}),
        (far_user, "$.caller.uid", "CorrectCaller", lambda uid: {
            "caller": {"uid": uid, "callerType": "ReferencedContactCaller"}}),
    ):  # fmt: skip
        told = set()
        for uid in (uids, new_uid()):
            answer = user.patch(path, kind, **fields(uid))
            assert refusal(answer) == "TicketGenericError"
            told.add(answer.json()["message"].replace(uid, ""))
        (message,) = told  # nobody learns what others have
        assert message.endswith(f"at `{at}`")


def filled(path: str, uids: dict[str, str]) -> str:
    return re.sub(r"{(\w+)}", lambda found: uids[found[1]], path)


def called_subscription(user: User) -> dict[str, str]:
    """A subscription of the user that was called once, in vain."""
    path, headers = "/api/v1/subscriptions", user._headers
    made = user.http.post(path, json={"url": "https://hooks.invalid/"}, headers=headers).json()
    assert not user.http.post(f"{path}/{made['uid']}/ping", headers=headers).json()["delivered"]
    (call,) = user.get(f"subscriptions/{made['uid']}/deliveries")["deliveries"]
    return {"subscription_uid": made["uid"], "delivery_id": str(call["id"])}


def test_a_stranger_finds_nothing_at_any_read(court: Court) -> None:
    world, stranger = court.world, court.users["user of a new call centre"]
    uids = {
        "ticket_uid": court.tickets["patrimony"],
        "company_uid": world.company,
        "operator_uid": world.root.created(
            "operators", "ReferenceOperator", callCenterUid=world.center, lastName="Ici"
        ),
        "patrimony_uid": world.patrimony,
        "contact_uid": provider_contact(world.root, world.company),
        "lot_uid": new_lot(world),
        **called_subscription(world.root),
    }
    resident = court.contact_of(court.users["resident"].uid)
    secrets = {
        resident,
        *(uid for name, uid in uids.items() if name != "delivery_id"),
        *court.tickets.values(),
        world.agency,
        world.center,
        world.holding,
    }
    of_nobody = "/api/v1/providercompanies"
    endless = "text/event-stream"
    reads = [
        each
        for each in endpoints()
        if each.method == "GET" and each.media != endless
        if not each.public or each.scheme == "session"
    ]
    assert len(reads) > 15
    for endpoint in reads:
        if endpoint.path.startswith(of_nobody):
            continue
        named = {"contact_uid": resident} if "patrimonycontacts" in endpoint.path else {}
        path = filled(endpoint.path, uids | named)
        query = ALWAYS if endpoint.path == "/api/vEvent/tickets" else {}
        known = world.root.http.get(path, params=query, headers=world.root._headers)
        assert known.status_code in (200, 206), known.text
        answer = stranger.http.get(path, params=query, headers=stranger._headers)
        if "{" in endpoint.path:
            assert answer.status_code == 404, path
        else:
            assert answer.status_code == 200, path
            assert not [uid for uid in secrets if uid in answer.text], path


def test_nothing_is_read_or_written_without_a_session(court: Court) -> None:
    closed = [endpoint for endpoint in endpoints() if not endpoint.public]
    assert len(closed) > 30
    for endpoint in closed:
        path = re.sub(r"{\w+}", court.tickets["patrimony"], endpoint.path)
        for headers in ({}, {"Cookie": "PI_SESSION=unknown"}):
            answer = court.world.http.request(endpoint.method, path, headers=headers)
            assert refusal(answer, 401) == "Unauthorized"
