"""The rules of tickets that go beyond the fields of a command."""

from typing import Any

import pytest
from tests.incidents.decisions.slices import OTHER, body, given, uid, when

from gerance.incidents.tickets.base_events import ClosingEvent
from gerance.incidents.tickets.commands import AnyTicketCommand
from gerance.incidents.tickets.decide import EVENTS_OF
from gerance.kernel.errors import Rejection

OPENED = body("OpenTicket", full=False, number=71)
ASSIGNED = body("AssignProvider", number=72)
FIRST_DEADLINE = "2026-01-16T10:00:00.000+01:00"
DEADLINE = body("DefineInterventionDeadline", number=73) | {"deadline": FIRST_DEADLINE}
CLOSINGS = sorted(
    command.__name__
    for command in AnyTicketCommand.__args__
    if issubclass(EVENTS_OF[command][0], ClosingEvent)
)


def rejection(state: Any, command: dict[str, Any]) -> str:
    with pytest.raises(Rejection) as refused:
        when(state, command)
    return refused.value.code


def test_there_are_nine_ways_to_close_a_ticket() -> None:
    assert len(CLOSINGS) == 9


@pytest.mark.parametrize("closing", CLOSINGS)
def test_a_closing_closes_and_a_reopening_opens(closing: str) -> None:
    closed = given(OPENED, body(closing))
    (event,) = when(given(OPENED), body(closing))
    assert closed.closed is not None
    assert closed.state.value == type(event).__name__

    reopened = given(OPENED, body(closing), body("ReopenTicket", number=10))

    assert reopened.closed is None
    assert reopened.state.value == "TicketReopened"


@pytest.mark.parametrize(
    ("command", "code"),
    [
        ("ScheduleMission", "ImpossibleToScheduleMissionIfNoProviderIsAssigned"),
        ("ScheduleIntervention", "ImpossibleToScheduleMissionIfNoProviderIsAssigned"),
        (
            "DefineInterventionDeadline",
            "ImpossibleToDefineInterventionDeadlineIfNoProviderIsAssigned",
        ),
        (
            "ReportSendingServiceOrder",
            "ImpossibleToReportSendingServiceOrderIfNoProviderIsAssigned",
        ),
    ],
)
def test_some_commands_need_a_provider_in_charge(command: str, code: str) -> None:
    assert rejection(given(OPENED), body(command)) == code
    assert when(given(OPENED, ASSIGNED), body(command))


@pytest.mark.parametrize("command", ["ScheduleMission", "ScheduleIntervention"])
def test_an_intervention_does_not_end_before_it_starts(command: str) -> None:
    wrong = body(command) | {"endDate": "2026-01-17T07:59:59.999+01:00"}
    assert rejection(given(OPENED, ASSIGNED), wrong) == "TicketGenericError"


@pytest.mark.parametrize(
    ("before", "change", "code"),
    [
        (
            [OPENED, ASSIGNED],
            {},
            "ImpossibleToReportFormalNoticeIfNoInterventionDeadlineWasDefined",
        ),
        (
            [OPENED, ASSIGNED, DEADLINE],
            {"reportDate": FIRST_DEADLINE},
            "ImpossibleToReportFormalNoticeIfInterventionDeadlineIsNotExcedeed",
        ),
        (
            [OPENED, ASSIGNED, DEADLINE],
            {"deadline": "2026-01-16T09:59:59.999+01:00"},
            "ImpossibleToReportFormalNoticeIfNewDeadlineIsMinusThanPreviousInterventionDeadline",
        ),
    ],
)
def test_a_formal_notice_follows_a_missed_deadline(
    before: list[Any], change: dict[str, str], code: str
) -> None:
    assert rejection(given(*before), body("ReportFormalNoticeForProvider") | change) == code


def test_a_formal_notice_sets_the_next_deadline() -> None:
    state = given(OPENED, ASSIGNED, DEADLINE, body("ReportFormalNoticeForProvider"))
    assert state.deadline == body("ReportFormalNoticeForProvider")["deadline"]
    assert state.formal_notice.deadline == state.deadline


def test_a_report_is_corrected_once_the_ticket_is_closed() -> None:
    correction = body("CorrectTicketInformations") | {"fieldsToCorrect": {"closingReport": "Fini"}}
    code = "ImpossibleToUpdateClosingReportFieldIfTicketIsNotClosed"
    assert rejection(given(OPENED), correction) == code
    assert given(OPENED, body("CloseTicket", number=74), correction).report == "Fini"


def test_a_correction_is_not_blank() -> None:
    blank = body("CorrectTicketInformations") | {"fieldsToCorrect": {"request": " \n"}}
    assert rejection(given(OPENED), blank) == "BlankTextIsForbiddenToCorrectTicketInformations"


@pytest.mark.parametrize(
    ("target", "code"),
    [
        (OTHER, "EventTargetedNotFound"),
        (uid(71), "EventTargetedIsNotElligibleToThisCommand"),
        (uid(72), "EventTargetedIsNotElligibleToThisCommand"),
    ],
)
def test_only_an_event_with_a_text_is_corrected(target: str, code: str) -> None:
    correction = body("CorrectTicketEventInformations") | {"targetedEvent": target}
    assert rejection(given(OPENED, ASSIGNED), correction) == code


def test_the_text_of_a_message_is_corrected_in_the_journal() -> None:
    correction = body("CorrectTicketEventInformations") | {"text": "Corrigé"}
    state = given(OPENED, body("AddMessage", number=73), correction)
    message = state.journal[0]
    assert (message.text, message.data) == ("Corrigé", {"message": "Corrigé"})


def test_another_provider_in_charge_has_no_instructions_yet() -> None:
    instructed = given(OPENED, body("IdentifyAssignee", number=72))
    assert instructed.instructions_for_assignee is not None
    other = body("IdentifyAssignee", full=False, number=73)
    other["assignee"] = {"providerUid": uid(8), "assigneeType": "ReferencedProviderContact"}
    assert given(OPENED, body("IdentifyAssignee", number=72), other).assigned.uid == uid(8)
    after = given(OPENED, body("IdentifyAssignee", number=72), other)
    assert after.instructions_for_assignee is None


def test_an_event_without_a_date_has_that_of_its_command() -> None:
    state = given(OPENED, body("IdentifyAssignee"))
    first, second = state.journal
    assert (first.event, second.event) == ("AssigneeIdentified", "InstructionsForAssigneeDefined")
    assert second.date == first.date


def test_the_second_event_of_an_opening_has_its_date() -> None:
    state = given(body("OpenTicket"))
    assert [entry.event for entry in state.journal] == ["TicketOpenedFromSimplifiedRequest"]
    assert state.journal[0].date == state.updated.utc == state.opened.utc


def test_a_deadline_stays_when_another_provider_is_in_charge() -> None:
    other = {"provider": {"providerUid": uid(8), "providerType": "ReferencedProvider"}}
    state = given(OPENED, ASSIGNED, DEADLINE, body("AssignProvider", number=74) | other)
    assert state.assigned.uid == uid(8)
    assert state.deadline == FIRST_DEADLINE
    assert when(state, body("ReportFormalNoticeForProvider"))


@pytest.mark.parametrize(
    ("closed", "report"), [("2026-01-15T10:40:00Z", "Corrigé"), ("2026-01-15T10:50:00Z", "Neuf")]
)
def test_a_corrected_report_is_replaced_by_that_of_a_later_closing(
    closed: str, report: str
) -> None:
    first = body("CloseTicket", number=74) | {"closingDate": "2026-01-15T10:45:00Z"}
    correction = {"fieldsToCorrect": {"closingReport": "Corrigé"}}
    second = body("FixPermanently", number=76) | {"closingDate": closed, "report": "Neuf"}
    for earlier in (first, {name: first[name] for name in first if name != "report"}):
        state = given(OPENED, earlier, body("CorrectTicketInformations") | correction, second)
        assert state.report == report


def test_the_corrected_text_of_an_entry_is_shown_wherever_it_was() -> None:
    for command, shown in (
        ("CloseTicket", lambda state: state.report),
        ("AcceptIntervention", lambda state: state.assignee_comment),
        ("DefineInstructionsForAssignee", lambda state: state.instructions[0].text),
    ):
        correction = body("CorrectTicketEventInformations") | {"text": "Corrigé"}
        state = given(OPENED, body(command, number=73), correction)
        assert shown(state) == state.journal[0].text == "Corrigé"
