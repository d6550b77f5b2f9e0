"""The events that close a ticket. A class is added, never changed."""

from typing import ClassVar

from gerance.incidents.tickets.base_events import (
    ClosingEvent,
    CommentedClosingEvent,
    ReportedClosingEvent,
)
from gerance.incidents.tickets.journal import JournalLine
from gerance.kernel.wire import DateTime


class TicketCancelled(ClosingEvent):
    """Closed: the ticket has no object."""

    journal: ClassVar = JournalLine(date="date", text="comment", data=())
    date: DateTime
    comment: str | None = None


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
