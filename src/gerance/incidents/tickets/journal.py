"""The journal of a ticket. Each event declares what its line shows; a line is made of it here."""

from collections.abc import Callable
from typing import Any, NamedTuple

import msgspec

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
)
from gerance.kernel.wire import DateTime, SafeUUID


class JournalEntry(msgspec.Struct, omit_defaults=True):
    """A line of the ticket's journal.

    `data`: what the line shows; `party`: the uid of the provider whose name is added to it as
    `data[party_key]`; `text`: the event's free text, which can be corrected.
    """

    processUid: SafeUUID
    event: str
    date: DateTime
    data: dict[str, str] = {}
    party: SafeUUID | None = None
    party_key: str = "provider"
    text: str | None = None


class Show(NamedTuple):
    """A part of a line. `keys`: what it adds to `data`; `add(event, entry)` adds it."""

    keys: tuple[str, ...]
    add: Callable[[Any, JournalEntry], None]


class JournalLine(msgspec.Struct, frozen=True, kw_only=True):
    """What an event shows in the journal.

    `date`: the field with its business date, None where it has none; `text`: the field with its
    free text, which is searched and can be corrected, None where it has none; `data`: what the
    line shows, in this order.
    """

    date: str | None
    text: str | None
    data: tuple[Show, ...]

    def date_of(self, event: Any) -> DateTime | None:
        """When it happened, as its sender says; None when the event does not say."""
        date: DateTime | None = None if self.date is None else getattr(event, self.date)
        return date

    def entry(self, event: Any, date: DateTime) -> JournalEntry:
        """The line of an event that happened at `date`."""
        text = None if self.text is None else getattr(event, self.text)
        entry = JournalEntry(event.processUid, type(event).__name__, date, text=text)
        for part in self.data:
            part.add(event, entry)
        return entry


def show(field: str) -> Show:
    """Shows a text field under its own name."""

    def add(event: Any, entry: JournalEntry) -> None:
        entry.data = {**entry.data, field: getattr(event, field)}

    return Show((field,), add)


def _add_breakdown(event: Any, entry: JournalEntry) -> None:
    if event.brakedownNature is not None:
        entry.data = {**entry.data, "brakeDownNature": event.brakedownNature}


def _add_trial(event: Any, entry: JournalEntry) -> None:
    entry.data = {**entry.data, "trialLabel": event.logTrial.trialLabel}


def _add_purpose(event: Any, entry: JournalEntry) -> None:
    entry.data = {**entry.data, "type": type(event.purpose).__name__}


def _add_medium(event: Any, entry: JournalEntry) -> None:
    view = medium_view(event.medium)
    entry.data = {**entry.data, "medium": view["mediumType"], "identifier": view["identifier"]}


def _add_provider(event: Any, entry: JournalEntry) -> None:
    party = getattr(event, "assignee", None) or getattr(event, "provider", None)
    _add_party(entry, party, "provider")


def _add_recipient(event: Any, entry: JournalEntry) -> None:
    if isinstance(event.recipient, ProviderPersona):
        _add_party(entry, event.recipient.provider, "called")
    else:
        entry.data = {**entry.data, "called": event.recipient.name.full}


def _add_party(entry: JournalEntry, party: Provider | TicketAssignee | None, key: str) -> None:
    if isinstance(party, AnonymousProvider | AnonymousAssignee):
        entry.data = {**entry.data, key: party.name.full}
    elif party is not None:
        entry.party = SafeUUID(party.providerUid)
        entry.party_key = key


def medium_view(medium: ContactMedium) -> dict[str, str]:
    """A phone number or address: `{"mediumType": "PHONE", "identifier": "0601020304"}`."""
    if isinstance(medium, Mail):
        return {"mediumType": "MAIL", "identifier": medium.mail}
    if isinstance(medium, Fax):
        return {"mediumType": "FAX", "identifier": medium.fax}
    kind = "SMS" if isinstance(medium, SMS) else "PHONE"
    return {"mediumType": kind, "identifier": medium.phone}


SHOW_BREAKDOWN = Show(("brakeDownNature",), _add_breakdown)
"""The nature of the breakdown, where the provider reported one."""
SHOW_TRIAL = Show(("trialLabel",), _add_trial)
"""The step of the procedure that was tried."""
SHOW_PURPOSE = Show(("type",), _add_purpose)
"""Why a provider was assigned: the type of the purpose."""
SHOW_MEDIUM = Show(("medium", "identifier"), _add_medium)
"""The medium of a call or message, and the number or address."""
SHOW_PROVIDER = Show(("provider",), _add_provider)
"""The assignee, or the provider of an event of 2017."""
SHOW_RECIPIENT = Show(("called",), _add_recipient)
"""The recipient of a call: a provider, or a person by name."""
