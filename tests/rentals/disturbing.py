"""Writers who change buildings, units and their closings at random, all at the same time.

Their transactions stay open for a while and end in another order than they began; some are undone.
"""

import asyncio
from collections.abc import Sequence
from datetime import date, timedelta
from random import Random
from threading import Thread
from typing import Any

import psycopg
from psycopg.errors import DeadlockDetected, IntegrityError, LockNotAvailable
from psycopg.rows import dict_row
from tests.rentals.conftest import NOW
from tests.rentals.writing import change, move

from gerance.kernel.db import Connection
from gerance.kernel.errors import Rejection
from gerance.kernel.odata.edm import EntityType
from gerance.rentals.model.rules import RULESET
from gerance.rentals.property.entity import BUILDING, UNAVAILABLE_UNIT, UNIT
from gerance.rentals.writing.unit_of_work import UnitOfWork

TODAY = NOW.date()
CITIES = ("Québec", "Lyon", "Ici", "Ailleurs")
_HINDERED = (DeadlockDetected, LockNotAvailable, IntegrityError, Rejection)


class Undone(Exception):
    """What a writer raises to undo what it did."""


class Writers:
    """`count` writers with `transactions` each, on these buildings."""

    def __init__(
        self, url: str, *, count: int, transactions: int, buildings: Sequence[int]
    ) -> None:
        self.committed = 0
        self.undone = 0
        self._url = url
        self._count = count
        self._transactions = transactions
        self._buildings = buildings
        self._thread = Thread(target=lambda: asyncio.run(self._all()))

    def __enter__(self) -> "Writers":
        self._thread.start()
        return self

    def __exit__(self, *failure: object) -> None:
        self._thread.join()

    @property
    def busy(self) -> bool:
        return self._thread.is_alive()

    async def _all(self) -> None:
        await asyncio.gather(*(self._write(Random(nth)) for nth in range(self._count)))

    async def _write(self, rng: Random) -> None:
        async with await psycopg.AsyncConnection.connect(self._url, autocommit=True) as connection:
            await connection.execute("SET lock_timeout = '100ms'; SET deadlock_timeout = '20ms'")
            for _ in range(self._transactions):
                try:
                    async with connection.transaction():
                        for _ in range(rng.randint(1, 4)):
                            await rng.choice(_ACTS)(self, connection, rng)
                        await asyncio.sleep(rng.choice((0, 0, 0.01, 0.08)))
                        if rng.random() < 0.1:
                            raise Undone
                    self.committed += 1
                except (Undone, *_HINDERED):
                    self.undone += 1

    # What a writer does

    async def _change_building(self, connection: Connection, rng: Random) -> None:
        changed = {"name": f"Maison {rng.random()}", "city": rng.choice(CITIES)}
        building = rng.choice(self._buildings)
        await change(connection, BUILDING, building, changed, today=TODAY)

    async def _change_unit(self, connection: Connection, rng: Random) -> None:
        unit = await self._unit(connection, rng)
        changed = {"floor": rng.randint(0, 6), "base_rent": rng.randint(500, 900)}
        await change(connection, UNIT, unit["id"], changed, today=TODAY)

    async def _move_unit(self, connection: Connection, rng: Random) -> None:
        """As no rule allows: a building has another number of units then."""
        unit = await self._unit(connection, rng)
        place = await self._place(connection, rng)
        await move(connection, UNIT, unit["id"], place, today=TODAY)

    async def _add_unit(self, connection: Connection, rng: Random) -> None:
        place = await self._place(connection, rng)
        row = {**place, "unit_code": f"Z{rng.randint(0, 10**8)}", "floor": rng.randint(0, 6)}
        await _add(connection, UNIT, row)

    async def _delete_unit(self, connection: Connection, rng: Random) -> None:
        unit = await self._unit(connection, rng)
        if unit["unit_code"].startswith("Z"):
            await _delete(connection, UNIT, unit)

    async def _close(self, connection: Connection, rng: Random) -> None:
        unit = await self._unit(connection, rng)
        start: date = TODAY + timedelta(rng.randint(-50, 50))
        place = {name: unit[name] for name in ("company_no", "division_no")}
        closing = {"unit_id": unit["id"], "start_date": start, "reason": rng.choice(CITIES)}
        await _add(connection, UNAVAILABLE_UNIT, {**closing, **place})

    async def _move_closing(self, connection: Connection, rng: Random) -> None:
        closing = await self._closing(connection, rng)
        unit = await self._unit(connection, rng)
        names = ("company_no", "division_no")
        changed = {"unit_id": unit["id"], **{name: unit[name] for name in names}}
        # Not by the rules, which read the place of the unit again: it may have moved since.
        await move(connection, UNAVAILABLE_UNIT, closing["id"], changed, today=TODAY)

    async def _open(self, connection: Connection, rng: Random) -> None:
        await _delete(connection, UNAVAILABLE_UNIT, await self._closing(connection, rng))

    # What it does it with

    async def _place(self, connection: Connection, rng: Random) -> dict[str, Any]:
        """The columns that say in which building a unit is."""
        (building,) = await _rows(
            connection,
            "SELECT id AS building_id, company_no, division_no, building_code"
            " FROM rentals.building WHERE id = %s",
            [rng.choice(self._buildings)],
        )
        return building

    async def _unit(self, connection: Connection, rng: Random) -> dict[str, Any]:
        found = await _rows(
            connection,
            "SELECT * FROM rentals.unit WHERE building_id = %s ORDER BY id DESC LIMIT 12",
            [rng.choice(self._buildings)],
        )
        return _one(found, rng)

    async def _closing(self, connection: Connection, rng: Random) -> dict[str, Any]:
        found = await _rows(
            connection, "SELECT * FROM rentals.unavailable_unit ORDER BY id DESC LIMIT 20", []
        )
        return _one(found, rng)


_ACTS = (
    Writers._change_building,
    Writers._change_unit,
    Writers._change_unit,
    Writers._move_unit,
    Writers._add_unit,
    Writers._delete_unit,
    Writers._close,
    Writers._move_closing,
    Writers._open,
)


async def _add(connection: Connection, entity: EntityType, row: dict[str, Any]) -> None:
    names = ", ".join(row)
    (added,) = await _rows(
        connection,
        f"INSERT INTO {entity.source} ({names}) VALUES ({', '.join(['%s'] * len(row))})"
        " RETURNING *",
        list(row.values()),
    )
    work = UnitOfWork(connection, RULESET, TODAY)
    work.note_created(entity, [added])
    await work.record()


async def _delete(connection: Connection, entity: EntityType, row: dict[str, Any]) -> None:
    query = f"SELECT * FROM {entity.source} WHERE id = %s FOR UPDATE"
    (locked,) = await _rows(connection, query, [row["id"]]) or [None]
    if locked is None:
        raise Undone
    work = UnitOfWork(connection, RULESET, TODAY)
    await work.note_deleted(entity, [locked])
    await connection.execute(f"DELETE FROM {entity.source} WHERE id = %s", [row["id"]])
    await work.record()


async def _rows(connection: Connection, query: str, params: list[Any]) -> list[dict[str, Any]]:
    async with connection.cursor(row_factory=dict_row) as cursor:
        await cursor.execute(query.encode(), params)
        return await cursor.fetchall()


def _one(found: list[dict[str, Any]], rng: Random) -> dict[str, Any]:
    if not found:
        raise Undone
    return rng.choice(found)
