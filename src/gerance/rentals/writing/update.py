"""Changing rentals, one row at a time or all that a new day changes."""

from collections.abc import Mapping
from datetime import date
from typing import Any

from gerance.kernel.db import Connection
from gerance.kernel.odata.edm import EntityType
from gerance.rentals.writing.derived import Changed, Owners, outdated
from gerance.rentals.writing.tables import row_by_id, update_row
from gerance.rentals.writing.unit_of_work import Changes

TOGETHER = 200
"""Rows that one transaction of `renew` brings to a new day at most."""


async def change(
    connection: Connection,
    entity: EntityType,
    entity_id: int,
    columns: Mapping[str, Any],
    *,
    today: date,
    actor: str | None = None,
    caused_by: int | None = None,
) -> int | None:
    """Give columns of one row new values, in a transaction of its own or the one under way.

    Everything that depends on the row is derived anew, and each row that changed with it has its
    event; sets that changed have a new version. `caused_by`: the position of the event to which a
    reaction answers. Answers the last position of the log. Raises NotFound.
    """
    changes = Changes(caused_by=caused_by)
    async with connection.transaction():
        before = await row_by_id(connection, entity, entity_id)
        changes.changed(entity, before, await update_row(connection, entity, entity_id, columns))
        return await changes.record(connection, today, actor=actor)


async def renew(connection: Connection, today: date, *, together: int = TOGETHER) -> Changed:
    """Bring all that depends on the day to `today`; what changed by it. Meant for once a day.

    At most `together` rows are brought there by one transaction, so nobody waits long for them,
    and what is done stays done when it is interrupted. Call it outside a transaction.
    """
    renewed: Changed = {}
    while owners := _batches(await outdated(connection, today), together):
        for batch in owners:
            for name, (entity, ids) in (await renew_batch(connection, today, batch)).items():
                _, known = renewed.setdefault(name, (entity, []))
                known += ids
    return renewed


async def renew_batch(connection: Connection, today: date, batch: Owners) -> Changed:
    """Bring what follows from these to `today`, in a transaction of its own; what changed by it."""
    changes = Changes()
    changes.outdated(batch)
    async with connection.transaction():
        await changes.record(connection, today, actor=None)
    return changes.derived


def _batches(owners: Owners, together: int) -> list[Owners]:
    """The same owners in parts of at most `together`, each of one type."""
    return [
        {name: ids[first : first + together]}
        for name, ids in owners.items()
        for first in range(0, len(ids), together)
    ]
