"""The events of tickets, as on the wire and in the log. A class is added, never changed."""

from typing import Annotated, ClassVar

from msgspec import Meta

from gerance.incidents.tickets.base_events import (
    AssigneeEvent,
    ClosingEvent,
    CommentedAssigneeEvent,
    CommentedProviderEvent,
    TicketEvent,
)
from gerance.incidents.tickets.closing_events import (
    ClosedAfterSeveralUnsuccessfulRecalls,
    ClosedBeyondCallCenterScope,
    PartiallyFixed,
    PermanentlyFixed,
    PostponedFix,
    TicketArchived,
    TicketCancelled,
    TicketClosed,
    TicketClosedImpossibleRepair,
)
from gerance.incidents.tickets.correction_events import (
    CallerCorrected,
    LocationReferenceCorrected,
    OpeningTicketPurposeCorrected,
    TicketEventInformationsCorrected,
    TicketInformationsCorrected,
    TicketUpdated,
)
from gerance.incidents.tickets.journal import (
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
    LogTrial,
    ProviderAssignationPurpose,
    TicketInfos,
)
from gerance.incidents.values import (
    ContactMedium,
    LocationReference,
    Persona,
    Provider,
    TicketAssignee,
)
from gerance.kernel.wire import DateTime, SafeUUID, members


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
