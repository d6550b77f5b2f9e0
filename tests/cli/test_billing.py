"""`gerance billing run`, as an operator runs it."""

import json
from collections.abc import Iterator
from datetime import UTC, date, datetime

import pytest
from psycopg.conninfo import make_conninfo
from tests.cli.conftest import Gerance
from tests.rentals.billing_run.books import Books

LONG_AGO = date(2025, 7, 1)
MONTH = f"{datetime.now(UTC):%Y-%m}"


@pytest.fixture
def books(database: str) -> Iterator[Books]:
    books = Books(database)
    books.tenant(LONG_AGO)
    books.tenant(LONG_AGO, division_no=2)
    books.settled()
    yield books
    books.close()


def test_a_dry_run_then_the_run_then_nothing_is_left(gerance: Gerance, books: Books) -> None:
    tried = gerance("billing", "run", "--period", MONTH, "--dry-run")
    assert tried.returncode == 0
    assert tried.stdout.splitlines()[1].split() == [
        "3-1", "Québec", "1", "0", "1", "1000.00", "0.00", "0.00", "0.00", "0.00", "1000.00", "CAD",
    ]  # fmt: skip
    assert f"{MONTH}: 2 tenants checked, 2 charges would be billed." in tried.stdout
    assert books.rows("SELECT FROM rentals.transaction") == []
    done = gerance("billing", "run", "--period", MONTH)
    assert f"{MONTH}: 2 tenants checked, 2 charges billed." in done.stdout
    assert "Billing" in done.stderr
    assert books.rows("SELECT count(*) FROM rentals.transaction") == [(2,)]
    again = gerance("billing", "run", "--period", MONTH)
    assert f"{MONTH} is billed already." in again.stdout


def test_moments_are_in_utc_wherever_the_database_is(
    gerance: Gerance, books: Books, database: str
) -> None:
    there = make_conninfo(database, options="-c timezone=America/Montreal")
    assert gerance("billing", "run", "--period", MONTH, GERANCE_DATABASE_URL=there).returncode == 0
    moments = "SELECT data->>'ModifiedAt' FROM event WHERE event_type = 'TenantChanged'"
    written = [moment for (moment,) in books.rows(moments)]
    assert written
    assert {moment[-6:] for moment in written} == {"+00:00"}


def test_a_program_reads_the_summary(gerance: Gerance, books: Books) -> None:
    told = json.loads(gerance("billing", "run", "--period", MONTH, "--json").stdout)
    assert (told["Period"], told["Tenants"], told["Complete"]) == (MONTH, 2, True)
    assert [each["Total"] for each in told["Divisions"]] == [1000, 1000]


def test_tenants_that_cannot_be_billed_are_named(gerance: Gerance, books: Books) -> None:
    ((tenant,),) = books.rows("SELECT min(id) FROM rentals.tenant")
    books.of(tenant, "transaction", transaction_date=LONG_AGO, kind="A", amount="9999999999.00")
    books.settled()
    done = gerance("billing", "run", "--period", MONTH)
    assert done.returncode == 1
    assert f"gerance: not billed: {tenant} (numeric field overflow)" in done.stderr
    assert "1 charges billed" in done.stdout


@pytest.mark.parametrize(("period", "why"), [
    ("2026-13", "a year and a month like 2026-12"), ("1999-01", "more than 12 months from"),
])  # fmt: skip
def test_a_month_that_cannot_be_meant_is_refused(gerance: Gerance, period: str, why: str) -> None:
    refused = gerance("billing", "run", "--period", period)
    assert refused.returncode == 1
    assert why in refused.stderr
    assert "Traceback" not in refused.stderr
