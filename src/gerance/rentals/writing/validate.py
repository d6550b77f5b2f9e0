"""Candidates: rows as they would be, with what they refer to, and what the rules say of them."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from psycopg.rows import dict_row

from gerance.kernel.db import Connection
from gerance.kernel.errors import Forbidden
from gerance.kernel.odata.access import Access
from gerance.kernel.odata.edm import EntityType
from gerance.kernel.odata.writing.payload import Payload
from gerance.rentals.declare.rules import Candidate, Problem, Reference, Row, Rules
from gerance.rentals.writing.tables import columns_of


@dataclass(frozen=True)
class Found:
    """`row`: as it would be; `values`: the columns to write; `problems`: why it may not be."""

    row: Row
    values: Row
    problems: list[Problem]


@dataclass(frozen=True)
class Candidates:
    """Prepares candidates for whoever has this access. `today`: the day in the installation's zone
    at the moment `now`."""

    connection: Connection
    access: Access
    today: date
    now: datetime

    async def candidate(
        self, rules: Rules, columns: Row, initial: Row, before: Row | None
    ) -> Found:
        """What would be written. `columns`: as given; `initial`: what a new row has else."""
        row: dict[str, Any] = dict.fromkeys(columns_of(rules.entity))
        row |= dict(before or {}) | dict(initial) | dict(columns)
        values = dict(columns)
        found: dict[str, Row | None] = {}
        problems: list[Problem] = []
        await self._lock_in_order(rules, row, before)
        for reference in rules.references:
            asked = {theirs: row[own] for own, theirs in reference.by}
            if any(value is None for value in asked.values()):
                found[reference.name] = None
                continue
            referred = await self._look_up(reference, asked)
            found[reference.name] = referred
            if referred is None:
                problems.append(_missing(reference, asked))
                continue
            filled = {own: referred[theirs] for own, theirs in reference.fills
                      if own not in columns}  # fmt: skip
            row |= filled
            values |= filled
        if problems:
            return Found(row, values, problems)
        complete = rules.complete(self._candidate(row, before, found))
        row |= dict(complete)
        values |= dict(complete)
        return Found(row, values, list(rules.check(self._candidate(row, before, found))))

    def _candidate(
        self, row: Row, before: Row | None, found: Mapping[str, Row | None]
    ) -> Candidate:
        return Candidate(
            row=dict(row), before=before, found=dict(found), today=self.today, now=self.now
        )

    async def _lock_in_order(self, rules: Rules, row: Row, before: Row | None) -> None:
        """Lock by id what is referred to and will be changed: where it was, and where it will be.

        Two that change places would each have what the other wants.
        """
        wanted: dict[str, tuple[EntityType, list[Row]]] = {}
        for reference in rules.references:
            if reference.lock == "NO KEY UPDATE" and reference not in rules.owners:
                _, known = wanted.setdefault(reference.to.name, (reference.to, []))
                for each in (row, before):
                    asked = each and {theirs: each[own] for own, theirs in reference.by}
                    if asked and None not in asked.values() and asked not in known:
                        known.append(asked)
        for to, several in wanted.values():
            if len(several) < 2:
                continue
            conditions = [_condition(to, asked, f"_{nth}") for nth, asked in enumerate(several)]
            await self.connection.execute(
                f"SELECT FROM {to.source} WHERE {' OR '.join(f'({each})' for each in conditions)}"
                " ORDER BY id FOR NO KEY UPDATE",
                {f"{name}_{nth}": value for nth, asked in enumerate(several)
                 for name, value in asked.items()},
            )  # fmt: skip

    async def _look_up(self, reference: Reference, asked: Row) -> Row | None:
        """The entity that is referred to, if whoever asks may see it."""
        to = reference.to
        shown = dict.fromkeys(
            ["id", *to.scope, *reference.columns, *(theirs for _, theirs in reference.fills)]
        )
        async with self.connection.cursor(row_factory=dict_row) as cursor:
            await cursor.execute(
                f"SELECT {', '.join(shown)} FROM {to.source} WHERE {_condition(to, asked)}"
                f" FOR {reference.lock}",
                dict(asked),
            )
            found = await cursor.fetchone()
        return found if found is None or _within(to, found, self.access) else None


def candidate_columns(entity: EntityType, given: Payload) -> dict[str, Any]:
    """What a body gives, by columns."""
    columns = {each.name: each.column for each in entity.properties}
    return {columns[name]: value for name, value in given.values.items()} | dict(given.links)


def place_of(entity: EntityType, row: Row, access: Access) -> None:
    """Raises Forbidden unless whoever writes has the row's company and division."""
    if not _within(entity, row, access):
        place = "-".join(str(row[column]) for column in entity.scope)
        raise Forbidden(f"This key does not reach {place}.")


def _within(entity: EntityType, row: Row, access: Access) -> bool:
    places = access.rows(entity)
    return places is None or any(
        all(row[column] == value for column, value in place.items()) for place in places
    )


def _condition(to: EntityType, asked: Row, suffix: str = "") -> str:
    """SQL: the row of that type has these values; `suffix`: of its parameters' names."""
    codes = {each.column for each in to.properties if each.code}
    return " AND ".join(
        f"rtrim({name}) = rtrim(%({name}{suffix})s)"
        if name in codes
        else f"{name} = %({name}{suffix})s"
        for name in asked
    )


def _missing(reference: Reference, asked: Row) -> Problem:
    shown = ", ".join(str(value).rstrip() for value in asked.values())
    missing = reference.missing
    return Problem(missing.code, missing.message.replace("{values}", shown), missing.target)
