"""What happened to a ticket: the events of the incident API, as on the wire and in the log.

Stored for good: a class here is never changed, only added to. Each repeats the fields of the
command that caused it; what a command adds of its own is said in `decide`.
"""

from typing import Annotated

import msgspec
from msgspec import Meta

from gerance.incidents.tickets.values import (
    AccessControl,
    ContextualComment,
    CriterionChoice,
    FieldsToCorrect,
    LogTrial,
    ProviderAssignationPurpose,
    StillOnSite,
    TicketInfos,
)
from gerance.incidents.values import (
    BasicAddress,
    CallerType,
    ContactMedium,
    LocationReference,
    Operator,
    Persona,
    Provider,
    TicketAssignee,
)
from gerance.kernel.wire import DateTime, SafeUUID


class TicketEvent(msgspec.Struct, kw_only=True, omit_defaults=True, tag_field="eventType"):
    """`sentDate`: when this server took it in; the business date is a field of its own."""

    processUid: SafeUUID
    aggregateUid: SafeUUID
    operator: Operator
    sentDate: DateTime


class AssigneeEvent(TicketEvent, kw_only=True):
    """One that says who it is about: `assignee` (2020) or `provider` (2017)."""

    assignee: TicketAssignee | None = None
    provider: Provider | None = None


class TicketOpened(TicketEvent, tag="TicketOpened"):
    locationRef: LocationReference
    ticket: TicketInfos
    openedDate: DateTime


class TicketOpenedFromSimplifiedRequest(TicketEvent, tag="TicketOpenedFromSimplifiedRequest"):
    fromSimplifiedRequest: SafeUUID


class AccessRestrictedToTicket(TicketEvent, tag="AccessRestrictedToTicket"):
    accessControlList: Annotated[list[AccessControl], Meta(min_length=1)]


class TicketQualifiedByCriteria(TicketEvent, tag="TicketQualifiedByCriteria"):
    choices: Annotated[list[CriterionChoice], Meta(min_length=1)]


class WorkflowAppliedToTicket(TicketEvent, tag="WorkflowAppliedToTicket"):
    workflow: SafeUUID


class ContextualCommentDisplayedOnTicket(TicketEvent, tag="ContextualCommentDisplayedOnTicket"):
    comment: ContextualComment


class CallEmittedTo(TicketEvent, tag="CallEmittedTo"):
    recipient: Persona
    medium: ContactMedium
    date: DateTime
    comment: str | None = None


class CallReceived(TicketEvent, tag="CallReceived"):
    callPurpose: str
    caller: str
    medium: ContactMedium
    date: DateTime
    comment: str | None = None


class AssigneeIdentified(TicketEvent, tag="AssigneeIdentified"):
    assignee: TicketAssignee
    date: DateTime
    comment: str | None = None


class InstructionsForAssigneeDefined(TicketEvent, tag="InstructionsForAssigneeDefined"):
    assignee: TicketAssignee
    instructions: str


class InterventionRequested(TicketEvent, tag="InterventionRequested"):
    assignee: TicketAssignee
    medium: ContactMedium
    date: DateTime
    comment: str | None = None


class SendingServiceOrderReported(AssigneeEvent, tag="SendingServiceOrderReported"):
    ref: str
    reportDate: DateTime
    sendingDate: DateTime


class CallAnsweredByProvider(TicketEvent, tag="CallAnsweredByProvider"):
    provider: Provider
    comment: str
    date: DateTime


class CallNotAnsweredByProvider(TicketEvent, tag="CallNotAnsweredByProvider"):
    provider: Provider
    comment: str
    date: DateTime


class InterventionScheduled(TicketEvent, tag="InterventionScheduled"):
    assignee: TicketAssignee
    date: DateTime
    startDate: DateTime
    endDate: DateTime
    comment: str | None = None


class InterventionDeadlineDefined(AssigneeEvent, tag="InterventionDeadlineDefined"):
    date: DateTime
    deadline: DateTime


class FormalNoticeForProviderReported(AssigneeEvent, tag="FormalNoticeForProviderReported"):
    reportDate: DateTime
    deadline: DateTime
    ref: str | None = None


class InterventionAccepted(TicketEvent, tag="InterventionAccepted"):
    assignee: TicketAssignee
    date: DateTime
    comment: str | None = None


class InterventionRefused(TicketEvent, tag="InterventionRefused"):
    assignee: TicketAssignee
    date: DateTime
    comment: str | None = None


class NotificationForInterventionAcceptedRequested(
    TicketEvent, tag="NotificationForInterventionAcceptedRequested"
):
    assignee: TicketAssignee
    email: str
    otherRecipients: list[str]


class TicketReopened(TicketEvent, tag="TicketReopened"):
    date: DateTime
    purpose: str | None = None


class LogTrialAdded(TicketEvent, tag="LogTrialAdded"):
    logTrial: LogTrial
    logTrialAddedDate: DateTime
    provider: Provider | None = None


class MessageAdded(TicketEvent, tag="MessageAdded"):
    message: str
    messageAddedDate: DateTime


class TicketCancelled(TicketEvent, tag="TicketCancelled"):
    date: DateTime
    comment: str | None = None


class ArrivedOnSite(AssigneeEvent, tag="ArrivedOnSite"):
    date: DateTime


class GoneFromSite(AssigneeEvent, tag="GoneFromSite"):
    date: DateTime


class InterventionStarted(AssigneeEvent, tag="InterventionStarted"):
    startedDate: DateTime


class InterventionFinished(AssigneeEvent, tag="InterventionFinished"):
    finishedDate: DateTime


class TicketUpdated(TicketEvent, tag="TicketUpdated"):
    locationRef: LocationReference
    ticket: TicketInfos
    openedDate: DateTime


class TicketInformationsCorrected(TicketEvent, tag="TicketInformationsCorrected"):
    fieldsCorrected: FieldsToCorrect
    date: DateTime


class TicketEventInformationsCorrected(TicketEvent, tag="TicketEventInformationsCorrected"):
    targetedEvent: SafeUUID
    text: str
    date: DateTime


class OpeningTicketPurposeCorrected(TicketEvent, tag="OpeningTicketPurposeCorrected"):
    otpLabel: str
    otpUid: SafeUUID | None = None


class LocationReferenceCorrected(TicketEvent, tag="LocationReferenceCorrected"):
    address: BasicAddress
    locationReference: LocationReference


class CallerCorrected(TicketEvent, tag="CallerCorrected"):
    caller: CallerType


class TicketClosed(TicketEvent, tag="TicketClosed"):
    stillOnSite: StillOnSite
    closingDate: DateTime
    provider: Provider | None = None
    brakedownNature: str | None = None
    report: str | None = None
    result: str | None = None


class TicketArchived(TicketEvent, tag="TicketArchived"):
    closingDate: DateTime
    comment: str | None = None


class PermanentlyFixed(TicketEvent, tag="PermanentlyFixed"):
    stillOnSite: StillOnSite
    closingDate: DateTime
    provider: Provider | None = None
    brakedownNature: str | None = None
    report: str | None = None


class PartiallyFixed(TicketEvent, tag="PartiallyFixed"):
    stillOnSite: StillOnSite
    closingDate: DateTime
    provider: Provider | None = None
    brakedownNature: str | None = None
    report: str | None = None


class TicketClosedImpossibleRepair(TicketEvent, tag="TicketClosedImpossibleRepair"):
    stillOnSite: StillOnSite
    closingDate: DateTime
    provider: Provider | None = None
    brakedownNature: str | None = None
    report: str | None = None


class PostponedFix(TicketEvent, tag="PostponedFix"):
    stillOnSite: StillOnSite
    closingDate: DateTime
    provider: Provider | None = None
    brakedownNature: str | None = None
    report: str | None = None


class ClosedBeyondCallCenterScope(TicketEvent, tag="ClosedBeyondCallCenterScope"):
    closingDate: DateTime
    comment: str | None = None


class ClosedAfterSeveralUnsuccessfulRecalls(
    TicketEvent, tag="ClosedAfterSeveralUnsuccessfulRecalls"
):
    closingDate: DateTime
    comment: str | None = None


class ProviderAssigned(TicketEvent, tag="ProviderAssigned"):
    provider: Provider
    purpose: ProviderAssignationPurpose
    date: DateTime


class MissionScheduled(TicketEvent, tag="MissionScheduled"):
    provider: Provider
    date: DateTime
    startDate: DateTime
    endDate: DateTime
    comment: str | None = None


class MissionAccepted(TicketEvent, tag="MissionAccepted"):
    provider: Provider
    comment: str
    date: DateTime


class MissionRefused(TicketEvent, tag="MissionRefused"):
    provider: Provider
    comment: str
    date: DateTime


AnyTicketEvent = (
    TicketOpened
    | TicketOpenedFromSimplifiedRequest
    | AccessRestrictedToTicket
    | TicketQualifiedByCriteria
    | WorkflowAppliedToTicket
    | ContextualCommentDisplayedOnTicket
    | CallEmittedTo
    | CallReceived
    | AssigneeIdentified
    | InstructionsForAssigneeDefined
    | InterventionRequested
    | SendingServiceOrderReported
    | CallAnsweredByProvider
    | CallNotAnsweredByProvider
    | InterventionScheduled
    | InterventionDeadlineDefined
    | FormalNoticeForProviderReported
    | InterventionAccepted
    | InterventionRefused
    | NotificationForInterventionAcceptedRequested
    | TicketReopened
    | LogTrialAdded
    | MessageAdded
    | TicketCancelled
    | ArrivedOnSite
    | GoneFromSite
    | InterventionStarted
    | InterventionFinished
    | TicketUpdated
    | TicketInformationsCorrected
    | TicketEventInformationsCorrected
    | OpeningTicketPurposeCorrected
    | LocationReferenceCorrected
    | CallerCorrected
    | TicketClosed
    | TicketArchived
    | PermanentlyFixed
    | PartiallyFixed
    | TicketClosedImpossibleRepair
    | PostponedFix
    | ClosedBeyondCallCenterScope
    | ClosedAfterSeveralUnsuccessfulRecalls
    | ProviderAssigned
    | MissionScheduled
    | MissionAccepted
    | MissionRefused
)
