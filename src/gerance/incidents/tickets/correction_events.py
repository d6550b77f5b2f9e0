"""The events that correct what a ticket says. A class is added, never changed."""

from typing import ClassVar

from gerance.incidents.tickets.base_events import TicketEvent
from gerance.incidents.tickets.journal import JournalLine
from gerance.incidents.tickets.values import FieldsToCorrect, TicketInfos
from gerance.incidents.values import BasicAddress, CallerType, LocationReference
from gerance.kernel.wire import DateTime, SafeUUID


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
