"""The journal of a ticket: one line per event, with what the reference shows of each."""

from typing import Any

from gerance.incidents.tickets import events as e
from gerance.incidents.tickets.state import JournalEntry
from gerance.incidents.values import (
    SMS,
    AnonymousAssignee,
    AnonymousProvider,
    ContactMedium,
    Fax,
    Mail,
    Provider,
    ProviderPersona,
    TicketAssignee,
    full_name,
)
from gerance.kernel.wire import DateTime, SafeUUID, members

_DATES = (
    "openedDate",
    "date",
    "reportDate",
    "closingDate",
    "startedDate",
    "finishedDate",
    "messageAddedDate",
    "logTrialAddedDate",
)

_DATE_FIELD: dict[type, str] = {
    kind: next((name for name in _DATES if name in kind.__struct_fields__), "sentDate")
    for kind in members(e.AnyTicketEvent)
} | {e.TicketUpdated: "sentDate"}
"""The field that says when it happened. An update repeats the ticket's openedDate, not its own."""

_TEXTS = ("comment", "message", "instructions", "report", "purpose", "text")
_TEXTLESS = (
    e.ContextualCommentDisplayedOnTicket,
    e.TicketEventInformationsCorrected,
    e.ProviderAssigned,
)

TEXT_FIELD: dict[type, str] = {
    kind: next((name for name in _TEXTS if name in kind.__struct_fields__), "")
    for kind in members(e.AnyTicketEvent)
    if kind not in _TEXTLESS
}
"""The field with an event's free text; "" for an event that has none."""


def business_date(event: Any) -> DateTime:
    """When it happened, as its sender says; without such a date, when it was sent."""
    date: DateTime = getattr(event, _DATE_FIELD[type(event)])
    return date


def undated(event: Any) -> bool:
    """Whether its sender says nothing of when it happened."""
    return _DATE_FIELD[type(event)] == "sentDate"


def medium_view(medium: ContactMedium) -> dict[str, str]:
    """A way to reach somebody: `{"mediumType": "PHONE", "identifier": "0601020304"}`."""
    if isinstance(medium, Mail):
        return {"mediumType": "MAIL", "identifier": medium.mail}
    if isinstance(medium, Fax):
        return {"mediumType": "FAX", "identifier": medium.fax}
    kind = "SMS" if isinstance(medium, SMS) else "PHONE"
    return {"mediumType": kind, "identifier": medium.phone}


def journal_entry(event: e.AnyTicketEvent, date: DateTime) -> JournalEntry | None:
    """The line an event makes; None for TicketOpened, which the journal does not repeat."""
    if isinstance(event, e.TicketOpened):
        return None
    entry = JournalEntry(event.processUid, type(event).__name__, date, text=_text(event))
    if isinstance(event, e.CallEmittedTo):
        _called(entry, event)
    elif isinstance(event, e.CallReceived):
        entry.data = {"caller": event.caller, **_medium(event.medium)}
    elif isinstance(event, e.ProviderAssigned):
        entry.data = {"type": type(event.purpose).__name__}
        _by(entry, event.provider)
    elif isinstance(event, e.LogTrialAdded):
        entry.data = {"trialLabel": event.logTrial.trialLabel}
    elif isinstance(event, e.MessageAdded):
        entry.data = {"message": event.message}
    elif isinstance(event, _SHOWS_PROVIDER):
        _by(entry, getattr(event, "assignee", None) or getattr(event, "provider", None))
    else:
        nature = getattr(event, "brakedownNature", None)
        if nature is not None:
            entry.data = {"brakeDownNature": nature}
    return entry


_SHOWS_PROVIDER = (
    e.CallAnsweredByProvider,
    e.CallNotAnsweredByProvider,
    e.AssigneeIdentified,
    e.InterventionRequested,
    e.InterventionAccepted,
    e.InterventionRefused,
    e.MissionAccepted,
    e.MissionRefused,
    e.ArrivedOnSite,
    e.GoneFromSite,
)


def _text(event: Any) -> str | None:
    field = TEXT_FIELD.get(type(event))
    return getattr(event, field) if field else None


def _medium(medium: ContactMedium) -> dict[str, str]:
    shown = medium_view(medium)
    return {"medium": shown["mediumType"], "identifier": shown["identifier"]}


def _called(entry: JournalEntry, event: e.CallEmittedTo) -> None:
    entry.data = _medium(event.medium)
    if isinstance(event.recipient, ProviderPersona):
        _by(entry, event.recipient.provider, key="called")
    else:
        entry.data = {"called": full_name(event.recipient.name), **entry.data}


def _by(entry: JournalEntry, who: Provider | TicketAssignee | None, key: str = "provider") -> None:
    if isinstance(who, AnonymousProvider | AnonymousAssignee):
        entry.data = {**entry.data, key: full_name(who.name)}
    elif who is not None:
        entry.party = SafeUUID(who.providerUid)
        entry.party_key = key
