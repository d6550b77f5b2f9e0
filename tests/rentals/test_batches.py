"""Changes that wait at the same time are executed together, and each is answered by itself."""

import asyncio
from collections.abc import Awaitable, Callable
from datetime import date
from typing import Any

import psycopg
import pytest
from tests.rentals.together import Result, changes, together
from tests.statements import statements_of

from gerance.kernel.db import Pool, open_pool
from gerance.kernel.errors import Rejection
from gerance.kernel.odata.writing.payload import WriteOutcome
from gerance.rentals.model.rules import RULES


def run(url: str, act: Callable[[Pool], Awaitable[Any]], *, timeout_ms: int = 30_000) -> Any:
    async def main() -> Any:
        async with open_pool(url, size=2, statement_timeout_ms=timeout_ms) as pool:
            return await act(pool)

    return asyncio.run(main())


def documents(results: list[Result]) -> int:
    return sum(isinstance(each, WriteOutcome) for each in results)


@pytest.mark.parametrize(
    ("name", "body", "most"),
    [("Tenant", {"Rent": 1234}, 4), ("Supplier", {"ContactName": "Roy"}, 2)],
    ids=["derived", "not derived"],
)
def test_changes_that_wait_share_their_statements(
    estate: str, name: str, body: dict[str, Any], most: int
) -> None:
    ids = range(1, 9)
    with psycopg.connect(estate) as connection:
        source = RULES[name].entity.source
        before = dict(connection.execute(f"SELECT id, version FROM {source}".encode()).fetchall())

    async def act(pool: Pool) -> tuple[list[Result], int]:
        # What is read once is there.
        await together(pool, changes(name, (9, body)))
        with statements_of(pool) as statements:
            results = await together(pool, changes(name, *((id_, body) for id_ in ids)))
        return results, len(statements)

    results, sent = run(estate, act)
    assert documents(results) == len(ids), results
    assert sent <= most
    assert [each.version for each in results] == [str(before[id_] + 1) for id_ in ids]
    with psycopg.connect(estate) as connection:
        rows = connection.execute(
            "SELECT position, stream::text, version, data::text, process_uid FROM event"
            " WHERE category = %s AND position = ANY(%s) ORDER BY position",
            [name, [each.position for each in results]],
        ).fetchall()
    assert len({process for *_, process in rows}) == len(ids)
    for id_, outcome, (position, stream, version, data, _) in zip(ids, results, rows, strict=True):
        assert (outcome.position, str(version)) == (position, outcome.version)
        assert int(stream[-12:], 16) == id_
        assert all(f'"{each}"' in data and f'"{each}"' in outcome.document for each in body)
    # Of a tenant whose rent no price change has replaced.
    assert any("CurrentRent" in data for _, _, _, data, _ in rows) == (name == "Tenant")


def test_a_change_that_the_rules_reject_fails_alone(estate: str) -> None:
    bodies = [(id_, {"Rent": 800 + id_ if id_ != 12 else -1}) for id_ in range(11, 15)]
    results = run(estate, lambda pool: together(pool, changes("Tenant", *bodies)))
    assert isinstance(results[1], Rejection)
    assert results[1].code == "NegativeRent"
    assert documents(results) == 3


def test_a_change_of_another_version_fails_alone(estate: str) -> None:
    wrong = changes("Tenant", (21, {"Rent": 801}), expected=frozenset(["999"]))
    right = changes("Tenant", (22, {"Rent": 802}))
    results = run(estate, lambda pool: together(pool, wrong + right))
    assert isinstance(results[0], Rejection)
    assert results[0].code == "PreconditionFailed"
    assert documents(results) == 1


def test_what_the_database_rejects_is_left_with_the_changes_beside_it(estate: str) -> None:
    with psycopg.connect(estate) as connection:
        invoices = connection.execute(
            "SELECT min(id), max(id) FROM rentals.invoice GROUP BY supplier_id"
            " HAVING count(*) > 1 LIMIT 1"
        ).fetchone()
    assert invoices is not None
    bodies = [(id_, {"InvoiceNo": "twice"}) for id_ in invoices]
    results = run(estate, lambda pool: together(pool, changes("Invoice", *bodies)))
    assert results == [None, None]


@pytest.mark.parametrize(
    ("name", "body"), [("Tenant", {"Rent": 1300}), ("Supplier", {"ContactName": "Cyr"})]
)
def test_a_row_that_others_hold_is_not_waited_for(
    estate: str, name: str, body: dict[str, Any]
) -> None:
    with psycopg.connect(estate) as holder:
        source = RULES[name].entity.source
        holder.execute(f"SELECT FROM {source} WHERE id = 2 FOR NO KEY UPDATE".encode())
        writings = changes(name, *((id_, body) for id_ in (1, 2, 3, 400_000)))
        results = run(estate, lambda pool: together(pool, writings))
    assert [each is not None for each in results] == [True, False, True, False]
    assert documents(results) == 2


def test_of_two_changes_of_a_row_one_is_left(estate: str) -> None:
    bodies = [(31, {"Rent": 900}), (32, {"Rent": 901}), (31, {"Rent": 902})]
    results = run(estate, lambda pool: together(pool, changes("Tenant", *bodies)))
    assert [each is not None for each in results] == [True, True, False]


@pytest.mark.parametrize(
    ("name", "body"),
    [
        # A building's number of units, a unit's occupancy, copies of the departure.
        ("Tenant", {"DepartureDate": date(2031, 1, 1)}),
        ("Tenant", {"UnitId": 3}),
        ("Unit", {"HousingType": "3"}),
        ("LeasePriceChange", {"Rent": 1000}),
    ],
    ids=["departure", "move", "reference", "owner"],
)
def test_what_changes_other_rows_or_refers_to_them_is_left(
    estate: str, name: str, body: dict[str, Any]
) -> None:
    assert run(estate, lambda pool: together(pool, changes(name, (1, body)))) == [None]


def test_changes_behind_a_batch_that_times_out_do_not_wait_for_more_timeouts(estate: str) -> None:
    writings = changes("Supplier", *((id_, {"ContactName": "Late"}) for id_ in range(1, 41)))

    async def act(pool: Pool) -> tuple[list[Result], int]:
        await together(pool, changes("Supplier", (41, {"ContactName": "Before"})))
        async with await psycopg.AsyncConnection.connect(estate) as holder:
            await holder.execute("LOCK TABLE set_version IN EXCLUSIVE MODE")
            with statements_of(pool) as statements:
                results = await together(pool, writings)
        return results, len(statements)

    results, sent = run(estate, act, timeout_ms=900)
    assert results == [None] * len(writings)
    assert sent <= 2, "one batch: its rows and its update"


def test_without_a_connection_each_change_fails(estate: str) -> None:
    async def act(pool: Pool) -> list[Result]:
        await pool.close()
        return await together(pool, changes("Tenant", (1, {"Rent": 1}), (2, {"Rent": 1})))

    results = run(estate, act)
    assert [isinstance(each, psycopg.OperationalError) for each in results] == [True, True]
