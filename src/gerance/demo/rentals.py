"""The demonstration's rentals: divisions of three companies, their buildings, tenants and papers.

All of it is one transaction. What is made depends on the day and the sizes alone. Rows are made a
few buildings at a time, in a thread, while the database takes the last ones.
"""

import asyncio
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from random import Random

from gerance.demo.rentals_book import COLUMNS, Book, Row
from gerance.demo.rentals_buildings import build
from gerance.demo.rentals_ledgers import add_ledgers
from gerance.demo.rentals_places import DIVISIONS
from gerance.demo.rentals_plans import RESERVED, KnownPatrimony, building_plans
from gerance.demo.rentals_tenants import add_agreed_increase, settle
from gerance.demo.rentals_upkeep import (
    KnownProvider,
    add_calls,
    add_invoices,
    add_suppliers,
)
from gerance.demo.world_identifiers import uid_of
from gerance.kernel.daily_job import note_day
from gerance.kernel.db import Connection
from gerance.kernel.log.follower import skip_to_end
from gerance.reactions.follower import NAME as REACTIONS
from gerance.rentals.model import TABLES
from gerance.rentals.model.rules import RULESET
from gerance.rentals.writing.bulk import copy_into
from gerance.rentals.writing.unit_of_work import UnitOfWork

Rows = dict[str, list[Row]]

TOGETHER = 25
"""Buildings whose rows are written together."""


@dataclass(frozen=True)
class RentalSize:
    """How much there is to be: `tenants` past, present and to come, at most two for each unit.

    The buildings of the reference are there in any case; all else goes with the numbers.
    """

    buildings: int
    units: int
    tenants: int

    @classmethod
    def of(cls, scale: int) -> "RentalSize":
        return cls(60 * scale, 1500 * scale, 1200 * scale)


@dataclass(frozen=True)
class Neighbours:
    """What the incident side has, to be linked with: buildings by division, French providers."""

    patrimonies: dict[tuple[int, int], list[KnownPatrimony]]
    providers: list[KnownProvider]


async def load_rentals(
    connection: Connection,
    size: RentalSize,
    *,
    now: datetime,
    on_progress: Callable[[int, int], None] = lambda count, total: None,
) -> None:
    """Load rentals of this size as of `now`, unless there are some.

    `on_progress(count, total)` counts buildings. What is linked with incidents is linked with what
    is there by now.
    """
    result = await connection.execute("SELECT EXISTS (SELECT FROM rentals.ledger_division)")
    if (await result.fetchall())[0][0]:
        return
    async with connection.transaction():
        await connection.execute("SET LOCAL timezone = 'UTC'; SET LOCAL work_mem = '128MB'")
        process = uid_of(0, "rentals", now.isoformat())
        unit = UnitOfWork(
            connection, RULESET, now.date(), process=process, now=now, recompute_all=True
        )
        neighbours = await _neighbours(connection)
        batches = _batches(size, neighbours, now)
        batch = await asyncio.to_thread(next, batches, None)
        while batch is not None:
            coming = asyncio.create_task(asyncio.to_thread(next, batches, None))
            count, rows = batch
            for entity in TABLES:
                if rows.get(entity.name):
                    columns = ("id", *COLUMNS[entity.name], "modified_at")
                    await copy_into(unit, entity, columns, rows[entity.name])
            on_progress(count, size.buildings)
            batch = await coming
        await _link_tickets(connection)
        for entity in TABLES:
            await connection.execute(f"ANALYZE {entity.source}")
        await note_day(connection, "rentals", now.date())
        await unit.record()
    # The demonstration's events are in the past: no reaction runs for them.
    await skip_to_end(connection, REACTIONS)
    await connection.execute("ANALYZE")


def _batches(
    size: RentalSize, neighbours: Neighbours, now: datetime
) -> Iterator[tuple[int, Rows] | None]:
    """Rows of a few buildings each, and how many buildings there are with them."""
    today = now.date()
    book = Book(now - timedelta(60), RESERVED)
    rng = Random(f"rentals/{size}")
    add_ledgers(book, rng, size.units, today)
    suppliers = add_suppliers(book, rng, 20 + size.buildings // 20, neighbours.providers)
    plans = building_plans(size.buildings, size.units, size.tenants, neighbours.patrimonies)
    count = calls = invoices = units = 0
    for count, plan in enumerate(plans, start=1):
        rng = Random(f"rentals/{plan.building_id}")
        book.modified = now - timedelta(minutes=rng.randint(10, 60 * 24 * 60))
        building = build(book, rng, plan, today)
        first = ("cyr", "Guy") if count == 1 else None
        tenants = settle(book, rng, building, plan.tenants, today, first)
        units += plan.units
        call_total = units * 4 // 15
        add_calls(book, rng, building, call_total - calls, tenants, suppliers, now)
        calls = call_total
        invoice_total = units * 6 // 25
        add_invoices(book, rng, building, invoice_total - invoices, suppliers, today)
        invoices = invoice_total
        if count % TOGETHER == 0:
            yield count, book.take()
    add_agreed_increase(book)
    yield count, book.take()


async def _neighbours(connection: Connection) -> Neighbours:
    """What the demonstration's incidents have in the towns of the French divisions."""
    towns_result = await connection.execute(
        "SELECT left(ref, 3), uid::text, label, ARRAY(SELECT l.uid::text FROM lot l"
        " WHERE l.patrimony = p.uid AND l.usage = 'Apartment' ORDER BY l.ref) FROM patrimony p"
        " WHERE ref SIMILAR TO '(LYO1|NAN1)%' AND label !~ '^[0-9]' ORDER BY ref"
    )
    patrimonies: dict[tuple[int, int], list[KnownPatrimony]] = {}
    places = {each.name[:3].upper(): each.place for each in DIVISIONS if each.country == "FR"}
    for town, uid, label, lots in await towns_result.fetchall():
        patrimony = KnownPatrimony(uid, label, tuple(lots))
        patrimonies.setdefault(places[town], []).append(patrimony)
    providers_result = await connection.execute(
        "SELECT uid::text, name, phones[1], emails[1] FROM provider_contact p"
        " WHERE company IN (SELECT company FROM patrimony WHERE ref SIMILAR TO '(LYO1|NAN1)%')"
        " ORDER BY name, uid LIMIT 8"
    )
    return Neighbours(
        patrimonies, [KnownProvider(*row) for row in await providers_result.fetchall()]
    )


async def _link_tickets(connection: Connection) -> None:
    """Link the latest service calls of linked buildings with the latest tickets there."""
    await connection.execute(
        "WITH calls AS (SELECT c.id, b.patrimony_uid, row_number() OVER"
        " (PARTITION BY b.id ORDER BY c.reported_at DESC, c.id) AS place"
        " FROM rentals.service_call c JOIN rentals.building b ON b.id = c.building_id"
        " WHERE b.patrimony_uid IS NOT NULL),"
        " tickets AS (SELECT t.uid, t.patrimony, row_number() OVER"
        " (PARTITION BY t.patrimony ORDER BY t.number DESC) AS place FROM ticket t)"
        " UPDATE rentals.service_call c SET ticket_uid = t.uid FROM calls, tickets t"
        " WHERE calls.id = c.id AND t.patrimony = calls.patrimony_uid AND t.place = calls.place"
        " AND t.place <= 3"
    )
