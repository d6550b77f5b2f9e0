"""The unit of work: the one way in which rentals are written.

Every writer uses it in one transaction: the API, the billing run, the daily job, reactions, the
demonstration and imports. Rows are locked and loaded with all that they refer to, the rules check
them, they are written, copies and derived columns follow, each change is an event with its rows in
the outbox, and the entity sets get new versions. One row and many rows take the same statements.
Changes of clients that nothing but the row follows from are executed in batches, with the same
rules and events (`batch`).
"""

from collections.abc import Container, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime
from typing import Any
from uuid import uuid4

from psycopg.errors import NumericValueOutOfRange

from gerance.kernel.db import Connection
from gerance.kernel.errors import NotFound, Rejection
from gerance.kernel.odata.access import EVERYTHING, Access
from gerance.kernel.odata.edm import EntityType
from gerance.kernel.odata.versions import sets_changed
from gerance.kernel.odata.writing.payload import Payload
from gerance.rentals.declare.derivation import Derivation
from gerance.rentals.declare.rules import Row, Rules, Ruleset
from gerance.rentals.writing.derived_columns import (
    Owners,
    RowIds,
    derivations_from,
    derive,
    lock_owners,
    owners_of,
    owners_of_change,
)
from gerance.rentals.writing.events import (
    Origin,
    append_events,
)
from gerance.rentals.writing.load_rows import (
    LOCKED,
    LoadedRow,
    is_within,
    load_rows,
)
from gerance.rentals.writing.problems import (
    TOO_LARGE,
    VIOLATIONS,
    fixed,
    in_use,
    meaning,
    outside,
    rejection,
    without_details,
)
from gerance.rentals.writing.tables import (
    Table,
    default_values,
    delete_rows,
    insert_rows,
    table_of,
    update_rows,
    user_of,
)
from gerance.rentals.writing.validate import Draft, Validator

_Ids = dict[str, tuple[EntityType, set[int]]]


@dataclass(frozen=True, kw_only=True)
class RowChange:
    """New values of one row. `key`: the columns that find it; `columns`: the new values;
    `expected`: the versions that it may have, None for any; `is_complete`: columns that clients
    write and that are not given get their defaults; `content`: of a media entity, its bytes and
    type."""

    key: Row
    columns: Row
    expected: Container[str] | None = None
    is_complete: bool = False
    content: tuple[bytes, str] | None = None


@dataclass
class UnitOfWork:
    """Writes of one transaction. `today`: the day in the installation's zone.

    `access`: what the writer may see and change; `actor`: its uid; `client`: it is a client of the
    API, for whom some rules are stricter; `process`: the uid that all events have; `caused_by`: the
    position of the event to which a reaction responds; `recompute_all`: the database holds only
    what this unit adds, so all derived columns are computed. After `record`, `derived_rows` has the
    rows whose derived columns changed.
    """

    connection: Connection
    ruleset: Ruleset
    today: date
    access: Access = EVERYTHING
    actor: str | None = None
    client: bool = False
    process: str = field(default_factory=lambda: str(uuid4()))
    caused_by: int | None = None
    recompute_all: bool = False
    now: datetime = field(default_factory=lambda: datetime.now(UTC))
    position: int | None = None
    derived_rows: RowIds = field(default_factory=dict)
    _created_rows: _Ids = field(default_factory=dict)
    _changed_rows: _Ids = field(default_factory=dict)
    _sets: set[str] = field(default_factory=set)
    _owners: dict[str, set[int]] = field(default_factory=dict)
    _locked: dict[str, set[int]] = field(default_factory=dict)
    _day_locked: bool = False

    async def create(
        self,
        entity: EntityType,
        payloads: Sequence[Payload],
        belongs: Row | None = None,
        places: Sequence[str] = (),
    ) -> list[Row]:
        """New rows, and those that are created with them; as they are then.

        All have the same columns. `belongs`: columns that say to what they belong; `places`: where
        they stand in a body, for the targets of problems. Raises Rejection.
        """
        self.access.require(entity)
        self.access.require_change(entity)
        rules, table = self.rules_of(entity), await table_of(self.connection, entity)
        columns = [{**payload.columns, **(belongs or {})} for payload in payloads]
        derivations = derivations_from(self.ruleset, entity, None)
        drafts = await self._drafts(table, rules, "new", (), columns, derivations)
        for nth, (draft, payload) in enumerate(zip(drafts, payloads, strict=True)):
            problems = list(draft.problems)
            if rules.details:
                problems += without_details(rules, payload)
            if problems:
                place = places[nth] if places else ""
                raise rejection(
                    [each._replace(target=f"{place}{each.target}") for each in problems]
                )
            if not is_within(entity, draft.row, self.access):
                raise outside(entity, draft.row)
        values = _same_columns([draft.values for draft in drafts])
        try:
            rows = await insert_rows(self.connection, table, rules.numbering, values)
        except VIOLATIONS as violation:
            raise meaning(self.ruleset, violation, entity, drafts[0].row) from violation
        self.note_created(entity, rows)
        for row, payload in zip(rows, payloads, strict=True):
            for name, details in payload.details.items():
                await self._create_details(entity, name, details, row)
        return rows

    async def change(self, entity: EntityType, changes: Sequence[RowChange]) -> list[Row]:
        """Rows with new values, as they are then; those that have them already stay as they are.

        All changes have the same columns. Raises Rejection.
        """
        self.access.require_change(entity)
        rules, table = self.rules_of(entity), await table_of(self.connection, entity)
        if any(each.is_complete for each in changes):
            changes = await self._with_defaults(table, rules, changes)
        columns = [each.columns for each in changes]
        derivations = derivations_from(self.ruleset, entity, columns[0])
        keys = [each.key for each in changes]
        drafts = await self._drafts(table, rules, "change", keys, columns, derivations, changes)
        rows: list[Row] = []
        for draft, change in zip(drafts, changes, strict=True):
            before = draft.before
            assert before is not None
            values = new_values(entity, draft, self.access)
            if change.content is not None:
                values |= {"content": change.content[0], "content_type": change.content[1]}
            rows.append(before if not values else {"id": before["id"], **values})
        return await self._update(table, rules, drafts, rows)

    async def delete(
        self, entity: EntityType, key: Row, expected: Container[str] | None = None
    ) -> Row:
        """The row that is removed. Raises Rejection: 404, 409 when others refer to it, 412."""
        self.access.require_change(entity)
        rules, table = self.rules_of(entity), await table_of(self.connection, entity)
        (loaded_row,) = await self._load(table, rules, "delete", [key], [{}])
        row = loaded_row.row
        _require_version(entity, row, expected)
        if problems := list(rules.reject_delete(row)):
            raise rejection(problems)
        if (user := await user_of(self.connection, table, row)) is not None:
            raise in_use(user)
        try:
            await self.note_deleted(entity, [row])
            await delete_rows(self.connection, entity, [row["id"]])
        except VIOLATIONS as violation:
            raise meaning(self.ruleset, violation, entity, row) from violation
        return row

    # What was written by other statements

    def note_created(self, entity: EntityType, rows: Sequence[Row]) -> None:
        """These rows are new."""
        self._created_rows.setdefault(entity.name, (entity, set()))[1].update(r["id"] for r in rows)
        if not self.recompute_all:
            self._recompute(owners_of(self.ruleset, entity, rows))

    def note_changed(self, entity: EntityType, before: Row, after: Row) -> None:
        """A row has changed, and its version counts that."""
        if after["id"] not in self._created_rows.get(entity.name, (entity, set()))[1]:
            self._changed_rows.setdefault(entity.name, (entity, set()))[1].add(after["id"])
        self._recompute(owners_of_change(self.ruleset, entity, before, after))

    async def note_deleted(self, entity: EntityType, rows: Sequence[Row]) -> None:
        """Append the events of rows that are about to be removed."""
        ids = [row["id"] for row in rows]
        appended = await append_events(self.connection, entity, "Deleted", ids, self.origin)
        self.position = appended.position
        self._sets.add(entity.set_name)
        self._recompute(owners_of(self.ruleset, entity, rows))

    def note_locked(self, entity: EntityType, ids: Iterable[int]) -> None:
        """The caller holds the locks of these rows."""
        self._locked.setdefault(entity.name, set()).update(ids)

    def note_outdated(self, owners: Owners) -> None:
        """The derived columns of these owners are recomputed, though nothing of theirs changed."""
        self._recompute({name: set(ids) for name, ids in owners.items()})

    # The end

    async def record(self, document_of: tuple[EntityType, int] | None = None) -> str | None:
        """Recompute derived columns, append the events, give the sets their versions.

        `document_of`: the row whose JSON is returned, if it was written. A running total that
        changed has no event: one back-dated transaction would repeat all that come after it. The
        row's version counts the change.
        """
        await self._derive()
        appends = [("Created", *each) for each in self._created_rows.values()]
        appends += [("Changed", *each) for each in self._changed_rows.values() if each[1]]
        self._sets |= {entity.set_name for _, entity, _ in appends}
        document = None
        for nth, (happening, entity, ids) in enumerate(appends, start=1):
            mine = document_of is not None and document_of[0].name == entity.name
            appended = await append_events(
                self.connection,
                entity,
                happening,  # type: ignore[arg-type]
                sorted(ids),
                self.origin,
                sets=sorted(self._sets) if nth == len(appends) else (),
                document_of=document_of[1] if mine and document_of else None,
            )
            self.position = appended.position or self.position
            document = appended.document or document
        if not appends and self._sets:
            await sets_changed(self.connection, sorted(self._sets))
        return document

    async def _derive(self) -> None:
        if self.recompute_all:
            await lock_owners(self.connection, self.ruleset, {}, day=True)
            await derive(
                self.connection, self.ruleset, self.today, None, now=self.now, written_rows={}
            )
            return
        owners = {name: sorted(ids) for name, ids in self._owners.items() if ids}
        if not owners:
            return
        open_owners = {
            name: [id_ for id_ in ids if id_ not in self._locked.get(name, ())]
            for name, ids in owners.items()
        }
        if any(open_owners.values()) or not self._day_locked:
            await lock_owners(self.connection, self.ruleset, open_owners, day=not self._day_locked)
        written_rows = {
            name: (entity, sorted(ids)) for name, (entity, ids) in self._created_rows.items()
        }
        for name, (entity, ids) in self._changed_rows.items():
            written_rows.setdefault(name, (entity, []))[1].extend(sorted(ids))
        try:
            self.derived_rows = await derive(
                self.connection,
                self.ruleset,
                self.today,
                owners,
                now=self.now,
                written_rows=written_rows,
            )
        except NumericValueOutOfRange as violation:
            raise rejection([TOO_LARGE]) from violation
        for name, (entity, row_ids) in self.derived_rows.items():
            if entity.running is not None:
                self._sets.add(entity.set_name)
            else:
                new = self._created_rows.get(name, (entity, set()))[1]
                self._changed_rows.setdefault(name, (entity, set()))[1].update(set(row_ids) - new)

    # Steps

    async def _drafts(
        self,
        table: Table,
        rules: Rules,
        kind: str,
        keys: Sequence[Row],
        columns: Sequence[Row],
        derivations: Sequence[Derivation] = (),
        changes: Sequence[RowChange] = (),
    ) -> list[Draft]:
        """The rows as they would be. References that are missing are looked up once more: they may
        have appeared while the statement waited for a lock."""
        validator = Validator(rules, self.access, self.today, self.now, client=self.client)
        for attempt in (1, 2):
            loaded_rows = await self._load(table, rules, kind, keys, columns, derivations)
            drafts = []
            for nth, each in enumerate(loaded_rows):
                if kind == "new":
                    drafts.append(validator.create(table, columns[nth], each))
                    continue
                expected = changes[nth].expected
                drafts.append(draft_of_change(validator, table, columns[nth], each, expected))
            if attempt == 2 or not any(draft.missing for draft in drafts):
                return drafts
        raise AssertionError

    async def _load(
        self,
        table: Table,
        rules: Rules,
        kind: str,
        keys: Sequence[Row],
        columns: Sequence[Row],
        derivations: Sequence[Derivation] = (),
    ) -> list[LoadedRow]:
        owners = frozenset(each.owner.name for each in derivations)
        day = bool(derivations) and not self._day_locked
        loaded_rows = await load_rows(
            self.connection, table, rules, kind, keys, columns, self.access, day=day, owners=owners
        )
        if len(loaded_rows) < max(len(keys), 1 if kind == "new" else 0):
            raise NotFound(f"There is no such {table.entity.name}.")
        self._day_locked = self._day_locked or day
        for each in loaded_rows:
            if kind in LOCKED:
                self.note_locked(table.entity, [each.row["id"]])
            for reference in rules.references:
                row = each.references.get(reference.name)
                if (
                    row is not None
                    and reference.lock == "NO KEY UPDATE"
                    and (kind == "new" or reference in rules.owners or reference.to.name in owners)
                ):
                    self.note_locked(reference.to, [row["id"]])
        return loaded_rows

    async def _update(
        self, table: Table, rules: Rules, drafts: Sequence[Draft], rows: Sequence[Row]
    ) -> list[Row]:
        """Write the rows that have new values, those with the same columns together."""
        name = table.entity.name
        written_ids = {
            id_
            for of in (self._created_rows, self._changed_rows)
            if name in of
            for id_ in of[name][1]
        }
        groups: dict[tuple[bool, tuple[str, ...]], list[int]] = {}
        for nth, (draft, row) in enumerate(zip(drafts, rows, strict=True)):
            if row is not draft.before:
                groups.setdefault((row["id"] not in written_ids, tuple(row)), []).append(nth)
        result = list(rows)
        for (counts, names), members in groups.items():
            draft, new = drafts[members[0]], [rows[nth] for nth in members]
            try:
                after = await update_rows(self.connection, table, new, self.now, counts=counts)
                by_id = {row["id"]: row for row in after}
                for cascade in rules.cascades:
                    if any(each in names for each in cascade.columns):
                        await self.connection.execute(cascade.sql, {"ids": sorted(by_id)})
            except VIOLATIONS as violation:
                raise meaning(self.ruleset, violation, table.entity, draft.row) from violation
            for nth in members:
                result[nth] = by_id[rows[nth]["id"]]
                before = drafts[nth].before
                assert before is not None
                self.note_changed(table.entity, before, result[nth])
        return result

    async def _with_defaults(
        self, table: Table, rules: Rules, changes: Sequence[RowChange]
    ) -> list[RowChange]:
        """Changes with the defaults of the columns that are not given."""
        defaults = await default_values(self.connection, table)
        properties = {each.column for each in table.entity.properties}
        complete_changes = []
        for each in changes:
            unsaid = properties - rules.said_otherwise(each.columns)
            initial = {name: defaults[name] for name in defaults if name in unsaid}
            complete_changes.append(replace(each, columns=initial | dict(each.columns)))
        return complete_changes

    async def _create_details(
        self, entity: EntityType, name: str, details: Sequence[Payload], parent: Row
    ) -> None:
        navigation = entity.navigation(name)
        assert navigation is not None
        belongs = {theirs: parent[own] for own, theirs in navigation.columns}
        target = self._rules_named(navigation.target).entity
        for nth, detail in enumerate(details):
            await self.create(target, [detail], belongs, [f"{name}[{nth}]/"])

    def _recompute(self, owners: Mapping[str, Iterable[int]]) -> None:
        for name, ids in owners.items():
            self._owners.setdefault(name, set()).update(ids)

    def rules_of(self, entity: EntityType) -> Rules:
        return self.ruleset.rules[entity.name]

    def _rules_named(self, name: str) -> Rules:
        return self.ruleset.rules[name]

    @property
    def origin(self) -> Origin:
        return Origin(self.now, self.process, self.actor, self.caused_by)


def draft_of_change(
    validator: Validator,
    table: Table,
    columns: Row,
    source: LoadedRow,
    expected: Container[str] | None,
) -> Draft:
    """A row with new values in these columns. `expected`: the versions that it may have, None for
    any. Raises Rejection when it has another, or a column that never changes would change."""
    rules = validator.rules
    _require_version(table.entity, source.row, expected)
    new = {name: value for name, value in columns.items() if source.row[name] != value}
    if problems := fixed(table.entity, rules, new, source.row):
        raise rejection(problems)
    new = {name: value for name, value in new.items() if name not in rules.fixed}
    return validator.change(new, source)


def new_values(entity: EntityType, draft: Draft, access: Access) -> dict[str, Any]:
    """The columns of a row that get other values. Raises Rejection when the draft has problems."""
    before = draft.before
    assert before is not None
    if draft.problems:
        raise rejection(draft.problems)
    if not is_within(entity, draft.row, access):
        raise outside(entity, draft.row)
    return {
        name: value
        for name, value in draft.values.items()
        if name not in before or before[name] != value
    }


def _require_version(entity: EntityType, row: Row, expected: Container[str] | None) -> None:
    if expected is not None and str(row["version"]) not in expected:
        raise Rejection(
            "PreconditionFailed",
            f"This {entity.name} has version {row['version']}, which the request excludes.",
        )


def _same_columns(rows: Sequence[Row]) -> Sequence[Row]:
    """The rows, each with the columns of all."""
    if len(rows) == 1:
        return rows
    names = list(dict.fromkeys(name for row in rows for name in row))
    return [{name: row.get(name) for name in names} for row in rows]
