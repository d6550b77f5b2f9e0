"""What the ticket reads answer, held against their declared shapes and the printed examples."""

import json
import re
from collections.abc import Iterator
from typing import Any

import msgspec
import pytest
from tests.app import (
    LATER,
    OPENED,
    assign,
    contact,
    detail,
    in_agency,
    in_patrimony,
    listed,
    new_uid,
    open_ticket,
    phone,
    provider_contact,
)
from tests.incidents.conftest import User, World

from gerance.incidents.tickets import shapes
from gerance.kernel.wire import convert


def strictly(answer: Any, kind: type) -> None:
    """The answer has what `kind` declares, and nothing else."""
    assert msgspec.to_builtins(convert(answer, kind), enc_hook=str.__str__) == answer


def nulls(value: Any, path: str = "$") -> list[str]:
    if isinstance(value, dict):
        return [found for key, each in value.items() for found in nulls(each, f"{path}.{key}")]
    if isinstance(value, list):
        return [found for nth, each in enumerate(value) for found in nulls(each, f"{path}[{nth}]")]
    return [path] if value is None else []


@pytest.fixture(scope="module")
def user(world: World) -> User:
    return world.operator_user


@pytest.fixture(scope="module")
def rich(world: World, user: User) -> str:
    """A ticket with everything that a view can show."""
    raymond = provider_contact(world.root, world.company, "chauffagiste Raymond & Fils")
    medium = {"mail": "jean@martin.example", "contactMediumType": "Mail"}
    uid = open_ticket(
        user,
        in_patrimony(world.patrimony),
        fromSimplifiedRequest=new_uid(),
        instructions="Sonner deux fois",
        callPurposeUid=new_uid(),
        contactToCallback={"name": "Jean", "medium": medium, "availability": LATER},
        additionalData={"Code magasin": "OT456"},
        caller={
            "name": {
                "gender": "M.",
                "firstName": "Jean",
                "lastName": "Martin",
                "nameType": "CivilName",
            },
            "medium": phone(),
            "comment": "sourd",
            "callerType": "HumanCaller",
        },
    )
    path = f"tickets/{uid}"
    choice = {
        "criterionUid": new_uid(),
        "criterionLabel": "Urgent ?",
        "choice": {"uid": new_uid(), "value": "Oui"},
    }
    who, date = {"assignee": contact(raymond)}, {"date": LATER}
    planned = {"startDate": "2026-01-15T14:00:00.000+01:00", "endDate": LATER[:11] + "16:00:00Z"}
    for kind, fields in (
        ("IdentifyAssignee", {**who, **date, "instructions": "Vite", "comment": "Le meilleur"}),
        ("AcceptIntervention", {**who, **date}),
        ("ScheduleIntervention", {**who, **date, **planned}),
        (
            "ReportSendingServiceOrder",
            {**who, "ref": "1", "reportDate": LATER, "sendingDate": LATER},
        ),
        ("DefineInterventionDeadline", {**who, **date, "deadline": "2026-01-15T12:00:00Z"}),
        ("StartIntervention", {**who, "startedDate": "2026-01-15T12:10:00Z"}),
        ("FinishIntervention", {**who, "finishedDate": "2026-01-15T12:40:00Z"}),
        (
            "ReportFormalNoticeForProvider",
            {
                **who,
                "reportDate": "2026-01-15T14:00:00+01:00",
                "deadline": "2026-01-16T13:00:00+01:00",
            },
        ),
        ("AddMessage", {"message": "le message", "messageAddedDate": LATER}),
        (
            "FixPermanently",
            {"stillOnSite": "No", "report": "ok", "closingDate": "2026-01-15T15:00:00Z"},
        ),
        ("CorrectTicketInformations", {"fieldsToCorrect": {"request": "Mieux"}, **date}),
    ):
        user.events(path, kind, **fields)
    for event, fields in (
        ("TicketQualifiedByCriteria", {"choices": [choice]}),
        ("WorkflowAppliedToTicket", {"workflow": new_uid()}),
        (
            "ContextualCommentDisplayedOnTicket",
            {"comment": {"uid": new_uid(), "title": "Fuite", "comment": "Couper l'eau"}},
        ),
    ):
        body = {"processUid": new_uid(), "eventType": event, **fields}
        assert user.send("PATCH", path, body).status_code == 200
    return uid


MOMENT = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d.*")


def moments(value: Any, path: str = "$") -> Iterator[tuple[str, str]]:
    """The moments in an answer, each with its path."""
    if isinstance(value, dict):
        for name, each in value.items():
            yield from moments(each, f"{path}.{name}")
    elif isinstance(value, list):
        for each in value:
            yield from moments(each, f"{path}[]")
    elif isinstance(value, str) and MOMENT.fullmatch(value):
        yield path, value


@pytest.fixture(scope="module")
def bare(world: World, user: User) -> str:
    """A ticket of an agency, that an automaton opened, about which nothing else is known."""
    caller = {"caller": "AutomatonCaller"}
    return open_ticket(user, in_agency(world.agency), **caller)


def all_reads(user: User, *tickets: str) -> Iterator[tuple[Any, type]]:
    yield user.get("tickets"), shapes.TicketResultView
    yield user.get("tickets/export"), shapes.TicketExportView
    yield user.get("tickets/stats"), shapes.TicketStats
    for uid in tickets:
        yield detail(user, uid), shapes.DetailedTicketView
    headers = user._headers
    window = "from=2015-01-01T00:00:00Z&to=2100-01-01T00:00:00Z"
    feed = user.http.get(f"/api/vEvent/tickets?{window}", headers=headers)
    yield feed.json(), shapes.TicketEventResultView


def test_every_answer_has_the_declared_shape_and_no_null(user: User, rich: str, bare: str) -> None:
    for answer, kind in all_reads(user, rich, bare):
        assert nulls(answer) == []
        strictly(answer, kind)


def test_every_moment_of_every_view_is_in_utc(user: User, rich: str) -> None:
    seen = set()
    for answer, kind in all_reads(user, rich):
        if kind is shapes.TicketEventResultView:
            continue
        for path, moment in moments(answer):
            seen.add(path)
            assert re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z", moment), path
    assert seen >= {
        "$.contactToCallback.availability",
        "$.serviceOrder.sendingDate",
        "$.updatedFields[].updatedDates[]",
        "$.journal[].events[].date",
        "$.dates.closed",
        "$.result[].freeCommentaries[].date",
        "$.result[].interventionScheduled.startDate",
        "$.result[].interventionScheduled.endDate",
        "$.result[].interventionDeadline",
        "$.result[].formalNotice.date",
        "$.result[].journalAdditionalInfos.formalNotice.deadline",
        "$.result[].journalAdditionalInfos.interventionStarted",
    }


def test_a_rich_ticket_shows_all_that_a_detail_can_show(user: User, rich: str) -> None:
    known = {
        field.encode_name for field in shapes.msgspec.structs.fields(shapes.DetailedTicketView)
    }
    assert detail(user, rich).keys() == known
    known = {field.encode_name for field in shapes.msgspec.structs.fields(shapes.ExportedTicket)}
    assert listed(user, rich, "tickets/export").keys() == known


def test_additional_data_without_a_value_are_left_out_of_views(world: World, user: User) -> None:
    data = {"Code magasin": "OT456", "vide": None}
    uid = open_ticket(user, in_patrimony(world.patrimony), additionalData=data)
    assert detail(user, uid)["additionalDataz"] == {"Code magasin": "OT456"}
    assert listed(user, uid, "tickets/export")["additionalDataz"] == {"Code magasin": "OT456"}


def test_durations_are_in_milliseconds(user: User, rich: str) -> None:
    hour = 3_600_000
    durations = {
        "callCenterReactionTime": hour,
        "transmissionTime": hour,
        "interventionResponseTime": 3 * hour + 600_000,
        "interventionDuration": hour // 2,
        "repairTime": 6 * hour,
    }
    view = detail(user, rich)
    assert {name: view[name] for name in durations} == durations
    assert view["stats"] == {name: str(value) for name, value in durations.items()}


@pytest.mark.parametrize(
    ("claim", "ref"),
    [
        ({"clientClaimNumber": "C-1", "callCenterClaimNumber": "CC-1"}, "C-1"),
        ({"callCenterClaimNumber": "CC-1"}, "CC-1"),
        ({}, None),
    ],
)
def test_ref_falls_back(claim: dict[str, str], ref: str | None, world: World, user: User) -> None:
    uid = open_ticket(user, in_patrimony(world.patrimony), claimNumber=claim)
    shown = detail(user, uid)["ref"]
    assert shown == listed(user, uid)["ref"]
    assert shown == ref if ref else re.fullmatch(r"\d{4}-\d{6}", shown)


@pytest.mark.parametrize(
    ("medium", "shown"),
    [
        (phone("01"), {"mediumType": "PHONE", "identifier": "01"}),
        ({"phone": "06", "contactMediumType": "SMS"}, {"mediumType": "SMS", "identifier": "06"}),
        ({"fax": "02", "contactMediumType": "Fax"}, {"mediumType": "FAX", "identifier": "02"}),
        (
            {"mail": "a@b.fr", "contactMediumType": "Mail"},
            {"mediumType": "MAIL", "identifier": "a@b.fr"},
        ),
        (
            {"fax": "a@b.fr", "contactMediumType": "Mail"},
            {"mediumType": "MAIL", "identifier": "a@b.fr"},
        ),
        (None, None),
    ],
)
def test_a_way_to_reach_the_caller_is_shown_by_its_kind(
    medium: Any, shown: Any, world: World, user: User
) -> None:
    name = {"name": "John Doe", "nameType": "PoorName"}
    caller = {"name": name, "callerType": "HumanCaller"} | ({"medium": medium} if medium else {})
    uid = open_ticket(user, in_patrimony(world.patrimony), caller=caller)
    view = {"name": "John Doe"} | ({"medium": [shown]} if shown else {})
    assert detail(user, uid)["caller"] == listed(user, uid)["caller"] == view


def test_an_automaton_and_an_agency_are_shown_as_what_they_are(
    user: User, bare: str, world: World
) -> None:
    answer = detail(user, bare)
    assert answer["caller"] == {"name": "AutomatonCaller"}
    assert answer["agencies"] == [{"uid": world.agency, "name": "Agence Étoile"}]
    assert answer["journal"] == []
    assert not answer.keys() & {"patrimony", "provider", "assignee", "closed", "report"}


def test_the_journal_is_grouped_by_the_day_in_paris(world: World, user: User) -> None:
    uid = open_ticket(user, in_patrimony(world.patrimony), date="2025-10-25T10:00:00+02:00")
    for said in ("2025-10-26T22:59:59Z", "2025-10-25T22:00:00Z", "2025-10-26T23:00:00Z"):
        fields = {"message": said, "messageAddedDate": said}
        user.events(f"tickets/{uid}", "AddMessage", **fields)
    days = detail(user, uid)["journal"]
    told = {day["day"]: [event["data"]["message"] for event in day["events"]] for day in days}
    assert told == {
        "2025-10-26": ["2025-10-25T22:00:00Z", "2025-10-26T22:59:59Z"],
        "2025-10-27": ["2025-10-26T23:00:00Z"],
    }


def test_the_last_moment_that_clients_can_write_is_a_moment_like_others(
    world: World, user: User
) -> None:
    never = "9999-12-31T23:59:59.999Z"
    uid = open_ticket(user, in_patrimony(world.patrimony), date=never, callPurposeLabel="Jamais")
    user.events(f"tickets/{uid}", "AddMessage", message="Un jour", messageAddedDate=never)
    shown = detail(user, uid)
    assert shown["created"] == never
    assert [(day["day"], len(day["events"])) for day in shown["journal"]] == [("9999-12-31", 1)]
    statistics = user.get("tickets/stats", callpurpose="Jamais")
    assert statistics["ticketCreationFrequency"] == {"byDay": 1}


def test_a_moment_keeps_its_offset_and_its_milliseconds(world: World, user: User) -> None:
    uid = open_ticket(user, in_patrimony(world.patrimony), date="2026-01-15T10:00:00.1239+05:30")
    assert detail(user, uid)["created"] == "2026-01-15T04:30:00.123Z"
    (event,) = assign(user, uid, provider_contact(world.root, world.company), date=OPENED)
    assert event["date"] == OPENED


def test_a_moment_may_have_an_offset_that_no_place_has(world: World, user: User) -> None:
    far = "2026-01-15T10:00:00.000+23:59"
    uid = open_ticket(user, in_patrimony(world.patrimony), date=far)
    assert detail(user, uid)["created"] == "2026-01-14T10:01:00.000Z"
    sent = user.http.get(
        "/api/vEvent/tickets",
        params={"from": far, "to": "2100-01-01T00:00:00-23:59"},
        headers=user._headers,
    ).json()["events"]
    assert uid in {event["aggregateUid"] for event in sent}


def test_what_is_documented_is_what_the_answers_are_held_against(world: World) -> None:
    document = json.loads(world.http.get("/openapi.json").text)
    for path, name in (
        ("/api/v1/tickets", "TicketResultView"),
        ("/api/v1/tickets/export", "TicketExportView"),
        ("/api/v1/tickets/stats", "TicketStats"),
        ("/api/v1/tickets/{ticket_uid}", "DetailedTicketView"),
        ("/api/vEvent/tickets", "TicketEventResultView"),
    ):
        answer = document["paths"][path]["get"]["responses"]["200"]
        schema = answer["content"]["application/json"]["schema"]
        assert schema == {"$ref": f"#/components/schemas/{name}"}
        assert name in document["components"]["schemas"]
