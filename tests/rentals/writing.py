"""Writes of rentals as a program of ours makes them, each a unit of work."""

from collections.abc import Iterable
from datetime import UTC, date, datetime
from typing import Any
from uuid import uuid4

from psycopg.rows import dict_row

from gerance.kernel.db import Connection
from gerance.kernel.errors import NotFound
from gerance.kernel.odata.edm import EntityType
from gerance.rentals.model.rules import RULESET
from gerance.rentals.writing.derived_columns import derive, lock_owners
from gerance.rentals.writing.events import Origin, append_unlogged
from gerance.rentals.writing.unit_of_work import RowChange, UnitOfWork


async def change(
    connection: Connection, entity: EntityType, id_: int, columns: dict[str, Any], *, today: date
) -> int | None:
    """Give columns of a row new values; the last position of the log."""
    unit = UnitOfWork(connection, RULESET, today)
    async with connection.transaction():
        await unit.change(entity, [RowChange(key={"id": id_}, columns=columns)])
        await unit.record()
    return unit.position


async def log_rows(connection: Connection, entities: Iterable[EntityType]) -> None:
    """Rows that a test has inserted are in the log."""
    await append_unlogged(connection, entities, Origin(datetime.now(UTC), str(uuid4())))


async def derive_all(connection: Connection, today: date) -> dict[str, list[int]]:
    """Recompute all derived columns; the ids of the rows that change, by type."""
    async with connection.transaction():
        await lock_owners(connection, RULESET, {}, day=True)
        now = datetime.now(UTC)
        changed = await derive(connection, RULESET, today, None, now=now, written_rows={})
    return {name: ids for name, (_, ids) in changed.items()}


async def move(
    connection: Connection, entity: EntityType, id_: int, columns: dict[str, Any], *, today: date
) -> None:
    """Give columns that rules hold fixed new values, as a later release might."""
    names = ", ".join(f"{name} = %({name})s" for name in columns)
    unit = UnitOfWork(connection, RULESET, today)
    async with connection.transaction(), connection.cursor(row_factory=dict_row) as cursor:
        await cursor.execute(
            f"SELECT * FROM {entity.source} WHERE id = %s FOR NO KEY UPDATE".encode(), [id_]
        )
        before = await cursor.fetchone()
        if before is None:
            raise NotFound(f"There is no such {entity.name}.")
        await cursor.execute(
            f"UPDATE {entity.source} SET {names}, version = version + 1, modified_at = now()"
            " WHERE id = %(id)s RETURNING *".encode(),
            {**columns, "id": id_},
        )
        (after,) = await cursor.fetchall()
        unit.note_changed(entity, before, after)
        await unit.record()
