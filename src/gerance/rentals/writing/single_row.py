"""Changes of one row that need one statement, as nothing else is written with them."""

from typing import NamedTuple

from gerance.kernel.odata.edm import EntityType
from gerance.rentals.declare.rules import Row, Rules
from gerance.rentals.writing.derived_columns import derivations_from
from gerance.rentals.writing.events import update_and_append
from gerance.rentals.writing.load_rows import dependent_columns
from gerance.rentals.writing.problems import VIOLATIONS, meaning
from gerance.rentals.writing.tables import Table, table_of
from gerance.rentals.writing.unit_of_work import RowChange, UnitOfWork
from gerance.rentals.writing.validate import Draft


class WrittenRow(NamedTuple):
    """A row after a write, and its JSON if it was written."""

    row: Row
    document: str | None


async def change_alone(
    unit: UnitOfWork, entity: EntityType, change: RowChange
) -> WrittenRow | None:
    """A change that nothing else follows from, without a transaction: two statements, of which the
    second writes all.

    None, and nothing is written, when something may follow from it or another writer came in
    between: then change the row in a transaction. Raises Rejection.
    """
    unit.access.require_change(entity)
    rules, table = unit.rules_of(entity), await table_of(unit.connection, entity)
    columns = change.columns
    if change.is_complete or change.content is not None or _has_effects(unit, rules, columns):
        return None
    (draft,) = await unit.drafts(table, rules, "read", [change.key], [columns], changes=[change])
    before = draft.before
    assert before is not None
    values = unit.values_of(entity, draft, change)
    if not values:
        return WrittenRow(before, None)
    if _has_effects(unit, rules, values):
        return None
    try:
        appended = await update_and_append(unit.connection, table, values, before, unit.origin)
    except VIOLATIONS as violation:
        raise meaning(unit.ruleset, violation, entity, draft.row) from violation
    if appended is None:
        return None
    unit.position = appended.position
    return WrittenRow({**before, "version": before["version"] + 1}, appended.document)


def _is_own(unit: UnitOfWork, rules: Rules, columns: Row) -> bool:
    """Whether a change of these columns changes nothing but derived columns of the row."""
    return (
        "content" not in columns
        and unit.day_locked
        and not any(name in columns for each in rules.cascades for name in each.columns)
        and all(
            each.is_own and each.entity.name == rules.entity.name
            for each in derivations_from(unit.ruleset, rules.entity, columns)
        )
    )


async def update_own(unit: UnitOfWork, table: Table, draft: Draft, columns: Row) -> Row | None:
    """Write a locked row with its derived columns and its event: all that there is to record.

    None, and nothing is written, when other rows change with it.
    """
    if not _is_own(unit, unit.rules_of(table.entity), columns):
        return None
    entity, before = table.entity, draft.before
    assert before is not None
    derivations = derivations_from(unit.ruleset, entity, columns)
    try:
        appended = await update_and_append(
            unit.connection, table, columns, before, unit.origin, derivations, unit.today
        )
    except VIOLATIONS as violation:
        raise meaning(unit.ruleset, violation, entity, draft.row) from violation
    assert appended is not None
    unit.position, unit.document = appended
    return {**before, "version": before["version"] + 1}


def _has_effects(unit: UnitOfWork, rules: Rules, columns: Row) -> bool:
    """Whether a change of these columns may change other rows, or what the row refers to."""
    return (
        bool(rules.owners)
        or any(name in columns for name in dependent_columns(rules))
        or any(name in columns for each in rules.cascades for name in each.columns)
        or bool(derivations_from(unit.ruleset, rules.entity, columns))
    )
