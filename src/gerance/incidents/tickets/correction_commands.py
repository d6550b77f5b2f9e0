"""The commands that correct what a ticket says, as on the wire."""

from gerance.incidents.tickets.base_commands import Increment
from gerance.incidents.tickets.values import FieldsToCorrect, TicketInfos
from gerance.incidents.values import BasicAddress, CallerType, LocationReference
from gerance.kernel.wire import DateTime, SafeUUID


class UpdateTicket(Increment):
    """Replace the details given at the opening.

    `date`: of the update; integrations of 2016 send it in place of `openedDate`, which then stays.
    """

    locationRef: LocationReference
    ticket: TicketInfos
    openedDate: DateTime | None = None
    date: DateTime | None = None

    def __post_init__(self) -> None:
        if self.openedDate is None and self.date is None:
            raise ValueError("Object missing required field `openedDate`")


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
