"""BalanceAfter of later transactions changes with one that comes before them: reads, ETags and
delta links report it, and no event does."""

from collections.abc import Iterator
from datetime import date, timedelta
from decimal import Decimal
from itertools import accumulate
from random import Random
from typing import Any

import psycopg
import pytest
from tests.living import on
from tests.rentals.billing_run.books import Books
from tests.rentals.following import Replica, opened
from tests.rentals.office import Office, opened_office

from gerance.kernel.db import Connection
from gerance.kernel.webhooks.endpoints import add_endpoint, subscribe
from gerance.rentals.model import TYPES
from gerance.rentals.model.rules import DERIVATIONS

LAST = date(2026, 11, 20)
QUESTIONS = (
    "Transactions",
    "Transactions?$select=Id,BalanceAfter",
    "Transactions?$filter=BalanceAfter gt 300&$select=Id,Amount",
    "Transactions?$filter=BalanceAfter lt 0",
    "Transactions?$expand=Tenant($select=Balance)&$select=Id,BalanceAfter",
    "Tenants?$expand=Transactions($orderby=TransactionDate,Id)&$select=Id,Balance",
    "Tenants?$filter=Transactions/any(t:t/BalanceAfter gt 300)&$select=Id",
)


@pytest.fixture(scope="module")
def tenants(database: str) -> list[int]:
    """Two tenants who owe nothing yet."""
    books = Books(database)
    found = [books.tenant(date(2026, 1, 1)) for _ in range(2)]
    books.settled()
    books.close()
    return found


@pytest.fixture(scope="module")
def office(
    database: str, tenants: list[int], tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Office]:
    with opened_office(database, tmp_path_factory.mktemp("home")) as opened:
        yield opened


def paid(office: Office, tenant: int, day: date, amount: str) -> Any:
    return office.post(
        "Transactions", TenantId=tenant, TransactionDate=day.isoformat(), Kind="A",
        Amount=float(amount),
    )  # fmt: skip


def rows(database: str, query: str, *params: Any) -> list[tuple[Any, ...]]:
    with psycopg.connect(database) as connection:
        return connection.execute(query, params).fetchall()


def events(database: str) -> int:
    query = "SELECT count(*) FROM event WHERE category = 'Transaction'"
    return int(rows(database, query)[0][0])


def require_right_totals(database: str) -> None:
    for (tenant,) in rows(database, "SELECT DISTINCT tenant_id FROM rentals.transaction"):
        found = rows(
            database,
            "SELECT amount, balance_after FROM rentals.transaction WHERE tenant_id = %s"
            " ORDER BY transaction_date, id",
            tenant,
        )
        assert [after for _, after in found] == list(accumulate(amount for amount, _ in found))


def test_so_many_transactions_are_so_many_messages(
    database: str, office: Office, tenants: list[int]
) -> None:
    async def subscribed(connection: Connection) -> None:
        uid, _ = await add_endpoint(
            connection,
            flavour="rentals",
            owner="00000000-0000-4000-8000-000000000001",
            url="http://127.0.0.1:9/",
        )
        await subscribe(connection, uid, {"Transaction": None})

    on(database, subscribed)
    random = Random(7)
    before = events(database)
    # Each is earlier than the one before it, and so changes the totals of all.
    for nth in range(30):
        cents = Decimal(random.randrange(-90_000, 90_000)) / 100
        paid(office, random.choice(tenants), LAST - timedelta(nth), str(cents))
    assert events(database) - before == 30
    assert rows(database, "SELECT count(*) FROM outbox") == [(30,)]
    assert rows(database, "SELECT DISTINCT event_type FROM event WHERE category = 'Transaction'"
                ) == [("TransactionCreated",)]  # fmt: skip
    require_right_totals(database)


def test_an_answer_with_a_former_total_is_never_reused(office: Office, tenants: list[int]) -> None:
    late = paid(office, tenants[0], LAST + timedelta(1), "10")
    urls = [f"/api/Transactions({late['Id']})", "/api/Transactions?$select=Id,BalanceAfter",
            f"/api/Tenants({tenants[0]})/Transactions"]  # fmt: skip
    first = [office.http.get(url) for url in urls]
    paid(office, tenants[0], date(2026, 1, 1), "-7.77")
    for url, known in zip(urls, first, strict=True):
        again = office.http.get(url, headers={"If-None-Match": known.headers["ETag"]})
        assert again.status_code == 200, url
        assert again.content != known.content
        assert again.headers["ETag"] != known.headers["ETag"]
    after = office.read(f"Transactions({late['Id']})")
    assert after["BalanceAfter"] == pytest.approx(late["BalanceAfter"] - 7.77)
    assert after["ModifiedAt"] > late["ModifiedAt"]


def test_copies_that_are_kept_by_delta_links_have_the_new_totals(
    database: str, office: Office, tenants: list[int]
) -> None:
    random = Random(11)
    with opened(database) as http:
        replicas = [Replica(http, question, 5).load() for question in QUESTIONS]
        for _ in range(6):
            for tenant in tenants:
                day = date(2026, 2, 1) + timedelta(random.randrange(250))
                paid(office, tenant, day, str(random.randrange(-400, 400)))
            for replica in replicas:
                replica.follow()
                assert replica.entities == replica.fresh(), replica.question
    require_right_totals(database)


def test_who_does_not_show_the_total_is_told_of_new_transactions_only(
    database: str, office: Office, tenants: list[int]
) -> None:
    with opened(database) as http:
        replica = Replica(http, "Transactions?$select=Id,Amount").load()
        made = paid(office, tenants[0], date(2026, 1, 2), "3")
        assert [each["Id"] for each in replica.follow()] == [made["Id"]]


def test_a_running_total_is_all_that_is_derived_of_its_entity() -> None:
    for entity in TYPES:
        if entity.running is not None:
            declared = entity.find(entity.running.property)
            assert declared is not None
            columns = {name for each in DERIVATIONS if each.entity is entity
                       for name in each.columns}  # fmt: skip
            assert columns == {declared.column}
