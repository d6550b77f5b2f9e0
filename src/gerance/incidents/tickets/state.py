"""What a ticket is, as its events tell it: kept as one row, so that no command replays a log."""

from typing import Literal

import msgspec

from gerance.incidents.tickets.values import (
    AccessControl,
    ContextualComment,
    CriterionChoice,
    TicketInfos,
)
from gerance.incidents.values import LocationReference
from gerance.kernel.wire import DateTime, SafeUUID, decode_own, encode


class Assigned(msgspec.Struct, frozen=True, omit_defaults=True):
    """Who is in charge of the repair: somebody we know (`uid`) or somebody named (`name` ...)."""

    kind: Literal["ProviderContact", "ProviderCompany", "Anonymous"]
    uid: SafeUUID | None = None
    name: str | None = None
    phones: list[str] = []
    fax: list[str] = []
    emails: list[str] = []


class Moment(msgspec.Struct, frozen=True):
    """A state that a ticket came to, and when."""

    value: str
    date: DateTime


class Period(msgspec.Struct, frozen=True):
    """From when to when an intervention is planned."""

    startDate: DateTime
    endDate: DateTime


class Notice(msgspec.Struct, frozen=True):
    """A formal notice: when it was sent, and the deadline it sets."""

    date: DateTime
    deadline: DateTime


class ServiceOrder(msgspec.Struct, frozen=True):
    ref: str
    sendingDate: DateTime


class JournalEntry(msgspec.Struct, omit_defaults=True):
    """A line of the ticket's journal.

    `data`: what the journal shows of the event; `party`: the uid of the provider whose name goes
    in as `data[party_key]`; `text`: the event's free text, which can be corrected.
    """

    processUid: SafeUUID
    event: str
    date: DateTime
    data: dict[str, str] = {}
    party: SafeUUID | None = None
    party_key: str = "provider"
    text: str | None = None


class Clock(msgspec.Struct, omit_defaults=True):
    """The moments that the ticket's durations are measured between."""

    reacted: DateTime | None = None
    accepted: DateTime | None = None
    on_site: DateTime | None = None
    arrived: DateTime | None = None
    started: DateTime | None = None
    finished: DateTime | None = None
    gone: DateTime | None = None
    fixed: DateTime | None = None


class TicketState(msgspec.Struct, kw_only=True, omit_defaults=True):
    """A ticket. `updated`: the latest business date among its events; `opened_by`: a processUid."""

    uid: SafeUUID
    opened_by: SafeUUID
    location: LocationReference
    infos: TicketInfos
    opened: DateTime
    updated: DateTime
    state: Moment
    closed: DateTime | None = None
    assigned: Assigned | None = None
    instructions_for_assignee: str | None = None
    assignee_comment: str | None = None
    deadline: DateTime | None = None
    formal_notice: Notice | None = None
    scheduled: Period | None = None
    intervention: bool = False
    service_order: ServiceOrder | None = None
    report: str | None = None
    simplified_request: SafeUUID | None = None
    access: list[AccessControl] = []
    choices: list[CriterionChoice] = []
    workflow: SafeUUID | None = None
    contextual_comment: ContextualComment | None = None
    corrected: dict[str, list[DateTime]] = {}
    journal: list[JournalEntry] = []
    clock: Clock = msgspec.field(default_factory=Clock)


def load_state(text: str) -> TicketState:
    """The state that `dump_state` wrote."""
    return decode_own(TicketState, text)


def dump_state(state: TicketState) -> bytes:
    return encode(state)
