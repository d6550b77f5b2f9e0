"""Recomputes derived columns, as the derivations of the ruleset declare them.

Owners are locked first, and their rows read by the next statement: so a derived value includes all
that others who write beneath the same owner have committed.
"""

from collections.abc import Iterable, Mapping, Sequence
from datetime import date, datetime
from typing import Any

from gerance.kernel.db import Connection
from gerance.kernel.locks import RENTALS_EFFECTIVE_DAY, hold_sql
from gerance.kernel.odata.edm import EntityType
from gerance.rentals.declare.derivation import Derivation
from gerance.rentals.declare.rules import Row, Ruleset
from gerance.rentals.writing.effective_day import DAY

Owners = Mapping[str, Sequence[int]]
"""Ids of rows whose derived columns, or those of their rows, are recomputed; by type."""

RowIds = dict[str, tuple[EntityType, list[int]]]
"""Ids of rows, by the name of their type."""

EFFECTIVE_DAY = f"effective AS MATERIALIZED (SELECT {DAY} AS day)"
_EFFECTIVE = "(SELECT day FROM effective)"
_statements: dict[tuple[str, ...], str] = {}


def owners_of(ruleset: Ruleset, entity: EntityType, rows: Sequence[Row]) -> dict[str, set[int]]:
    """The owners whose derived columns depend on these rows of a type."""
    owners: dict[str, set[int]] = {}
    for each in ruleset.derivations:
        if (source := each.inputs.get(entity.name)) is not None:
            ids = {row[source.owner] for row in rows}
            owners.setdefault(each.owner.name, set()).update(id_ for id_ in ids if id_ is not None)
    return owners


def owners_of_change(
    ruleset: Ruleset, entity: EntityType, before: Row, after: Row
) -> dict[str, set[int]]:
    """The owners whose derived columns depend on what differs between a row before and after."""
    owners: dict[str, set[int]] = {}
    for each in ruleset.derivations:
        source = each.inputs.get(entity.name)
        if source is not None and any(before[name] != after[name] for name in source.columns):
            ids = {row[source.owner] for row in (before, after)}
            owners.setdefault(each.owner.name, set()).update(id_ for id_ in ids if id_ is not None)
    return owners


def derivations_from(
    ruleset: Ruleset, entity: EntityType, columns: Iterable[str] | None
) -> list[Derivation]:
    """The derivations that read one of these columns of a type's rows, or any column."""
    names = None if columns is None else set(columns)
    return [
        each
        for each in ruleset.derivations
        if (source := each.inputs.get(entity.name)) is not None
        and (names is None or not names.isdisjoint(source.columns))
    ]


async def lock_owners(
    connection: Connection, ruleset: Ruleset, owners: Owners, *, day: bool
) -> None:
    """Lock owners in the order of the derivations, by id; then, if `day`, the effective day."""
    types = list(dict.fromkeys(each.owner.name for each in ruleset.derivations))
    sources = {each.owner.name: each.owner.source for each in ruleset.derivations}
    names = [name for name in types if owners.get(name)]
    key = ("lock", *names, "day" if day else "")
    if key not in _statements:
        parts, after = [], ""
        for name in names:
            parts.append(
                f"locked_{name} AS MATERIALIZED (SELECT id FROM {sources[name]}"
                f" WHERE id = ANY(%({name})s::integer[]){after} ORDER BY id FOR NO KEY UPDATE)"
            )
            after = f" AND (SELECT count(*) FROM locked_{name}) >= 0"
        last = f"SELECT {hold_sql('%(today)s', share=True)}" if day else "SELECT 1"
        after = after.replace(" AND", " WHERE", 1)
        _statements[key] = f"WITH {', '.join(parts)} {last}{after}" if parts else last
    parameters: dict[str, Any] = {name: sorted(owners[name]) for name in names}
    await connection.execute(_statements[key], {**parameters, "today": RENTALS_EFFECTIVE_DAY.name})


async def derive(
    connection: Connection,
    ruleset: Ruleset,
    today: date,
    owners: Owners | None,
    *,
    now: datetime,
    written_rows: RowIds,
) -> RowIds:
    """Recompute the derived columns of these owners, None for all, as of the effective day: `today`
    or a later one. The owners are locked.

    A row that changes gets its next version, except those of `written_rows`, whose versions count
    their change already, and all when `owners` is None. Returns the rows that changed.
    """
    derivations = [
        each for each in ruleset.derivations if owners is None or owners.get(each.owner.name)
    ]
    if not derivations:
        return {}
    key = ("derive", "some" if owners else "all", *(each.entity.name for each in derivations))
    if key not in _statements:
        _statements[key] = _statement(derivations, everything=owners is None)
    parameters: dict[str, Any] = {"today": today, "now": now}
    for each in derivations:
        if owners is None:
            break
        parameters[f"owners_{each.entity.name}"] = sorted(owners[each.owner.name])
        parameters[f"written_{each.entity.name}"] = written_rows.get(each.entity.name, (None, []))[
            1
        ]
    rows = await connection.execute(_statements[key], parameters)
    row_ids: RowIds = {}
    entities = {each.entity.name: each.entity for each in derivations}
    for name, id_ in sorted(await rows.fetchall()):
        row_ids.setdefault(name, (entities[name], []))[1].append(id_)
    return row_ids


async def outdated(connection: Connection, ruleset: Ruleset, today: date) -> dict[str, list[int]]:
    """The owners whose derived columns are not as of `today`, by the name of their type."""
    owners: dict[str, list[int]] = {}
    for each in ruleset.derivations:
        if each.daily:
            query = each.query.format(
                rows=each.entity.source, owners="true", today="%(today)s::date"
            )
            rows = await connection.execute(
                f"SELECT t.id FROM {each.entity.source} t, ({query}) d"
                f" WHERE t.id = d.id AND ({_differs(each)})",
                {"today": today},
            )
            owners[each.owner.name] = [id_ for (id_,) in await rows.fetchall()]
    return owners


def _statement(derivations: Sequence[Derivation], *, everything: bool) -> str:
    parts = [EFFECTIVE_DAY]
    results = []
    for each in derivations:
        name = each.entity.name
        owners = "true" if everything else f"{each.owned_by} = ANY(%(owners_{name})s::integer[])"
        query = each.query.format(rows=each.entity.source, owners=owners, today=_EFFECTIVE)
        sets = [f"{column} = d.{column}" for column in each.columns]
        if not everything:
            is_written = f"t.id = ANY(%(written_{name})s::integer[])"
            sets.append(f"version = t.version + CASE WHEN {is_written} THEN 0 ELSE 1 END")
            sets.append(f"modified_at = CASE WHEN {is_written} THEN t.modified_at ELSE %(now)s END")
        parts.append(
            f"derived_{name} AS (UPDATE {each.entity.source} t SET {', '.join(sets)}"
            f" FROM ({query}) d WHERE t.id = d.id AND ({_differs(each)}) RETURNING t.id)"
        )
        results.append(f"SELECT '{name}', id FROM derived_{name}")
    return f"WITH {', '.join(parts)} {' UNION ALL '.join(results)}"


def derived_from(each: Derivation, rows: str) -> str:
    """SQL: the derived columns of all rows of a relation that has the columns of the table."""
    return each.query.format(rows=rows, owners="true", today=_EFFECTIVE)


def _differs(each: Derivation) -> str:
    return " OR ".join(f"t.{column} IS DISTINCT FROM d.{column}" for column in each.columns)
