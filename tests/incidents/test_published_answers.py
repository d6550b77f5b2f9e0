"""The examples that the reference prints, asked of this server for tickets made alike."""

from datetime import UTC, datetime
from typing import Any

import pytest
import time_machine
from tests.app import (
    LATER,
    detail,
    in_agency,
    in_patrimony,
    infos,
    listed,
    open_ticket,
    phone,
    provider,
    provider_contact,
)
from tests.incidents import published_answers
from tests.incidents.conftest import User, World

MR_PROVIDER = {
    **published_answers.PROVIDER,
    "name": {"value": "Mr Provider", "nameType": "PoorName"},
    "providerType": "AnonymousProvider",
}


def lacking(example: Any, answer: Any, path: str = "$") -> list[str]:
    """The keys of an example that an answer lacks."""
    if isinstance(example, dict):
        missing = [f"{path}.{key}" for key in example if key not in answer]
        return missing + [
            found
            for key, each in example.items()
            if key in answer
            for found in lacking(each, answer[key], f"{path}.{key}")
        ]
    if isinstance(example, list):
        return [
            found
            for nth, (each, ours) in enumerate(zip(example, answer, strict=True))
            for found in lacking(each, ours, f"{path}[{nth}]")
        ]
    return []


@pytest.fixture(scope="module")
def user(world: World) -> User:
    """Of the edition of 2017, whose examples these are."""
    return world.login("callCenterUser", world.center, edition="2017")


@pytest.fixture(scope="module")
def place(world: World) -> str:
    """The printed patrimony: called My patrimony, in the agency My Agency."""
    agency = world.new_agency(world.company, "My Agency")
    return world.new_patrimony("PAT-1", agency, label="My patrimony")


@pytest.fixture(scope="module")
def john_s_leak(user: User, place: str) -> str:
    """The ticket of the reference's list and detail, event by event at the printed moments."""
    john = {
        "caller": {
            "name": {"value": "John Doe", "nameType": "PoorName"},
            "medium": phone("0601020304"),
            "callerType": "HumanCaller",
        },
        "claimNumber": {"clientClaimNumber": "REF20160526"},
        "address": published_answers.ADDRESS,
        "request": "water leak",
        "callPurposeLabel": "Chauffage  / Chauffage HS",
        "additionalData": published_answers.DETAILED["additionalDataz"],
    }
    opened = "2016-05-26T08:14:44.000Z"
    uid = open_ticket(user, in_patrimony(place), date=opened, **john)
    purpose = {"providerAssignationPurposeType": "RecourseChanged"}
    user.events(
        f"tickets/{uid}", "AssignProvider", provider=MR_PROVIDER, purpose=purpose, date=opened
    )
    with time_machine.travel(datetime(2016, 5, 26, 8, 16, 6, tzinfo=UTC), tick=False):
        user.events(
            f"tickets/{uid}",
            "UpdateTicket",
            locationRef=in_patrimony(place),
            ticket=infos(**john | {"request": "water leak in my apartment"}),
            openedDate=opened,
        )
    for kind, fields in (
        ("FinishIntervention", {"finishedDate": "2016-05-26T08:18:00.000Z"}),
        (
            "EmitCallTo",
            {
                "recipient": {"provider": MR_PROVIDER, "personaType": "ProviderPersona"},
                "medium": phone("0146304312"),
                "date": "2016-05-26T10:18:30.000+02:00",
            },
        ),
        ("CloseTicket", {"stillOnSite": "No", "closingDate": "2016-05-26T08:18:52Z"}),
    ):
        who = {"provider": MR_PROVIDER} if kind == "FinishIntervention" else {}
        user.events(f"tickets/{uid}", kind, **who, **fields)
    return uid


def test_the_printed_detail_is_answered(user: User, john_s_leak: str, place: str) -> None:
    answer = detail(user, john_s_leak)
    journal = answer["journal"]
    assert journal[0]["events"].pop(0)["eventName"] == "ProviderAssigned"
    assert journal == published_answers.JOURNAL
    own = {"uid", "agencies", "patrimony", "journal", "provider"}
    shown = {key: value for key, value in published_answers.DETAILED.items() if key not in own}
    shown["callCenterReactionTime"] = 0  # the assignment, which the printed journal has not
    assert {key: answer[key] for key in shown} == shown
    assert answer["provider"] == published_answers.PROVIDER
    assert answer["agencies"][0]["name"] == "My Agency"
    assert answer["patrimony"] == {"uid": place, "name": "My patrimony"}


def test_durations_are_those_of_the_printed_detail(world: World, user: User, place: str) -> None:
    opened = "2016-05-26T08:14:44.000Z"
    uid = open_ticket(user, in_patrimony(place), date=opened)
    with time_machine.travel(datetime(2016, 5, 26, 8, 16, 6, tzinfo=UTC), tick=False):
        where = {"locationRef": in_patrimony(place), "ticket": infos(), "openedDate": opened}
        user.events(f"tickets/{uid}", "UpdateTicket", **where)
    finished = {"provider": MR_PROVIDER, "finishedDate": "2016-05-26T10:18:00.000+02:00"}
    user.events(f"tickets/{uid}", "FinishIntervention", **finished)
    answer = detail(user, uid)
    expected = {"callCenterReactionTime": 82000, "interventionResponseTime": 196000}
    current = detail(world.operator_user, uid)
    assert current["stats"] == {name: str(value) for name, value in expected.items()}
    assert "stats" not in answer
    assert {key: answer[key] for key in expected} == expected


def test_the_printed_list_and_detail_have_no_key_that_ours_lack(
    user: User, john_s_leak: str
) -> None:
    assert lacking(published_answers.LISTED, listed(user, john_s_leak)) == []
    answer = detail(user, john_s_leak)
    answer["journal"][0]["events"].pop(0)
    assert lacking(published_answers.DETAILED, answer) == []


def test_the_printed_export_has_no_key_that_ours_lacks(world: World, user: User) -> None:
    raymond = provider_contact(world.root, world.company, "chauffagiste Raymond & Fils")
    data = published_answers.EXPORTED["additionalDataz"]
    uid = open_ticket(user, in_patrimony(world.patrimony), additionalData=data)
    fields = {"provider": provider(raymond), "comment": "oui", "date": LATER}
    user.events(f"tickets/{uid}", "AcceptMission", **fields)
    said = {"message": "le message", "messageAddedDate": "2017-02-28T15:35:00+01:00"}
    user.events(f"tickets/{uid}", "AddMessage", **said)
    answer = listed(user, uid, "tickets/export")
    example = published_answers.EXPORTED | {
        "provider": {**published_answers.EXPORTED["provider"], "phones": ["0"]}
    }
    assert lacking(example, answer) == []
    assert answer["state"]["value"] == "MissionAccepted"
    written = "2017-02-28T14:35:00.000Z"
    assert answer["freeCommentaries"] == [{"date": written, "message": "le message"}]


def test_the_printed_statistics_and_event_have_no_key_that_ours_lack(
    world: World, user: User
) -> None:
    assert lacking(published_answers.STATISTICS, user.get("tickets/stats")) == []
    operator = world.root.created(
        "operators", "ReferenceOperator", callCenterUid=world.center, lastName="Opératrice"
    )
    acting = {"operatorUid": operator, "operatorType": "ReferencedOperator"}
    body = {
        key: value
        for key, value in published_answers.EVENT.items()
        if key not in ("eventType", "sentDate", "aggregateUid")
    }
    body |= {"locationRef": in_agency(world.agency), "operator": acting}
    sent = user.send("POST", "tickets", body | {"commandType": "OpenTicket"}).json()["events"]
    assert lacking(published_answers.EVENT, sent[0]) == []
    assert {key: sent[0][key] for key in body} == body


def test_the_printed_commands_are_accepted(world: World, user: User) -> None:
    operator = world.root.created(
        "operators", "ReferenceOperator", callCenterUid=world.center, lastName="Opératrice"
    )
    acting = {"operator": {"operatorUid": operator, "operatorType": "ReferencedOperator"}}
    body = {**published_answers.OPENED, **acting, "locationRef": in_patrimony(world.patrimony)}
    answer = user.send("POST", "tickets", body)
    assert answer.status_code == 201
    (event,) = answer.json()["events"]
    kept = body.keys() - {"commandType"}
    assert {key: event[key] for key in kept} == {key: body[key] for key in kept}
    raymond = provider_contact(world.root, world.company)
    body = {**published_answers.ASSIGNED, **acting, "provider": provider(raymond)}
    answer = user.send("PATCH", f"tickets/{published_answers.OPENED['aggregateUid']}", body)
    assert answer.status_code == 200
    kept = body.keys() - {"commandType"}
    assert {key: answer.json()["events"][0][key] for key in kept} == {
        key: body[key] for key in kept
    }
