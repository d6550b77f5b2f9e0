"""The read tables of tickets, written with the events themselves.

`ticket` has the columns to filter by, `ticket_search` the words, `ticket_document` the JSON of
responses, `ticket_tally_change` the changes of the counts, and `ticket_reference` the short
references, which no event has and no rebuild can make again. Columns, words and counts are written
only when the events change them.
"""

from typing import Any, NamedTuple

from gerance.incidents.tickets.documents import list_and_export
from gerance.incidents.tickets.search_index import COLUMNS, TicketRow, search_words, ticket_row
from gerance.incidents.tickets.state import Parties, TicketState
from gerance.kernel.log.writer import Projection
from gerance.kernel.wire import encode


class TicketRows(NamedTuple):
    """A ticket's rows in the read tables."""

    row: TicketRow
    words: str
    list_json: bytes
    export_json: bytes
    parties: bytes
    reference: dict[str, str | None]


def project(state: TicketState, parties: Parties) -> TicketRows:
    """The rows that the ticket's state makes."""
    list_json, export_json = list_and_export(state, parties)
    return TicketRows(
        ticket_row(state, parties),
        search_words(state, parties),
        list_json,
        export_json,
        encode(parties),
        {"series": parties.location.series, "ref": parties.ref},
    )


_TICKET_CASTS = tuple(COLUMNS.items())
_DOCUMENT_CASTS = (("listed", "text"), ("exported", "text"), ("parties", "text"))
_SEARCH_CASTS = (("words", "tsvector"),)
_NUMBER = (("number", "bigint"),)

_OPEN_TICKET = (
    f"INSERT INTO ticket (number, {', '.join(COLUMNS)})"
    f" SELECT a.position, {', '.join(f'r.{name}' for name in COLUMNS)}"
    " FROM {rows} r JOIN appended a ON a.stream = r.stream AND a.version = 1"
)
_OPEN_SEARCH = (
    "INSERT INTO ticket_search (number, words) SELECT a.position, r.words"
    " FROM {rows} r JOIN appended a ON a.stream = r.stream AND a.version = 1"
)
_OPEN_DOCUMENT = (
    "INSERT INTO ticket_document (number, listed, exported, parties)"
    " SELECT a.position, r.listed, r.exported, r.parties"
    " FROM {rows} r JOIN appended a ON a.stream = r.stream AND a.version = 1"
)
_MOVE_TICKET = (
    f"UPDATE ticket SET {', '.join(f'{name} = r.{name}' for name in COLUMNS)}"
    " FROM {rows} r WHERE ticket.number = r.number"
)
_MOVE_SEARCH = (
    "UPDATE ticket_search SET words = r.words FROM {rows} r WHERE ticket_search.number = r.number"
)
_MOVE_DOCUMENT = (
    "UPDATE ticket_document SET listed = r.listed, exported = r.exported, parties = r.parties"
    " FROM {rows} r WHERE ticket_document.number = r.number"
)
_REFER = (
    "INSERT INTO ticket_reference (ticket, series, ref) SELECT r.stream, r.series, r.ref"
    " FROM {rows} r"
    " ON CONFLICT (ticket) DO UPDATE SET series = excluded.series, ref = excluded.ref"
)
_REFERENCE_CASTS = (("series", "uuid"), ("ref", "text"))
_COUNT = (
    "INSERT INTO ticket_tally_change (scopes, gained, lost)"
    " SELECT ARRAY(SELECT json_array_elements_text(r.scopes)),"
    " ARRAY(SELECT json_array_elements_text(r.gained)),"
    " ARRAY(SELECT json_array_elements_text(r.lost)) FROM {rows} r"
)
_COUNT_CASTS = (("scopes", "json"), ("gained", "json"), ("lost", "json"))


def insert_rows(new: TicketRows) -> tuple[Projection, ...]:
    """The writes of an opening. The ticket's number is the position of its first event."""
    return (
        Projection(_OPEN_TICKET, _TICKET_CASTS, [_ticket(new.row)]),
        Projection(_OPEN_SEARCH, _SEARCH_CASTS, [{"words": new.words}]),
        Projection(_OPEN_DOCUMENT, _DOCUMENT_CASTS, [_document(new)]),
        Projection(_REFER, _REFERENCE_CASTS, [new.reference]),
        _count([(new.row.scopes, new.row.facets, [])]),
    )


def update_rows(
    number: int, old: TicketRow, old_words: str, new: TicketRows
) -> tuple[Projection, ...]:
    """The writes of a change of the ticket `number`."""
    key = {"number": number}
    row = new.row
    projections = [Projection(_MOVE_DOCUMENT, _NUMBER + _DOCUMENT_CASTS, [key | _document(new)])]
    if new.words != old_words:
        projections.append(
            Projection(_MOVE_SEARCH, _NUMBER + _SEARCH_CASTS, [key | {"words": new.words}])
        )
    if row != old:
        projections.append(Projection(_MOVE_TICKET, _NUMBER + _TICKET_CASTS, [key | _ticket(row)]))
    if (old.call_center or old.company) != new.reference["series"]:
        projections.append(Projection(_REFER, _REFERENCE_CASTS, [new.reference]))
    before, after = old.facets, row.facets
    if old.scopes != row.scopes:
        projections.append(_count([(old.scopes, [], before), (row.scopes, after, [])]))
    elif before != after:
        gain = [facet for facet in after if facet not in before]
        loss = [facet for facet in before if facet not in after]
        projections.append(_count([(row.scopes, gain, loss)]))
    return tuple(projections)


def _count(changes: list[tuple[list[str], list[str], list[str]]]) -> Projection:
    return Projection(
        _COUNT,
        _COUNT_CASTS,
        [
            {"scopes": encode(scopes), "gained": encode(gain), "lost": encode(loss)}
            for scopes, gain, loss in changes
        ],
    )


def _ticket(row: TicketRow) -> dict[str, Any]:
    return {name: getattr(row, name) for name in COLUMNS}


def _document(new: TicketRows) -> dict[str, Any]:
    return {"listed": new.list_json, "exported": new.export_json, "parties": new.parties}
