"""Updates the tickets that show a renamed agency, company, patrimony, provider or contact.

It runs in the transaction that renames: no reader sees one name without the other.
"""

from collections.abc import Callable

from gerance.incidents.rights import Condition
from gerance.incidents.tickets.reproject import reproject
from gerance.kernel.db import Connection
from gerance.kernel.log.writer import Afterwards, Change

_SHOWING = {
    "company": "ticket.company = %(uid)s::uuid",
    "agencies": "ticket.agencies @> ARRAY[%(uid)s::uuid]",
    "patrimony": "ticket.patrimony = %(uid)s::uuid",
    "parties": (
        "(ticket.company = %(company)s::uuid OR ticket.holding = %(company)s::uuid)"
        " AND strpos(ticket_document.parties, %(uid)s::text) > 0"
    ),
}


async def propagate_name(
    connection: Connection, *, column: str, uid: str, company: str | None = None
) -> None:
    """Project again the tickets that show `uid`.

    `column`: how they show it: `company`, `agencies`, `patrimony`, or `parties` for a provider
    or a contact; `company`: then, whose tickets to search.
    """
    await reproject(connection, Condition(_SHOWING[column], {"uid": uid, "company": company}))


def after_renaming(
    column: str, uid: str, company_of: Callable[[Change], str | None] = lambda _: None
) -> Afterwards:
    """The `afterwards` of a change that renames `uid`, for an Aggregate.

    `column`: as `propagate_name` has it; `company_of`: for `parties`, the company in the new state.
    """

    async def afterwards(connection: Connection, change: Change) -> None:
        await propagate_name(connection, column=column, uid=uid, company=company_of(change))

    return afterwards
