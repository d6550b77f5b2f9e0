"""Days are those of the database's clock, whatever this machine's clock says."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import psycopg
import pytest
import time_machine
from psycopg import AsyncConnection
from tests.waiting import until_async

from gerance import worker
from gerance.kernel import clock, daily_job
from gerance.kernel.db import Connection, Pool, open_pool

ZONE = ZoneInfo("Europe/Paris")
NONE = timedelta()


def on(database: str, act: Callable[[Connection], Awaitable[None]]) -> None:
    async def run() -> None:
        async with await AsyncConnection.connect(database, autocommit=True) as connection:
            await connection.execute("DELETE FROM scheduled_job")
            await act(connection)

    asyncio.run(run())


def real_day(database: str) -> date:
    with psycopg.connect(database) as connection:
        ((now,),) = connection.execute("SELECT clock_timestamp()").fetchall()
    day: date = now.astimezone(ZONE).date()
    return day


def test_a_machine_whose_clock_is_months_ahead_has_the_day_of_the_database(database: str) -> None:
    async def act(connection: Connection) -> None:
        with time_machine.travel(datetime.now(UTC) + timedelta(days=330)):
            difference = await clock.synchronise(connection)
            assert timedelta(days=329) < difference < timedelta(days=331)
            assert clock.today(ZONE) == real_day(database)
        assert abs(datetime.now(UTC) - clock.now()) < timedelta(minutes=1)

    on(database, act)


@pytest.mark.parametrize(
    ("difference", "days", "begins"),
    [
        (NONE, 1, True),
        (timedelta(seconds=50), daily_job.MOST_DAYS, True),
        (timedelta(seconds=61), 1, False),
        (timedelta(seconds=-61), 1, False),
        (NONE, daily_job.MOST_DAYS + 1, False),
        (NONE, 330, False),
    ],
)
def test_a_day_that_a_clock_may_have_made_up_waits_for_an_operator(
    database: str, difference: timedelta, days: int, begins: bool
) -> None:
    async def act(connection: Connection) -> None:
        last = date(2026, 11, 30)
        day = last + timedelta(days=days)
        await daily_job.note_day(connection, "rentals", last)
        assert await daily_job.may_begin(connection, "rentals", day, difference) is begins
        ((state),) = await daily_job.states(connection)
        assert (state["stopped"] is None) is begins
        await daily_job.confirm(connection, day)
        assert await daily_job.may_begin(connection, "rentals", day, difference)
        tomorrow = day + timedelta(days=daily_job.MOST_DAYS + 1)
        assert not await daily_job.may_begin(connection, "rentals", tomorrow, NONE)

    on(database, act)


def test_a_job_goes_on_by_itself_once_the_clocks_agree(database: str) -> None:
    async def act(connection: Connection) -> None:
        day = date(2026, 11, 30)
        late = timedelta(hours=1)
        assert not await daily_job.may_begin(connection, "partners", day, late)
        assert await daily_job.may_begin(connection, "partners", day, NONE)
        await daily_job.note_day(connection, "partners", day)
        assert [state["stopped"] for state in await daily_job.states(connection)] == [None]

    on(database, act)


@asynccontextmanager
async def looping(url: str) -> AsyncIterator[Pool]:
    async with open_pool(url, size=2, statement_timeout_ms=30_000) as pool:
        loop = asyncio.ensure_future(worker.keep_day(pool, ZONE))
        try:
            yield pool
        finally:
            loop.cancel()
            await asyncio.gather(loop, return_exceptions=True)


def test_the_loop_stops_on_a_wrong_clock_and_goes_on_when_it_is_confirmed(
    database: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(worker, "PAUSE_SECONDS", 0.01)

    async def until(pool: Pool, condition: str) -> None:
        async def holds() -> bool:
            async with pool.connection() as connection:
                rows = await connection.execute(
                    f"SELECT FROM scheduled_job WHERE name = 'rentals' AND {condition}"
                )
                return await rows.fetchone() is not None

        await until_async(holds)

    async def act(connection: Connection) -> None:
        today = real_day(database)
        await daily_job.note_day(connection, "rentals", today - timedelta(days=1))
        with time_machine.travel(datetime.now(UTC) + timedelta(days=330)):
            async with looping(database) as pool:
                await until(pool, "stopped LIKE '%ahead of%'")
                assert not await daily_job.is_at(connection, "rentals", today)
                await daily_job.confirm(connection, today)
                await until(pool, f"day = '{today}'")

    on(database, act)
