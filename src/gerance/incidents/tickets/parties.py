"""What a ticket shows of others: names, that it does not own and that may be changed elsewhere.

Kept beside the ticket, so that neither a command nor a list has to look them up; rendered anew
when one of them is renamed.
"""

import msgspec

from gerance.incidents.rights import Place
from gerance.incidents.tickets.state import TicketState
from gerance.incidents.values import ReferencedContactCaller
from gerance.kernel.wire import decode_own


class Named(msgspec.Struct, frozen=True):
    uid: str
    name: str


class ShownPatrimony(msgspec.Struct, frozen=True):
    uid: str
    name: str
    ref: str


class Location(msgspec.Struct, frozen=True, omit_defaults=True):
    """Where the incident is: the client company, its agencies in charge, the patrimony."""

    company: Named
    agencies: list[Named]
    callCenter: str | None = None
    holding: str | None = None
    patrimony: ShownPatrimony | None = None

    @property
    def place(self) -> Place:
        return Place(
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
    """A referenced caller; `account`: the user that this contact is."""

    name: str
    medium: dict[str, str] | None = None
    account: str | None = None


class Parties(msgspec.Struct, frozen=True, omit_defaults=True):
    """Everyone a ticket names, by uid."""

    location: Location
    providers: dict[str, ShownProvider] = {}
    contacts: dict[str, ShownContact] = {}

    def shown_by(self, state: TicketState) -> "Parties":
        """Those of them that the ticket still names, in a fixed order."""
        caller = caller_uid(state)
        contact = self.contacts.get(caller) if caller is not None else None
        return Parties(
            self.location,
            {uid: self.providers[uid] for uid in provider_uids(state) if uid in self.providers},
            {caller: contact} if caller is not None and contact is not None else {},
        )


def provider_uids(state: TicketState) -> list[str]:
    """The providers that a ticket names by uid: in charge, or in its journal."""
    named = {entry.party for entry in state.journal}
    if state.assigned is not None:
        named.add(state.assigned.uid)
    return sorted(uid for uid in named if uid is not None)


def caller_uid(state: TicketState) -> str | None:
    """The uid of the caller, if it is a referenced one."""
    caller = state.infos.caller
    return caller.uid if isinstance(caller, ReferencedContactCaller) else None


def load_parties(text: str) -> Parties:
    return decode_own(Parties, text)
