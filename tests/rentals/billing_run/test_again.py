"""Runs that are repeated, stopped, killed, and two at once."""

import asyncio
import signal
import subprocess
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import psycopg
import pytest
from tests.cli.conftest import COMMAND, clean_environment
from tests.living import on
from tests.rentals.billing_run.books import DECEMBER, TODAY, Books
from tests.waiting import until

from gerance.kernel.months import Month
from gerance.rentals.billing_run import run as billing
from gerance.rentals.billing_run.run import Order, run_billing

LONG_AGO = date(2025, 7, 1)
ONCE = (
    "SELECT count(*), count(DISTINCT (tenant_id, kind, source_id)), sum(amount)"
    " FROM rentals.transaction WHERE period = '2026-12'"
)


def many(books: Books, count: int) -> None:
    """So many tenants, each with a price change and a service, whose charges come to 1030."""
    for _ in range(count):
        tenant = books.tenant(LONG_AGO)
        books.of(tenant, "lease_price_change", effective_date=date(2026, 12, 1), rent=1020)
        books.of(tenant, "tenant_service", service_id=1, amount=10, start_date=LONG_AGO)
    books.settled()


def test_a_second_run_adds_nothing(books: Books) -> None:
    many(books, 5)
    assert books.billed().divisions[0].charges == 10
    told = "SELECT (SELECT count(*) FROM event), (SELECT sum(changes) FROM set_version)"
    before = books.rows(told)
    again = books.billed()
    assert (again.tenants, again.divisions) == (5, [])
    assert books.rows(told) == before


def test_what_is_new_since_is_all_that_another_run_charges(books: Books) -> None:
    many(books, 2)
    books.billed()
    ((tenant,),) = books.rows("SELECT min(id) FROM rentals.tenant")
    books.of(tenant, "tenant_service", service_id=1, amount=-25, start_date=date(2026, 12, 1))
    books.settled()
    (division,) = books.billed().divisions
    assert (division.charges, division.total, division.price_changes) == (1, -25, 0)


def test_the_database_excludes_that_something_is_charged_twice(books: Books) -> None:
    tenant = books.tenant(LONG_AGO)
    charge = {"transaction_date": TODAY, "kind": "R", "amount": 1, "period": DECEMBER}
    books.of(tenant, "transaction", source_id=tenant, **charge)
    with pytest.raises(psycopg.errors.UniqueViolation):
        books.of(tenant, "transaction", source_id=tenant, **charge)


def test_a_run_that_stops_is_gone_on_with(books: Books) -> None:
    many(books, 7)

    class Stopped(Exception):
        pass

    def stop(done: int, total: int) -> None:
        assert total == 7
        if done == 4:
            raise Stopped

    order = Order(period=Month.parse(DECEMBER), today=TODAY, together=2)
    with pytest.raises(Stopped):
        on(books.url, lambda connection: run_billing(connection, order, stop))
    assert books.rows(ONCE)[0][:2] == (8, 8)
    (left,) = books.billed().divisions
    assert (left.tenants, left.charges) == (3, 6)
    assert books.rows(ONCE) == [(14, 14, 7 * 1030)]


def test_a_run_of_little_time_says_where_to_go_on(books: Books) -> None:
    many(books, 5)
    first = books.billed(together=2, most_seconds=0)
    assert (first.complete, first.tenants) == (False, 2)
    assert first.next is not None
    rest = books.billed(after=first.next)
    assert (rest.complete, rest.next, rest.tenants) == (True, None, 3)
    assert books.rows(ONCE) == [(10, 10, 5 * 1030)]


def test_a_batch_is_whole_or_not_there(books: Books, monkeypatch: pytest.MonkeyPatch) -> None:
    many(books, 4)
    record, calls = billing.UnitOfWork.record, 0

    async def record_once(self: Any, *args: Any, **more: Any) -> int | None:
        nonlocal calls
        calls += 1
        if calls == 2:
            raise ConnectionAbortedError
        return await record(self, *args, **more)

    monkeypatch.setattr(billing.UnitOfWork, "record", record_once)
    with pytest.raises(ConnectionAbortedError):
        books.billed(together=2)
    whole = "SELECT count(*) FROM rentals.lease_price_change WHERE applied_at IS NOT NULL"
    assert (books.rows(ONCE)[0][0], books.rows(whole)) == (4, [(2,)])
    assert books.rows("SELECT count(*) FROM event WHERE event_type = 'TransactionCreated'") == [
        (4,)
    ]  # fmt: skip


def test_two_runs_at_once_charge_everything_once(books: Books) -> None:
    many(books, 40)
    order = Order(period=Month.parse(DECEMBER), today=TODAY, together=3)

    async def one() -> int:
        async with await psycopg.AsyncConnection.connect(books.url, autocommit=True) as connection:
            billed, _ = await run_billing(connection, order)
            return sum(each.charges for each in billed.divisions)

    async def both() -> list[int]:
        return list(await asyncio.gather(one(), one(), one()))

    assert sum(asyncio.run(both())) == 80
    assert books.rows(ONCE) == [(80, 80, 40 * 1030)]
    assert books.rows(
        "SELECT count(*), count(DISTINCT (category, stream)) FROM event"
        " WHERE event_type IN ('TransactionCreated', 'LeasePriceChangeChanged')"
    ) == [(120, 120)]


def until_somebody_waits(books: Books) -> None:
    """Wait until somebody waits for a lock in this database."""
    count = (
        "SELECT count(*) FROM pg_stat_activity WHERE wait_event_type = 'Lock'"
        " AND datname = current_database()"
    )
    until(lambda: books.rows(count) == [(1,)])


def test_a_price_that_is_changed_meanwhile_is_waited_for(books: Books) -> None:
    tenant = books.tenant(LONG_AGO)
    step = books.of(tenant, "lease_price_change", effective_date=date(2026, 12, 1), rent=1020)
    books.settled()
    with psycopg.connect(books.url) as writer, ThreadPoolExecutor(1) as threads:
        writer.execute("SELECT FROM rentals.tenant FOR NO KEY UPDATE")
        writer.execute("UPDATE rentals.lease_price_change SET rent = 1025 WHERE id = %s", [step])
        running = threads.submit(books.billed)
        until_somebody_waits(books)
        writer.commit()
        (division,) = running.result().divisions
    assert division.rent == 1025


def test_a_run_that_is_deadlocked_with_a_writer_tries_again(books: Books) -> None:
    """A client that changes a step holds it and then wants its tenant; a run goes the other way."""
    tenant = books.tenant(LONG_AGO)
    step = books.of(tenant, "lease_price_change", effective_date=date(2026, 12, 1), rent=1020)
    books.settled()
    with psycopg.connect(books.url) as writer, ThreadPoolExecutor(1) as threads:
        writer.execute("SET LOCAL deadlock_timeout = '1min'")
        writer.execute("UPDATE rentals.lease_price_change SET rent = 1025 WHERE id = %s", [step])
        running = threads.submit(books.billed)
        until_somebody_waits(books)
        writer.execute("SELECT FROM rentals.tenant FOR NO KEY UPDATE")
        writer.commit()
        (division,) = running.result().divisions
    assert (division.rent, division.price_changes) == (1025, 1)


def test_a_run_that_is_killed_is_gone_on_with(books: Books, tmp_path: Path) -> None:
    many(books, 400)
    period = f"{datetime.now(UTC):%Y-%m}"
    settings = {"GERANCE_DATABASE_URL": books.url, "GERANCE_HOME": str(tmp_path / "home")}
    command = [COMMAND, "billing", "run", "--period", period]
    charged = "SELECT count(*), count(DISTINCT tenant_id) FROM rentals.transaction"
    with psycopg.connect(books.url) as keeper:
        # The run comes to the second batch and waits there.
        keeper.execute("SELECT FROM rentals.tenant ORDER BY id DESC LIMIT 1 FOR UPDATE")
        with subprocess.Popen(
            command,
            env=clean_environment(**settings),
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
        ) as process:
            until(lambda: process.poll() is not None or books.rows(charged) != [(0, 0)])
            assert process.poll() is None
            process.send_signal(signal.SIGKILL)
            process.wait()
    assert books.rows(charged) == [(400, 200)]
    done = subprocess.run(
        command, env=clean_environment(**settings), capture_output=True, text=True, check=True
    )
    assert "400 tenants checked, 400 charges billed." in done.stdout
    assert books.rows(charged) == [(800, 400)]
