"""Billing files are computed once, delivered whole, and the same bytes for ever."""

import asyncio
import csv
import hashlib
import os
import subprocess
import sys
import threading
from datetime import date
from decimal import Decimal
from pathlib import Path

import psycopg
import pytest
from tests.living import on
from tests.partners.billing_exchange.conftest import CODE, add_customers, add_partner

from gerance.kernel.errors import Rejection
from gerance.kernel.months import Month
from gerance.partners.billing_exchange.billing import BillingFile, bill_partner, billing_files
from gerance.partners.billing_exchange.delivery import DamagedFile, deliver, restore

NOVEMBER = Month(2026, 11)
TODAY = date(2026, 11, 30)


def billed(database: str, code: str = CODE, period: Month = NOVEMBER) -> BillingFile:
    return on(database, lambda c: bill_partner(c, code, period, today=TODAY))[0]


def put(database: str, root: Path, file: BillingFile) -> bytes:
    """What the file in /outbox has, once delivered."""
    on(database, lambda c: deliver(c, root, file))
    return (root / file.partner / "outbox" / file.name).read_bytes()


def change(database: str, statement: str) -> None:
    with psycopg.connect(database) as connection:
        connection.execute(statement)


def test_the_file_has_each_customer_and_its_totals(
    database: str, partner: str, tmp_path: Path
) -> None:
    add_customers(database, partner, 5_001)
    add_partner(database, "OTHER")
    add_customers(database, "OTHER", 3)
    file = billed(database)
    content = put(database, tmp_path, file)
    assert file.name == "FOUSSIER_2026-11_clients-a-facturer.csv"
    assert content.startswith("\ufeffperiod;partner_code;".encode())
    rows = list(csv.DictReader(content.decode("utf-8-sig").splitlines(), delimiter=";"))
    assert [row["client_id"] for row in rows] == sorted(f"C{nth}" for nth in range(5_001))
    for column, total in (
        ("amount_excl_tax", file.amount_excl_tax),
        ("amount_incl_tax", file.amount_incl_tax),
    ):
        assert sum(Decimal(row[column].replace(",", ".")) for row in rows) == total > 0
    assert (file.lines, file.size) == (5_001, len(content))
    checksum = (tmp_path / partner / "outbox" / f"{file.name}.sha256").read_text()
    assert checksum == f"{hashlib.sha256(content).hexdigest()}  {file.name}\n"


def test_a_billed_month_stays_as_it_is_whatever_happens_to_customers(
    database: str, partner: str, tmp_path: Path
) -> None:
    add_customers(database, partner, 10)
    before = put(database, tmp_path, billed(database))
    change(database, "update partner_customer set lastname = 'Other', unit_price = 1")
    add_customers(database, partner, 12)
    (tmp_path / partner / "outbox" / "FOUSSIER_2026-11_clients-a-facturer.csv").unlink()
    assert put(database, tmp_path, billed(database)) == before
    assert len(on(database, lambda c: billing_files(c, partner))) == 1


def test_the_same_customers_give_the_same_bytes(database: str, partner: str) -> None:
    add_customers(database, partner, 100)
    first = billed(database)
    change(database, "truncate partner_billing_file cascade")
    change(database, "update partner_customer set changed = now()")
    assert billed(database).sha256 == first.sha256


def test_a_partner_without_customers_gets_the_heading(
    database: str, partner: str, tmp_path: Path
) -> None:
    content = put(database, tmp_path, billed(database))
    assert content.count(b"\r\n") == 1


def test_a_month_that_has_not_begun_is_not_billed(database: str, partner: str) -> None:
    with pytest.raises(Rejection, match="is in the future"):
        billed(database, period=Month(2026, 12))
    with pytest.raises(Rejection, match="no partner"):
        billed(database, code="NOBODY")


def test_those_who_bill_at_once_make_one_file(database: str, partner: str) -> None:
    add_customers(database, partner, 3_000)

    async def one() -> tuple[BillingFile, bool]:
        async with await psycopg.AsyncConnection.connect(database, autocommit=True) as connection:
            return await bill_partner(connection, partner, NOVEMBER, today=TODAY)

    async def several() -> list[tuple[BillingFile, bool]]:
        return await asyncio.gather(*(one() for _ in range(4)))

    done = asyncio.run(several())
    assert len({file.id for file, _ in done}) == 1
    assert sorted(new for _, new in done) == [False, False, False, True]


def test_a_file_that_was_damaged_or_lost_is_put_back(
    database: str, partner: str, tmp_path: Path
) -> None:
    add_customers(database, partner, 10)
    file = billed(database)
    content = put(database, tmp_path, file)
    path = tmp_path / partner / "outbox" / file.name
    (file,) = on(database, lambda c: billing_files(c, partner))
    assert not on(database, lambda c: restore(c, tmp_path, file))
    path.write_bytes(content[:-1])
    assert on(database, lambda c: restore(c, tmp_path, file))
    assert path.read_bytes() == content


def test_lines_that_were_changed_in_the_database_are_not_delivered(
    database: str, partner: str, tmp_path: Path
) -> None:
    add_customers(database, partner, 10)
    file = billed(database)
    change(database, "update partner_billing_line set line = 'x' where nth = 3")
    with pytest.raises(DamagedFile):
        put(database, tmp_path, file)
    assert os.listdir(tmp_path / partner / "outbox") == []


BILLING = """
import asyncio, sys
from datetime import date
from pathlib import Path
import psycopg
from gerance.partners.billing_exchange.billing import bill_partner
from gerance.partners.billing_exchange.delivery import deliver
from gerance.kernel.months import Month

async def run():
    async with await psycopg.AsyncConnection.connect(sys.argv[1], autocommit=True) as connection:
        print("started", flush=True)
        file, _ = await bill_partner(
            connection, "FOUSSIER", Month(2026, 11), today=date(2026, 11, 30)
        )
        print("computed", flush=True)
        await deliver(connection, Path(sys.argv[2]), file)

asyncio.run(run())
"""


@pytest.mark.parametrize(("word", "wait"), [("started", 0.05), ("started", 0.2), ("computed", 0)])
def test_a_kill_leaves_nothing_or_what_can_be_gone_on_with(
    database: str, partner: str, tmp_path: Path, word: str, wait: float
) -> None:
    add_customers(database, partner, 20_000)
    process = subprocess.Popen(
        [sys.executable, "-c", BILLING, database, str(tmp_path)],
        stdout=subprocess.PIPE,
        text=True,
    )
    with process:
        assert process.stdout is not None
        while (line := process.stdout.readline()) and line.strip() != word:
            pass
        threading.Event().wait(wait)
        process.kill()
    outbox = tmp_path / partner / "outbox"
    seen = os.listdir(outbox) if outbox.exists() else []
    file = billed(database)
    assert file.lines == 20_000
    for name in seen:
        if name == file.name:
            assert hashlib.sha256((outbox / name).read_bytes()).hexdigest() == file.sha256
    content = put(database, tmp_path, file)
    assert hashlib.sha256(content).hexdigest() == file.sha256
    assert sorted(os.listdir(outbox)) == [file.name, f"{file.name}.sha256"]


MEASURED = (
    BILLING.replace("asyncio.run(run())", "")
    + """
def peak():  # kilobytes; what getrusage says begins with what the parent had
    return int(Path("/proc/self/status").read_text().partition("VmHWM:")[2].split()[0])

before = peak()
asyncio.run(run())
print(peak() - before)
"""
)


@pytest.mark.skipif(not Path("/proc/self/status").exists(), reason="only Linux tells the peak")
def test_memory_does_not_grow_with_the_customers(
    database: str, partner: str, tmp_path: Path
) -> None:
    add_customers(database, partner, 30_000)
    done = subprocess.run(
        [sys.executable, "-c", MEASURED, database, str(tmp_path)],
        capture_output=True,
        text=True,
        check=True,
    )
    assert (tmp_path / partner / "outbox").stat().st_size > 0
    kilobytes = int(done.stdout.split()[-1])
    (file,) = on(database, lambda c: billing_files(c, partner))
    assert file.size > 4_000_000
    assert 0 < kilobytes < 20_000
