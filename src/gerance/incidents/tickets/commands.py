"""The commands on tickets, as on the wire.

Source: the public reference of the incident API, states of 2017 and 2020. `operator` may be left
out everywhere: then the user of the session acts.
"""

from typing import Annotated, ClassVar

from msgspec import Meta

from gerance.incidents.messages import Command
from gerance.incidents.rights import EVERYONE, PATRIMONY_MANAGERS
from gerance.incidents.tickets.values import (
    AccessControl,
    ContextualComment,
    CriterionChoice,
    EmailsForNotificationFor,
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


class TicketCommand(Command, kw_only=True):
    """A command on a ticket. `operator`: who acts, by default the user that sends it."""

    senders: ClassVar = PATRIMONY_MANAGERS
    operator: Operator | None = None


class Increment(TicketCommand):
    """A command on a ticket that exists."""


class AssigneeIncrement(Increment, kw_only=True):
    """A command about an `assignee` (2020) or a `provider` (2017)."""

    assignee: TicketAssignee | None = None
    provider: Provider | None = None

    def __post_init__(self) -> None:
        if self.assignee is None and self.provider is None:
            raise ValueError("Object missing required field `assignee`")


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


class CancelTicket(Increment):
    """Close the ticket: it has no object."""

    date: DateTime
    comment: str | None = None


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


class UpdateTicket(Increment):
    """Replace the details given at the opening."""

    locationRef: LocationReference
    ticket: TicketInfos
    openedDate: DateTime


class CorrectTicketInformations(Increment):
    """Correct texts of the ticket."""

    fieldsToCorrect: FieldsToCorrect
    date: DateTime


class CorrectTicketEventInformations(Increment):
    """Correct the text of an earlier event. `targetedEvent`: its processUid."""

    targetedEvent: SafeUUID
    text: str
    date: DateTime


class CorrectOpeningTicketPurpose(Increment):
    """Correct the purpose of the ticket."""

    otpLabel: str
    otpUid: SafeUUID | None = None


class CorrectLocationReference(Increment):
    """Correct the place of the incident."""

    address: BasicAddress
    locationReference: LocationReference


class CorrectCaller(Increment):
    """Correct the caller."""

    caller: CallerType


class CloseTicket(Increment):
    """Close the ticket with the provider's report."""

    stillOnSite: StillOnSite
    closingDate: DateTime
    provider: Provider | None = None
    brakedownNature: str | None = None
    report: str | None = None
    result: str | None = None


class ArchiveTicket(Increment):
    """Close the ticket: it is archived."""

    closingDate: DateTime
    comment: str | None = None


class FixPermanently(Increment):
    """Close the ticket: repaired for good."""

    stillOnSite: StillOnSite
    closingDate: DateTime
    provider: Provider | None = None
    brakedownNature: str | None = None
    report: str | None = None


class FixPartially(Increment):
    """Close the ticket: partially repaired."""

    stillOnSite: StillOnSite
    closingDate: DateTime
    provider: Provider | None = None
    brakedownNature: str | None = None
    report: str | None = None


class CloseTicketImpossibleRepair(Increment):
    """Close the ticket: repair is impossible."""

    stillOnSite: StillOnSite
    closingDate: DateTime
    provider: Provider | None = None
    brakedownNature: str | None = None
    report: str | None = None


class PostponeFix(Increment):
    """Close the ticket: the repair is postponed."""

    stillOnSite: StillOnSite
    closingDate: DateTime
    provider: Provider | None = None
    brakedownNature: str | None = None
    report: str | None = None


class CloseBeyondCallCenterScope(Increment):
    """Close the ticket: outside the call centre's scope."""

    closingDate: DateTime
    comment: str | None = None


class CloseAfterSeveralUnsuccessfulRecalls(Increment):
    """Close the ticket: the caller could not be reached again."""

    closingDate: DateTime
    comment: str | None = None


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
