"""What becomes due is written by a daily job, once, and caught up after a stop."""

import asyncio
from datetime import UTC, date, datetime

import psycopg
from tests.partners.calling import Partner, accepted
from tests.travelling import travelled

from gerance.kernel.db import open_pool
from gerance.kernel.log.writer import open_writer
from gerance.partners.customers.daily_job import TOGETHER, run_daily_job


def brought(database: str, *days: date) -> list[int]:
    """How many customers changed when the job ran for these days at the same time."""

    async def run() -> list[int]:
        async with (
            open_pool(database, size=8, statement_timeout_ms=30_000) as pool,
            open_writer(pool) as one,
            open_writer(pool) as other,
        ):
            writers = (one, other)
            turns = [run_daily_job(pool, writers[n % 2], day) for n, day in enumerate(days)]
            return list(await asyncio.gather(*turns))

    return asyncio.run(run())


def test_what_is_due_is_written_once_whoever_runs_the_job(foussier: Partner, database: str) -> None:
    with travelled(datetime(2026, 3, 10, 12, tzinfo=UTC), tick=False):
        for n in range(5):
            accepted(foussier.customer(client_id=f"due{n}"))
    assert brought(database, date(2026, 3, 31)) == [0]
    assert sum(brought(database, date(2026, 4, 2), date(2026, 4, 2))) == 5
    for n in range(5):
        told = foussier.told(f"due{n}")
        assert told["customer"]["status"] == "billed"
        assert [(e["event"], e["date"]) for e in told["history"]][1:] == [
            ("BillingStarted", "2026-04-01")
        ]
    with psycopg.connect(database) as connection:
        rows = connection.execute("SELECT day FROM scheduled_job WHERE name = 'partners'")
        assert rows.fetchall() == [(date(2026, 4, 2),)]


def test_months_that_were_missed_are_caught_up(foussier: Partner, database: str) -> None:
    with travelled(datetime(2026, 3, 10, 12, tzinfo=UTC), tick=False):
        accepted(foussier.customer(client_id="late"))
        accepted(foussier.post("/v1/customers/late/offer", {"months": 2}))
        ends = {"end_of_contract_date": "2026-08-31"}
        accepted(foussier.post("/v1/customers/late/terminate", ends))
    brought(database, date(2027, 1, 15))
    assert [(e["event"], e["date"], e["by"]) for e in foussier.told("late")["history"]][3:] == [
        ("BillingStarted", "2026-06-01", "time"),
        ("ContractTerminated", "2026-08-31", "time"),
    ]


def test_more_than_one_batch_is_brought_to_the_day(database: str, foussier: Partner) -> None:
    with travelled(datetime(2027, 2, 10, 12, tzinfo=UTC), tick=False):
        for n in range(TOGETHER + 5):
            accepted(foussier.customer(client_id=f"many{n}"))
    assert brought(database, date(2027, 3, 1)) == [TOGETHER + 5]
