"""What may be asked of a ticket: the commands of the incident API, as on the wire.

Source: the public reference of the incident API, states of 2017 and 2020. `operator` may be left
out everywhere: then the session's user acts.
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
    """One that says who it is about: `assignee` (2020) or `provider` (2017)."""

    assignee: TicketAssignee | None = None
    provider: Provider | None = None

    def __post_init__(self) -> None:
        if self.assignee is None and self.provider is None:
            raise ValueError("Object missing required field `assignee`")


class OpenTicket(TicketCommand):
    """An incident is declared. Without `aggregateUid` the server chooses the ticket's."""

    senders: ClassVar = EVERYONE
    locationRef: LocationReference
    ticket: TicketInfos
    openedDate: DateTime
    aggregateUid: SafeUUID | None = None
    fromSimplifiedRequest: SafeUUID | None = None


class EmitCallTo(Increment):
    """Somebody was called, or written to, about the incident."""

    recipient: Persona
    medium: ContactMedium
    date: DateTime
    comment: str | None = None


class ReceiveCall(Increment):
    """Somebody called about the incident."""

    callPurpose: str
    caller: str
    medium: ContactMedium
    date: DateTime
    comment: str | None = None


class IdentifyAssignee(Increment):
    """It is known who is to repair."""

    assignee: TicketAssignee
    date: DateTime
    comment: str | None = None
    instructions: str | None = None


class RequestIntervention(Increment):
    """The assignee was asked to intervene."""

    assignee: TicketAssignee
    medium: ContactMedium
    date: DateTime
    comment: str | None = None


class ReportSendingServiceOrder(AssigneeIncrement):
    """A service order was sent to the assignee."""

    ref: str
    reportDate: DateTime
    sendingDate: DateTime


class ProviderAnswerCall(Increment):
    """The provider answered a call."""

    provider: Provider
    comment: str
    date: DateTime


class ProviderNotAnswerCall(Increment):
    """The provider did not answer a call."""

    provider: Provider
    comment: str
    date: DateTime


class ScheduleIntervention(Increment):
    """The assignee says when the intervention will be."""

    assignee: TicketAssignee
    date: DateTime
    startDate: DateTime
    endDate: DateTime
    comment: str | None = None


class DefineInterventionDeadline(AssigneeIncrement):
    """The assignee must have intervened by the deadline."""

    date: DateTime
    deadline: DateTime


class RestrictAccessToTicket(Increment):
    """From now on only those patrimony users who fit the list see the ticket."""

    accessControlList: Annotated[list[AccessControl], Meta(min_length=1)]


class ReportFormalNoticeForProvider(AssigneeIncrement):
    """A formal notice was sent after a missed deadline, with a new one."""

    reportDate: DateTime
    deadline: DateTime
    ref: str | None = None


class AcceptIntervention(Increment):
    """The assignee accepts to intervene."""

    assignee: TicketAssignee
    date: DateTime
    comment: str | None = None
    requestNotificationTo: EmailsForNotificationFor | None = None


class RefuseIntervention(Increment):
    """The assignee refuses to intervene."""

    assignee: TicketAssignee
    date: DateTime
    comment: str | None = None


class ReopenTicket(Increment):
    """The incident is not over after all."""

    date: DateTime
    purpose: str | None = None


class AddLogTrial(Increment):
    """A step of the call centre's procedure was tried."""

    logTrial: LogTrial
    logTrialAddedDate: DateTime
    provider: Provider | None = None


class AddMessage(Increment):
    """A free comment."""

    senders: ClassVar = EVERYONE
    message: str
    messageAddedDate: DateTime


class CancelTicket(Increment):
    """The ticket has no object."""

    date: DateTime
    comment: str | None = None


class ArriveOnSite(AssigneeIncrement):
    """The assignee is on site."""

    date: DateTime


class GoFromSite(AssigneeIncrement):
    """The assignee left the site."""

    date: DateTime


class StartIntervention(AssigneeIncrement):
    """The repair begins."""

    startedDate: DateTime


class FinishIntervention(AssigneeIncrement):
    """The repair is done."""

    finishedDate: DateTime


class UpdateTicket(Increment):
    """What was said at the opening is replaced."""

    locationRef: LocationReference
    ticket: TicketInfos
    openedDate: DateTime


class CorrectTicketInformations(Increment):
    """Texts of the ticket are corrected."""

    fieldsToCorrect: FieldsToCorrect
    date: DateTime


class CorrectTicketEventInformations(Increment):
    """The text of an earlier event (found by its processUid) is corrected."""

    targetedEvent: SafeUUID
    text: str
    date: DateTime


class CorrectOpeningTicketPurpose(Increment):
    """The purpose of the ticket is corrected."""

    otpLabel: str
    otpUid: SafeUUID | None = None


class CorrectLocationReference(Increment):
    """The place of the incident is corrected."""

    address: BasicAddress
    locationReference: LocationReference


class CorrectCaller(Increment):
    """The caller is corrected."""

    caller: CallerType


class CloseTicket(Increment):
    """The ticket is closed, with the provider's report."""

    stillOnSite: StillOnSite
    closingDate: DateTime
    provider: Provider | None = None
    brakedownNature: str | None = None
    report: str | None = None
    result: str | None = None


class ArchiveTicket(Increment):
    """The ticket is put away."""

    closingDate: DateTime
    comment: str | None = None


class FixPermanently(Increment):
    """Closed: repaired for good."""

    stillOnSite: StillOnSite
    closingDate: DateTime
    provider: Provider | None = None
    brakedownNature: str | None = None
    report: str | None = None


class FixPartially(Increment):
    """Closed: repaired in part."""

    stillOnSite: StillOnSite
    closingDate: DateTime
    provider: Provider | None = None
    brakedownNature: str | None = None
    report: str | None = None


class CloseTicketImpossibleRepair(Increment):
    """Closed: it cannot be repaired."""

    stillOnSite: StillOnSite
    closingDate: DateTime
    provider: Provider | None = None
    brakedownNature: str | None = None
    report: str | None = None


class PostponeFix(Increment):
    """Closed: the repair is put off."""

    stillOnSite: StillOnSite
    closingDate: DateTime
    provider: Provider | None = None
    brakedownNature: str | None = None
    report: str | None = None


class CloseBeyondCallCenterScope(Increment):
    """Closed: not for the call centre to handle."""

    closingDate: DateTime
    comment: str | None = None


class CloseAfterSeveralUnsuccessfulRecalls(Increment):
    """Closed: the caller could not be reached again."""

    closingDate: DateTime
    comment: str | None = None


class AssignProvider(Increment):
    """A provider is put in charge (2017)."""

    provider: Provider
    purpose: ProviderAssignationPurpose
    date: DateTime


class ScheduleMission(Increment):
    """The provider says when the mission will be (2017)."""

    provider: Provider
    date: DateTime
    startDate: DateTime
    endDate: DateTime
    comment: str | None = None


class AcceptMission(Increment):
    """The provider accepts the mission (2017)."""

    provider: Provider
    comment: str
    date: DateTime


class RefuseMission(Increment):
    """The provider refuses the mission (2017)."""

    provider: Provider
    comment: str
    date: DateTime


class DefineInstructionsForAssignee(Increment):
    """What the assignee must know (ours: the event InstructionsForAssigneeDefined, sent alone)."""

    assignee: TicketAssignee
    instructions: str


class RequestNotificationForInterventionAccepted(Increment):
    """Who is to be told of an acceptance (ours: as above, for its event)."""

    assignee: TicketAssignee
    email: str
    otherRecipients: list[str]


class QualifyTicketByCriteria(Increment):
    """The answers that led to the ticket's qualification (ours: as above, for its event)."""

    choices: Annotated[list[CriterionChoice], Meta(min_length=1)]


class ApplyWorkflowToTicket(Increment):
    """The workflow that the qualification chose (ours: as above, for its event)."""

    workflow: SafeUUID


class DisplayContextualCommentOnTicket(Increment):
    """A comment shown to the operator in that situation (ours: as above, for its event)."""

    comment: ContextualComment


class LinkTicketToSimplifiedRequest(Increment):
    """The request the ticket comes from (ours: the event TicketOpenedFromSimplifiedRequest)."""

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
