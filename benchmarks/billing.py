"""Billing a partner's customers for a month, and reading what it says of them.

- billing: from the command's start to the file and its checksum in the folder, for few and many
  customers, each in a process of its own: time, and how much its memory grew;
- returns: a line of each customer, every one an event.

    .venv/bin/python -m benchmarks.billing [--customers 100000] [--lines 5000] [--json]
"""

import argparse
import asyncio
import json
import subprocess
import sys
import tempfile
import time
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

import psycopg

from gerance import migrations
from gerance.kernel import embedded
from gerance.kernel.db import open_pool
from gerance.kernel.log.writer import Writer, open_writer
from gerance.kernel.months import Month
from gerance.kernel.settings import load_settings
from gerance.partners.billing_exchange.billing import bill_partner
from gerance.partners.billing_exchange.delivery import deliver
from gerance.partners.billing_exchange.folders import Folder
from gerance.partners.billing_exchange.places import INBOX
from gerance.partners.billing_exchange.returns import Inbox
from gerance.partners.lifecycle.deadlines import Stamp, heading
from gerance.partners.lifecycle.events import PartnerCustomerEvent, ServiceActivated
from gerance.partners.lifecycle.state import Customer, Details, Terms
from gerance.partners.lifecycle.writer import ChangeRequest, change

MONTH = Month(2026, 11)
TODAY = date(2026, 12, 1)

_CUSTOMERS = (
    "insert into partner_customer (uid, partner, client_id, status, campaign_code, lastname,"
    " firstname, email, phone_number1, zipcode, city, country, service_starting_date,"
    " billing_starting_date, free_months, unit_price, options_price, nb_of_options, paid_months,"
    " offered_months, changed)"
    " select gen_random_uuid(), %(code)s, 'C' || n, 'billed', 'ETE', 'Œuvrard ' || n, 'Élise',"
    " 'e' || n || '@example.org', '+33320015450', '59000', 'Lille', 'FR', date '2026-08-12',"
    " date '2026-09-01', 0, 29.90, 5, 1, '{[2026-09-01,)}', '{}', now()"
    " from generate_series(1, %(count)s) n"
)


def seeded(url: str, code: str, count: int) -> None:
    """A partner with so many customers, as their read table has them."""
    with psycopg.connect(url, autocommit=True) as connection:
        connection.execute("insert into partner (code, name) values (%s, %s)", [code, code])
        connection.execute(_CUSTOMERS, {"code": code, "count": count})
        connection.execute("analyze partner_customer")


async def bill(url: str, root: Path, code: str) -> dict[str, float]:
    """Seconds and megabytes of billing the partner; in a process that did nothing else."""
    async with await psycopg.AsyncConnection.connect(url, autocommit=True) as connection:
        before, started = peak(), time.perf_counter()
        file, _ = await bill_partner(connection, code, MONTH, today=TODAY)
        await deliver(connection, root, file)
        took = time.perf_counter() - started
    return {
        "customers": file.lines,
        "seconds": round(took, 1),
        "memory_growth_mb": round((peak() - before) / 1024, 1),
        "file_mb": round(file.size / 1_000_000, 1),
    }


def peak() -> int:
    """Kilobytes of memory that this process has had at most, as Linux tells: what getrusage says
    begins with what its parent had."""
    status = Path("/proc/self/status").read_text()
    return int(status.partition("VmHWM:")[2].split()[0])


async def returns(url: str, root: Path, code: str, count: int) -> dict[str, float]:
    """Seconds that lines of so many customers take."""

    def activated(state: Customer | None, stamp: Stamp) -> list[PartnerCustomerEvent]:
        details = Details(lastname="Œuvrard", email="e@example.org", phone_number1="+33320015450")
        terms = Terms(unit_price=Decimal("29.90"))
        at = heading(stamp, stamp.today)
        return [
            ServiceActivated(
                details=details, terms=terms, billingStartingDate=date(2026, 9, 1), **at
            )
        ]

    async def activate(writer: Writer, client: str) -> None:
        await change(writer, code, client, ChangeRequest("operator", date(2026, 8, 12)), activated)

    with psycopg.connect(url, autocommit=True) as connection:
        connection.execute("insert into partner (code, name) values (%s, %s)", [code, code])
    lines = b"".join(f"C{nth};unpaid;\r\n".encode() for nth in range(count))
    name = f"{code}_{MONTH}_retours.csv"
    async with (
        open_pool(url, size=6, statement_timeout_ms=30_000) as pool,
        open_writer(pool) as writer,
    ):
        for first in range(0, count, 500):
            await asyncio.gather(
                *(activate(writer, f"C{nth}") for nth in range(first, min(first + 500, count)))
            )
        async with pool.connection() as connection:
            await bill_partner(connection, code, MONTH, today=TODAY)
        Folder(root, code).deliver(INBOX, name, [lines])
        started = time.perf_counter()
        await Inbox(pool, writer, root).read_all(TODAY)
        took = time.perf_counter() - started
    with psycopg.connect(url) as connection:
        (written,) = connection.execute(
            "select count(*) from event where event_type = 'PaymentReported'"
        ).fetchone() or (0,)
    assert written == count
    return {"lines": count, "seconds": round(took, 1), "lines_per_second": round(count / took)}


def measured(customers: int, lines: int) -> dict[str, Any]:
    """All figures."""
    with tempfile.TemporaryDirectory(prefix="gerance-billing-") as directory:
        root = Path(directory) / "partners"
        with embedded.database(load_settings(home=Path(directory))) as url:
            migrations.upgrade(url)
            figures: dict[str, Any] = {}
            for size, count in (("few", customers // 10), ("many", customers)):
                seeded(url, size.upper(), count)
                command = [sys.executable, "-m", "benchmarks.billing", "--bill", size.upper(), url]
                done = subprocess.run(
                    [*command, str(root)], check=True, stdout=subprocess.PIPE, text=True
                )
                figures[size] = json.loads(done.stdout)
            figures["returns"] = asyncio.run(returns(url, root, "RETURNS", lines))
    return figures


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--customers", type=int, default=100_000)
    parser.add_argument("--lines", type=int, default=5_000)
    parser.add_argument("--json", action="store_true")
    parser.add_argument("--bill", nargs=3, help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.bill:
        code, url, root = options.bill
        print(json.dumps(asyncio.run(bill(url, Path(root), code))))
        return
    figures = measured(options.customers, options.lines)
    if options.json:
        print(json.dumps(figures))
        return
    for name, found in figures.items():
        print(f"{name}: {', '.join(f'{key} {value:,}' for key, value in found.items())}")


if __name__ == "__main__":
    main()
