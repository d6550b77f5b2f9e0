"""Every ticket command, event, error code and route of the contract, over HTTP.

Walks the contract file: what is added there and not served fails here.
"""

import json

import pytest
from tests.app import LATER
from tests.contract.reader import CONTRACT, forms, messages, object_problems
from tests.contract.stage import Sent, Stage
from tests.incidents.conftest import World, command, refusal

COMMANDS = messages("commands", "OpenTicket", "IncrementTicket")
EVENTS = messages("events", "TicketEvent")
EVENT_OF = {
    "OpenTicket": "TicketOpened",
    "EmitCallTo": "CallEmittedTo",
    "ReceiveCall": "CallReceived",
    "IdentifyAssignee": "AssigneeIdentified",
    "RequestIntervention": "InterventionRequested",
    "ReportSendingServiceOrder": "SendingServiceOrderReported",
    "ProviderAnswerCall": "CallAnsweredByProvider",
    "ProviderNotAnswerCall": "CallNotAnsweredByProvider",
    "ScheduleIntervention": "InterventionScheduled",
    "DefineInterventionDeadline": "InterventionDeadlineDefined",
    "RestrictAccessToTicket": "AccessRestrictedToTicket",
    "ReportFormalNoticeForProvider": "FormalNoticeForProviderReported",
    "AcceptIntervention": "InterventionAccepted",
    "RefuseIntervention": "InterventionRefused",
    "ReopenTicket": "TicketReopened",
    "AddLogTrial": "LogTrialAdded",
    "AddMessage": "MessageAdded",
    "CancelTicket": "TicketCancelled",
    "ArriveOnSite": "ArrivedOnSite",
    "GoFromSite": "GoneFromSite",
    "StartIntervention": "InterventionStarted",
    "FinishIntervention": "InterventionFinished",
    "UpdateTicket": "TicketUpdated",
    "CorrectTicketInformations": "TicketInformationsCorrected",
    "CorrectTicketEventInformations": "TicketEventInformationsCorrected",
    "CorrectOpeningTicketPurpose": "OpeningTicketPurposeCorrected",
    "CorrectLocationReference": "LocationReferenceCorrected",
    "CorrectCaller": "CallerCorrected",
    "CloseTicket": "TicketClosed",
    "ArchiveTicket": "TicketArchived",
    "FixPermanently": "PermanentlyFixed",
    "FixPartially": "PartiallyFixed",
    "CloseTicketImpossibleRepair": "TicketClosedImpossibleRepair",
    "PostponeFix": "PostponedFix",
    "CloseBeyondCallCenterScope": "ClosedBeyondCallCenterScope",
    "CloseAfterSeveralUnsuccessfulRecalls": "ClosedAfterSeveralUnsuccessfulRecalls",
    "AssignProvider": "ProviderAssigned",
    "ScheduleMission": "MissionScheduled",
    "AcceptMission": "MissionAccepted",
    "RefuseMission": "MissionRefused",
}
SECOND_EVENT = {
    "fromSimplifiedRequest": "TicketOpenedFromSimplifiedRequest",
    "instructions": "InstructionsForAssigneeDefined",
    "requestNotificationTo": "NotificationForInterventionAcceptedRequested",
}
"""A field of a command, and the further event that it causes when it is there."""

ALWAYS = {"processUid": "SafeUUID", "aggregateUid": "SafeUUID", "sentDate": "DateTime"}
OPERATORLESS = {"ReportSendingServiceOrder", "RestrictAccessToTicket"}
"""The contract requires `operator` of these; everywhere it may be left out: the user acts then."""


@pytest.fixture(scope="module")
def commands_sent(stage: Stage) -> dict[str, list[Sent]]:
    """Every command of the contract, in its forms of both years, and what came of it."""
    return {
        f"{name} {year}": list(stage.sent(fields, name))
        for name, message in COMMANDS.items()
        for year, fields in forms(message)
    }


COMMAND_FORMS = [f"{name} {year}" for name, it in COMMANDS.items() for year, _ in forms(it)]
EVENT_FORMS = [f"{name} {year}" for name, it in EVENTS.items() for year, _ in forms(it)]


def expected_event(name: str, year: str) -> dict[str, str]:
    return {**ALWAYS, **dict(forms(EVENTS[name]))[year if "2017" in year else "2020"]}


@pytest.mark.parametrize("form", COMMAND_FORMS)
def test_a_command_is_answered_with_the_events_of_the_contract(
    form: str, stage: Stage, commands_sent: dict[str, list[Sent]]
) -> None:
    name, year = form.split()
    for body, events in commands_sent[form]:
        second = [event for field, event in SECOND_EVENT.items() if field in body]
        assert [event["eventType"] for event in events] == [EVENT_OF[name], *second]
        for event in events:
            assert list(object_problems(expected_event(event["eventType"], year), event)) == []
            acting = {"userUid": stage.user.uid, "operatorType": "ReferencedUser"}
            assert event["operator"] == body.get("operator", acting)
            assert event["processUid"] == body["processUid"]
        repeated = {key: value for key, value in body.items() if key in events[0]}
        assert {key: events[0][key] for key in repeated} == repeated
        left_out = body.keys() - events[0].keys() - {"commandType", *SECOND_EVENT}
        assert left_out <= {"fieldsToCorrect"}
        if left_out:
            assert events[0]["fieldsCorrected"] == body["fieldsToCorrect"]


@pytest.mark.parametrize("form", EVENT_FORMS)
def test_an_event_is_taken_as_the_command_that_causes_it(form: str, stage: Stage) -> None:
    name, year = form.split()
    fields = {**expected_event(name, year), "operator": "Operator?"}
    fields.pop("commandType", None)
    for body, events in stage.sent(fields, name):
        (event,) = events
        assert list(object_problems(expected_event(name, year), event)) == []
        told = body.keys() - {"aggregateUid", "sentDate"}
        assert {key: event[key] for key in told} == {key: body[key] for key in told}


def test_every_event_is_caused_by_a_command_or_told_as_an_event(
    commands_sent: dict[str, list[Sent]],
) -> None:
    emitted = {
        event["eventType"] for sent in commands_sent.values() for it in sent for event in it.events
    }
    only_told = {
        "TicketQualifiedByCriteria",
        "WorkflowAppliedToTicket",
        "ContextualCommentDisplayedOnTicket",
    }
    assert emitted | only_told == set(EVENTS)
    assert not emitted & only_told


def test_every_ticket_route_is_described_with_its_parameters(world: World) -> None:
    document = json.loads(world.http.get("/openapi.json").text)
    routes = [it for it in CONTRACT["routes"] if it["path"].split("/")[3] == "tickets"]
    assert len(routes) == 7
    for route in routes:
        path = route["path"].replace(":ticket_uid", "{ticket_uid}")
        operation = document["paths"][path][route["method"].lower()]
        described = {parameter["name"] for parameter in operation["parameters"]}
        assert route["query"].keys() <= described
        statuses = {response.split()[0] for response in route["responses"]}
        assert statuses <= operation["responses"].keys()


def test_a_command_of_another_route_is_sent_where_it_belongs(stage: Stage) -> None:
    answer = stage.user.send(
        "POST", "tickets", command("AddMessage", message="!", messageAddedDate=LATER)
    )
    assert refusal(answer) == "TicketGenericError"
    assert "PATCH" in answer.json()["message"]
