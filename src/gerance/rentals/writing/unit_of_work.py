"""What a write has changed, and how it comes into the log."""

from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from uuid import uuid4

from gerance.kernel.db import Connection
from gerance.kernel.odata.edm import EntityType
from gerance.kernel.odata.versions import sets_changed
from gerance.rentals.declare.rules import Row
from gerance.rentals.writing.derived import Changed, Owners, derive, owners_touched
from gerance.rentals.writing.events import (
    Stamp,
    count_change,
    record_added,
    record_changed,
    record_deleted,
)

_Ids = dict[str, tuple[EntityType, set[int]]]


@dataclass
class Changes:
    """The rows that a write has added, changed and deleted, before they are recorded.

    `caused_by`: the position of the event to which a reaction answers; `derived`: once they are
    recorded, the rows that were changed by what follows from them.
    """

    process: str = field(default_factory=lambda: str(uuid4()))
    now: datetime = field(default_factory=lambda: datetime.now(UTC))
    caused_by: int | None = None
    position: int | None = None
    derived: Changed = field(default_factory=dict)
    _added: _Ids = field(default_factory=dict)
    _changed: _Ids = field(default_factory=dict)
    _deleted: dict[str, EntityType] = field(default_factory=dict)
    _owners: dict[str, set[int]] = field(default_factory=dict)

    def added(self, entity: EntityType, row: Row) -> None:
        self._added.setdefault(entity.name, (entity, set()))[1].add(row["id"])
        self._touch(entity, row)

    def changed(self, entity: EntityType, before: Row, after: Row) -> None:
        self._changed.setdefault(entity.name, (entity, set()))[1].add(after["id"])
        self._touch(entity, before, after)

    async def deleted(
        self, connection: Connection, entity: EntityType, before: Row, *, actor: str | None
    ) -> None:
        """Record that a row is about to be removed: what it was is in the event."""
        self.position = await record_deleted(
            connection, entity, [before["id"]], **self._stamp(actor)
        )
        self._deleted[entity.name] = entity
        self._touch(entity, before)

    def outdated(self, owners: Owners) -> None:
        """What follows from these is to be derived anew, though nobody changed them."""
        for name, ids in owners.items():
            self._owners.setdefault(name, set()).update(ids)

    async def record(self, connection: Connection, today: date, *, actor: str | None) -> int | None:
        """Derive what follows from it, append the events; the last position of the log.

        A running total that changed has no event: one back-dated transaction would repeat all that
        come after it. The row's version counts the change.
        """
        owners = {name: sorted(ids) for name, ids in self._owners.items()}
        self.derived = await derive(connection, today, owners)
        totals = [entity for entity, _ in self.derived.values() if entity.running is not None]
        for name, (entity, ids) in self.derived.items():
            if entity in totals:
                told = [of.get(name, (entity, set()))[1] for of in (self._added, self._changed)]
                others = sorted(set(ids).difference(*told))
                await count_change(connection, entity, others, self.now)
            else:
                self._changed.setdefault(name, (entity, set()))[1].update(ids)
        stamp = self._stamp(actor)
        for entity, new in self._added.values():
            if entity.name in self._changed:
                self._changed[entity.name][1].difference_update(new)
            self.position = await record_added(connection, entity, sorted(new), **stamp)
        for entity, old in self._changed.values():
            if old:
                self.position = await record_changed(connection, entity, sorted(old), **stamp)
        kinds = [entity for ids in (self._added, self._changed) for entity, found in ids.values()
                 if found]  # fmt: skip
        await sets_changed(
            connection, {each.set_name for each in (*kinds, *totals, *self._deleted.values())}
        )
        return self.position

    def _touch(self, entity: EntityType, *rows: Row) -> None:
        self.outdated(owners_touched(entity, *rows))

    def _stamp(self, actor: str | None) -> Stamp:
        return Stamp(now=self.now, actor=actor, process=self.process, caused_by=self.caused_by)
