"""The commands that close a ticket, as on the wire."""

from gerance.incidents.tickets.base_commands import Increment
from gerance.incidents.tickets.values import StillOnSite
from gerance.incidents.values import Provider
from gerance.kernel.wire import DateTime


class CancelTicket(Increment):
    """Close the ticket: it has no object."""

    date: DateTime
    comment: str | None = None


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
