"""The classes that events of tickets inherit from."""

from typing import ClassVar

import msgspec

from gerance.incidents.tickets.journal import SHOW_BREAKDOWN, SHOW_PROVIDER, JournalLine
from gerance.incidents.tickets.values import StillOnSite
from gerance.incidents.values import Operator, Provider, TicketAssignee
from gerance.kernel.wire import DateTime, SafeUUID


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
