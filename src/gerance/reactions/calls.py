"""Reactions to service calls: open, assign, close and reopen their tickets."""

from typing import Any
from uuid import UUID

import msgspec

from gerance.incidents.command_endpoint import new_aggregate_uid
from gerance.incidents.tickets.closing_commands import CloseTicket
from gerance.incidents.tickets.commands import IdentifyAssignee, ReopenTicket
from gerance.incidents.tickets.state import TicketState
from gerance.incidents.values import ReferencedProviderContact
from gerance.kernel.db import Connection
from gerance.kernel.log.eventlog import LoggedEvent
from gerance.kernel.log.writer import Change
from gerance.kernel.wire import DateTime, SafeUUID
from gerance.reactions.context import Means
from gerance.reactions.open_ticket import OPERATOR, opening
from gerance.reactions.service_call import ServiceCall, read_call
from gerance.reactions.ticket_commands import ACTOR, Unneeded, send
from gerance.rentals.maintenance.entity import CLOSED_STATUSES, SERVICE_CALL
from gerance.rentals.model.rules import RULESET
from gerance.rentals.writing.events import entity_id
from gerance.rentals.writing.unit_of_work import RowChange, UnitOfWork

_REACHABLE = (
    "SELECT FROM provider_contact p JOIN ticket t ON t.company = p.company"
    " WHERE p.uid = %s::uuid AND t.uid = %s::uuid AND p.active"
)


async def open_ticket(means: Means, event: LoggedEvent, process_uid: SafeUUID) -> None:
    """Open a ticket for an urgent service call in a building that is linked to a patrimony.

    The ticket and the call's TicketUid are written in one transaction.
    """
    call = await _call(means, event)
    if call.patrimony is None or not call.wants_ticket:
        raise Unneeded
    ticket = new_aggregate_uid(process_uid, None)

    async def link(connection: Connection, _: Change) -> None:
        rows = await connection.execute(
            "SELECT ticket_uid FROM rentals.service_call WHERE id = %s FOR NO KEY UPDATE", [call.id]
        )
        if await rows.fetchone() != (None,):
            raise Unneeded
        unit = UnitOfWork(
            connection, RULESET, means.today(), actor=ACTOR, caused_by=event.cursor.position
        )
        change = RowChange(key={"id": call.id}, columns={"ticket_uid": UUID(ticket)})
        await unit.change(SERVICE_CALL, [change])
        await unit.record()

    command = opening(call, call.patrimony, process_uid=process_uid, at=event.sent_date)
    await send(means.writer, ticket, command, caused_by=event.cursor.position, afterwards=link)


async def close_ticket(means: Means, event: LoggedEvent, process_uid: SafeUUID) -> None:
    """Close the ticket of a call that was done or cancelled.

    An outcome that the call has from its ticket does not return to the ticket.
    """
    if event.caused_by is not None or _data(event).get("Status") not in CLOSED_STATUSES:
        raise Unneeded
    call = await _call(means, event)
    if call.status not in CLOSED_STATUSES or call.ticket is None:
        raise Unneeded
    became = "terminé" if call.status == "D" else "annulé"
    command = CloseTicket(
        processUid=process_uid,
        operator=OPERATOR,
        stillOnSite="NA",
        closingDate=DateTime.of(event.sent_date),
        report=f"Appel de service nº {call.call_no} {became}",
    )
    await send(
        means.writer,
        SafeUUID(call.ticket),
        command,
        caused_by=event.cursor.position,
        unless=lambda state: state.closed is not None,
    )


async def reopen_ticket(means: Means, event: LoggedEvent, process_uid: SafeUUID) -> None:
    """Reopen the ticket of a call that was opened again."""
    if event.caused_by is not None or _data(event).get("ClosedAt", "unchanged") is not None:
        raise Unneeded
    call = await _call(means, event)
    if call.status in CLOSED_STATUSES or call.ticket is None:
        raise Unneeded
    command = ReopenTicket(
        processUid=process_uid, operator=OPERATOR, date=DateTime.of(event.sent_date)
    )
    await send(
        means.writer,
        SafeUUID(call.ticket),
        command,
        caused_by=event.cursor.position,
        unless=lambda state: state.closed is None,
    )


async def assign_supplier(means: Means, event: LoggedEvent, process_uid: SafeUUID) -> None:
    """Put the supplier of a call in charge of its ticket, where the client company has such a
    contact."""
    if _data(event).keys().isdisjoint({"SupplierId", "TicketUid"}):
        raise Unneeded
    call = await _call(means, event)
    if call.ticket is None or call.provider_contact is None:
        raise Unneeded
    contact = SafeUUID(call.provider_contact)
    async with means.pool.connection() as connection:
        rows = await connection.execute(_REACHABLE, [contact, call.ticket])
        if await rows.fetchone() is None:
            raise Unneeded

    def is_settled(state: TicketState) -> bool:
        in_charge = state.assigned is not None and state.assigned.uid == contact
        return in_charge or state.closed is not None

    command = IdentifyAssignee(
        processUid=process_uid,
        operator=OPERATOR,
        assignee=ReferencedProviderContact(contact),
        date=DateTime.of(event.sent_date),
    )
    await send(
        means.writer,
        SafeUUID(call.ticket),
        command,
        caused_by=event.cursor.position,
        unless=is_settled,
    )


async def _call(means: Means, event: LoggedEvent) -> ServiceCall:
    async with means.pool.connection() as connection:
        call = await read_call(connection, entity_id(event.stream))
    if call is None:
        raise Unneeded
    return call


def _data(event: LoggedEvent) -> dict[str, Any]:
    """The properties of the event, by name."""
    return msgspec.json.decode(event.data, type=dict[str, Any])
