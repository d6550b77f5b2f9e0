"""Every refusal of a ticket command that the contract knows, over HTTP."""

import copy
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from tests.app import LATER, new_uid, open_ticket, opening
from tests.contract.reader import CONTRACT, forms, messages
from tests.contract.stage import Stage
from tests.incidents.conftest import refusal

COMMANDS = messages("commands", "OpenTicket", "IncrementTicket")
COMMAND_FORMS = [f"{name} {year}" for name, it in COMMANDS.items() for year, _ in forms(it)]
CODES = CONTRACT["errors"]["TicketEventError"]
NEEDLESS = {"accessControlType"}
"""The tag of the one kind of access control there is: it may be left out."""


def required_places(value: Any, path: str = "$") -> Iterator[tuple[list[str | int], str, str]]:
    """Each field of a minimal body: the way to its object, that object's path, its name."""
    if isinstance(value, dict):
        for name, inner in value.items():
            if name not in NEEDLESS:
                yield [], path, name
            for way, inner_path, found in required_places(inner, f"{path}.{name}"):
                yield [name, *way], inner_path, found
    elif isinstance(value, list):
        for nth, inner in enumerate(value):
            for way, inner_path, found in required_places(inner, f"{path}[{nth}]"):
                yield [nth, *way], inner_path, found


@pytest.mark.parametrize("form", COMMAND_FORMS)
def test_a_missing_field_is_named_with_its_path(form: str, stage: Stage) -> None:
    name, year = form.split()
    uid = new_uid()
    for whole in list(stage.bodies(dict(forms(COMMANDS[name]))[year], new_uid()))[4:]:
        for way, path, field in required_places(whole):
            body = copy.deepcopy(whole)
            inside: Any = body
            for step in way:
                inside = inside[step]
            del inside[field]
            answer = stage.send(
                uid, body | ({"commandType": name} if field != "commandType" else {})
            )
            assert refusal(answer) == "TicketGenericError", (field, answer.text)
            message = answer.json()["message"]
            wanted = "assignee" if (path, field) == ("$", "provider") and year == "2017" else field
            assert f"`{wanted}`" in message, (path, field, message)
            assert message.endswith(f"at `{path}`"), (path, field, message)


def provoke(stage: Stage, kind: str, *, ticket: str | None = None, **fields: Any) -> Any:
    uid = ticket or open_ticket(stage.user, stage.location)
    return stage.user.patch(f"tickets/{uid}", kind, **fields)


def twice(stage: Stage) -> Any:
    body = opening(stage.location)
    assert stage.user.send("POST", "tickets", body).status_code == 201
    return stage.user.send("POST", "tickets", body)


def opened_again(stage: Stage) -> Any:
    uid = open_ticket(stage.user, stage.location)
    return stage.user.send("POST", "tickets", opening(stage.location, aggregateUid=uid))


def notice(stage: Stage, *, report: str, deadline: str) -> Any:
    fields = {"assignee": stage.assignee(), "reportDate": report, "deadline": deadline}
    return provoke(stage, "ReportFormalNoticeForProvider", ticket=stage.ticket()[0], **fields)


def correct_event(stage: Stage, target: str, ticket: str | None = None) -> Any:
    fields = {"targetedEvent": target, "text": "mieux", "date": LATER}
    return provoke(stage, "CorrectTicketEventInformations", ticket=ticket, **fields)


def correct_textless_event(stage: Stage) -> Any:
    uid = open_ticket(stage.user, stage.location)
    events = stage.user.events(
        f"tickets/{uid}", "StartIntervention", assignee=stage.assignee(), startedDate=LATER
    )
    return correct_event(stage, events[0]["processUid"], uid)


PLANNED = {"date": LATER, "startDate": LATER, "endDate": LATER}
ORDERED = {"ref": "OS-1", "reportDate": LATER, "sendingDate": LATER}
NEXT_WEEK = "2026-01-22T10:00:00.000+01:00"

PROVOKED: dict[str, Callable[[Stage], Any]] = {
    "TicketGenericError": lambda s: provoke(s, "AddMessage", message=1, messageAddedDate=LATER),
    "CommandAlreadySent": twice,
    "ImpossibleToOpenExistingTicket": opened_again,
    "ImpossibleToPerfomCommandOnNonExistingTicket": lambda s: provoke(
        s, "AddMessage", ticket=new_uid(), message="?", messageAddedDate=LATER
    ),
    "ImpossibleToScheduleMissionIfNoProviderIsAssigned": lambda s: provoke(
        s, "ScheduleIntervention", assignee=s.assignee(), **PLANNED
    ),
    "ImpossibleToDefineInterventionDeadlineIfNoProviderIsAssigned": lambda s: provoke(
        s, "DefineInterventionDeadline", assignee=s.assignee(), date=LATER, deadline=NEXT_WEEK
    ),
    "ImpossibleToReportSendingServiceOrderIfNoProviderIsAssigned": lambda s: provoke(
        s, "ReportSendingServiceOrder", assignee=s.assignee(), **ORDERED
    ),
    "ImpossibleToReportFormalNoticeIfNoInterventionDeadlineWasDefined": lambda s: provoke(
        s,
        "ReportFormalNoticeForProvider",
        assignee=s.assignee(),
        reportDate=LATER,
        deadline=NEXT_WEEK,
    ),
    "ImpossibleToReportFormalNoticeIfInterventionDeadlineIsNotExcedeed": lambda s: notice(
        s, report=LATER, deadline=NEXT_WEEK
    ),
    "ImpossibleToReportFormalNoticeIfNewDeadlineIsMinusThanPreviousInterventionDeadline": (
        lambda s: notice(s, report=NEXT_WEEK, deadline=LATER)
    ),
    "BlankTextIsForbiddenToCorrectTicketInformations": lambda s: provoke(
        s, "CorrectTicketInformations", fieldsToCorrect={"request": " \n"}, date=LATER
    ),
    "ImpossibleToUpdateClosingReportFieldIfTicketIsNotClosed": lambda s: provoke(
        s, "CorrectTicketInformations", fieldsToCorrect={"closingReport": "Fini"}, date=LATER
    ),
    "EventTargetedNotFound": lambda s: correct_event(s, new_uid()),
    "EventTargetedIsNotElligibleToThisCommand": correct_textless_event,
}


@pytest.mark.parametrize("code", CODES)
def test_every_error_code_is_raised(code: str, stage: Stage) -> None:
    assert refusal(PROVOKED[code](stage)) == code


def test_the_mission_of_2017_needs_a_provider_too(stage: Stage) -> None:
    fields = {"provider": {"providerUid": stage.provider, "providerType": "ReferencedProvider"}}
    answer = provoke(stage, "ScheduleMission", **fields, **PLANNED)
    assert refusal(answer) == "ImpossibleToScheduleMissionIfNoProviderIsAssigned"
