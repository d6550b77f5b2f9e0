"""What the ticket reads answer, for the documentation and for tests.

The names are the contract's; a field with a default is left out when it has no value. A reader of
2020 gets the fields of 2017, too; a reader of 2017 those of 2017 alone (`older_views`). Moments are
in UTC; durations are milliseconds.
"""

from typing import Literal

import msgspec

from gerance.incidents.messages import Link
from gerance.incidents.tickets.events import AnyTicketEvent
from gerance.incidents.tickets.values import ContextualComment, CriterionChoice
from gerance.incidents.values import BasicAddress, ClientCompanyAbstract, ContactToCallback
from gerance.kernel.wire import DateTime, LocalDate, SafeUUID


class View(msgspec.Struct, kw_only=True, omit_defaults=True):
    """What has no value is left out, never null."""


class AgencyAbstract(View):
    """An agency in charge of the place."""

    uid: SafeUUID
    name: str


class PatrimonyAbstract(View):
    """The patrimony the incident is in; its name is its label, or else its reference."""

    uid: SafeUUID
    name: str
    ref: str | None = None


class TicketStateView(View):
    """The event that made the ticket what it is now, and when it happened."""

    value: str
    date: DateTime


class OpeningTicketPurpose(View):
    """Why the ticket was opened."""

    callPurpose: str
    callPurposeUid: SafeUUID | None = None


class ContactMediumView(View):
    """A phone number or an e-mail address."""

    mediumType: Literal["PHONE", "FAX", "MAIL", "SMS"]
    identifier: str


class CallerQueryView(View):
    """The person who reported the incident; `uid`: of a contact or user that is referenced here."""

    name: str
    uid: SafeUUID | None = None
    medium: list[ContactMediumView] | ContactMediumView | None = None
    """One object in 2017."""


class CallerTicketDetailedQueryView(CallerQueryView):
    """The caller, with the comment on them."""

    comment: str | None = None


class ProviderQueryView(View):
    """Who is in charge of the repair (2017)."""

    name: str
    phones: list[str]
    fax: list[str]
    emails: list[str]
    uid: SafeUUID | None = None


class TicketAssigneeQueryView(ProviderQueryView, kw_only=True):
    """Who is in charge of the repair (2020)."""

    assigneeType: Literal["ProviderContact", "ProviderCompany", "Anonymous"]
    instructionsForAssignee: str | None = None
    comment: str | None = None


class TicketQueryView(View):
    """A ticket in a list."""

    uid: SafeUUID
    ref: str
    """The client's claim number, else the call centre's, else its own, like 2026-004217."""
    agencies: list[AgencyAbstract]
    status: Literal["OPENED", "CLOSED"]
    state: TicketStateView
    created: DateTime
    updated: DateTime
    callPurpose: str
    caller: CallerQueryView
    address: BasicAddress
    openingTicketPurpose: OpeningTicketPurpose | None = None
    patrimony: PatrimonyAbstract | None = None
    closed: DateTime | None = None
    provider: ProviderQueryView | None = None
    assignee: TicketAssigneeQueryView | None = None


class TermAggregation(View):
    """A value, how many of the tickets found have it, and what it is called if it is a uid."""

    value: str
    count: int
    label: str | None = None


class Aggregations(View):
    """The tickets found, counted by the values of each filter; the most frequent values first."""

    status: list[TermAggregation]
    agencies: list[TermAggregation]
    callPurposes: list[TermAggregation]
    locations: list[TermAggregation]
    interventions: list[TermAggregation]
    providers: list[TermAggregation]


class TicketResultView(View):
    """A page of the tickets found, the latest opened first."""

    result: list[TicketQueryView]
    aggregations: Aggregations


class InterventionPeriod(View):
    """When the intervention is scheduled."""

    startDate: DateTime
    endDate: DateTime


class FormalNotice(View):
    """When a formal notice was sent, and the deadline it sets."""

    date: DateTime
    deadline: DateTime


class JournalExportAdditionalInfos(View):
    """What the journal has on the intervention."""

    interventionStarted: DateTime | None = None
    interventionScheduled: InterventionPeriod | None = None
    interventionDeadline: DateTime | None = None
    formalNotice: FormalNotice | None = None


class FreeCommentary(View):
    """A message of the journal."""

    date: DateTime
    message: str


class DetailedTicketStats(View):
    """The ticket's durations, those that are known, each as a text: `"82000"`."""

    callCenterReactionTime: str | None = None
    """From the opening to the first event after it."""
    transmissionTime: str | None = None
    """From the opening to the first acceptance."""
    interventionResponseTime: str | None = None
    """From the opening to the first sign of the provider on site."""
    interventionDuration: str | None = None
    """From the start to the end of the repair, else from arrival to departure."""
    repairTime: str | None = None
    """From the opening to the permanent fix."""


class ExportedTicket(TicketQueryView, kw_only=True):
    """A ticket in an export."""

    request: str
    freeCommentaries: list[FreeCommentary]
    journalAdditionalInfos: JournalExportAdditionalInfos | None = None
    stats: DetailedTicketStats | None = None
    additionalDataz: dict[str, str]
    interventionScheduled: InterventionPeriod | None = None
    interventionDeadline: DateTime | None = None
    formalNotice: FormalNotice | None = None


class TicketExportView(View):
    """The tickets found, the latest opened first."""

    result: list[ExportedTicket]


class NewTicketsStats(View):
    """Tickets opened in the last 7 x 24 hours, in the previous calendar month, and in this one."""

    lastSevenDays: int
    lastMonth: int
    currentMonth: int


class TicketCreationFrequencyStats(View):
    """Tickets per day, from the day of the first to today."""

    byDay: int | float


class TicketStats(View):
    """Statistics on the tickets found."""

    newTickets: NewTicketsStats
    ticketCreationFrequency: TicketCreationFrequencyStats


class JournalEvent(View):
    """Something that happened; `data` is what the journal shows of it."""

    eventName: str
    date: DateTime
    data: dict[str, str]


class DayEvent(View):
    """What happened on a day of the installation's time zone, in order."""

    day: LocalDate
    events: list[JournalEvent]


class TicketViewLinkedEntities(View):
    """What the ticket belongs to."""

    agencies: list[AgencyAbstract]
    clientCompany: ClientCompanyAbstract
    patrimony: PatrimonyAbstract | None = None
    openedFromSimplifiedRequest: SafeUUID | None = None


class TicketDates(View):
    """When the ticket was opened, changed and closed."""

    created: DateTime
    updated: DateTime
    closed: DateTime | None = None


class ServiceOrderView(View):
    """The service order that was sent."""

    ref: str
    sendingDate: DateTime


class FieldUpdated(View):
    """A field that was corrected, and when."""

    field: str
    updatedDates: list[DateTime]


class QualificationByCriteria(View):
    """How the incident was qualified."""

    choices: list[CriterionChoice]
    workflowApplied: SafeUUID | None = None
    comment: ContextualComment | None = None


class DetailedTicketView(TicketQueryView, kw_only=True, rename={"links": "_links"}):
    """A ticket by itself, its journal by day."""

    caller: CallerTicketDetailedQueryView
    request: str
    journal: list[DayEvent]
    additionalDataz: dict[str, str]
    linkedEntities: TicketViewLinkedEntities | None = None
    dates: TicketDates | None = None
    stats: DetailedTicketStats | None = None
    updatedFields: list[FieldUpdated] | None = None
    links: list[Link] | None = None
    instructions: str | None = None
    report: str | None = None
    contactToCallback: ContactToCallback | None = None
    serviceOrder: ServiceOrderView | None = None
    qualification: QualificationByCriteria | None = None
    callCenterReactionTime: int | None = None
    transmissionTime: int | None = None
    interventionResponseTime: int | None = None
    interventionDuration: int | None = None
    repairTime: int | None = None


class TicketEventResultView(View):
    """Events: those a command caused, or those of a page of the feed."""

    events: list[AnyTicketEvent]
