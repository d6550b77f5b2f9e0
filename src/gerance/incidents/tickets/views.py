"""The read tables of tickets, written with the events themselves.

`ticket` has what a ticket is filtered by, `ticket_search` its words, `ticket_document` what is
answered of it, and `ticket_tally_change` what its change does to the counts. Filters, words and
counts are left alone when the events did not change them.
"""

from typing import Any, NamedTuple

from gerance.incidents.tickets.documents import listed_and_exported
from gerance.incidents.tickets.search_index import COLUMNS, Found, found_by, words_of
from gerance.incidents.tickets.state import Parties, TicketState
from gerance.kernel.log.writer import Projection
from gerance.kernel.wire import encode


class Picture(NamedTuple):
    """A ticket's rows in the read tables."""

    found: Found
    words: str
    listed: bytes
    exported: bytes
    parties: bytes


def picture(state: TicketState, parties: Parties) -> Picture:
    """The rows that the ticket's state makes."""
    listed, exported = listed_and_exported(state, parties)
    return Picture(
        found_by(state, parties), words_of(state, parties), listed, exported, encode(parties)
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
_COUNT = (
    "INSERT INTO ticket_tally_change (scopes, gained, lost)"
    " SELECT ARRAY(SELECT json_array_elements_text(r.scopes)),"
    " ARRAY(SELECT json_array_elements_text(r.gained)),"
    " ARRAY(SELECT json_array_elements_text(r.lost)) FROM {rows} r"
)
_COUNT_CASTS = (("scopes", "json"), ("gained", "json"), ("lost", "json"))


def opened(new: Picture) -> tuple[Projection, ...]:
    """What opening a ticket writes. Its number is the position of its first event."""
    return (
        Projection(_OPEN_TICKET, _TICKET_CASTS, [_ticket(new.found)]),
        Projection(_OPEN_SEARCH, _SEARCH_CASTS, [{"words": new.words}]),
        Projection(_OPEN_DOCUMENT, _DOCUMENT_CASTS, [_document(new)]),
        _counted([(new.found.scopes, new.found.facets, [])]),
    )


def moved(number: int, old: Found, old_words: str, new: Picture) -> tuple[Projection, ...]:
    """What a change of the ticket `number` writes."""
    numbered = {"number": number}
    found = new.found
    projections = [
        Projection(_MOVE_DOCUMENT, _NUMBER + _DOCUMENT_CASTS, [numbered | _document(new)])
    ]
    if new.words != old_words:
        projections.append(
            Projection(_MOVE_SEARCH, _NUMBER + _SEARCH_CASTS, [numbered | {"words": new.words}])
        )
    if found != old:
        projections.append(
            Projection(_MOVE_TICKET, _NUMBER + _TICKET_CASTS, [numbered | _ticket(found)])
        )
    before, after = old.facets, found.facets
    if old.scopes != found.scopes:
        projections.append(_counted([(old.scopes, [], before), (found.scopes, after, [])]))
    elif before != after:
        gained = [facet for facet in after if facet not in before]
        lost = [facet for facet in before if facet not in after]
        projections.append(_counted([(found.scopes, gained, lost)]))
    return tuple(projections)


def _counted(changes: list[tuple[list[str], list[str], list[str]]]) -> Projection:
    return Projection(
        _COUNT,
        _COUNT_CASTS,
        [
            {"scopes": encode(scopes), "gained": encode(gained), "lost": encode(lost)}
            for scopes, gained, lost in changes
        ],
    )


def _ticket(found: Found) -> dict[str, Any]:
    return {name: getattr(found, name) for name in COLUMNS}


def _document(new: Picture) -> dict[str, Any]:
    return {"listed": new.listed, "exported": new.exported, "parties": new.parties}
