"""Month after month is billed in one server: each costs about as much as the first, whatever
PostgreSQL knows of the tables. What is counted is the pages that are read."""

import psycopg
from tests.conftest import made_database
from tests.living import on
from tests.rentals.conftest import NOW, rentals_template

from gerance.kernel.db import Connection, open_pool
from gerance.kernel.months import Month
from gerance.rentals.billing_run.run import Order, run_billing

__all__ = ["rentals_template"]

MONTHS = ("2027-01", "2027-02", "2027-03", "2027-04", "2027-05", "2026-12")
"""The last one is dated before all others."""


def unknown(connection: psycopg.Connection) -> None:
    """PostgreSQL knows nothing of the tables, as if nobody had analysed them."""
    tables = connection.execute(
        "SELECT oid::regclass::text FROM pg_class WHERE relkind = 'r'"
        " AND relnamespace::regnamespace::text IN ('public', 'rentals')"
    ).fetchall()
    for (table,) in tables:
        connection.execute(f"ALTER TABLE {table} SET (autovacuum_enabled = false)")
    connection.execute("DELETE FROM pg_statistic")
    connection.execute(
        "UPDATE pg_class SET reltuples = -1, relpages = 0"
        " WHERE relnamespace::regnamespace::text IN ('public', 'rentals')"
    )


def pages_of_months(url: str) -> list[float]:
    """Pages for each event of each month, all billed on one connection."""

    async def bill(connection: Connection) -> list[float]:
        found = []
        async with (
            open_pool(url, size=1, statement_timeout_ms=0) as pool,
            pool.connection() as server,
        ):
            for month in MONTHS:
                before = await read(connection, server)
                order = Order(period=Month.parse(month), today=NOW.date())
                await run_billing(server, order)
                after = await read(connection, server)
                found.append((after[0] - before[0]) / (after[1] - before[1]))
        return found

    return on(url, bill)


async def read(connection: Connection, server: Connection) -> tuple[int, int]:
    """Pages read so far in the database, and events."""
    await server.execute("SELECT pg_stat_force_next_flush()")
    rows = await connection.execute(
        "SELECT blks_hit + blks_read, (SELECT count(*) FROM event) FROM pg_stat_database"
        " WHERE datname = current_database()"
    )
    pages, events = (await rows.fetchall())[0]
    return pages, events


def test_each_month_costs_as_much_as_the_first(database_url: str, rentals_template: str) -> None:
    with made_database(database_url, template=rentals_template) as url:
        known = pages_of_months(url)
    with made_database(database_url, template=rentals_template) as url:
        with psycopg.connect(url, autocommit=True) as connection:
            unknown(connection)
        blind = pages_of_months(url)
    for *months, late in (known, blind):
        assert max(months) < 2 * known[0], months
        # It changes the running totals of all later ones, too.
        assert late < 4 * known[0], late
