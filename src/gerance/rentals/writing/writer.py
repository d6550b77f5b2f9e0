"""The API's writes of rentals, each as one unit of work."""

from collections.abc import Callable
from datetime import date

from gerance.kernel.db import Connection
from gerance.kernel.odata.edm import EntityType
from gerance.kernel.odata.write_annotations import WriteAnnotations
from gerance.kernel.odata.writing.payload import EntityWrite, WriteOutcome
from gerance.rentals.declare.rules import Ruleset
from gerance.rentals.writing.unit_of_work import RowChange, UnitOfWork


class RentalsWriter:
    """Writes the rentals' entities. `today`: gives the day in the installation's zone."""

    def __init__(
        self, ruleset: Ruleset, annotations: WriteAnnotations, today: Callable[[], date]
    ) -> None:
        self.annotations = annotations
        self._ruleset = ruleset
        self._today = today

    def deep(self, entity: EntityType) -> frozenset[str]:
        """The navigations whose entities may be created with one of this type."""
        return self.annotations.deep.get(entity.name, frozenset())

    async def write(self, connection: Connection, writing: EntityWrite) -> WriteOutcome:
        """Execute a write in the transaction under way; see the interface."""
        entity = writing.entity
        unit = UnitOfWork(
            connection,
            self._ruleset,
            self._today(),
            access=writing.access,
            actor=writing.actor,
            client=True,
        )
        if writing.key is None:
            (row,) = await unit.create(entity, [writing.payload])
        else:
            if writing.kind == "delete":
                row = await unit.delete(entity, writing.key, writing.expected)
            else:
                change = RowChange(
                    key=writing.key,
                    columns=writing.payload.columns,
                    expected=writing.expected,
                    whole=writing.kind == "replace",
                    content=writing.content,
                )
                (row,) = await unit.change(entity, [change])
        document = await unit.record((entity, row["id"]))
        names = {each.name: row[each.column] for each in entity.keys}
        return WriteOutcome(names, unit.position, str(row["version"]), document)
