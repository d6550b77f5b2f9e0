"""Changes of single rows that wait at the same time, executed together.

A change that nothing but the row itself follows from, derived columns included, waits in a queue:
for each principal, entity type and set of columns there is one. Two statements execute a batch of a
queue. The first loads the rows, the rules check each change by itself, the second writes all with
their events. Nothing is delayed to make a batch: a change that arrives alone is a batch of one.

A batch waits for no row. A change whose row is missing, locked or changed by others is left, and
its writer executes it in a transaction of its own (`UnitOfWork`). So is each change of a batch that
the database rejects. When the database itself fails, which a batch may learn only after a timeout,
so are the changes that wait behind it: no change waits for several timeouts.
"""

import asyncio
from collections import deque
from collections.abc import Callable, Iterable, Sequence
from datetime import UTC, date, datetime
from typing import Any, NamedTuple
from uuid import uuid4

from psycopg import Error

from gerance.kernel.db import Connection, Pool
from gerance.kernel.errors import Rejection
from gerance.kernel.odata.edm import EntityType
from gerance.kernel.odata.writing.payload import EntityWrite, WriteOutcome
from gerance.kernel.plans import GENERIC_ELEMENTS
from gerance.kernel.transactions import CommitUnknown, classify, committed, is_connection_lost
from gerance.rentals.declare.derivation import Derivation
from gerance.rentals.declare.rules import Row, Ruleset
from gerance.rentals.writing.derived_columns import derivations_from
from gerance.rentals.writing.events import RowUpdate, update_and_append
from gerance.rentals.writing.load_rows import LoadedRow, dependent_columns, load_rows
from gerance.rentals.writing.tables import Table, table_of
from gerance.rentals.writing.unit_of_work import draft_of_change, new_values
from gerance.rentals.writing.validate import Validator

MOST_TOGETHER = GENERIC_ELEMENTS
"""Changes of a batch: as many as the statements' plans are made for."""


class _PendingChange(NamedTuple):
    writing: EntityWrite
    result: "asyncio.Future[WriteOutcome | None]"


class _RowChange(NamedTuple):
    """New values of a row. `nth`: which change of the batch has them."""

    nth: int
    row: Row
    values: Row


class _QueueKey(NamedTuple):
    """What the changes of a queue have in common. `access`: identifies what they may see."""

    entity: str
    columns: tuple[str, ...]
    key: tuple[str, ...]
    access: str
    actor: str


class BatchWriter:
    """Executes changes in batches. `today`: gives the day in the installation's zone."""

    def __init__(self, ruleset: Ruleset, today: Callable[[], date]) -> None:
        self._ruleset = ruleset
        self._today = today
        self._queues: dict[_QueueKey, deque[_PendingChange]] = {}
        self._tasks: set[asyncio.Task[None]] = set()

    async def change(self, pool: Pool, writing: EntityWrite) -> WriteOutcome | None:
        """Execute a change; None, and nothing is written, when it needs a transaction.

        Raises Rejection when the rules reject it, CommitUnknown.
        """
        columns = writing.payload.columns
        if writing.content is not None or not self._changes_row_only(writing.entity, columns):
            return None
        assert writing.key is not None
        key = _QueueKey(
            writing.entity.name,
            tuple(columns),
            tuple(writing.key),
            writing.access.key,
            writing.actor,
        )
        pending = _PendingChange(writing, asyncio.get_running_loop().create_future())
        if key in self._queues:
            self._queues[key].append(pending)
        else:
            self._queues[key] = deque([pending])
            task = asyncio.create_task(self._run(pool, key))
            self._tasks.add(task)
            task.add_done_callback(self._tasks.discard)
        return await pending.result

    def _changes_row_only(self, entity: EntityType, columns: Row) -> bool:
        """Whether a change of these columns changes nothing but the row and its derived columns."""
        rules = self._ruleset.rules[entity.name]
        return (
            not rules.owners
            and not any(name in columns for name in dependent_columns(rules))
            and not any(name in columns for each in rules.cascades for name in each.columns)
            and all(
                each.is_own and each.entity.name == entity.name
                for each in derivations_from(self._ruleset, entity, columns)
            )
        )

    async def _run(self, pool: Pool, key: _QueueKey) -> None:
        """Execute the batches of a queue until it is empty."""
        queue = self._queues[key]
        try:
            while queue:
                # One for each batch, so that other requests of the principal get their turn.
                async with pool.connection() as connection:
                    is_served = await self._execute(connection, _take(queue))
                if not is_served:
                    while queue:
                        _resolve(queue.popleft(), None)
        except Exception as failure:
            # There is no connection for the changes that wait.
            for pending in queue:
                _fail(pending, failure)
        finally:
            del self._queues[key]

    async def _execute(self, connection: Connection, batch: Sequence[_PendingChange]) -> bool:
        """Resolve the changes of a batch; whether the database served it."""
        try:
            outcomes = await self._write(connection, [pending.writing for pending in batch])
        except CommitUnknown as failure:
            for pending in batch:
                _fail(pending, failure)
            return False
        except Error as failure:
            # Nothing is stored. Each change gets an answer of its own.
            for pending in batch:
                _resolve(pending, None)
            return classify(failure) is None
        except Exception as failure:
            # An internal error is an answer too: the queue continues.
            for pending in batch:
                _fail(pending, failure)
        else:
            for pending, outcome in zip(batch, outcomes, strict=True):
                if isinstance(outcome, Rejection):
                    _fail(pending, outcome)
                else:
                    _resolve(pending, outcome)
        return True

    async def _write(
        self, connection: Connection, writings: Sequence[EntityWrite]
    ) -> list[WriteOutcome | Rejection | None]:
        """What became of each change. Rows with derived columns are locked before their inputs are
        read, which takes a transaction."""
        entity = writings[0].entity
        table = await table_of(connection, entity)
        if not derivations_from(self._ruleset, entity, writings[0].payload.columns):
            return await self._write_rows(connection, table, writings, locked=False)
        return await committed(
            connection, lambda c: self._write_rows(c, table, writings, locked=True)
        )

    async def _write_rows(
        self, connection: Connection, table: Table, writings: Sequence[EntityWrite], *, locked: bool
    ) -> list[WriteOutcome | Rejection | None]:
        entity, first, now, today = table.entity, writings[0], datetime.now(UTC), self._today()
        rules = self._ruleset.rules[entity.name]
        validator = Validator(rules, first.access, today, now, client=True)
        sources = await load_rows(
            connection,
            table,
            rules,
            "claim" if locked else "read",
            [each.key or {} for each in writings],
            [each.payload.columns for each in writings],
            first.access,
            day=locked,
        )
        outcomes: list[WriteOutcome | Rejection | None] = [None] * len(writings)
        changes: dict[int, _RowChange] = {}
        for source in sources:
            nth, id_ = source.nth - 1, source.row["id"]
            try:
                values = self._new_values(validator, table, writings[nth], source)
            except Rejection as rejection:
                outcomes[nth] = rejection
                continue
            if values and id_ not in changes and (locked or not self._derived_from(entity, values)):
                changes[id_] = _RowChange(nth, source.row, values)
        if not changes:
            return outcomes
        columns = list(dict.fromkeys(name for each in changes.values() for name in each.values))
        updates = [
            RowUpdate(
                id_,
                each.row["version"],
                str(uuid4()),
                {name: each.values.get(name, each.row[name]) for name in columns},
            )
            for id_, each in changes.items()
        ]
        try:
            appended = await update_and_append(
                connection,
                table,
                updates,
                now=now,
                actor=first.actor,
                derivations=self._derived_from(entity, columns),
                today=today,
                locked=locked,
            )
        except Error as failure:
            if not locked and is_connection_lost(failure):
                raise CommitUnknown(str(failure)) from failure
            raise
        for id_, (position, document) in appended.items():
            nth, row, _ = changes[id_]
            key = {each.name: row[each.column] for each in entity.keys}
            outcomes[nth] = WriteOutcome(key, position, str(row["version"] + 1), document)
        return outcomes

    def _new_values(
        self, validator: Validator, table: Table, writing: EntityWrite, source: LoadedRow
    ) -> dict[str, Any]:
        """The columns that get other values, none when the change needs a transaction of its own.
        Raises Rejection."""
        columns, expected = writing.payload.columns, writing.expected
        draft = draft_of_change(validator, table, columns, source, expected)
        if draft.missing:
            return {}
        values = new_values(table.entity, draft, writing.access)
        return values if self._changes_row_only(table.entity, values) else {}

    def _derived_from(self, entity: EntityType, columns: Iterable[str]) -> list[Derivation]:
        return derivations_from(self._ruleset, entity, columns)


def _take(queue: deque[_PendingChange]) -> list[_PendingChange]:
    """The next batch of a queue."""
    return [queue.popleft() for _ in range(min(len(queue), MOST_TOGETHER))]


def _resolve(pending: _PendingChange, outcome: WriteOutcome | None) -> None:
    if not pending.result.done():
        pending.result.set_result(outcome)


def _fail(pending: _PendingChange, failure: Exception) -> None:
    if not pending.result.done():
        pending.result.set_exception(failure)
