"""Service calls and the works that were done for them."""

from gerance.kernel.odata.edm import Edm
from gerance.rentals.declare.entity import (
    PLACE,
    boolean,
    choice,
    code,
    column_property,
    company_and_division,
    date,
    decimal,
    entity,
    identifier,
    incident,
    integer,
    many,
    moment,
    money,
    one,
    sorted_text,
    text,
)

OPEN_STATUSES = {"O": "open", "A": "assigned", "P": "in progress"}
CLOSED_STATUSES = {"D": "done", "X": "cancelled"}
STATUSES = {**OPEN_STATUSES, **CLOSED_STATUSES}

SERVICE_CALL = entity(
    "ServiceCall",
    "ServiceCalls",
    "Something to be repaired or done in a building.",
    identifier("the service call"),
    integer("CallNo", "A number of its company and division.", nullable=False, computed=True),
    *company_and_division(),
    code("BuildingCode", 10, "The code of the building.", required=True),
    integer("BuildingId", "The Id of the building.", nullable=False, computed=True),
    integer("UnitId", "The Id of the unit, null for the common parts."),
    integer("TenantId", "The Id of the tenant who called."),
    integer("SupplierId", "The Id of the supplier who is to do it."),
    integer("Priority", "How soon it must be done: 1 is urgent, 4 is low.", nullable=False),
    choice("Status", "How far it is.", STATUSES, nullable=False),
    sorted_text("Subject", 120, "What is to be done, in a few words.", required=True),
    text("Description", 2000, "What is to be done, as it was reported."),
    moment("ReportedAt", "When it was reported, in UTC.", nullable=False, computed=True),
    date("ScheduledDate", "The day for which it is planned."),
    moment("ClosedAt", "When it was done or cancelled, in UTC.", computed=True),
    column_property(
        "TicketUid", Edm.GUID, "The uid of the ticket that was opened for it.", computed=True
    ),
    scope=PLACE,
    navigations=(
        one("Building", "Building", "BuildingId", "The building.", "ServiceCalls"),
        one("Unit", "Unit", "UnitId", "The unit.", "ServiceCalls"),
        one("Tenant", "Tenant", "TenantId", "The tenant who called.", "ServiceCalls"),
        one("Supplier", "Supplier", "SupplierId", "Who is to do it.", "ServiceCalls"),
        many(
            "ServiceCallDetails",
            "ServiceCallDetail",
            "ServiceCallId",
            "The works that were done for it.",
            "ServiceCall",
        ),
        incident("Ticket", "Ticket", "ticket_uid", "The ticket opened for it, null until linked."),
    ),
)

SERVICE_CALL_DETAIL = entity(
    "ServiceCallDetail",
    "ServiceCallDetails",
    "A piece of work for a service call.",
    identifier("the piece of work"),
    integer("ServiceCallId", "The Id of the service call.", required=True),
    integer("LineNo", "Its number within the service call.", nullable=False, computed=True),
    date("WorkDate", "The day on which it was done."),
    text("Description", 500, "What was done.", required=True),
    decimal("Hours", 7, 2, "The time that it took, in hours."),
    money("Amount", "What it cost."),
    boolean("Done", "Whether it is done."),
    scope=PLACE,
    navigations=(
        one("ServiceCall", "ServiceCall", "ServiceCallId", "The call.", "ServiceCallDetails"),
    ),
)

TYPES = (SERVICE_CALL, SERVICE_CALL_DETAIL)
