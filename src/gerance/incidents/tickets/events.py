"""The events of tickets, as on the wire and in the log. A class is added, never changed."""

from typing import Annotated, ClassVar

import msgspec
from msgspec import Meta

from gerance.incidents.tickets.journal import (
    SHOW_BREAKDOWN,
    SHOW_MEDIUM,
    SHOW_PROVIDER,
    SHOW_PURPOSE,
    SHOW_RECIPIENT,
    SHOW_TRIAL,
    JournalLine,
    show,
)
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
from gerance.kernel.wire import DateTime, SafeUUID, members


class TicketEvent(msgspec.Struct, kw_only=True, omit_defaults=True, tag_field="eventType"):
    """An event of a ticket.

    `sentDate`: when the server received it; `journal`: its line in the ticket's journal, None for
    the opening, which has none; `makes_state`: whether it becomes the `state` of the ticket.
    """

    journal: ClassVar[JournalLine | None]
    makes_state: ClassVar[bool] = False
    processUid: SafeUUID
    aggregateUid: SafeUUID
    operator: Operator
    sentDate: DateTime


class AssigneeEvent(TicketEvent, kw_only=True):
    """An event about an `assignee` (2020) or a `provider` (2017)."""

    assignee: TicketAssignee | None = None
    provider: Provider | None = None


class ClosingEvent(TicketEvent):
    """An event that closes the ticket."""

    makes_state: ClassVar = True


class ReportedClosingEvent(ClosingEvent):
    """A closing with a report on the repair."""

    journal: ClassVar = JournalLine(date="closingDate", text="report", data=(SHOW_BREAKDOWN,))
    stillOnSite: StillOnSite
    closingDate: DateTime
    provider: Provider | None = None
    brakedownNature: str | None = None
    report: str | None = None


class CommentedClosingEvent(ClosingEvent):
    """A closing with a comment."""

    journal: ClassVar = JournalLine(date="closingDate", text="comment", data=())
    closingDate: DateTime
    comment: str | None = None


class CommentedAssigneeEvent(TicketEvent):
    """An event about an assignee, with a comment."""

    journal: ClassVar = JournalLine(date="date", text="comment", data=(SHOW_PROVIDER,))
    assignee: TicketAssignee
    date: DateTime
    comment: str | None = None


class CommentedProviderEvent(TicketEvent):
    """An event about a provider, with a comment."""

    journal: ClassVar = JournalLine(date="date", text="comment", data=(SHOW_PROVIDER,))
    provider: Provider
    comment: str
    date: DateTime


class TicketOpened(TicketEvent):
    """An incident was declared."""

    journal: ClassVar = None
    locationRef: LocationReference
    ticket: TicketInfos
    openedDate: DateTime


class TicketOpenedFromSimplifiedRequest(TicketEvent):
    """The ticket comes from a simplified request."""

    journal: ClassVar = JournalLine(date=None, text=None, data=())
    fromSimplifiedRequest: SafeUUID


class AccessRestrictedToTicket(TicketEvent):
    """Of the users of the patrimony, only those on the list see the ticket from now on."""

    journal: ClassVar = JournalLine(date=None, text=None, data=())
    accessControlList: Annotated[list[AccessControl], Meta(min_length=1)]


class TicketQualifiedByCriteria(TicketEvent):
    """The caller's answers qualified the incident."""

    journal: ClassVar = JournalLine(date=None, text=None, data=())
    choices: Annotated[list[CriterionChoice], Meta(min_length=1)]


class WorkflowAppliedToTicket(TicketEvent):
    """The qualification chose a workflow."""

    journal: ClassVar = JournalLine(date=None, text=None, data=())
    workflow: SafeUUID


class ContextualCommentDisplayedOnTicket(TicketEvent):
    """A comment on the situation was shown to the operator."""

    journal: ClassVar = JournalLine(date=None, text=None, data=())
    comment: ContextualComment


class CallEmittedTo(TicketEvent):
    """The call centre called or wrote about the incident."""

    journal: ClassVar = JournalLine(date="date", text="comment", data=(SHOW_RECIPIENT, SHOW_MEDIUM))
    recipient: Persona
    medium: ContactMedium
    date: DateTime
    comment: str | None = None


class CallReceived(TicketEvent):
    """The call centre received a call about the incident."""

    journal: ClassVar = JournalLine(date="date", text="comment", data=(show("caller"), SHOW_MEDIUM))
    callPurpose: str
    caller: str
    medium: ContactMedium
    date: DateTime
    comment: str | None = None


class AssigneeIdentified(CommentedAssigneeEvent):
    """An assignee was put in charge of the repair."""

    makes_state: ClassVar = True


class InstructionsForAssigneeDefined(TicketEvent):
    """The assignee has instructions."""

    journal: ClassVar = JournalLine(date=None, text="instructions", data=())
    assignee: TicketAssignee
    instructions: str


class InterventionRequested(TicketEvent):
    """The assignee was requested to intervene."""

    journal: ClassVar = JournalLine(date="date", text="comment", data=(SHOW_PROVIDER,))
    makes_state: ClassVar = True
    assignee: TicketAssignee
    medium: ContactMedium
    date: DateTime
    comment: str | None = None


class SendingServiceOrderReported(AssigneeEvent):
    """A service order was sent to the assignee."""

    journal: ClassVar = JournalLine(date="reportDate", text=None, data=())
    ref: str
    reportDate: DateTime
    sendingDate: DateTime


class CallAnsweredByProvider(CommentedProviderEvent):
    """The provider answered a call."""


class CallNotAnsweredByProvider(CommentedProviderEvent):
    """The provider did not answer a call."""


class InterventionScheduled(TicketEvent):
    """The assignee scheduled the intervention."""

    journal: ClassVar = JournalLine(date="date", text="comment", data=())
    makes_state: ClassVar = True
    assignee: TicketAssignee
    date: DateTime
    startDate: DateTime
    endDate: DateTime
    comment: str | None = None


class InterventionDeadlineDefined(AssigneeEvent):
    """The assignee has a deadline to intervene."""

    journal: ClassVar = JournalLine(date="date", text=None, data=())
    date: DateTime
    deadline: DateTime


class FormalNoticeForProviderReported(AssigneeEvent):
    """A formal notice with a new deadline was sent after a missed one."""

    journal: ClassVar = JournalLine(date="reportDate", text=None, data=())
    makes_state: ClassVar = True
    reportDate: DateTime
    deadline: DateTime
    ref: str | None = None


class InterventionAccepted(CommentedAssigneeEvent):
    """The assignee accepted to intervene."""

    makes_state: ClassVar = True


class InterventionRefused(CommentedAssigneeEvent):
    """The assignee refused to intervene."""

    makes_state: ClassVar = True


class NotificationForInterventionAcceptedRequested(TicketEvent):
    """The acceptance is to be notified by e-mail."""

    journal: ClassVar = JournalLine(date=None, text=None, data=())
    assignee: TicketAssignee
    email: str
    otherRecipients: list[str]


class TicketReopened(TicketEvent):
    """The ticket is open again."""

    journal: ClassVar = JournalLine(date="date", text="purpose", data=())
    makes_state: ClassVar = True
    date: DateTime
    purpose: str | None = None


class LogTrialAdded(TicketEvent):
    """A step of the call centre's procedure was tried."""

    journal: ClassVar = JournalLine(date="logTrialAddedDate", text=None, data=(SHOW_TRIAL,))
    logTrial: LogTrial
    logTrialAddedDate: DateTime
    provider: Provider | None = None


class MessageAdded(TicketEvent):
    """A comment was added."""

    journal: ClassVar = JournalLine(
        date="messageAddedDate", text="message", data=(show("message"),)
    )
    message: str
    messageAddedDate: DateTime


class TicketCancelled(ClosingEvent):
    """Closed: the ticket has no object."""

    journal: ClassVar = JournalLine(date="date", text="comment", data=())
    date: DateTime
    comment: str | None = None


class ArrivedOnSite(AssigneeEvent):
    """The assignee arrived on site."""

    journal: ClassVar = JournalLine(date="date", text=None, data=(SHOW_PROVIDER,))
    makes_state: ClassVar = True
    date: DateTime


class GoneFromSite(AssigneeEvent):
    """The assignee left the site."""

    journal: ClassVar = JournalLine(date="date", text=None, data=(SHOW_PROVIDER,))
    makes_state: ClassVar = True
    date: DateTime


class InterventionStarted(AssigneeEvent):
    """The repair began."""

    journal: ClassVar = JournalLine(date="startedDate", text=None, data=())
    makes_state: ClassVar = True
    startedDate: DateTime


class InterventionFinished(AssigneeEvent):
    """The repair ended."""

    journal: ClassVar = JournalLine(date="finishedDate", text=None, data=())
    makes_state: ClassVar = True
    finishedDate: DateTime


class TicketUpdated(TicketEvent):
    """The details given at the opening were replaced. `openedDate` is the ticket's."""

    journal: ClassVar = JournalLine(date=None, text=None, data=())
    locationRef: LocationReference
    ticket: TicketInfos
    openedDate: DateTime


class TicketInformationsCorrected(TicketEvent):
    """Texts of the ticket were corrected."""

    journal: ClassVar = JournalLine(date="date", text=None, data=())
    fieldsCorrected: FieldsToCorrect
    date: DateTime


class TicketEventInformationsCorrected(TicketEvent):
    """The text of an earlier event was corrected. `targetedEvent`: its processUid."""

    journal: ClassVar = JournalLine(date="date", text=None, data=())
    targetedEvent: SafeUUID
    text: str
    date: DateTime


class OpeningTicketPurposeCorrected(TicketEvent):
    """The purpose of the ticket was corrected."""

    journal: ClassVar = JournalLine(date=None, text=None, data=())
    otpLabel: str
    otpUid: SafeUUID | None = None


class LocationReferenceCorrected(TicketEvent):
    """The place of the incident was corrected."""

    journal: ClassVar = JournalLine(date=None, text=None, data=())
    address: BasicAddress
    locationReference: LocationReference


class CallerCorrected(TicketEvent):
    """The caller was corrected."""

    journal: ClassVar = JournalLine(date=None, text=None, data=())
    caller: CallerType


class TicketClosed(ReportedClosingEvent):
    """Closed, with the provider's report."""

    result: str | None = None


class TicketArchived(CommentedClosingEvent):
    """Closed: the ticket was archived."""


class PermanentlyFixed(ReportedClosingEvent):
    """Closed: repaired for good."""


class PartiallyFixed(ReportedClosingEvent):
    """Closed: partially repaired."""


class TicketClosedImpossibleRepair(ReportedClosingEvent):
    """Closed: repair is impossible."""


class PostponedFix(ReportedClosingEvent):
    """Closed: the repair is postponed."""


class ClosedBeyondCallCenterScope(CommentedClosingEvent):
    """Closed: outside the call centre's scope."""


class ClosedAfterSeveralUnsuccessfulRecalls(CommentedClosingEvent):
    """Closed: the caller could not be reached again."""


class ProviderAssigned(TicketEvent):
    """A provider was put in charge (2017)."""

    journal: ClassVar = JournalLine(date="date", text=None, data=(SHOW_PURPOSE, SHOW_PROVIDER))
    makes_state: ClassVar = True
    provider: Provider
    purpose: ProviderAssignationPurpose
    date: DateTime


class MissionScheduled(TicketEvent):
    """The provider scheduled the mission (2017)."""

    journal: ClassVar = JournalLine(date="date", text="comment", data=())
    makes_state: ClassVar = True
    provider: Provider
    date: DateTime
    startDate: DateTime
    endDate: DateTime
    comment: str | None = None


class MissionAccepted(CommentedProviderEvent):
    """The provider accepted the mission (2017)."""

    makes_state: ClassVar = True


class MissionRefused(CommentedProviderEvent):
    """The provider refused the mission (2017)."""

    makes_state: ClassVar = True


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

CLOSINGS = tuple(kind for kind in members(AnyTicketEvent) if issubclass(kind, ClosingEvent))
