"""The rules of tickets: a command to events, or to a rejection with its published code. Pure."""

from collections.abc import Callable
from typing import Any

import msgspec

from gerance.incidents.messages import Stamp
from gerance.incidents.tickets import commands as c
from gerance.incidents.tickets import events as e
from gerance.incidents.tickets.state import TicketState
from gerance.incidents.values import ReferencedUser
from gerance.kernel.errors import Rejection

Message = type[msgspec.Struct]


def decide(
    state: TicketState | None, command: c.AnyTicketCommand, stamp: Stamp
) -> list[e.AnyTicketEvent]:
    """The events that the command causes. Raises Rejection with a code of TicketEventError."""
    if isinstance(command, c.OpenTicket):
        if state is not None:
            raise Rejection(
                "ImpossibleToOpenExistingTicket", f"The ticket {stamp.aggregate} already exists."
            )
    elif state is None:
        raise unknown(stamp.aggregate)
    else:
        if isinstance(command, c.UpdateTicket) and command.openedDate is None:
            command = msgspec.structs.replace(command, openedDate=state.opened)
        check = _CHECKS.get(type(command))
        if check is not None:
            check(state, command)
    return [_event(kind, command, stamp) for kind in _caused_by(command)]


def unknown(uid: str) -> Rejection:
    """The rejection of a command on a ticket that does not exist."""
    return Rejection("ImpossibleToPerfomCommandOnNonExistingTicket", f"There is no ticket {uid}.")


def _event(kind: Message, command: Any, stamp: Stamp) -> Any:
    """The event of that kind: the command's fields, and those that the server adds."""
    fields = {name: getattr(command, name) for name in _COMMON_FIELDS[type(command), kind]}
    for ours, theirs in _RENAMED.get((type(command), kind), ()):
        fields[ours] = theirs(command)
    return kind(
        aggregateUid=stamp.aggregate,
        sentDate=stamp.sent_date,
        operator=command.operator or ReferencedUser(stamp.user),
        **fields,
    )


def _caused_by(command: c.AnyTicketCommand) -> tuple[Message, ...]:
    first, *second = EVENTS_OF[type(command)]
    match command:
        case (
            c.OpenTicket(fromSimplifiedRequest=None)
            | c.IdentifyAssignee(instructions=None)
            | c.AcceptIntervention(requestNotificationTo=None)
        ):
            return (first,)
    return (first, *second)


EVENT_OF: dict[Message, Message] = {
    c.OpenTicket: e.TicketOpened,
    c.EmitCallTo: e.CallEmittedTo,
    c.ReceiveCall: e.CallReceived,
    c.IdentifyAssignee: e.AssigneeIdentified,
    c.RequestIntervention: e.InterventionRequested,
    c.ReportSendingServiceOrder: e.SendingServiceOrderReported,
    c.ProviderAnswerCall: e.CallAnsweredByProvider,
    c.ProviderNotAnswerCall: e.CallNotAnsweredByProvider,
    c.ScheduleIntervention: e.InterventionScheduled,
    c.DefineInterventionDeadline: e.InterventionDeadlineDefined,
    c.RestrictAccessToTicket: e.AccessRestrictedToTicket,
    c.ReportFormalNoticeForProvider: e.FormalNoticeForProviderReported,
    c.AcceptIntervention: e.InterventionAccepted,
    c.RefuseIntervention: e.InterventionRefused,
    c.ReopenTicket: e.TicketReopened,
    c.AddLogTrial: e.LogTrialAdded,
    c.AddMessage: e.MessageAdded,
    c.CancelTicket: e.TicketCancelled,
    c.ArriveOnSite: e.ArrivedOnSite,
    c.GoFromSite: e.GoneFromSite,
    c.StartIntervention: e.InterventionStarted,
    c.FinishIntervention: e.InterventionFinished,
    c.UpdateTicket: e.TicketUpdated,
    c.CorrectTicketInformations: e.TicketInformationsCorrected,
    c.CorrectTicketEventInformations: e.TicketEventInformationsCorrected,
    c.CorrectOpeningTicketPurpose: e.OpeningTicketPurposeCorrected,
    c.CorrectLocationReference: e.LocationReferenceCorrected,
    c.CorrectCaller: e.CallerCorrected,
    c.CloseTicket: e.TicketClosed,
    c.ArchiveTicket: e.TicketArchived,
    c.FixPermanently: e.PermanentlyFixed,
    c.FixPartially: e.PartiallyFixed,
    c.CloseTicketImpossibleRepair: e.TicketClosedImpossibleRepair,
    c.PostponeFix: e.PostponedFix,
    c.CloseBeyondCallCenterScope: e.ClosedBeyondCallCenterScope,
    c.CloseAfterSeveralUnsuccessfulRecalls: e.ClosedAfterSeveralUnsuccessfulRecalls,
    c.AssignProvider: e.ProviderAssigned,
    c.ScheduleMission: e.MissionScheduled,
    c.AcceptMission: e.MissionAccepted,
    c.RefuseMission: e.MissionRefused,
    c.DefineInstructionsForAssignee: e.InstructionsForAssigneeDefined,
    c.RequestNotificationForInterventionAccepted: e.NotificationForInterventionAcceptedRequested,
    c.QualifyTicketByCriteria: e.TicketQualifiedByCriteria,
    c.ApplyWorkflowToTicket: e.WorkflowAppliedToTicket,
    c.DisplayContextualCommentOnTicket: e.ContextualCommentDisplayedOnTicket,
    c.LinkTicketToSimplifiedRequest: e.TicketOpenedFromSimplifiedRequest,
}
"""The event that each command causes first."""

_SECOND_EVENT_OF: dict[Message, Message] = {
    c.OpenTicket: e.TicketOpenedFromSimplifiedRequest,
    c.IdentifyAssignee: e.InstructionsForAssigneeDefined,
    c.AcceptIntervention: e.NotificationForInterventionAcceptedRequested,
}

EVENTS_OF: dict[Message, tuple[Message, ...]] = {
    command: (event, _SECOND_EVENT_OF[command]) if command in _SECOND_EVENT_OF else (event,)
    for command, event in EVENT_OF.items()
}
"""The events that each command may cause."""

_RENAMED: dict[tuple[type, type], tuple[tuple[str, Callable[[Any], Any]], ...]] = {
    (c.CorrectTicketInformations, e.TicketInformationsCorrected): (
        ("fieldsCorrected", lambda command: command.fieldsToCorrect),
    ),
    (c.AcceptIntervention, e.NotificationForInterventionAcceptedRequested): (
        ("email", lambda command: command.requestNotificationTo.assigneeEmail),
        ("otherRecipients", lambda command: command.requestNotificationTo.otherRecipients),
    ),
}


def _common_fields(command: Message, event: Message) -> tuple[str, ...]:
    own = {"operator", "aggregateUid", "sentDate"}
    return tuple(
        name
        for name in event.__struct_fields__
        if name in command.__struct_fields__ and name not in own
    )


_COMMON_FIELDS: dict[tuple[Message, Message], tuple[str, ...]] = {
    (command, event): _common_fields(command, event)
    for command, events in EVENTS_OF.items()
    for event in events
}
"""What an event repeats of its command."""


def _needs_assignee(code: str) -> Callable[[TicketState, Any], None]:
    def check(state: TicketState, _: Any) -> None:
        if state.assigned is None:
            raise Rejection(code, f"No provider is assigned to the ticket {state.uid}.")

    return check


def _check_schedule(
    state: TicketState, command: c.ScheduleMission | c.ScheduleIntervention
) -> None:
    _needs_assignee("ImpossibleToScheduleMissionIfNoProviderIsAssigned")(state, command)
    if command.endDate.moment < command.startDate.moment:
        raise Rejection("TicketGenericError", "The end is before the start - at `$.endDate`")


def _check_notice(state: TicketState, command: c.ReportFormalNoticeForProvider) -> None:
    if state.deadline is None:
        raise Rejection(
            "ImpossibleToReportFormalNoticeIfNoInterventionDeadlineWasDefined",
            f"No intervention deadline was defined for the ticket {state.uid}.",
        )
    if command.reportDate.moment <= state.deadline.moment:
        raise Rejection(
            "ImpossibleToReportFormalNoticeIfInterventionDeadlineIsNotExcedeed",
            f"The deadline {state.deadline} is not over at this date - at `$.reportDate`",
        )
    if command.deadline.moment < state.deadline.moment:
        raise Rejection(
            "ImpossibleToReportFormalNoticeIfNewDeadlineIsMinusThanPreviousInterventionDeadline",
            f"The new deadline is before the previous one, {state.deadline} - at `$.deadline`",
        )


def _check_correction(state: TicketState, command: c.CorrectTicketInformations) -> None:
    fields = command.fieldsToCorrect
    for name in ("request", "instructions", "closingReport"):
        text = getattr(fields, name)
        if text is not None and not text.strip():
            raise Rejection(
                "BlankTextIsForbiddenToCorrectTicketInformations",
                f"Expected a text that is not empty - at `$.fieldsToCorrect.{name}`",
            )
    if fields.closingReport is not None and state.closed is None:
        raise Rejection(
            "ImpossibleToUpdateClosingReportFieldIfTicketIsNotClosed",
            f"The ticket {state.uid} is not closed - at `$.fieldsToCorrect.closingReport`",
        )


def _check_event_correction(state: TicketState, command: c.CorrectTicketEventInformations) -> None:
    if not command.text.strip():
        raise Rejection(
            "BlankTextIsForbiddenToCorrectTicketInformations",
            "Expected a text that is not empty - at `$.text`",
        )
    targeted = [entry for entry in state.journal if entry.processUid == command.targetedEvent]
    if not targeted and command.targetedEvent == state.opened_by:
        raise Rejection(
            "EventTargetedIsNotElligibleToThisCommand",
            "TicketOpened has its own correction commands - at `$.targetedEvent`",
        )
    if not targeted:
        raise Rejection(
            "EventTargetedNotFound",
            f"No event of this ticket has the processUid {command.targetedEvent}"
            " - at `$.targetedEvent`",
        )
    if all(entry.text is None for entry in targeted):
        raise Rejection(
            "EventTargetedIsNotElligibleToThisCommand",
            f"{targeted[0].event} has no text to correct - at `$.targetedEvent`",
        )


_CHECKS: dict[type, Callable[[TicketState, Any], None]] = {
    c.ScheduleMission: _check_schedule,
    c.ScheduleIntervention: _check_schedule,
    c.DefineInterventionDeadline: _needs_assignee(
        "ImpossibleToDefineInterventionDeadlineIfNoProviderIsAssigned"
    ),
    c.ReportSendingServiceOrder: _needs_assignee(
        "ImpossibleToReportSendingServiceOrderIfNoProviderIsAssigned"
    ),
    c.ReportFormalNoticeForProvider: _check_notice,
    c.CorrectTicketInformations: _check_correction,
    c.CorrectTicketEventInformations: _check_event_correction,
}
