"""The billing run, month after month in one process, and a month before them at the end.

Each month: its seconds, the charges, and the events that it appends to the log. The demonstration
has some 800 tenants a month for each unit of `--scale`. `--blind`: PostgreSQL knows nothing of the
tables, as if nobody had analysed them.

    .venv/bin/python -m benchmarks.rents [--scale 10] [--blind] [--json]
"""

import argparse
import asyncio
import json
import tempfile
import time
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

from gerance import migrations
from gerance.demo.rentals import RentalSize, load_rentals
from gerance.kernel import embedded
from gerance.kernel.db import Connection, open_pool
from gerance.kernel.settings import load_settings
from gerance.rentals.billing_run.period import parse_period
from gerance.rentals.billing_run.run import Order, run_billing

NOW = datetime(2026, 11, 22, tzinfo=UTC)
MONTHS = ("2027-01", "2027-02", "2027-03", "2027-04", "2027-05", "2026-12")


async def bill(connection: Connection, month: str, today: date) -> dict[str, Any]:
    """What a run of the month takes, and what it writes."""
    before = await _counts(connection)
    started = time.perf_counter()
    await run_billing(connection, Order(period=parse_period(month), today=today))
    seconds = time.perf_counter() - started
    charges, events = (
        now - then for now, then in zip(await _counts(connection), before, strict=True)
    )
    return {"month": month, "seconds": round(seconds, 2), "charges": charges, "events": events}


async def _counts(connection: Connection) -> tuple[int, int]:
    rows = await connection.execute(
        "SELECT (SELECT count(*) FROM rentals.transaction), (SELECT count(*) FROM event)"
    )
    charges, events = (await rows.fetchall())[0]
    return charges, events


_FORGET = (
    "DELETE FROM pg_statistic",
    (
        "UPDATE pg_class SET reltuples = -1, relpages = 0"
        " WHERE relnamespace::regnamespace::text IN ('public', 'rentals')"
    ),
)


async def measured(url: str, scale: int, *, blind: bool) -> list[dict[str, Any]]:
    """The figures of each month, all on one connection, as one server has it."""
    async with (
        open_pool(url, size=1, statement_timeout_ms=0) as pool,
        pool.connection() as connection,
    ):
        if blind:
            await connection.execute("ALTER SYSTEM SET autovacuum = off")
            await connection.execute("SELECT pg_reload_conf()")
        await load_rentals(connection, RentalSize.of(scale), now=NOW)
        for forget in _FORGET if blind else ():
            await connection.execute(forget)
        return [await bill(connection, month, NOW.date()) for month in MONTHS]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--scale", type=int, default=10)
    parser.add_argument("--blind", action="store_true")
    parser.add_argument("--json", action="store_true")
    options = parser.parse_args()
    with (
        tempfile.TemporaryDirectory(prefix="gerance-rents-") as directory,
        embedded.database(load_settings(home=Path(directory))) as url,
    ):
        migrations.upgrade(url)
        figures = asyncio.run(measured(url, options.scale, blind=options.blind))
    if options.json:
        print(json.dumps(figures))
        return
    for each in figures:
        print(", ".join(f"{name} {value}" for name, value in each.items()))


if __name__ == "__main__":
    main()
