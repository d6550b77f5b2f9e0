"""The read tables of tickets, written with the events themselves.

`ticket` has what a ticket is found by, `ticket_document` what is answered of it, and
`ticket_tally_change` what its change does to the counts. The filters and the counts are left alone
when the events did not change them.
"""

from typing import Any, NamedTuple

from gerance.incidents.tickets.documents import exported, listed
from gerance.incidents.tickets.found import COLUMNS, Found, found_by
from gerance.incidents.tickets.parties import Parties
from gerance.incidents.tickets.state import TicketState
from gerance.kernel.execute import Projection
from gerance.kernel.wire import encode


class Picture(NamedTuple):
    """A ticket's rows in the read tables."""

    found: Found
    listed: bytes
    exported: bytes
    parties: bytes


def picture(state: TicketState, parties: Parties) -> Picture:
    """The rows that the ticket's state makes."""
    return Picture(
        found_by(state, parties), listed(state, parties), exported(state, parties), encode(parties)
    )


def column_value(name: str, kind: str) -> str:
    """A column's value in SQL, from the parameter of the same name."""
    value = f"%(ticket_{name})s::{kind}"
    return f"array_to_tsvector({value})" if name == "search" else value


_VALUES = {name: column_value(name, kind) for name, kind in COLUMNS.items()}

_OPEN_TICKET = (
    f"INSERT INTO ticket (number, {', '.join(_VALUES)})"
    f" SELECT position, {', '.join(_VALUES.values())} FROM appended ORDER BY position LIMIT 1"
)
_OPEN_DOCUMENT = (
    "INSERT INTO ticket_document (number, listed, exported, parties)"
    " SELECT position, %(listed)s, %(exported)s, %(parties)s FROM appended"
    " ORDER BY position LIMIT 1"
)
_MOVE_TICKET = (
    f"UPDATE ticket SET {', '.join(f'{name} = {value}' for name, value in _VALUES.items())}"
    " FROM moved WHERE ticket.number = %(number)s"
)
_MOVE_DOCUMENT = (
    "UPDATE ticket_document SET listed = %(listed)s, exported = %(exported)s,"
    " parties = %(parties)s FROM moved WHERE ticket_document.number = %(number)s"
)
_COUNT = (
    "INSERT INTO ticket_tally_change (scopes, gained, lost)"
    " SELECT %(scopes)s::text[], %(gained)s::text[], %(lost)s::text[] FROM moved"
)
_COUNT_ELSEWHERE = (
    "INSERT INTO ticket_tally_change (scopes, gained, lost)"
    " SELECT c.scopes, c.gained, c.lost FROM moved, (VALUES"
    " (%(scopes)s::text[], '{}'::text[], %(lost)s::text[]),"
    " (%(new_scopes)s::text[], %(gained)s::text[], '{}'::text[])) AS c (scopes, gained, lost)"
)


def opened(new: Picture) -> tuple[Projection, ...]:
    """What opening a ticket writes. Its number is the position of its first event."""
    return (
        Projection(_OPEN_TICKET, _ticket_params(new.found)),
        Projection(_OPEN_DOCUMENT, _document_params(new)),
        _counted(None, new.found),
    )


def moved(number: int, old: Found, new: Picture) -> tuple[Projection, ...]:
    """What a change of the ticket `number` writes."""
    numbered = {"number": number}
    projections = [Projection(_MOVE_DOCUMENT, numbered | _document_params(new))]
    if new.found != old:
        projections.append(Projection(_MOVE_TICKET, numbered | _ticket_params(new.found)))
    if new.found.facets != old.facets or new.found.scopes != old.scopes:
        projections.append(_counted(old, new.found))
    return tuple(projections)


def _counted(old: Found | None, new: Found) -> Projection:
    if old is None:
        return Projection(_COUNT, {"scopes": new.scopes, "gained": new.facets, "lost": []})
    if old.scopes != new.scopes:
        return Projection(
            _COUNT_ELSEWHERE,
            {
                "scopes": old.scopes,
                "lost": old.facets,
                "new_scopes": new.scopes,
                "gained": new.facets,
            },
        )
    return Projection(
        _COUNT,
        {
            "scopes": new.scopes,
            "gained": [facet for facet in new.facets if facet not in old.facets],
            "lost": [facet for facet in old.facets if facet not in new.facets],
        },
    )


def _ticket_params(found: Found) -> dict[str, Any]:
    return {f"ticket_{name}": getattr(found, name) for name in COLUMNS}


def _document_params(new: Picture) -> dict[str, Any]:
    return {
        "listed": new.listed.decode(),
        "exported": new.exported.decode(),
        "parties": new.parties.decode(),
    }
