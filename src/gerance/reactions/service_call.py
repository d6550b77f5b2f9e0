"""A service call, with what reactions need of it."""

from datetime import datetime

import msgspec
from psycopg.rows import class_row

from gerance.kernel import sql_files
from gerance.kernel.db import Connection
from gerance.rentals.maintenance.entity import OPEN_STATUSES

_SQL = sql_files.load(__name__)

URGENT = 1
"""The priority of what cannot wait (reference/002: 1 is urgent, 4 is low)."""


class ServiceCall(msgspec.Struct, frozen=True, kw_only=True):
    """A service call with its building, unit, tenant and supplier.

    `patrimony`, `provider_contact`, `ticket`: uids of what they are linked with.
    """

    id: int
    call_no: int
    priority: int
    status: str
    subject: str
    description: str | None
    reported_at: datetime
    ticket: str | None
    patrimony: str | None
    provider_contact: str | None
    building: str
    street: str
    postal_code: str | None
    city: str
    province: str | None
    country: str | None
    manager_name: str | None
    manager_phone: str | None
    manager_email: str | None
    unit_code: str | None
    floor: int | None
    tenant_first_name: str | None
    tenant_last_name: str | None
    tenant_phone: str | None
    tenant_email: str | None

    @property
    def wants_ticket(self) -> bool:
        """Whether it is urgent, open, without a ticket, in a building linked to a patrimony."""
        return (
            self.priority == URGENT
            and self.status in OPEN_STATUSES
            and self.ticket is None
            and self.patrimony is not None
        )


async def read_call(connection: Connection, call_id: int) -> ServiceCall | None:
    """The call in its current state."""
    async with connection.cursor(row_factory=class_row(ServiceCall)) as cursor:
        await cursor.execute(_SQL["read_call"], [call_id])
        return await cursor.fetchone()
