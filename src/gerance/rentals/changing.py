"""Changing rentals, one row at a time or all that a new day changes."""

from collections.abc import Mapping
from datetime import UTC, date, datetime
from typing import Any
from uuid import uuid4

from gerance.kernel.db import Connection
from gerance.kernel.errors import Refused
from gerance.kernel.odata.edm import EntityType
from gerance.kernel.odata.versions import sets_changed
from gerance.rentals.derived import (
    Changed,
    Owners,
    derive,
    outdated,
    owner_columns,
    owners_touched,
)
from gerance.rentals.rows import record_changed

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
    reaction answers. Answers the last position of the log. Raises Refused (404 `NotFound`).
    """
    owning = ", ".join(f"t.{column}" for column in ["id", *owner_columns(entity)])
    names = ["id", *owner_columns(entity)]
    assigned = ", ".join(f"{column} = %({column})s" for column in columns)
    async with connection.transaction():
        rows = await connection.execute(
            f"SELECT {owning} FROM {entity.source} t WHERE t.id = %s FOR NO KEY UPDATE", [entity_id]
        )
        before = await rows.fetchone()
        if before is None:
            raise Refused("NotFound", f"There is no {entity.name} {entity_id}.", status=404)
        rows = await connection.execute(
            f"UPDATE {entity.source} t SET {assigned} WHERE t.id = %(_id)s RETURNING {owning}",
            {**columns, "_id": entity_id},
        )
        after = (await rows.fetchall())[0]
        owners = owners_touched(
            entity, dict(zip(names, before, strict=True)), dict(zip(names, after, strict=True))
        )
        changed = await derive(connection, today, owners)
        _, ids = changed.setdefault(entity.name, (entity, []))
        if entity_id not in ids:
            ids.append(entity_id)
        return await _record(connection, changed, actor, caused_by)


async def renew(connection: Connection, today: date, *, together: int = TOGETHER) -> Changed:
    """Bring all that depends on the day to `today`; what changed by it. Meant for once a day.

    At most `together` rows are brought there by one transaction, so nobody waits long for them,
    and what is done stays done when it is interrupted. Call it outside a transaction.
    """
    renewed: Changed = {}
    while owners := _batches(await outdated(connection, today), together):
        for batch in owners:
            async with connection.transaction():
                changed = await derive(connection, today, batch)
                await _record(connection, changed, None)
            for name, (entity, ids) in changed.items():
                _, known = renewed.setdefault(name, (entity, []))
                known += ids
    return renewed


def _batches(owners: Owners, together: int) -> list[Owners]:
    """The same owners in parts of at most `together`, each of one type."""
    return [
        {name: ids[first : first + together]}
        for name, ids in owners.items()
        for first in range(0, len(ids), together)
    ]


async def _record(
    connection: Connection, changed: Changed, actor: str | None, caused_by: int | None = None
) -> int | None:
    now, process = datetime.now(UTC), str(uuid4())
    position: int | None = None
    for entity, ids in changed.values():
        position = await record_changed(
            connection, entity, ids, now=now, actor=actor, process=process, caused_by=caused_by
        )
    await sets_changed(connection, [entity.set_name for entity, _ in changed.values()])
    return position
