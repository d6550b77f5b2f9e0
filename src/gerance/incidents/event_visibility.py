"""Which events a user may be told of: those of what it could read through the read API just now.

For whoever passes events on: the pull feed, the live feed, webhooks. Rights are those of the moment
at which this is asked, as in the read API; they follow from the read tables, which keep what is
disabled. Lots that were deleted are decided by where they were last, which their state tells.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import NamedTuple

import msgspec

from gerance.incidents.agencies import views as agencies_of
from gerance.incidents.companies import routes as companies
from gerance.incidents.companies import views as companies_of
from gerance.incidents.lots import routes as lots
from gerance.incidents.lots import views as lots_of
from gerance.incidents.operators import routes as operators
from gerance.incidents.operators import views as operators_of
from gerance.incidents.patrimonies import routes as patrimonies
from gerance.incidents.patrimonies import views as patrimonies_of
from gerance.incidents.patrimony_contacts import routes as patrimony_contacts
from gerance.incidents.provider_companies import routes as provider_companies
from gerance.incidents.provider_contacts import routes as provider_contacts
from gerance.incidents.provider_contacts import views as provider_contacts_of
from gerance.incidents.rights import (
    OF_PATRIMONY_CONTACTS,
    USER_AGENCIES,
    Columns,
    Condition,
    reach,
    reached_users,
)
from gerance.incidents.tickets import handle as tickets
from gerance.incidents.tickets.search import EVERYTHING, TICKET_COLUMNS, condition
from gerance.incidents.users import routes as users
from gerance.kernel.db import Connection
from gerance.kernel.identity.principal import Principal
from gerance.kernel.log.eventlog import LoggedEvent
from gerance.kernel.wire import SafeUUID, decode


class _Kind(NamedTuple):
    """What there are events of. `table`: with its alias; `uid`: its key; `reached`: the rows that a
    user may read; `agencies`: SQL, the agencies that a row belongs to, None where it has none."""

    table: str
    uid: str
    reached: Callable[[Principal], Condition]
    agencies: str | None = None


def _within(columns: Columns) -> Callable[[Principal], Condition]:
    return lambda principal: reach(principal, columns)


def _of_reached_company(
    company: str, own: Callable[[Principal], Condition]
) -> Callable[..., Condition]:
    """What is listed below its company: both must be reached."""

    def reached(principal: Principal) -> Condition:
        mine, above = own(principal), reach(principal, companies_of.REACH)
        held = f"EXISTS (SELECT FROM company c WHERE c.uid = {company} AND {above.sql})"
        return Condition(f"{mine.sql} AND {held}", {**mine.params, **above.params})

    return reached


_AGENCY = "agency"
_LOTS = (
    "(SELECT s.uid, (s.state::json ->> 'company')::uuid AS company,"
    " (s.state::json ->> 'patrimony')::uuid AS patrimony"
    f" FROM stream s WHERE s.category = '{lots.CATEGORY}' AND s.uid = ANY(%(uids)s::uuid[])) l"
)
"""SQL: the lots that are asked about, also those that have no row in `lot` any more."""
_KINDS: Mapping[str, _Kind] = {
    tickets.CATEGORY: _Kind(
        "ticket",
        "ticket.uid",
        lambda principal: condition(EVERYTHING, principal),
        TICKET_COLUMNS.agencies,
    ),
    companies.CATEGORY: _Kind("company c", "c.uid", _within(companies_of.REACH)),
    _AGENCY: _Kind(
        "agency a",
        "a.uid",
        _of_reached_company("a.company", _within(agencies_of.REACH)),
        agencies_of.REACH.agencies,
    ),
    users.CATEGORY: _Kind(
        "account u",
        "u.uid",
        _of_reached_company("u.company", reached_users),
        USER_AGENCIES,
    ),
    operators.CATEGORY: _Kind("operator o", "o.uid", operators_of.reach),
    patrimonies.CATEGORY: _Kind(
        "patrimony p", "p.uid", _within(patrimonies_of.REACH), patrimonies_of.REACH.agencies
    ),
    lots.CATEGORY: _Kind(_LOTS, "l.uid", _within(lots_of.REACH), lots_of.REACH.agencies),
    patrimony_contacts.CATEGORY: _Kind(
        "patrimony_contact t",
        "t.uid",
        _within(OF_PATRIMONY_CONTACTS),
        OF_PATRIMONY_CONTACTS.agencies,
    ),
    provider_companies.CATEGORY: _Kind("provider_company q", "q.uid", lambda _: Condition("true")),
    provider_contacts.CATEGORY: _Kind(
        "provider_contact t", "t.uid", _within(provider_contacts_of.REACH)
    ),
}

CATEGORIES: tuple[str, ...] = tuple(name for name in _KINDS if name != _AGENCY)
"""The categories of events that users of the incident side may be told of; no other ever is."""


class _AgencyUid(msgspec.Struct):
    agencyUid: SafeUUID


class _OfAgency(msgspec.Struct):
    """As much of an event as says which agency it is about."""

    agency: _AgencyUid


async def readable(
    connection: Connection,
    principal: Principal,
    events: Iterable[LoggedEvent],
    *,
    agencies: Sequence[str] = (),
) -> list[LoggedEvent]:
    """Those of the events that the user may read now, in the order they came in.

    `agencies`: only what belongs to one of these; what belongs to no agency (companies, operators,
    providers) is then left out. One statement for each category among the events.
    """
    about = [(event, *_about(event)) for event in events if event.category in CATEGORIES]
    wanted: dict[str, set[str]] = {}
    for _, kind, uid in about:
        wanted.setdefault(kind, set()).add(uid)
    found = {
        kind: await _reached(connection, principal, _KINDS[kind], uids, agencies)
        for kind, uids in wanted.items()
    }
    return [event for event, kind, uid in about if uid in found[kind]]


def _about(event: LoggedEvent) -> tuple[str, str]:
    """The kind and uid of what the event is about: agencies are told in their company's stream."""
    if event.category == companies.CATEGORY and event.event_type.startswith("Agency"):
        return _AGENCY, decode(_OfAgency, event.data).agency.agencyUid
    return event.category, event.stream


async def _reached(
    connection: Connection,
    principal: Principal,
    kind: _Kind,
    uids: set[str],
    agencies: Sequence[str],
) -> set[str]:
    """Those of the uids that the user may read."""
    if principal.kind == "superUser" and not agencies:
        return uids
    if agencies and kind.agencies is None:
        return set()
    mine = kind.reached(principal)
    chosen = f" AND {kind.agencies} && %(chosen)s::uuid[]" if agencies else ""
    rows = await connection.execute(
        f"SELECT {kind.uid}::text FROM {kind.table}"
        f" WHERE {kind.uid} = ANY(%(uids)s::uuid[]) AND {mine.sql}{chosen}",
        {**mine.params, "uids": list(uids), "chosen": list(agencies)},
    )
    return {uid for (uid,) in await rows.fetchall()}
