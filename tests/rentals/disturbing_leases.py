"""Writers of leases, accounts and invoices by the rules, all at the same time.

Beside them a billing run charges one month after another, and a daily job begins one day after
another. Derived columns, running totals, copies, deletions and batches meet in this way.
"""

import asyncio
from collections.abc import Awaitable, Callable
from datetime import timedelta
from random import Random
from typing import Any, ClassVar

import psycopg
from tests.rentals.disturbing import HINDERED, TODAY, Act, Writers, one_of, select

from gerance.kernel.db import Connection
from gerance.kernel.months import Month
from gerance.kernel.odata.edm import EntityType
from gerance.kernel.odata.writing.payload import Payload
from gerance.rentals.billing.entity import TRANSACTION
from gerance.rentals.billing_run.run import Order, run_billing
from gerance.rentals.leasing.entity import LEASE_PRICE_CHANGE, TENANT, TENANT_PARKING
from gerance.rentals.model.rules import RULESET
from gerance.rentals.purchasing.entity import INVOICE
from gerance.rentals.writing.daily_job import refresh
from gerance.rentals.writing.effective_day import begin
from gerance.rentals.writing.unit_of_work import RowChange, UnitOfWork


class LeaseWriters(Writers):
    """Writers of tenants in these buildings, a billing run and a daily job."""

    async def _all(self) -> None:
        await asyncio.gather(super()._all(), self._job(self._bill), self._job(self._begin_days))

    async def _job(self, job: Callable[[Connection], Awaitable[None]]) -> None:
        async with await psycopg.AsyncConnection.connect(self._url, autocommit=True) as connection:
            await job(connection)

    async def _bill(self, connection: Connection) -> None:
        for months in range(6):
            period = Month.of(TODAY).plus(months)
            await run_billing(connection, Order(period=period, today=TODAY, together=40))

    async def _begin_days(self, connection: Connection) -> None:
        for nth in range(1, 9):
            day = TODAY + timedelta(weeks=nth)
            await begin(connection, day)
            try:
                await refresh(connection, RULESET, day, together=40)
            except HINDERED:
                self.undone += 1

    # What a writer does

    async def _arrive(self, connection: Connection, rng: Random) -> None:
        (unit,) = await self._some(connection, "rentals.unit", "building_id", rng)
        start = TODAY + timedelta(rng.randint(-20, 3000))
        columns = {
            **_place(unit),
            "unit_id": unit["id"],
            "tenant_type": "D",
            "last_name": f"Arrival {rng.random()}",
            "lease_start_date": start,
            "lease_end_date": start + timedelta(30),
            "lease_renewable": False,
            "rent": rng.randint(500, 900),
        }
        await _create(connection, TENANT, columns)

    async def _change_tenant(self, connection: Connection, rng: Random) -> None:
        tenant = await self._tenant(connection, rng)
        change = rng.choice(
            (
                {"last_name": f"Name {rng.random()}"},
                {"rent": rng.randint(500, 900)},
                {"departure_date": TODAY + timedelta(rng.randint(-10, 100))},
                {"departure_date": None},
            )
        )
        await _change(connection, TENANT, tenant["id"], change)

    async def _move_tenant(self, connection: Connection, rng: Random) -> None:
        tenant = await self._tenant(connection, rng)
        (unit,) = await self._some(connection, "rentals.unit", "building_id", rng)
        columns = {"unit_id": unit["id"], "building_code": unit["building_code"]}
        columns["unit_code"] = unit["unit_code"]
        await _change(connection, TENANT, tenant["id"], columns)

    async def _leave(self, connection: Connection, rng: Random) -> None:
        rows = await select(
            connection,
            "SELECT id FROM rentals.tenant WHERE last_name ~ '^Arrival|^Name' ORDER BY id DESC"
            " LIMIT 9",
        )
        await _delete(connection, TENANT, one_of(rows, rng)["id"])

    async def _pay(self, connection: Connection, rng: Random) -> None:
        """A payment, often before other transactions."""
        tenant = await self._tenant(connection, rng)
        day = TODAY + timedelta(rng.randint(-300, 20))
        columns = {"transaction_date": day, "kind": "P", "amount": -rng.randint(1, 2000)}
        await _create(connection, TRANSACTION, {"tenant_id": tenant["id"], **columns})

    async def _raise_rent(self, connection: Connection, rng: Random) -> None:
        tenant = await self._tenant(connection, rng)
        day = TODAY + timedelta(rng.randint(-20, 60))
        columns = {"effective_date": day, "rent": rng.randint(500, 900)}
        await _create(connection, LEASE_PRICE_CHANGE, {"tenant_id": tenant["id"], **columns})

    async def _change_rise(self, connection: Connection, rng: Random) -> None:
        row = await self._latest(connection, LEASE_PRICE_CHANGE, rng)
        if rng.random() < 0.4:
            await _delete(connection, LEASE_PRICE_CHANGE, row["id"])
        else:
            new = {"rent": rng.randint(500, 900)}
            await _change(connection, LEASE_PRICE_CHANGE, row["id"], new)

    async def _rent_parking(self, connection: Connection, rng: Random) -> None:
        tenant = await self._tenant(connection, rng)
        (parking,) = await self._some(connection, "rentals.parking", "building_id", rng)
        start = TODAY + timedelta(rng.randint(-20, 3000))
        columns = {"start_date": start, "end_date": start + timedelta(9), "amount": 40}
        ids = {"tenant_id": tenant["id"], "parking_id": parking["id"]}
        await _create(connection, TENANT_PARKING, {**ids, **columns, "renewable": False})

    async def _end_parking(self, connection: Connection, rng: Random) -> None:
        row = await self._latest(connection, TENANT_PARKING, rng)
        if rng.random() < 0.5:
            await _delete(connection, TENANT_PARKING, row["id"])
        else:
            await _change(connection, TENANT_PARKING, row["id"], {"amount": rng.randint(1, 90)})

    async def _invoice(self, connection: Connection, rng: Random) -> None:
        (building,) = await self._some(connection, "rentals.building", "id", rng)
        lines = tuple(
            Payload({"account_no": "5100", "unit_price": rng.randint(1, 99), "quantity": 2})
            for _ in range(rng.randint(1, 3))
        )
        columns = {
            "company_no": building["company_no"],
            "division_no": building["division_no"],
            "supplier_id": 1,
            "invoice_no": f"Z{rng.random()}"[:30],
            "invoice_date": TODAY,
        }
        await _create(connection, INVOICE, columns, {"InvoiceDetails": lines})

    acts: ClassVar[tuple[Act, ...]] = (
        _arrive, _arrive, _change_tenant, _change_tenant, _move_tenant, _leave, _pay, _pay,
        _raise_rent, _change_rise, _rent_parking, _end_parking, _invoice,
    )  # fmt: skip

    # What it does it with

    async def _some(
        self, connection: Connection, table: str, column: str, rng: Random
    ) -> list[dict[str, Any]]:
        building = rng.choice(self._buildings)
        rows = await select(
            connection, f"SELECT * FROM {table} WHERE {column} = %s ORDER BY id LIMIT 20", building
        )
        return [one_of(rows, rng)]

    async def _tenant(self, connection: Connection, rng: Random) -> dict[str, Any]:
        building = rng.choice(self._buildings)
        rows = await select(
            connection,
            "SELECT t.id FROM rentals.tenant t JOIN rentals.unit u ON u.id = t.unit_id"
            " WHERE u.building_id = %s ORDER BY t.id DESC LIMIT 20",
            building,
        )
        return one_of(rows, rng)

    async def _latest(
        self, connection: Connection, entity: EntityType, rng: Random
    ) -> dict[str, Any]:
        rows = await select(connection, f"SELECT id FROM {entity.source} ORDER BY id DESC LIMIT 20")
        return one_of(rows, rng)


def _place(row: dict[str, Any]) -> dict[str, Any]:
    return {
        name: row[name] for name in ("company_no", "division_no", "building_code") if name in row
    }


async def _create(
    connection: Connection,
    entity: EntityType,
    columns: dict[str, Any],
    details: dict[str, tuple[Payload, ...]] | None = None,
) -> None:
    unit = UnitOfWork(connection, RULESET, TODAY)
    await unit.create(entity, [Payload(columns, details or {})])
    await unit.record()


async def _change(
    connection: Connection, entity: EntityType, id_: int, columns: dict[str, Any]
) -> None:
    unit = UnitOfWork(connection, RULESET, TODAY)
    await unit.change(entity, [RowChange(key={"id": id_}, columns=columns)])
    await unit.record()


async def _delete(connection: Connection, entity: EntityType, id_: int) -> None:
    unit = UnitOfWork(connection, RULESET, TODAY)
    await unit.delete(entity, {"id": id_})
    await unit.record()
