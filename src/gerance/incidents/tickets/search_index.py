"""The columns that tickets are filtered by, their words for the search, and their facets."""

from itertools import accumulate
from typing import Any

import msgspec

from gerance.incidents.tickets.documents import caller_name, provider_of, reference
from gerance.incidents.tickets.journal import medium_view
from gerance.incidents.tickets.state import Parties, TicketState
from gerance.incidents.values import HumanCaller, ReferencedContactCaller
from gerance.kernel.fold import fold, words

MAX_WORD = 100
MOST_OF_TEXT = 50_000
"""Characters of one text in which words are searched."""
MOST_SEARCHED = 100_000
"""Characters of a ticket in which words are searched: folding them takes the event loop's time."""
MAX_KEY = 200
"""Characters of a text that is filtered by and counted: the row of an index has its limit."""
MAX_WORDS_BYTES = 900_000
"""Bytes of a ticket's words: a tsvector has its limit. What comes later is not searched."""

COLUMNS: dict[str, str] = {
    "uid": "uuid",
    "call_center": "uuid",
    "company": "uuid",
    "holding": "uuid",
    "agencies": "uuid[]",
    "patrimony": "uuid",
    "opened": "timestamptz",
    "closed": "boolean",
    "purpose": "text",
    "city": "text",
    "purpose_key": "text",
    "city_key": "text",
    "zip_code": "text",
    "provider": "uuid",
    "intervention": "boolean",
    "caller": "uuid",
    "restricted": "boolean",
}
"""The columns of the table `ticket`, but for its key, and the types their values come in."""


class TicketRow(msgspec.Struct, frozen=True, kw_only=True):
    """A row of the table `ticket`."""

    uid: str
    call_center: str | None
    company: str
    holding: str | None
    agencies: list[str]
    patrimony: str | None
    opened: Any
    closed: bool
    purpose: str
    city: str
    purpose_key: str
    city_key: str
    zip_code: str
    provider: str | None
    intervention: bool
    caller: str | None
    restricted: bool

    @property
    def scopes(self) -> list[str]:
        """The groups that count this ticket: all, a call centre, a company, an agency."""
        owners = [self.call_center, self.company, self.holding, *self.agencies]
        return ["", *dict.fromkeys(uid for uid in owners if uid is not None)]

    @property
    def facets(self) -> list[str]:
        """The facets that count it, e.g. `status:OPENED`, `locations:PARIS`."""
        return [
            f"status:{'CLOSED' if self.closed else 'OPENED'}",
            *(f"agencies:{agency}" for agency in self.agencies),
            f"callPurposes:{self.purpose}",
            f"locations:{self.city}",
            f"interventions:{str(self.intervention).lower()}",
            *([f"providers:{self.provider}"] if self.provider else []),
        ]


def key_of(text: str) -> str:
    """The key of a text that is filtered by: its beginning, folded."""
    return fold(text.strip()[:MAX_KEY].strip())[:MAX_KEY]


def ticket_row(state: TicketState, parties: Parties) -> TicketRow:
    """The row of the ticket in the table `ticket`."""
    infos, location = state.infos, parties.location
    caller = infos.caller
    caller_account = None
    if isinstance(caller, ReferencedContactCaller):
        contact = parties.contacts.get(caller.uid)
        caller_account = (contact.account if contact else None) or caller.uid
    return TicketRow(
        uid=state.uid,
        call_center=location.callCenter,
        company=location.company.uid,
        holding=location.holding,
        agencies=[agency.uid for agency in location.agencies],
        patrimony=location.patrimony.uid if location.patrimony else None,
        opened=state.opened.moment,
        closed=state.closed is not None,
        purpose=infos.callPurposeLabel[:MAX_KEY],
        city=infos.address.city[:MAX_KEY],
        purpose_key=key_of(infos.callPurposeLabel),
        city_key=key_of(infos.address.city),
        zip_code=key_of(infos.address.zipCode),
        provider=state.assigned.uid if state.assigned else None,
        intervention=state.intervention,
        caller=caller_account,
        restricted=bool(state.access),
    )


def search_words(state: TicketState, parties: Parties) -> str:
    """The folded words of the ticket, each once, in the notation of tsvector."""
    infos = state.infos
    claim, address = infos.claimNumber, infos.address
    texts = [
        reference(state, parties),
        claim.clientClaimNumber,
        claim.callCenterClaimNumber,
        infos.request,
        infos.instructions,
        infos.callPurposeLabel,
        caller_name(state, parties),
        address.street,
        address.complement,
        address.zipCode,
        address.city,
        state.report,
    ]
    if not (claim.clientClaimNumber or claim.callCenterClaimNumber):
        texts.append(state.uid)
    if isinstance(infos.caller, HumanCaller) and infos.caller.medium is not None:
        texts.append(medium_view(infos.caller.medium)["identifier"])
    if parties.location.patrimony is not None:
        texts += [parties.location.patrimony.name, parties.location.patrimony.ref]
    if state.assigned is not None:
        texts.append(provider_of(state.assigned, parties).name)
    texts += [provider.name for provider in parties.providers.values()]
    for entry in state.journal:
        texts += [entry.text, *entry.data.values()]
    text = "\n".join(text[:MOST_OF_TEXT] for text in dict.fromkeys(texts) if text)
    tokens = words(text[:MOST_SEARCHED])
    unique = list(dict.fromkeys(word[:MAX_WORD] for word in tokens))
    if 4 * sum(map(len, unique)) > MAX_WORDS_BYTES:
        ends = accumulate(len(word.encode()) for word in unique)
        unique = unique[: sum(end <= MAX_WORDS_BYTES for end in ends)]
    return " ".join(f"'{word}'" for word in sorted(unique))
