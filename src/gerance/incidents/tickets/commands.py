"""The commands on tickets, as on the wire.

Source: the public reference of the incident API, states of 2017 and 2020. `operator` may be left
out everywhere: then the user of the session acts.
"""

from typing import Annotated, ClassVar

from msgspec import Meta

from gerance.incidents.rights import EVERYONE
from gerance.incidents.tickets.base_commands import AssigneeIncrement, Increment, TicketCommand
from gerance.incidents.tickets.closing_commands import (
    ArchiveTicket,
    CancelTicket,
    CloseAfterSeveralUnsuccessfulRecalls,
    CloseBeyondCallCenterScope,
    CloseTicket,
    CloseTicketImpossibleRepair,
    FixPartially,
    FixPermanently,
    PostponeFix,
)
from gerance.incidents.tickets.correction_commands import (
    CorrectCaller,
    CorrectLocationReference,
    CorrectOpeningTicketPurpose,
    CorrectTicketEventInformations,
    CorrectTicketInformations,
    UpdateTicket,
)
from gerance.incidents.tickets.values import (
    AccessControl,
    ContextualComment,
    CriterionChoice,
    EmailsForNotificationFor,
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
from gerance.kernel.wire import DateTime, SafeUUID


class OpenTicket(TicketCommand):
    """Declare an incident. Without `aggregateUid` the server chooses the ticket's uid."""

    senders: ClassVar = EVERYONE
    locationRef: LocationReference
    ticket: TicketInfos
    openedDate: DateTime
    aggregateUid: SafeUUID | None = None
    fromSimplifiedRequest: SafeUUID | None = None


class EmitCallTo(Increment):
    """Report an outgoing call or message about the incident."""

    recipient: Persona
    medium: ContactMedium
    date: DateTime
    comment: str | None = None


class ReceiveCall(Increment):
    """Report an incoming call about the incident."""

    callPurpose: str
    caller: str
    medium: ContactMedium
    date: DateTime
    comment: str | None = None


class IdentifyAssignee(Increment):
    """Put an assignee in charge of the repair."""

    assignee: TicketAssignee
    date: DateTime
    comment: str | None = None
    instructions: str | None = None


class RequestIntervention(Increment):
    """Report that the assignee was requested to intervene."""

    assignee: TicketAssignee
    medium: ContactMedium
    date: DateTime
    comment: str | None = None


class ReportSendingServiceOrder(AssigneeIncrement):
    """Report that a service order was sent to the assignee."""

    ref: str
    reportDate: DateTime
    sendingDate: DateTime


class ProviderAnswerCall(Increment):
    """Report that the provider answered a call."""

    provider: Provider
    comment: str
    date: DateTime


class ProviderNotAnswerCall(Increment):
    """Report that the provider did not answer a call."""

    provider: Provider
    comment: str
    date: DateTime


class ScheduleIntervention(Increment):
    """Schedule the intervention."""

    assignee: TicketAssignee
    date: DateTime
    startDate: DateTime
    endDate: DateTime
    comment: str | None = None


class DefineInterventionDeadline(AssigneeIncrement):
    """Set the deadline of the intervention."""

    date: DateTime
    deadline: DateTime


class RestrictAccessToTicket(Increment):
    """Show the ticket, of the users of its patrimony, only to those on the list."""

    accessControlList: Annotated[list[AccessControl], Meta(min_length=1)]


class ReportFormalNoticeForProvider(AssigneeIncrement):
    """Report a formal notice, with a new deadline, after a missed one."""

    reportDate: DateTime
    deadline: DateTime
    ref: str | None = None


class AcceptIntervention(Increment):
    """Report that the assignee accepts to intervene."""

    assignee: TicketAssignee
    date: DateTime
    comment: str | None = None
    requestNotificationTo: EmailsForNotificationFor | None = None


class RefuseIntervention(Increment):
    """Report that the assignee refuses to intervene."""

    assignee: TicketAssignee
    date: DateTime
    comment: str | None = None


class ReopenTicket(Increment):
    """Open a closed ticket again."""

    date: DateTime
    purpose: str | None = None


class AddLogTrial(Increment):
    """Report a step of the call centre's procedure."""

    logTrial: LogTrial
    logTrialAddedDate: DateTime
    provider: Provider | None = None


class AddMessage(Increment):
    """Add a comment."""

    senders: ClassVar = EVERYONE
    message: str
    messageAddedDate: DateTime


class ArriveOnSite(AssigneeIncrement):
    """Report that the assignee arrived on site."""

    date: DateTime


class GoFromSite(AssigneeIncrement):
    """Report that the assignee left the site."""

    date: DateTime


class StartIntervention(AssigneeIncrement):
    """Report the start of the repair."""

    startedDate: DateTime


class FinishIntervention(AssigneeIncrement):
    """Report the end of the repair."""

    finishedDate: DateTime


class AssignProvider(Increment):
    """Put a provider in charge (2017)."""

    provider: Provider
    purpose: ProviderAssignationPurpose
    date: DateTime


class ScheduleMission(Increment):
    """Schedule the mission (2017)."""

    provider: Provider
    date: DateTime
    startDate: DateTime
    endDate: DateTime
    comment: str | None = None


class AcceptMission(Increment):
    """Report that the provider accepts the mission (2017)."""

    provider: Provider
    comment: str
    date: DateTime


class RefuseMission(Increment):
    """Report that the provider refuses the mission (2017)."""

    provider: Provider
    comment: str
    date: DateTime


class DefineInstructionsForAssignee(Increment):
    """Give the assignee instructions. Ours: causes the published event by itself."""

    assignee: TicketAssignee
    instructions: str


class RequestNotificationForInterventionAccepted(Increment):
    """Request an e-mail on acceptance. Ours: causes the published event by itself."""

    assignee: TicketAssignee
    email: str
    otherRecipients: list[str]


class QualifyTicketByCriteria(Increment):
    """Store the answers that qualified the incident. Ours: for the published event."""

    choices: Annotated[list[CriterionChoice], Meta(min_length=1)]


class ApplyWorkflowToTicket(Increment):
    """Store the workflow that the qualification chose. Ours: for the published event."""

    workflow: SafeUUID


class DisplayContextualCommentOnTicket(Increment):
    """Store a comment that was shown to the operator. Ours: for the published event."""

    comment: ContextualComment


class LinkTicketToSimplifiedRequest(Increment):
    """Link the ticket to a simplified request. Ours: for the published event."""

    fromSimplifiedRequest: SafeUUID


AnyTicketCommand = (
    OpenTicket
    | EmitCallTo
    | ReceiveCall
    | IdentifyAssignee
    | RequestIntervention
    | ReportSendingServiceOrder
    | ProviderAnswerCall
    | ProviderNotAnswerCall
    | ScheduleIntervention
    | DefineInterventionDeadline
    | RestrictAccessToTicket
    | ReportFormalNoticeForProvider
    | AcceptIntervention
    | RefuseIntervention
    | ReopenTicket
    | AddLogTrial
    | AddMessage
    | CancelTicket
    | ArriveOnSite
    | GoFromSite
    | StartIntervention
    | FinishIntervention
    | UpdateTicket
    | CorrectTicketInformations
    | CorrectTicketEventInformations
    | CorrectOpeningTicketPurpose
    | CorrectLocationReference
    | CorrectCaller
    | CloseTicket
    | ArchiveTicket
    | FixPermanently
    | FixPartially
    | CloseTicketImpossibleRepair
    | PostponeFix
    | CloseBeyondCallCenterScope
    | CloseAfterSeveralUnsuccessfulRecalls
    | AssignProvider
    | ScheduleMission
    | AcceptMission
    | RefuseMission
    | DefineInstructionsForAssignee
    | RequestNotificationForInterventionAccepted
    | QualifyTicketByCriteria
    | ApplyWorkflowToTicket
    | DisplayContextualCommentOnTicket
    | LinkTicketToSimplifiedRequest
)
