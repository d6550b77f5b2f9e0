"""Writers who change buildings, units and their closings at random, all at the same time.

Their transactions stay open for a while and end in another order than they began; some are undone.
"""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from datetime import date, timedelta
from random import Random
from threading import Thread
from typing import Any, ClassVar

import psycopg
from psycopg.errors import DeadlockDetected, IntegrityError, LockNotAvailable
from psycopg.rows import dict_row
from tests.rentals.conftest import NOW
from tests.rentals.writing import change, move

from gerance.kernel.db import Connection
from gerance.kernel.errors import Rejection
from gerance.kernel.odata.edm import EntityType
from gerance.kernel.odata.versions import sets_changed
from gerance.rentals.model.rules import RULESET
from gerance.rentals.property.entity import BUILDING, UNAVAILABLE_UNIT, UNIT
from gerance.rentals.writing.unit_of_work import UnitOfWork

TODAY = NOW.date()
CITIES = ("Québec", "Lyon", "Ici", "Ailleurs")
HINDERED = (DeadlockDetected, LockNotAvailable, IntegrityError, Rejection)


Act = Callable[[Any, Connection, Random], Awaitable[None]]
"""What a writer does in a transaction."""


class Undone(Exception):
    """What a writer raises to undo what it did."""


class Writers:
    """`count` writers, on these buildings. Each has at least `transactions`, and goes on until the
    reader has seen enough (`finish`)."""

    def __init__(
        self, url: str, *, count: int, transactions: int, buildings: Sequence[int]
    ) -> None:
        self.committed = 0
        self.undone = 0
        self._url = url
        self._count = count
        self._transactions = transactions
        self._buildings = buildings
        self._may_end = False
        self._failure: BaseException | None = None
        self._thread = Thread(target=self._run)

    def __enter__(self) -> "Writers":
        self._thread.start()
        return self

    def __exit__(self, *failure: object) -> None:
        self.finish()
        self._thread.join()

    def finish(self) -> None:
        """The writers may end."""
        self._may_end = True

    @property
    def busy(self) -> bool:
        return self._thread.is_alive()

    def require_success(self) -> None:
        """Raises what ended a writer."""
        if self._failure is not None:
            raise self._failure

    def _run(self) -> None:
        try:
            asyncio.run(self._all())
        except BaseException as failure:
            self._failure = failure

    async def _all(self) -> None:
        await asyncio.gather(*(self._write(Random(nth)) for nth in range(self._count)))

    async def _write(self, rng: Random) -> None:
        async with await psycopg.AsyncConnection.connect(self._url, autocommit=True) as connection:
            await connection.execute("SET lock_timeout = '100ms'; SET deadlock_timeout = '20ms'")
            written = 0
            while written < self._transactions or not self._may_end:
                written += 1
                try:
                    async with connection.transaction():
                        for _ in range(rng.randint(1, 4)):
                            await rng.choice(self.acts)(self, connection, rng)
                        await asyncio.sleep(rng.choice((0, 0, 0.01, 0.08)))
                        if rng.random() < 0.1:
                            raise Undone
                    self.committed += 1
                except (Undone, *HINDERED):
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
        """As no rule allows: a building has another number of units then. Copies of the place
        follow in the same transaction, as they must wherever an owner's place may change."""
        unit = await self._unit(connection, rng)
        place = await self._place(connection, rng)
        await move(connection, UNIT, unit["id"], place, today=TODAY)
        await connection.execute(
            "UPDATE rentals.unavailable_unit SET company_no = %(company_no)s,"
            " division_no = %(division_no)s WHERE unit_id = %(id)s",
            {**place, "id": unit["id"]},
        )
        await sets_changed(connection, [UNAVAILABLE_UNIT.set_name])

    async def _add_unit(self, connection: Connection, rng: Random) -> None:
        place = await self._place(connection, rng)
        row = {**place, "unit_code": f"Z{rng.randint(0, 10**8)}", "floor": rng.randint(0, 6)}
        await _add(connection, UNIT, row)

    async def _delete_unit(self, connection: Connection, rng: Random) -> None:
        unit = await self._unit(connection, rng)
        if unit["unit_code"].startswith("Z"):
            await _delete(connection, UNIT, unit)

    async def _close(self, connection: Connection, rng: Random) -> None:
        unit = await self._locked_unit(connection, rng)
        start: date = TODAY + timedelta(rng.randint(-50, 50))
        place = {name: unit[name] for name in ("company_no", "division_no")}
        closing = {"unit_id": unit["id"], "start_date": start, "reason": rng.choice(CITIES)}
        await _add(connection, UNAVAILABLE_UNIT, {**closing, **place})

    async def _move_closing(self, connection: Connection, rng: Random) -> None:
        unit = await self._locked_unit(connection, rng)
        closing = await self._closing(connection, rng)
        changed = {"unit_id": unit["id"]}
        await change(connection, UNAVAILABLE_UNIT, closing["id"], changed, today=TODAY)

    async def _open(self, connection: Connection, rng: Random) -> None:
        await _delete(connection, UNAVAILABLE_UNIT, await self._closing(connection, rng))

    acts: ClassVar[tuple[Act, ...]] = (
        _change_building, _change_unit, _change_unit, _move_unit, _add_unit, _delete_unit,
        _close, _move_closing, _open,
    )  # fmt: skip

    # What it does it with

    async def _place(self, connection: Connection, rng: Random) -> dict[str, Any]:
        """The columns that say in which building a unit is."""
        (building,) = await select(
            connection,
            "SELECT id AS building_id, company_no, division_no, building_code"
            " FROM rentals.building WHERE id = %s",
            rng.choice(self._buildings),
        )
        return building

    async def _unit(self, connection: Connection, rng: Random) -> dict[str, Any]:
        found = await select(
            connection,
            "SELECT * FROM rentals.unit WHERE building_id = %s ORDER BY id DESC LIMIT 12",
            rng.choice(self._buildings),
        )
        return one_of(found, rng)

    async def _locked_unit(self, connection: Connection, rng: Random) -> dict[str, Any]:
        """A unit that does not move until the transaction ends: what copies its place holds it."""
        unit = await self._unit(connection, rng)
        query = "SELECT * FROM rentals.unit WHERE id = %s FOR SHARE"
        return one_of(await select(connection, query, unit["id"]), rng)

    async def _closing(self, connection: Connection, rng: Random) -> dict[str, Any]:
        found = await select(
            connection, "SELECT * FROM rentals.unavailable_unit ORDER BY id DESC LIMIT 20"
        )
        return one_of(found, rng)


async def _add(connection: Connection, entity: EntityType, row: dict[str, Any]) -> None:
    names = ", ".join(row)
    (added,) = await select(
        connection,
        f"INSERT INTO {entity.source} ({names}) VALUES ({', '.join(['%s'] * len(row))})"
        " RETURNING *",
        *row.values(),
    )
    work = UnitOfWork(connection, RULESET, TODAY)
    work.note_created(entity, [added])
    await work.record()


async def _delete(connection: Connection, entity: EntityType, row: dict[str, Any]) -> None:
    query = f"SELECT * FROM {entity.source} WHERE id = %s FOR UPDATE"
    (locked,) = await select(connection, query, row["id"]) or [None]
    if locked is None:
        raise Undone
    work = UnitOfWork(connection, RULESET, TODAY)
    await work.note_deleted(entity, [locked])
    await connection.execute(f"DELETE FROM {entity.source} WHERE id = %s", [row["id"]])
    await work.record()


async def select(connection: Connection, query: str, *params: Any) -> list[dict[str, Any]]:
    """The rows of a query."""
    async with connection.cursor(row_factory=dict_row) as cursor:
        await cursor.execute(query.encode(), params)
        return await cursor.fetchall()


def one_of(found: list[dict[str, Any]], rng: Random) -> dict[str, Any]:
    """One of the rows; without any, the transaction is undone."""
    if not found:
        raise Undone
    return rng.choice(found)
