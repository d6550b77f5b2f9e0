"""The API's writes of rentals, each as one unit of work."""

from collections.abc import Callable
from datetime import date

from gerance.kernel.db import Connection, Pool
from gerance.kernel.odata.edm import EntityType
from gerance.kernel.odata.write_annotations import WriteAnnotations
from gerance.kernel.odata.writing.payload import EntityWrite, WriteOutcome
from gerance.rentals.declare.rules import Ruleset
from gerance.rentals.writing.batch import BatchWriter
from gerance.rentals.writing.events import prepare
from gerance.rentals.writing.unit_of_work import RowChange, UnitOfWork


class RentalsWriter:
    """Writes the rentals' entities. `today`: gives the day in the installation's zone."""

    def __init__(
        self, ruleset: Ruleset, annotations: WriteAnnotations, today: Callable[[], date]
    ) -> None:
        self.annotations = annotations
        self._ruleset = ruleset
        self._today = today
        self._batches = BatchWriter(ruleset, today)
        prepare(each.entity for each in ruleset.rules.values())

    def deep(self, entity: EntityType) -> frozenset[str]:
        """The navigations whose entities may be created with one of this type."""
        return self.annotations.deep.get(entity.name, frozenset())

    async def write(self, connection: Connection, writing: EntityWrite) -> WriteOutcome:
        """Execute a write in the transaction under way; see the interface."""
        entity, unit = writing.entity, self._unit(connection, writing)
        if writing.key is None:
            (row,) = await unit.create(entity, [writing.payload])
        elif writing.kind == "delete":
            row = await unit.delete(entity, writing.key, writing.expected)
        else:
            (row,) = await unit.change(entity, [_change(writing)])
        document = await unit.record((entity, row["id"]))
        key = {each.name: row[each.column] for each in entity.keys}
        return WriteOutcome(key, unit.position, str(row["version"]), document)

    async def write_together(self, pool: Pool, writing: EntityWrite) -> WriteOutcome | None:
        """Execute a change of one row in a batch, if nothing else follows from it."""
        return await self._batches.change(pool, writing) if writing.kind == "change" else None

    def _unit(self, connection: Connection, writing: EntityWrite) -> UnitOfWork:
        return UnitOfWork(
            connection,
            self._ruleset,
            self._today(),
            access=writing.access,
            actor=writing.actor,
            client=True,
        )


def _change(writing: EntityWrite) -> RowChange:
    assert writing.key is not None
    return RowChange(
        key=writing.key,
        columns=writing.payload.columns,
        expected=writing.expected,
        is_complete=writing.kind == "replace",
        content=writing.content,
    )
