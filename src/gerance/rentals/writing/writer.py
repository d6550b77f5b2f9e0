"""The one way in which rentals are written: by the API, the console and the billing run.

In one transaction: the row is locked, its version and the rights are checked, what it refers to is
looked up, the rules are asked, the row is written, what follows from it is derived, and each row
that changed has its event; the sets have new versions.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from psycopg.errors import IntegrityError, NumericValueOutOfRange

from gerance.kernel.db import Connection
from gerance.kernel.odata.access import Access
from gerance.kernel.odata.edm import EntityType
from gerance.kernel.odata.writing.payload import EntityWrite, Payload, WriteOutcome
from gerance.rentals.declare.checks import same_code
from gerance.rentals.declare.rules import Row, Rules
from gerance.rentals.model.rules import RULES
from gerance.rentals.model.samples import WRITE_ANNOTATIONS
from gerance.rentals.writing.problems import (
    TOO_LARGE,
    fixed,
    in_use,
    meaning,
    refused,
    without_details,
)
from gerance.rentals.writing.tables import (
    defaults,
    delete_row,
    insert_row,
    lock_owner,
    locked_row,
    update_row,
    user_of,
)
from gerance.rentals.writing.unit_of_work import Changes
from gerance.rentals.writing.validate import Candidates, candidate_columns, place_of


class RentalsWriter:
    """Writes the rentals' entities. `today`: gives the day in the installation's zone."""

    annotations = WRITE_ANNOTATIONS

    def __init__(self, today: Callable[[], date]) -> None:
        self._today = today

    def deep(self, entity: EntityType) -> frozenset[str]:
        """The navigations whose entities may be created with one of this type."""
        rules = RULES.get(entity.name)
        return frozenset(rules.details) if rules else frozenset()

    async def write(self, connection: Connection, writing: EntityWrite) -> WriteOutcome:
        """Carry out a write in the transaction under way; see the interface."""
        act = _Act(connection, writing.access, self._today())
        try:
            if writing.kind == "create":
                row = await act.create(writing.entity, writing.payload)
            elif writing.kind == "delete":
                row = await act.delete(writing)
            else:
                row = await act.change(writing)
            position = await act.changes.record(connection, act.today, actor=writing.actor)
        except IntegrityError as violated:
            raise meaning(violated, writing.entity, act.tried) from violated
        except NumericValueOutOfRange as beyond:
            raise refused([TOO_LARGE]) from beyond
        return WriteOutcome({each.name: row[each.column] for each in writing.entity.keys}, position)


@dataclass
class _Act:
    """A write under way, and what it has changed so far. `tried`: the row written last."""

    connection: Connection
    access: Access
    today: date
    changes: Changes = field(default_factory=Changes)
    tried: Row = field(default_factory=dict)

    async def create(
        self,
        entity: EntityType,
        given: Payload,
        belongs: Mapping[str, Any] | None = None,
        place: str = "",
    ) -> Row:
        """A new row, and those that are created with it. `belongs`: columns that say to whom;
        `place`: where it stands in the body, for what is wrong with it."""
        self.access.require(entity)
        self.access.require_change(entity)
        rules = RULES[entity.name]
        columns = candidate_columns(entity, given) | dict(belongs or {})
        initial = await defaults(self.connection, entity)
        found = await self._candidates().candidate(rules, columns, initial, None)
        problems = [*found.problems, *without_details(rules, given)]
        if problems:
            raise refused([each._replace(target=f"{place}{each.target}") for each in problems])
        place_of(entity, found.row, self.access)
        self.tried = found.row
        row = await insert_row(self.connection, entity, rules.numbering, found.values)
        self.changes.added(entity, row)
        for name, details in given.details.items():
            for nth, detail in enumerate(details):
                await self._create_detail(entity, f"{name}[{nth}]/", detail, row)
        await self._cascade(rules, row)
        return row

    async def change(self, writing: EntityWrite) -> Row:
        """The row with new values; as it was when it has them already."""
        entity, rules = writing.entity, RULES[writing.entity.name]
        self.access.require_change(entity)
        before = await self._locked(writing)
        columns = candidate_columns(entity, writing.payload)
        if writing.kind == "replace":
            unsaid = {each.column for each in entity.properties} - rules.said_otherwise(columns)
            initial = await defaults(self.connection, entity)
            columns = {name: initial[name] for name in initial if name in unsaid} | columns
        columns = {name: value for name, value in columns.items() if before[name] != value}
        if problems := [
            fixed(entity, name, before)
            for name in rules.fixed
            if name in columns and not same_code(columns[name], before[name])
        ]:
            raise refused(problems)
        columns = {name: value for name, value in columns.items() if name not in rules.fixed}
        found = await self._candidates().candidate(rules, columns, {}, before)
        if found.problems:
            raise refused(found.problems)
        place_of(entity, found.row, self.access)
        values = {name: value for name, value in found.values.items()
                  if name not in before or before[name] != value}  # fmt: skip
        if writing.content is not None:
            values |= {"content": writing.content[0], "content_type": writing.content[1]}
        if not values:
            return before
        self.tried = found.row
        row = await update_row(self.connection, entity, before["id"], values)
        self.changes.changed(entity, before, row)
        await self._cascade(rules, row)
        return row

    async def delete(self, writing: EntityWrite) -> Row:
        """The row that is no more."""
        entity = writing.entity
        self.access.require_change(entity)
        before = await self._locked(writing)
        if problems := list(RULES[entity.name].refuse_delete(before)):
            raise refused(problems)
        if (user := await user_of(self.connection, entity, before)) is not None:
            raise in_use(user)
        await self.changes.deleted(self.connection, entity, before, actor=writing.actor)
        await delete_row(self.connection, entity, before["id"])
        return before

    async def _locked(self, writing: EntityWrite) -> Row:
        """The row that is to be written, locked after what it belongs to."""
        assert writing.key is not None
        for owner in RULES[writing.entity.name].owners:
            await lock_owner(self.connection, writing.entity, owner, writing.key)
        return await locked_row(self.connection, writing.entity, writing)

    def _candidates(self) -> Candidates:
        return Candidates(self.connection, self.access, self.today, self.changes.now)

    async def _create_detail(
        self, entity: EntityType, place: str, detail: Payload, parent: Row
    ) -> None:
        navigation = entity.navigation(place.partition("[")[0])
        assert navigation is not None
        belongs = {theirs: parent[own] for own, theirs in navigation.columns}
        await self.create(RULES[navigation.target].entity, detail, belongs, place)

    async def _cascade(self, rules: Rules, row: Row) -> None:
        for statement in rules.cascades:
            await self.connection.execute(statement, {"id": row["id"]})
