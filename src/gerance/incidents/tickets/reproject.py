"""Projects tickets again, after a rename of something that they show.

It works in batches: memory does not grow with the number of tickets.
"""

from collections.abc import Iterable, Sequence

from gerance.incidents.rights import Condition
from gerance.incidents.tickets.references import (
    AGENCY_PLACE,
    PATRIMONY_PLACE,
    contacts_sql,
    location_sql,
    providers_sql,
)
from gerance.incidents.tickets.search_index import COLUMNS, TicketRow, ticket_row
from gerance.incidents.tickets.state import (
    Location,
    Parties,
    ShownContact,
    ShownProvider,
    TicketState,
)
from gerance.incidents.tickets.views import TicketRows, project
from gerance.incidents.values import AgencyLocation, LocationReference
from gerance.kernel.db import Connection
from gerance.kernel.wire import decode

BATCH = 500


async def reproject(connection: Connection, condition: Condition) -> int:
    """Project again the tickets that fit the condition (on `ticket` and `ticket_document`).

    Their states stay; the parties are read again. Returns the number of tickets.
    """
    last, total = 0, 0
    # Lock all by uid, in the order of every other code that locks several; then batch by number.
    await connection.execute(
        "WITH locked AS (SELECT s.uid FROM stream s WHERE s.category = 'ticket' AND s.uid IN"
        " (SELECT ticket.uid FROM ticket JOIN ticket_document USING (number)"
        f" WHERE {condition.sql}) ORDER BY s.uid FOR UPDATE) SELECT count(*) FROM locked",
        condition.params,
    )
    while True:
        rows = await connection.execute(
            "SELECT ticket.number, s.state, ticket_document.parties FROM ticket"
            " JOIN ticket_document USING (number)"
            " JOIN stream s ON s.category = 'ticket' AND s.uid = ticket.uid"
            f" WHERE ticket.number > %(last)s AND {condition.sql}"
            " ORDER BY ticket.number LIMIT %(batch)s FOR UPDATE OF s",
            {**condition.params, "last": last, "batch": BATCH},
        )
        batch = [
            (number, TicketState.load(state), Parties.load(parties))
            for number, state, parties in await rows.fetchall()
        ]
        if not batch:
            return total
        # A command that read the old names must not write them: it finds the row written since.
        await connection.execute(
            "UPDATE stream SET version = version"
            " WHERE category = 'ticket' AND uid = ANY(%s::uuid[])",
            [[state.uid for _, state, _ in batch]],
        )
        present = await parties_of(connection, [state for _, state, _ in batch])
        await write_rows(
            connection,
            [
                (number, project(state, now), ticket_row(state, before))
                for (number, state, before), now in zip(batch, present, strict=True)
            ],
        )
        last, total = batch[-1][0], total + len(batch)


async def parties_of(connection: Connection, states: Sequence[TicketState]) -> list[Parties]:
    """The current parties of each of the tickets."""
    uids = {
        "patrimonies": _each(_patrimony(state.location) for state in states),
        "agencies": _each(_agency(state.location) for state in states),
        "providers": _each(uid for state in states for uid in state.provider_uids),
        "contacts": _each(state.caller_uid for state in states),
        "tickets": [state.uid for state in states],
    }
    rows = await connection.execute(_PARTIES, uids)
    locations_text, providers_text, contacts_text, refs_text = (await rows.fetchall())[0]
    locations = decode(dict[str, Location], locations_text or "{}")
    providers = decode(dict[str, ShownProvider], providers_text or "{}")
    contacts = decode(dict[str, ShownContact], contacts_text or "{}")
    refs = decode(dict[str, str], refs_text or "{}")
    return [
        Parties(
            locations[_place(state.location)], providers, contacts, refs.get(state.uid)
        ).shown_by(state)
        for state in states
    ]


async def parties_with_references(
    connection: Connection, states: Sequence[TicketState]
) -> list[Parties]:
    """The same, after each ticket without a short reference was given one, of its first year."""
    parties = await parties_of(connection, states)
    missing = [
        (state.uid, each.location.series, (state.opening or state.opened).moment.year)
        for state, each in zip(states, parties, strict=True)
        if each.ref is None
    ]
    if not missing:
        return parties
    tickets, series, years = zip(*missing, strict=True)
    await connection.execute(_REFER, [list(tickets), list(series), list(years)])
    return await parties_of(connection, states)


async def write_rows(
    connection: Connection, tickets_rows: Iterable[tuple[int, TicketRows, TicketRow | None]]
) -> None:
    """Write the rows of tickets by number.

    With the previous row of a ticket, the difference is counted; None: it is counted elsewhere.
    """
    tickets, searches, documents, counts = [], [], [], []
    for number, new, before in tickets_rows:
        row = new.row
        tickets.append({"number": number, **{f"ticket_{n}": getattr(row, n) for n in COLUMNS}})
        searches.append([number, new.words])
        documents.append(
            [number, new.list_json.decode(), new.export_json.decode(), new.parties.decode()]
        )
        if before is not None and (before.facets, before.scopes) != (row.facets, row.scopes):
            counts += [[before.scopes, [], before.facets], [row.scopes, row.facets, []]]
    async with connection.cursor() as cursor:
        await cursor.executemany(_KEEP_TICKET, tickets)
        await cursor.executemany(_KEEP_SEARCH, searches)
        await cursor.executemany(_KEEP_DOCUMENT, documents)
        if counts:
            await cursor.executemany(_COUNT, counts)


_PLACES = (
    " UNION ALL ".join(
        f"SELECT w.uid, {location_sql(places.format(uid='w.uid'))}::json AS location"
        f" FROM unnest(%({name})s::uuid[]) AS w (uid)"
        for name, places in (("patrimonies", PATRIMONY_PLACE), ("agencies", AGENCY_PLACE))
    )
)  # fmt: skip
_PARTIES = (
    f"SELECT (SELECT json_object_agg(l.uid, l.location)::text FROM ({_PLACES}) l),"
    f" {providers_sql('%(providers)s::uuid[]')}, {contacts_sql('%(contacts)s::uuid[]')},"
    " (SELECT json_object_agg(t.ticket, t.ref)::text FROM ticket_reference t"
    " WHERE t.ticket = ANY(%(tickets)s::uuid[]))"
)
_REFER = (
    "INSERT INTO ticket_reference (ticket, series, ref)"
    " SELECT t.uid, t.series, ticket_reference_for(t.uid, t.series, t.year)"
    " FROM unnest(%s::uuid[], %s::uuid[], %s::integer[]) AS t (uid, series, year)"
    " ON CONFLICT (ticket) DO NOTHING"
)
_VALUES = {name: f"%(ticket_{name})s::{kind}" for name, kind in COLUMNS.items()}
_KEEP_TICKET = (
    f"INSERT INTO ticket (number, {', '.join(_VALUES)})"
    f" VALUES (%(number)s, {', '.join(_VALUES.values())})"
    f" ON CONFLICT (number) DO UPDATE SET {', '.join(f'{n} = excluded.{n}' for n in _VALUES)}"
)
_KEEP_SEARCH = (
    "INSERT INTO ticket_search (number, words) VALUES (%s, %s::tsvector)"
    " ON CONFLICT (number) DO UPDATE SET words = excluded.words"
)
_KEEP_DOCUMENT = (
    "INSERT INTO ticket_document (number, listed, exported, parties) VALUES (%s, %s, %s, %s)"
    " ON CONFLICT (number) DO UPDATE SET listed = excluded.listed, exported = excluded.exported,"
    " parties = excluded.parties"
)
_COUNT = (
    "INSERT INTO ticket_tally_change (scopes, gained, lost)"
    " VALUES (%s::text[], %s::text[], %s::text[])"
)


def _each(uids: Iterable[str | None]) -> list[str]:
    return sorted({uid for uid in uids if uid is not None})


def _patrimony(location: LocationReference) -> str | None:
    return None if isinstance(location, AgencyLocation) else location.patrimonyUid


def _agency(location: LocationReference) -> str | None:
    return location.agencyUid if isinstance(location, AgencyLocation) else None


def _place(location: LocationReference) -> str:
    return location.agencyUid if isinstance(location, AgencyLocation) else location.patrimonyUid
