"""Whoever writes rentals takes locks in one order: no two wait for each other in a circle.

Each pair that meets on the same rows runs on two connections, in each interleaving of their
statements. Nothing is retried here: a deadlock fails.
"""

import asyncio
from collections.abc import Awaitable, Callable
from datetime import date, timedelta
from decimal import Decimal
from functools import partial
from typing import Any

import pytest
from tests.kernel.meeting import all_meet, connected
from tests.rentals.house import House
from tests.rentals.writing import change, log_rows

from gerance.kernel import transactions
from gerance.kernel.db import Connection
from gerance.kernel.errors import Rejection
from gerance.kernel.months import Month
from gerance.kernel.odata.access import EVERYTHING
from gerance.kernel.odata.writing.conditions import IdempotentRequest
from gerance.kernel.odata.writing.payload import EntityWrite, Payload
from gerance.rentals.billing_run.run import Order, run_billing
from gerance.rentals.declare.entity import column_of
from gerance.rentals.maintenance.entity import SERVICE_CALL
from gerance.rentals.model.rules import RULES, RULESET
from gerance.rentals.model.samples import WRITE_ANNOTATIONS
from gerance.rentals.property.entity import BUILDING, LEDGER_DIVISION
from gerance.rentals.writing.daily_job import refresh_batch
from gerance.rentals.writing.derived_columns import outdated
from gerance.rentals.writing.effective_day import begin
from gerance.rentals.writing.writer import RentalsWriter

TODAY = date(2026, 11, 22)
LATER = TODAY + timedelta(days=200)
ACTOR = "a1b2c3d4-0000-4000-8000-000000000001"
TICKET = "a1b2c3d4-0000-4000-8000-00000000000f"
PLACE = {"CompanyNo": 3, "DivisionNo": 1}
LEASE = {
    **PLACE, "TenantType": "D", "LastName": "Roy", "Rent": 900,
    "LeaseStartDate": date(2026, 7, 1), "LeaseEndDate": date(2027, 6, 30),
}  # fmt: skip

Ids = dict[str, Any]
Act = Callable[..., Awaitable[Any]]


def given(values: dict[str, Any]) -> Payload:
    details = {name: tuple(map(given, value)) for name, value in values.items()
               if isinstance(value, list)}  # fmt: skip
    columns = {column_of(name): value for name, value in values.items() if name not in details}
    return Payload(columns, details)


async def write(c: Connection, kind: Any, name: str, key: int | None, **values: Any) -> Any:
    """A request that writes, with an Idempotency-Key when it creates."""
    entity = RULES[name].entity
    writing = EntityWrite(
        kind=kind, entity=entity, key=None if key is None else {"id": key}, payload=given(values),
        access=EVERYTHING, actor=ACTOR,
    )  # fmt: skip
    async with c.transaction():
        repeatable = (
            IdempotentRequest(ACTOR, f"{name} {c.info.backend_pid}", b"") if key is None else None
        )
        if repeatable is not None:
            await repeatable.take(c)
        written = await RentalsWriter(RULESET, WRITE_ANNOTATIONS, lambda: TODAY).write(c, writing)
        if repeatable is not None:
            await repeatable.keep(c, 201, {}, None)
    return written.key["Id"]


def post(name: str, **values: Any) -> Act:
    return lambda c, s: write(c, "create", name, None, **told(values, s))


def patch(name: str, whom: str, **values: Any) -> Act:
    return lambda c, s: write(c, "change", name, s[whom], **told(values, s))


def delete(name: str, whom: str) -> Act:
    async def act(c: Connection, s: Ids) -> None:
        try:
            await write(c, "delete", name, s[whom])
        except Rejection as refused:
            if refused.code != "InUse":
                raise

    return act


def told(values: dict[str, Any], s: Ids) -> dict[str, Any]:
    return {name: s.get(value, value) if isinstance(value, str) else value
            for name, value in values.items()}  # fmt: skip


async def billing(c: Connection, s: Ids) -> None:
    await run_billing(c, Order(period=Month(2026, 12), today=TODAY))


async def renewing(c: Connection, name: str) -> None:
    owners = (await outdated(c, RULESET, LATER))[name]
    assert owners
    await refresh_batch(c, RULESET, LATER, {name: owners})


async def following(c: Connection, s: Ids) -> None:
    """What a reaction does to the calls of a ticket."""
    async with c.transaction():
        for call in (s["call"], s["other call"]):
            await change(c, SERVICE_CALL, call, {"status": "A"}, today=TODAY)


TRANSACTIONS: dict[str, Act] = {
    "post unit": post("Unit", **PLACE, BuildingCode="1000PINS", UnitCode="new"),
    "patch unit": patch("Unit", "unit", Active=False),
    "delete unit": delete("Unit", "empty"),
    "delete unit in use": delete("Unit", "next unit"),
    "patch building": patch("Building", "building", Name="Sapins"),
    "delete building": delete("Building", "building"),
    "delete annex": delete("Building", "annex"),
    "delete its unit": delete("Unit", "hut"),
    "move hut": patch("Unit", "hut", Floor=2),
    "post tenant": post("Tenant", **LEASE, UnitId="empty"),
    "move tenant": patch("Tenant", "tenant", UnitId="empty"),
    "move other tenant": patch("Tenant", "neighbour", UnitId="vacant"),
    "move tenant to other": patch("Tenant", "third", UnitId="empty"),
    "move east": patch("Tenant", "former", UnitId="east"),
    "move west": patch("Tenant", "eastern", UnitId="west"),
    "tenant departs": patch("Tenant", "tenant", DepartureDate=date(2027, 5, 31)),
    "delete tenant": delete("Tenant", "tenant"),
    "delete tenant with nothing": delete("Tenant", "neighbour"),
    "post step": post("LeasePriceChange", TenantId="tenant", EffectiveDate=LATER, Rent=950),
    "patch step": patch("LeasePriceChange", "step", Rent=960),
    "delete step": delete("LeasePriceChange", "step"),
    "rent parking": post(
        "TenantParking", TenantId="neighbour", ParkingId="parking 2", StartDate=TODAY,
        EndDate=LATER, Amount=1,
    ),
    "patch rental": patch("TenantParking", "rental", Amount=2),
    "move rental": patch("TenantParking", "rental", ParkingId="parking 2"),
    "delete rental": delete("TenantParking", "rental"),
    "patch parking": patch("Parking", "parking", Amount=3),
    "delete parking": delete("Parking", "parking"),
    "close unit": post("UnavailableUnit", UnitId="empty", StartDate=TODAY, Reason="Travaux"),
    "open unit": delete("UnavailableUnit", "closed"),
    "patch closed": patch("UnavailableUnit", "closed", UnitId="vacant"),
    "pay": post("Transaction", TenantId="tenant", TransactionDate=date(2026, 10, 1), Kind="P",
                Amount=-5),
    "pay later": post("Transaction", TenantId="tenant", TransactionDate=TODAY, Kind="P",
                      Amount=-5),
    "patch document": patch("Document", "document", Title="b"),
    "post call": post("ServiceCall", **PLACE, BuildingCode="1000PINS", UnitId="unit",
                      TenantId="tenant", SupplierId="supplier", Subject="Robinet",
                      ServiceCallDetails=[{"Description": "Joint"}]),
    "patch call": patch("ServiceCall", "call", Status="D"),
    "reaction": following,
    "patch supplier": patch("Supplier", "supplier", Name="Joints"),
    "delete supplier": delete("Supplier", "supplier"),
    "post invoice": post("Invoice", **PLACE, SupplierId="supplier", InvoiceNo="F-2",
                         InvoiceDate=TODAY, InvoiceDetails=[{"AccountNo": "1", "UnitPrice": 1}]),
    "post detail": post("InvoiceDetail", InvoiceId="invoice", AccountNo="2", UnitPrice=2),
    "patch division": patch("LedgerDivision", "division", Name="Q"),
    "bill": billing,
    "begin day": lambda c, s: begin(c, LATER),
    "renew tenants": lambda c, s: renewing(c, "Tenant"),
    "renew units": lambda c, s: renewing(c, "Unit"),
}  # fmt: skip
"""Every kind of transaction that writes rentals."""


@pytest.fixture(scope="module")
def scene(database: str) -> Ids:
    house = House(database)
    house.close()

    async def set_up() -> Ids:
        s: Ids = {"building": 1, "division": 1}

        async def made(known: str, name: str, **values: Any) -> None:
            values = told(values, s)
            s[known] = await write(connection, "create", name, None, **values)
            await connection.execute("DELETE FROM idempotency_key")

        async with connected(database) as connection:
            await log_rows(connection, [BUILDING, LEDGER_DIVISION])
            for unit in ("unit", "next unit", "last unit", "empty", "vacant"):
                await made(unit, "Unit", **PLACE, BuildingCode="1000PINS", UnitCode=unit)
            for tenant, unit in (("tenant", "unit"), ("neighbour", "next unit"),
                                 ("third", "last unit")):  # fmt: skip
                await made(tenant, "Tenant", **LEASE, UnitId=unit)
            await made("annex", "Building", **PLACE, BuildingCode="ANNEX", Name="Annexe",
                       CivicNoAndStreet="1 rue", City="Québec")  # fmt: skip
            for unit in ("hut", "east", "west"):
                code = "ANNEX" if unit == "hut" else "1000PINS"
                await made(unit, "Unit", **PLACE, BuildingCode=code, UnitCode=unit)
            await made("eastern", "Tenant", **LEASE, UnitId="east")
            before = {"LeaseStartDate": date(2020, 7, 1), "LeaseEndDate": date(2021, 6, 30)}
            await made("former", "Tenant", **LEASE | before, UnitId="west",
                       DepartureDate=date(2021, 6, 30))  # fmt: skip
            for parking in ("parking", "parking 2"):
                await made(parking, "Parking", **PLACE, BuildingCode="1000PINS",
                           ParkingCode=parking)  # fmt: skip
            lasting = {"StartDate": TODAY, "EndDate": LATER, "Amount": 1}
            await made("rental", "TenantParking", TenantId="tenant", ParkingId="parking", **lasting)
            await made("step", "LeasePriceChange", TenantId="tenant",
                       EffectiveDate=date(2026, 12, 1), Rent=920)  # fmt: skip
            await made("document", "Document", TenantId="tenant", Kind="L", Title="a")
            await made("closed", "UnavailableUnit", UnitId="empty", StartDate=LATER, Reason="x")
            await made("payment", "Transaction", TenantId="tenant", TransactionDate=TODAY,
                       Kind="P", Amount=-5)  # fmt: skip
            await made("supplier", "Supplier", SupplierCode="S", Name="Joints")
            for call in ("call", "other call"):
                await made(call, "ServiceCall", **PLACE, BuildingCode="1000PINS", UnitId="unit",
                           TenantId="tenant", SupplierId="supplier", Subject=call)  # fmt: skip
            await made("invoice", "Invoice", **PLACE, SupplierId="supplier", InvoiceNo="F-1",
                       InvoiceDate=TODAY,
                       InvoiceDetails=[{"AccountNo": "1", "UnitPrice": Decimal(1)}])  # fmt: skip
            await change(connection, SERVICE_CALL, s["call"], {"ticket_uid": TICKET}, today=TODAY)
        return s | {"url": database}

    return asyncio.run(set_up())


def test_no_two_transactions_wait_for_each_other(
    scene: Ids, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(transactions, "ATTEMPTS", 1)
    acts = {name: partial(act, s=scene) for name, act in TRANSACTIONS.items()}
    asyncio.run(all_meet(scene["url"], acts))
