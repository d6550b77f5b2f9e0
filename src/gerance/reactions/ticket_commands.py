"""Commands on tickets that reactions send."""

from collections.abc import Callable
from uuid import NAMESPACE_URL, uuid5

import msgspec

from gerance.incidents.command_endpoint import submit, write_request
from gerance.incidents.tickets.commands import AnyTicketCommand
from gerance.incidents.tickets.handle import AGGREGATE as TICKET
from gerance.incidents.tickets.state import TicketState
from gerance.kernel.db import Connection
from gerance.kernel.identity.principal import Principal
from gerance.kernel.log.writer import Afterwards, AggregateRow, Change, Writer
from gerance.kernel.wire import SafeUUID

_NAMESPACE = uuid5(NAMESPACE_URL, "https://gerance.example/reactions")

ACTOR = SafeUUID(str(_NAMESPACE))
"""The actor of every event that is a reaction. No account has this uid."""

PRINCIPAL = Principal(uid=ACTOR, kind="superUser", login="reactions")


class Unneeded(Exception):
    """The reaction has nothing to do: it is done already, or no longer needed."""


def process_uid(reaction: str, position: int) -> SafeUUID:
    """The processUid of a reaction to the event at a position. It is always the same."""
    return SafeUUID(str(uuid5(_NAMESPACE, f"{reaction}/{position}")))


async def send(
    writer: Writer,
    ticket: SafeUUID,
    command: AnyTicketCommand,
    *,
    caused_by: int,
    unless: Callable[[TicketState], bool] = lambda state: False,
    afterwards: Afterwards | None = None,
) -> None:
    """Execute a command on a ticket.

    `unless(state)`: whether there is nothing to do. Raises Unneeded then, CommandAlreadySent
    when it was done before, and Rejection.
    """
    request = write_request(
        TICKET, command, ticket, PRINCIPAL, afterwards=afterwards, caused_by=caused_by
    )

    def decide(snapshot: AggregateRow) -> Change:
        if snapshot.state is not None and unless(TicketState.load(snapshot.state)):
            raise Unneeded
        return request.decide(snapshot)

    await submit(writer, msgspec.structs.replace(request, decide=decide))


async def state_of(connection: Connection, ticket: str) -> TicketState | None:
    """The current state of the ticket."""
    rows = await connection.execute(
        "SELECT state FROM stream WHERE category = %s AND uid = %s::uuid", [TICKET.category, ticket]
    )
    row = await rows.fetchone()
    return None if row is None else TicketState.load(row[0])
