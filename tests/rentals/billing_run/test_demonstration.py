"""A month of the demonstration: what follows from the charges, and what the log has of them."""

from datetime import date
from typing import Any

import psycopg
import pytest
from tests.living import on
from tests.rentals.conftest import NOW
from tests.rentals.judging import problems
from tests.rentals.writing import derive_all

from gerance.kernel.db import Connection
from gerance.kernel.months import Month
from gerance.rentals.billing.entity import TRANSACTION
from gerance.rentals.billing_run.run import Order, run_billing
from gerance.rentals.billing_run.summary import Billed
from gerance.rentals.leasing.entity import LEASE_PRICE_CHANGE, TENANT

TODAY = NOW.date()


@pytest.fixture(scope="module")
def billed(estate: str) -> Billed:
    order = Order(period=Month.parse("2026-12"), today=TODAY)
    return on(estate, lambda connection: run_billing(connection, order))[0]


def rows(url: str, query: str, *params: Any) -> list[tuple[Any, ...]]:
    with psycopg.connect(url) as connection:
        return connection.execute(query, params).fetchall()


def test_the_summary_is_what_the_books_have(estate: str, billed: Billed) -> None:
    assert billed.tenants > 900
    assert [(each.company_no, each.division_no, each.charges, each.total) for each in
            billed.divisions] == [
        (company, division, count, float(total)) for company, division, count, total in rows(
            estate,
            "SELECT company_no, division_no, count(*), sum(amount) FROM rentals.transaction"
            " WHERE period = '2026-12' GROUP BY 1, 2 ORDER BY 1, 2",
        )
    ]  # fmt: skip


def test_all_that_follows_is_right_already(estate: str, billed: Billed) -> None:
    async def made_anew(connection: Connection) -> Any:
        async with connection.transaction():
            return await derive_all(connection, TODAY)

    assert on(estate, made_anew) == {}


@pytest.mark.parametrize("entity", [TRANSACTION, TENANT, LEASE_PRICE_CHANGE],
                         ids=lambda each: each.name)  # fmt: skip
def test_the_log_has_each_row_as_it_is(estate: str, billed: Billed, entity: Any) -> None:
    shown = ", ".join(f't.{each.column} AS "{each.name}"' for each in entity.properties)
    other = rows(
        estate,
        f"SELECT t.id FROM {entity.source} t CROSS JOIN LATERAL (SELECT {shown}) r"
        " LEFT JOIN stream s ON s.category = %s"
        " AND s.uid = ('00000000-0000-8000-8000-' || lpad(to_hex(t.id), 12, '0'))::uuid"
        " WHERE s.version IS DISTINCT FROM t.version OR s.state::text <> row_to_json(r)::text"
        " OR s.version <> (SELECT count(*) FROM event e WHERE e.category = s.category"
        " AND e.stream = s.uid)",
        entity.name,
    )
    assert other == []


def test_every_price_change_that_is_due_was_applied(estate: str, billed: Billed) -> None:
    due = (
        "SELECT c.id FROM rentals.lease_price_change c JOIN rentals.tenant t ON t.id = c.tenant_id"
        " WHERE (c.applied_at IS NULL) = (c.effective_date <= %s)"
        " AND t.lease_start_date <= %s AND t.occupied_until >= %s"
    )
    assert rows(estate, due, date(2026, 12, 31), date(2026, 12, 31), date(2026, 12, 1)) == []
    assert sum(each.price_changes for each in billed.divisions) > 0


def test_charges_obey_all_rules_but_that_clients_make_none(estate: str, billed: Billed) -> None:
    found = rows(
        estate,
        "SELECT kind, amount, tenant_id, transaction_date, length(description)"
        " FROM rentals.transaction WHERE source_id IS NOT NULL",
    )
    assert {kind for kind, *_ in found} == set("RSKG")
    for kind, amount, tenant, day, length in found:
        row = {"kind": kind, "amount": amount, "tenant_id": tenant, "transaction_date": day}
        assert {each.code for each in problems("Transaction", row)} == {"ChargesAreBilled"}
        assert 0 < length <= 200
