"""Properties that follow from other rows, against the same said in Python."""

from collections import defaultdict
from datetime import date, timedelta
from typing import Any

import psycopg
import pytest
from tests.living import on
from tests.rentals.conftest import NOW
from tests.rentals.writing import derive_all

from gerance.rentals.model.rules import DERIVATIONS, RULESET
from gerance.rentals.writing.daily_job import refresh

TODAY = NOW.date()
FOREVER = date.max
WRONG = {
    "balance_after": "-1",
    "current_rent": "0",
    "balance": "-1",
    "active": "NOT active",
    "occupancy_status": "CASE occupancy_status WHEN 'V' THEN 'L' ELSE 'V' END",
    "number_of_units": "-1",
    "subtotal": "-1",
}

Rows = list[tuple[Any, ...]]


def rows(url: str, query: str) -> Rows:
    with psycopg.connect(url) as connection:
        return connection.execute(query).fetchall()


def occupations(url: str) -> dict[int, list[tuple[date, date, str]]]:
    """By unit: from when to when it is taken, by a lease (L) or because it is closed (N)."""
    found = defaultdict(list)
    for unit, start, end, renewable, departure in rows(
        url,
        "SELECT unit_id, lease_start_date, lease_end_date, lease_renewable, departure_date"
        " FROM rentals.tenant WHERE unit_id IS NOT NULL",
    ):
        found[unit].append((start, departure or (FOREVER if renewable else end), "L"))
    for unit, start, end in rows(
        url, "SELECT unit_id, start_date, end_date FROM rentals.unavailable_unit"
    ):
        found[unit].append((start, end or FOREVER, "N"))
    return found


def statuses(url: str, today: date) -> dict[int, str]:
    """What each unit is on a day."""
    taken = occupations(url)

    def status(unit: int, active: bool) -> str:
        now = {kind for start, end, kind in taken[unit] if start <= today <= end}
        if not active or "N" in now:
            return "N"
        if "L" in now:
            return "L"
        return "R" if any(start > today and kind == "L" for start, _, kind in taken[unit]) else "V"

    return {
        unit: status(unit, active)
        for unit, active in rows(url, "SELECT id, active FROM rentals.unit")
    }


def shown(url: str, columns: str, table: str) -> dict[int, Any]:
    found = rows(url, f"SELECT id, {columns} FROM rentals.{table}")
    return {row[0]: row[1] if len(row) == 2 else row[1:] for row in found}


@pytest.fixture(scope="module", autouse=True)
def _derived(estate: str) -> None:
    """All derived properties were wrong, and are made anew."""
    with psycopg.connect(estate) as connection:
        for each in DERIVATIONS:
            wrong = ", ".join(f"{column} = {WRONG[column]}" for column in each.columns)
            connection.execute(f"UPDATE {each.entity.source} SET {wrong}")

    async def act(connection: Any) -> None:
        async with connection.transaction():
            await derive_all(connection, TODAY)

    on(estate, act)


def test_a_unit_says_what_it_is_today(estate: str) -> None:
    expected = statuses(estate, TODAY)
    assert shown(estate, "occupancy_status", "unit") == expected
    assert set(expected.values()) == {"V", "L", "R", "N"}


def test_a_tenant_pays_the_rent_of_the_last_step_in_effect(estate: str) -> None:
    steps = defaultdict(list)
    for tenant, day, rent in rows(
        estate, "SELECT tenant_id, effective_date, rent FROM rentals.lease_price_change"
    ):
        steps[tenant].append((day, rent))
    expected = {
        tenant: max([step for step in steps[tenant] if step[0] <= TODAY], default=(None, rent))[1]
        for tenant, rent in shown(estate, "rent", "tenant").items()
    }
    assert shown(estate, "current_rent", "tenant") == expected
    assert expected != shown(estate, "rent", "tenant")


def test_a_balance_is_the_sum_of_what_was_billed_and_paid(estate: str) -> None:
    balances: dict[int, Any] = defaultdict(int)
    after = {}
    for id_, tenant, _, amount in sorted(
        rows(estate, "SELECT id, tenant_id, transaction_date, amount FROM rentals.transaction"),
        key=lambda row: (row[2], row[0]),
    ):
        balances[tenant] += amount
        after[id_] = balances[tenant]
    assert shown(estate, "balance_after", "transaction") == after
    found = shown(estate, "balance", "tenant")
    assert found == {tenant: balances[tenant] for tenant in found}
    assert any(found.values())


def test_a_tenant_is_active_until_the_lease_is_over(estate: str) -> None:
    until = {
        id_: departure or (FOREVER if renewable else end)
        for id_, (end, renewable, departure) in shown(
            estate, "lease_end_date, lease_renewable, departure_date", "tenant"
        ).items()
    }
    expected = {id_: last >= TODAY for id_, last in until.items()}
    assert shown(estate, "active", "tenant") == expected
    assert set(expected.values()) == {True, False}


def test_a_building_counts_its_units(estate: str) -> None:
    counted: dict[int, int] = defaultdict(int)
    for building in shown(estate, "building_id", "unit").values():
        counted[building] += 1
    found = shown(estate, "number_of_units", "building")
    assert found == {building: counted[building] for building in found}


def test_an_invoice_adds_its_details_and_taxes_up(estate: str) -> None:
    sums: dict[int, Any] = defaultdict(int)
    for invoice, quantity, price, amount in shown(
        estate, "invoice_id, quantity, unit_price, amount", "invoice_detail"
    ).values():
        assert amount == round(quantity * price, 2)
        sums[invoice] += amount
    for id_, (subtotal, tax, total) in shown(
        estate, "subtotal, tax_amount, total", "invoice"
    ).items():
        assert (subtotal, total) == (sums[id_], sums[id_] + tax)


def test_a_new_day_changes_what_depends_on_it_and_tells_so(estate: str) -> None:
    before = shown(estate, "occupancy_status", "unit")
    day = TODAY + timedelta(60)
    changed = on(estate, lambda connection: refresh(connection, RULESET, day))
    after = shown(estate, "occupancy_status", "unit")
    assert after == statuses(estate, day)
    moved = sorted(id_ for id_ in after if after[id_] != before[id_])
    assert changed["Unit"][1] == moved != []
    told = rows(estate, "SELECT data::text FROM event WHERE event_type = 'UnitChanged'")
    assert len(told) == len(moved)
    assert on(estate, lambda connection: refresh(connection, RULESET, day)) == {}
