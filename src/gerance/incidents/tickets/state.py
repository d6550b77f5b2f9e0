"""The state of a ticket, and the parties that it shows. Both are stored: no command replays a log.

Parties have names that the ticket does not own. When they change, the ticket is projected again.
"""

from typing import Literal

import msgspec

from gerance.incidents.rights import Ownership
from gerance.incidents.tickets.journal import JournalEntry
from gerance.incidents.tickets.values import (
    AccessControl,
    ContextualComment,
    CriterionChoice,
    TicketInfos,
)
from gerance.incidents.values import LocationReference, ReferencedContactCaller
from gerance.kernel.wire import DateTime, SafeUUID, decode_own


class PartyInCharge(msgspec.Struct, frozen=True, omit_defaults=True):
    """The party in charge of the repair: with a `uid`, or with a `name` and ways to reach it."""

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


class Instructions(msgspec.Struct, frozen=True):
    """The last instructions for a party. `processUid`: of the command that gave them."""

    party: PartyInCharge
    text: str
    date: DateTime
    processUid: SafeUUID


class Clock(msgspec.Struct, omit_defaults=True):
    """The moments between which the ticket's durations are measured; none is before its opening.

    `reaction`: the first event of a later command; `acceptance`, `presence` (on site), `arrival`,
    `start`: the first; `end`, `departure`: the last; `fix`: the first since it was last reopened.
    """

    reaction: DateTime | None = None
    acceptance: DateTime | None = None
    presence: DateTime | None = None
    arrival: DateTime | None = None
    start: DateTime | None = None
    end: DateTime | None = None
    departure: DateTime | None = None
    fix: DateTime | None = None


class TicketState(msgspec.Struct, kw_only=True, omit_defaults=True):
    """A ticket.

    `opened_by`: the processUid of its opening; `opening`: the date of its opening, which stays when
    an update changes `opened`; `updated`: the latest business date among its events; `by_name`:
    whether the party in charge was assigned or identified, not only involved; `instructions`: the
    last for each party; `visited`: whether a provider was on site; `start`: the first start of
    the repair; `dates`: the business dates of
    the events that other fields come from. `timeline` derives `state`, `closed`, `start` and
    `clock` from the journal.
    """

    uid: SafeUUID
    opened_by: SafeUUID
    location: LocationReference
    infos: TicketInfos
    opened: DateTime
    updated: DateTime
    state: Moment
    opening: DateTime | None = None
    closed: DateTime | None = None
    assigned: PartyInCharge | None = None
    by_name: bool = False
    instructions: list[Instructions] = []
    assignee_comment: str | None = None
    deadline: DateTime | None = None
    formal_notice: Notice | None = None
    scheduled: Period | None = None
    intervention: bool = False
    visited: bool = False
    service_order: ServiceOrder | None = None
    report: str | None = None
    simplified_request: SafeUUID | None = None
    access: list[AccessControl] = []
    choices: list[CriterionChoice] = []
    workflow: SafeUUID | None = None
    contextual_comment: ContextualComment | None = None
    corrected: dict[str, list[DateTime]] = {}
    journal: list[JournalEntry] = []
    start: DateTime | None = None
    dates: dict[str, DateTime] = {}
    clock: Clock = msgspec.field(default_factory=Clock)

    @property
    def instructions_for_assignee(self) -> str | None:
        """The last instructions for the party that is in charge."""
        texts = (each.text for each in self.instructions if each.party == self.assigned)
        return next(texts, None)

    @property
    def provider_uids(self) -> list[str]:
        """The providers that the ticket names by uid: in charge, or in its journal."""
        uids = {entry.party for entry in self.journal}
        if self.assigned is not None:
            uids.add(self.assigned.uid)
        return sorted(uid for uid in uids if uid is not None)

    @property
    def caller_uid(self) -> str | None:
        """The uid of the caller, if it is a referenced one."""
        caller = self.infos.caller
        return caller.uid if isinstance(caller, ReferencedContactCaller) else None

    @classmethod
    def load(cls, text: str) -> "TicketState":
        """The state that the table `stream` stores as `text`."""
        return decode_own(cls, text)


class PartyName(msgspec.Struct, frozen=True):
    uid: str
    name: str


class ShownPatrimony(msgspec.Struct, frozen=True):
    uid: str
    name: str
    ref: str


class Location(msgspec.Struct, frozen=True, omit_defaults=True):
    """Where the incident is: the client company, its agencies in charge, the patrimony."""

    company: PartyName
    agencies: list[PartyName]
    callCenter: str | None = None
    holding: str | None = None
    patrimony: ShownPatrimony | None = None

    @property
    def series(self) -> str:
        """The owner of the series that the ticket's reference is from."""
        return self.callCenter or self.company.uid

    @property
    def place(self) -> Ownership:
        return Ownership(
            company=self.company.uid,
            call_center=self.callCenter,
            holding=self.holding,
            agencies=tuple(agency.uid for agency in self.agencies),
            patrimonies=(self.patrimony.uid,) if self.patrimony else (),
        )


class ShownProvider(msgspec.Struct, frozen=True, omit_defaults=True):
    """A provider contact or provider company."""

    name: str
    phones: list[str] = []
    fax: list[str] = []
    emails: list[str] = []


class ShownContact(msgspec.Struct, frozen=True, omit_defaults=True):
    """A referenced caller; `account`: the user that the contact is."""

    name: str
    medium: dict[str, str] | None = None
    account: str | None = None


class Parties(msgspec.Struct, frozen=True, omit_defaults=True):
    """Everyone a ticket names, by uid. `ref`: its own short reference, like 2026-004217."""

    location: Location
    providers: dict[str, ShownProvider] = {}
    contacts: dict[str, ShownContact] = {}
    ref: str | None = None

    def shown_by(self, state: "TicketState") -> "Parties":
        """Those of them that the ticket still names, in a fixed order."""
        caller = state.caller_uid
        contact = self.contacts.get(caller) if caller is not None else None
        return Parties(
            self.location,
            {uid: self.providers[uid] for uid in state.provider_uids if uid in self.providers},
            {caller: contact} if caller is not None and contact is not None else {},
            self.ref,
        )

    @classmethod
    def load(cls, text: str) -> "Parties":
        """The parties that the table `ticket_document` stores as `text`."""
        return decode_own(cls, text)
