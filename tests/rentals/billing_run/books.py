"""Leases that a test writes down by itself, billed, and the books after it."""

from datetime import date
from decimal import Decimal
from typing import Any

import psycopg
from tests.living import on
from tests.rentals.writing import derive_all, log_rows

from gerance.kernel.db import Connection
from gerance.rentals.billing_run.period import parse_period
from gerance.rentals.billing_run.run import Order, run_billing
from gerance.rentals.billing_run.summary import Billed
from gerance.rentals.model import TABLES

TODAY = date(2026, 11, 22)
DECEMBER = "2026-12"


class Books:
    """Two divisions, 3-1 and 3-2, with a building, a parking and a storage each."""

    def __init__(self, url: str) -> None:
        self.url = url
        self.connection = psycopg.connect(url, autocommit=True)
        self.connection.execute(
            "TRUNCATE event, stream, outbox, rentals.ledger_division, rentals.service CASCADE"
        )
        for number in (1, 2):
            self.connection.execute(
                "INSERT INTO rentals.ledger_division (id, company_no, division_no, company_name,"
                " name) VALUES (%s, 3, %s, 'Pins', 'Québec')",
                [number, number],
            )
            self.connection.execute(
                "INSERT INTO rentals.building (id, company_no, division_no, building_code, name,"
                " civic_no_and_street, city) VALUES (%s, 3, %s, 'PINS', 'Pins', '1 Pins', 'Lévis')",
                [number, number],
            )
            for place in ("parking", "storage"):
                self.connection.execute(
                    f"INSERT INTO rentals.{place} (id, company_no, division_no, building_code,"
                    f" {place}_code, building_id) VALUES (%s, 3, %s, 'PINS', '12 ', %s)",
                    [number, number, number],
                )
        self.connection.execute(
            "INSERT INTO rentals.service (id, service_code, name) VALUES (1, 'NET', 'Internet')"
        )

    def close(self) -> None:
        self.connection.close()

    def add(self, table: str, **values: Any) -> int:
        """A row of a table; its id."""
        columns = ", ".join(values)
        marks = ", ".join(["%s"] * len(values))
        found = self.connection.execute(
            f"INSERT INTO rentals.{table} ({columns}) VALUES ({marks}) RETURNING id",
            list(values.values()),
        ).fetchall()
        return int(found[0][0])

    def tenant(self, start: date, end: date | None = None, **values: Any) -> int:
        """A tenant of a new unit for 1000 a month: until `end`, or for good."""
        division = values.pop("division_no", 1)
        given: dict[str, Any] = {
            "tenant_type": "D",
            "last_name": "Roy",
            "rent": 1000,
            "lease_start_date": start,
            "lease_end_date": end or start.replace(year=start.year + 1),
            "lease_renewable": end is None,
            **values,
        }
        ((number,),) = self.connection.execute("SELECT count(*) FROM rentals.tenant").fetchall()
        if given["tenant_type"] in "DC":
            given["unit_id"] = self.add(
                "unit", company_no=3, division_no=division, building_code="PINS",
                unit_code=f"U{number}", building_id=division,
            )  # fmt: skip
        return self.add("tenant", company_no=3, division_no=division, tenant_no=number + 1, **given)

    def of(self, tenant: int, table: str, **values: Any) -> int:
        """What a tenant has: a row of a table that says which tenant; its id."""
        return self.add(table, tenant_id=tenant, company_no=3, division_no=1, **values)

    def settled(self, today: date = TODAY) -> None:
        """All that was written down so far is in the log, as of that day."""

        async def act(connection: Connection) -> None:
            async with connection.transaction():
                await derive_all(connection, today)
                await log_rows(connection, TABLES)

        on(self.url, act)

    def billed(self, period: str = DECEMBER, today: date = TODAY, **order: Any) -> Billed:
        """What a run answers."""
        asked = Order(period=parse_period(period), today=today, **order)
        return on(self.url, lambda connection: run_billing(connection, asked))[0]

    def charges(self, tenant: int, period: str = DECEMBER) -> list[tuple[str, Decimal, str]]:
        """Kind, amount and description of what a tenant was charged for a month."""
        return self.connection.execute(
            "SELECT kind, amount, description FROM rentals.transaction"
            " WHERE tenant_id = %s AND period = %s ORDER BY id",
            [tenant, period],
        ).fetchall()

    def rows(self, query: str, *params: Any) -> list[tuple[Any, ...]]:
        return self.connection.execute(query, params).fetchall()
