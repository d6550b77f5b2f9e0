"""Rentals come to the present day when it begins, once among all processes, after any stop."""

import asyncio
from collections.abc import Awaitable, Iterator
from contextlib import asynccontextmanager, suppress
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import psycopg
import pytest
from tests.conftest import made_database
from tests.living import on, running
from tests.rentals.conftest import NOW
from tests.rentals.house import House
from tests.rentals.writing import change, derive_all, log_rows
from tests.waiting import until, until_async

from gerance import worker
from gerance.kernel import clock
from gerance.kernel.daily_job import note_day
from gerance.kernel.db import Connection, Pool, open_pool
from gerance.rentals.leasing.entity import TENANT
from gerance.rentals.model import TABLES
from gerance.rentals.model.rules import RULESET
from gerance.rentals.writing import unit_of_work
from gerance.rentals.writing.daily_job import bring_to
from gerance.rentals.writing.events import stream_uid

TODAY = date(2027, 3, 14)
DAY = timedelta(1)
FEW = 20
WAITING = "SELECT FROM pg_locks WHERE NOT granted"


@pytest.fixture
def url(database_url: str, migrated_template: str) -> Iterator[str]:
    with made_database(database_url, template=migrated_template) as made:
        yield made


@pytest.fixture
def house(url: str) -> Iterator[House]:
    house = House(url)
    yield house
    house.close()


def settled(url: str, day: date = TODAY) -> None:
    """All that the test wrote down is in the log, as of that day."""

    async def act(connection: Connection) -> None:
        async with connection.transaction():
            await derive_all(connection, day)
            await log_rows(connection, TABLES)
            await note_day(connection, "rentals", day)

    on(url, act)


def brought(url: str, day: date) -> bool:
    return on(url, lambda connection: bring_to(connection, RULESET, day, together=FEW))


def rows(url: str, query: str, *params: Any) -> list[tuple[Any, ...]]:
    with psycopg.connect(url) as connection:
        return connection.execute(query, params).fetchall()


def reached(url: str) -> date:
    """The day that rentals were brought to."""
    ((day,),) = rows(url, "SELECT day FROM scheduled_job WHERE name = 'rentals'")
    assert isinstance(day, date)
    return day


def status(url: str, unit: int) -> str:
    ((found,),) = rows(url, "SELECT occupancy_status FROM rentals.unit WHERE id = %s", unit)
    return str(found)


def told(url: str, category: str, entity_id: int) -> list[dict[str, Any]]:
    """What its changes say, but for when."""
    found = rows(
        url,
        "SELECT data FROM event WHERE category = %s AND stream = %s AND version > 1"
        " ORDER BY version",
        category,
        stream_uid(entity_id),
    )
    return [
        {name: value for name, value in data.items() if name != "ModifiedAt"} for (data,) in found
    ]


def test_a_lease_that_begins_today_lets_the_unit(url: str, house: House) -> None:
    unit = house.unit("1")
    house.lease(unit, TODAY + DAY, TODAY + 365 * DAY)
    settled(url)
    assert status(url, unit) == "R"
    assert brought(url, TODAY + DAY)
    assert status(url, unit) == "L"
    assert told(url, "Unit", unit) == [{"OccupancyStatus": "L"}]


def test_a_lease_that_ended_yesterday_frees_the_unit(url: str, house: House) -> None:
    units = [house.unit(code) for code in "123"]
    ended = house.lease(units[0], TODAY - 365 * DAY, TODAY)
    house.lease(units[1], TODAY - 365 * DAY, TODAY, renewable=True)
    left = house.lease(units[2], TODAY - 365 * DAY, TODAY + DAY, renewable=True, departure=TODAY)
    settled(url)
    assert [status(url, unit) for unit in units] == ["L", "L", "L"]
    assert brought(url, TODAY + DAY)
    assert [status(url, unit) for unit in units] == ["V", "L", "V"]
    assert told(url, "Tenant", ended) == told(url, "Tenant", left) == [{"Active": False}]


def test_a_unit_is_to_let_again_once_its_unavailability_is_over(url: str, house: House) -> None:
    """The question of the reference (002, Q12): the dates are past, so it must be available."""
    unit, next_one = house.unit("1"), house.unit("2")
    house.closed(unit, TODAY - 30 * DAY, TODAY)
    house.closed(next_one, TODAY + DAY, None)
    settled(url)
    assert (status(url, unit), status(url, next_one)) == ("N", "V")
    assert brought(url, TODAY + DAY)
    assert (status(url, unit), status(url, next_one)) == ("V", "N")
    assert told(url, "Unit", unit) == [{"OccupancyStatus": "V"}]


def test_a_price_change_is_in_effect_from_its_day(url: str, house: House) -> None:
    tenant = house.lease(house.unit("1"), TODAY - 10 * DAY, TODAY + 1000 * DAY)
    with psycopg.connect(url) as connection:
        connection.execute(
            "INSERT INTO rentals.lease_price_change (tenant_id, effective_date, rent, company_no,"
            " division_no) VALUES (%s, %s, 820, 3, 1)",
            [tenant, TODAY + DAY],
        )
    settled(url)
    assert brought(url, TODAY + DAY)
    assert told(url, "Tenant", tenant) == [{"CurrentRent": 820.00}]


def test_after_a_week_without_anybody_rows_are_what_they_are_today(url: str, house: House) -> None:
    let, over, passed = (house.unit(code) for code in "123")
    house.lease(let, TODAY + 2 * DAY, TODAY + 400 * DAY)
    house.lease(over, TODAY - 100 * DAY, TODAY + 3 * DAY)
    house.closed(passed, TODAY + 2 * DAY, TODAY + 5 * DAY)
    settled(url)
    assert brought(url, TODAY + 7 * DAY)
    assert [status(url, unit) for unit in (let, over, passed)] == ["L", "V", "V"]
    assert [len(told(url, "Unit", unit)) for unit in (let, over, passed)] == [1, 1, 0]


def test_a_day_comes_once_and_never_again(url: str, house: House) -> None:
    unit = house.unit("1")
    house.lease(unit, TODAY + DAY, TODAY + 365 * DAY)
    settled(url)
    assert brought(url, TODAY + DAY)
    assert brought(url, TODAY + DAY)
    assert brought(url, TODAY)
    assert status(url, unit) == "L"
    assert len(told(url, "Unit", unit)) == 1
    assert reached(url) == TODAY + DAY


def test_processes_at_once_tell_each_change_once(estate: str) -> None:
    day = NOW.date() + 200 * DAY

    async def both() -> list[bool]:
        async def one() -> bool:
            async with await psycopg.AsyncConnection.connect(estate, autocommit=True) as connection:
                return await bring_to(connection, RULESET, day, together=FEW)

        return await asyncio.gather(*(one() for _ in range(4)))

    assert True in asyncio.run(both())
    assert brought(estate, day)
    # Nobody holds back the others: what was done together is little.
    steps = rows(
        estate,
        "SELECT count(*) FROM event WHERE event_type IN ('UnitChanged', 'TenantChanged')"
        " GROUP BY transaction_id, category",
    )
    assert len(steps) > 10
    assert max(steps)[0] == FEW
    assert rows(estate, "SELECT stream FROM event WHERE version > 2") == []


def test_interrupted_it_goes_on_where_it_stopped(
    estate: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    day, steps = NOW.date() + 600 * DAY, 0
    record = unit_of_work.append_events
    before = rows(estate, "SELECT count(*) FROM event")[0][0]

    async def record_some(*args: Any, **more: Any) -> int | None:
        nonlocal steps
        steps += 1
        if steps == 3:
            raise ConnectionAbortedError
        return await record(*args, **more)

    monkeypatch.setattr(unit_of_work, "append_events", record_some)
    with pytest.raises(ConnectionAbortedError):
        brought(estate, day)
    done = rows(estate, "SELECT count(*) FROM event")[0][0] - before
    assert done == 2 * FEW
    assert brought(estate, day)
    twice = rows(
        estate,
        "SELECT stream FROM event WHERE position > %s GROUP BY category, stream"
        " HAVING count(*) > 1",
        before,
    )
    assert twice == []
    assert reached(estate) == day


def test_who_started_the_day_before_does_not_bring_it_back(url: str, house: House) -> None:
    """A billing run takes the day when it starts, and may go on past midnight."""
    unit = house.unit("1")
    tenant = house.lease(unit, TODAY + DAY, TODAY + 365 * DAY)
    settled(url)
    assert brought(url, TODAY + DAY)
    on(url, lambda c: change(c, TENANT, tenant, {"email": "a@b.ca"}, today=TODAY))
    assert status(url, unit) == "L"
    assert told(url, "Tenant", tenant) == [{"Email": "a@b.ca"}]


def test_a_day_begins_after_what_was_on_its_way(url: str, house: House) -> None:
    unit = house.unit("1")
    tenant = house.lease(unit, TODAY - 30 * DAY, TODAY - 20 * DAY)
    settled(url)

    async def both() -> None:
        pool: Pool = open_pool(url, size=3, statement_timeout_ms=5000)
        async with pool, pool.connection() as writing, pool.connection() as job:
            async with writing.transaction():
                columns = {"lease_start_date": TODAY + DAY, "lease_end_date": TODAY + 9 * DAY}
                await change(writing, TENANT, tenant, columns, today=TODAY)
                begun = asyncio.ensure_future(bring_to(job, RULESET, TODAY + DAY))
                await until_async(lambda: begun.done() or bool(rows(url, WAITING)))
            assert await begun

    asyncio.run(both())
    assert status(url, unit) == "L"
    assert [data.get("OccupancyStatus") for data in told(url, "Unit", unit)] == ["R", "L"]


@asynccontextmanager
async def looping(loop: Awaitable[None]) -> Any:
    task = asyncio.ensure_future(loop)
    try:
        yield
    finally:
        task.cancel()
        with suppress(asyncio.CancelledError):
            await task


def test_the_loop_sees_a_day_begin(url: str, house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(worker, "PAUSE_SECONDS", 0.01)
    unit = house.unit("1")
    house.lease(unit, TODAY + DAY, TODAY + 2 * DAY)
    settled(url, TODAY - DAY)
    today = TODAY
    zone = ZoneInfo("Europe/Paris")

    async def run() -> None:
        nonlocal today
        pool: Pool = open_pool(url, size=2, statement_timeout_ms=5000)
        monkeypatch.setattr(clock, "today", lambda zone: today)
        async with pool, looping(worker.keep_day(pool, zone)):
            for expected in ("R", "L", "L", "V"):
                await until_async(lambda: reached(url) == today)  # noqa: B023
                assert status(url, unit) == expected
                today += DAY

    asyncio.run(run())


def test_the_application_brings_rentals_to_the_present_unless_it_is_told_not_to(
    url: str, house: House, tmp_path: Path
) -> None:
    today = datetime.now(UTC).date()
    unit = house.unit("1")
    house.lease(unit, today - 2 * DAY, today + 365 * DAY)
    settled(url, today - 4 * DAY)
    with running(url, tmp_path):
        pass
    assert status(url, unit) == "R"
    with running(url, tmp_path, jobs_inside=True):
        until(lambda: status(url, unit) == "L")
