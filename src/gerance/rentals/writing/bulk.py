"""Many new rows at once, as part of a unit of work: by COPY, or from a query."""

from collections.abc import Mapping, Sequence
from typing import Any

from gerance.kernel.odata.edm import EntityType
from gerance.rentals.declare.rules import Row
from gerance.rentals.writing.events import advance_ids
from gerance.rentals.writing.load_rows import load_rows
from gerance.rentals.writing.problems import rejection
from gerance.rentals.writing.tables import copy_rows, table_of
from gerance.rentals.writing.unit_of_work import UnitOfWork
from gerance.rentals.writing.validate import Validator


async def copy_into(
    unit: UnitOfWork, entity: EntityType, columns: Sequence[str], rows: Sequence[Sequence[Any]]
) -> None:
    """Add rows, which have their `id` first. Raises Rejection when a rule forbids one."""
    await copy_rows(unit.connection, entity, columns, rows)
    await advance_ids(unit.connection, entity)
    ids = [row[0] for row in rows]
    stored_rows = await _check(unit, entity, ids)
    unit.note_created(entity, stored_rows or [{"id": id_} for id_ in ids])


async def insert_query(
    unit: UnitOfWork,
    entity: EntityType,
    columns: Sequence[str],
    query: str,
    parameters: Mapping[str, Any],
) -> list[Row]:
    """Add the rows that a query gives, but those that are there already; as they are then.

    Raises Rejection when a rule forbids one.
    """
    table = await table_of(unit.connection, entity)
    cursor = await unit.connection.execute(
        f"INSERT INTO {table.source} ({', '.join(columns)}) {query} ON CONFLICT DO NOTHING"
        f" RETURNING {', '.join(table.columns)}".encode(),
        parameters,
    )
    rows: list[Row] = [table.row(each) for each in await cursor.fetchall()]
    if rows:
        unit.note_created(entity, rows)
        await _check(unit, entity, [row["id"] for row in rows], is_source=False)
    return rows


async def _check(
    unit: UnitOfWork, entity: EntityType, ids: Sequence[int], *, is_source: bool = True
) -> list[Row]:
    """Check stored rows by the rules of their type; the rows, if they were read.

    `is_source`: derived columns follow from them. Raises Rejection.
    """
    rules = unit.ruleset.rules.get(entity.name)
    if rules is None or not (rules.checks_rows or (is_source and not unit.recompute_all)):
        return []
    table = await table_of(unit.connection, entity)
    keys: list[Row] = [{"id": id_} for id_ in ids]
    loaded_rows = await load_rows(
        unit.connection, table, rules, "read", keys, [{}] * len(keys), unit.access
    )
    validator = Validator(rules, unit.access, unit.today, unit.now)
    for each in loaded_rows if rules.checks_rows else ():
        if problems := list(validator.stored(each)):
            raise rejection(problems)
    return [each.row for each in loaded_rows]
