"""The API's writes of rentals, each as one unit of work."""

from collections.abc import Callable
from datetime import date

from gerance.kernel.db import Connection
from gerance.kernel.odata.edm import EntityType
from gerance.kernel.odata.write_annotations import WriteAnnotations
from gerance.kernel.odata.writing.payload import EntityWrite, WriteOutcome
from gerance.rentals.declare.rules import Row, Ruleset
from gerance.rentals.writing.events import prepare
from gerance.rentals.writing.single_row import change_alone, update_own
from gerance.rentals.writing.unit_of_work import RowChange, UnitOfWork


class RentalsWriter:
    """Writes the rentals' entities. `today`: gives the day in the installation's zone."""

    def __init__(
        self, ruleset: Ruleset, annotations: WriteAnnotations, today: Callable[[], date]
    ) -> None:
        self.annotations = annotations
        self._ruleset = ruleset
        self._today = today
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
            (row,) = await unit.change(entity, [_change(writing)], update_own)
        document = await unit.record((entity, row["id"]))
        return _outcome(writing, unit, row, document)

    async def write_alone(
        self, connection: Connection, writing: EntityWrite
    ) -> WriteOutcome | None:
        """Execute a change of one row without a transaction, if that is possible."""
        if writing.kind != "change" or writing.key is None:
            return None
        unit = self._unit(connection, writing)
        result = await change_alone(unit, writing.entity, _change(writing))
        return result and _outcome(writing, unit, result.row, result.document)

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


def _outcome(
    writing: EntityWrite, unit: UnitOfWork, row: Row, document: str | None
) -> WriteOutcome:
    key = {each.name: row[each.column] for each in writing.entity.keys}
    return WriteOutcome(key, unit.position, str(row["version"]), document)
