"""POST /api/Billing/Run: who may, what it answers, who is told."""

from datetime import date
from functools import partial
from typing import Any

import psycopg
import pytest
from tests.living import on
from tests.rentals.billing_run.books import DECEMBER, Books
from tests.rentals.office import Office
from tests.rentals.test_writing import integrator

from gerance.kernel.db import Connection
from gerance.kernel.identity.scope import Scope
from gerance.kernel.webhooks.endpoints import add_endpoint, subscribe
from gerance.rentals.billing_run import routes

LONG_AGO = date(2025, 7, 1)
NEEDED = (
    "Tenants", "LeasePriceChanges", "TenantServices", "TenantParkings", "TenantStorages",
    "Transactions",
)  # fmt: skip


def asked(office: Office, body: Any = None, **more: Any) -> Any:
    """What a request to bill December is answered."""
    return office.http.post("/api/Billing/Run", json=body or {"Period": DECEMBER}, **more)


def error(answer: Any) -> tuple[int, str]:
    return answer.status_code, answer.json()["error"]["code"]


@pytest.fixture
def two(books: Books) -> tuple[int, int]:
    """A tenant in each division, for 1000 a month."""
    tenants = books.tenant(LONG_AGO), books.tenant(LONG_AGO, division_no=2)
    books.settled()
    return tenants


def test_a_month_is_billed_once(books: Books, two: tuple[int, int], office: Office) -> None:
    answer = asked(office)
    assert answer.status_code == 200
    body = answer.json()
    assert {name: body[name] for name in ("Period", "DryRun", "Complete", "Next", "Tenants")} == {
        "Period": DECEMBER, "DryRun": False, "Complete": True, "Next": None, "Tenants": 2,
    }  # fmt: skip
    assert body["Divisions"][0] == {
        "CompanyNo": 3, "DivisionNo": 1, "Name": "Québec", "Currency": "CAD", "Tenants": 1,
        "PriceChanges": 0, "Charges": 1, "Rent": 1000, "Services": 0, "Rebates": 0, "Parkings": 0,
        "Storages": 0, "Total": 1000,
    }  # fmt: skip
    ((last,),) = books.rows("SELECT max(position) FROM event")
    assert answer.headers["Gerance-Position"] == str(last)
    again = asked(office)
    assert (again.json()["Divisions"], "Gerance-Position" in again.headers) == ([], False)


def test_the_same_key_has_the_first_answer(
    books: Books, two: tuple[int, int], office: Office
) -> None:
    headers = {"Idempotency-Key": "december"}
    tried = asked(office, {"Period": DECEMBER, "DryRun": True}, headers=headers)
    first = asked(office, headers=headers)
    assert (tried.json()["DryRun"], first.json()["DryRun"]) == (True, False)
    again = asked(office, headers=headers)
    assert (again.status_code, again.content) == (200, first.content)
    assert again.headers["Gerance-Position"] == first.headers["Gerance-Position"]
    other = asked(office, {"Period": "2027-01"}, headers=headers)
    assert error(other) == (422, "IdempotencyKeyReused")
    assert books.rows("SELECT count(*) FROM rentals.transaction") == [(2,)]


def test_what_was_charged_is_read_at_once(two: tuple[int, int], office: Office) -> None:
    assert office.read("Transactions") == []
    asked(office)
    found = office.read("Transactions", orderby="TenantId", filter=f"Period eq '{DECEMBER}'")
    assert [(each["TenantId"], each["Kind"], each["Amount"]) for each in found] == [
        (tenant, "R", 1000) for tenant in two
    ]


@pytest.mark.parametrize(
    ("body", "headers"),
    [({"Period": DECEMBER, "DryRun": True}, {}), ({"period": DECEMBER, "dryrun": True}, {}),
     ({"Period": DECEMBER}, {"Prefer": "handling=dry-run"})],
)  # fmt: skip
def test_a_dry_run_writes_nothing(
    books: Books, two: tuple[int, int], office: Office, body: Any, headers: dict[str, str]
) -> None:
    answer = asked(office, body, headers=headers).json()
    assert (answer["DryRun"], len(answer["Divisions"])) == (True, 2)
    assert books.rows("SELECT FROM rentals.transaction") == []


def test_a_long_run_goes_on_where_it_was(
    books: Books, two: tuple[int, int], office: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(routes, "MOST_SECONDS", 0.0)
    monkeypatch.setattr(routes, "Order", partial(routes.Order, together=1))
    first = asked(office).json()
    assert (first["Complete"], first["Next"], first["Tenants"]) == (False, two[0], 1)
    second = asked(office, {"Period": DECEMBER, "After": first["Next"]}).json()
    assert (second["Complete"], second["Tenants"]) == (True, 1)
    assert books.rows("SELECT count(*) FROM rentals.transaction") == [(2,)]


@pytest.mark.parametrize(
    ("body", "code"),
    [
        ({"Period": "2026-13"}, "PeriodRefused"),
        ({"Period": "2062-12"}, "PeriodRefused"),
        ({"Period": 202612}, "BadRequest"),
        ({"DryRun": True}, "BadRequest"),
        ({"Period": DECEMBER, "DryRun": "no"}, "BadRequest"),
        ({"Period": DECEMBER, "After": -1}, "BadRequest"),
        ({"Period": DECEMBER, "Dry": True}, "BadRequest"),
        ([DECEMBER], "BadRequest"),
    ],
)
def test_what_cannot_be_meant_is_refused(office: Office, body: Any, code: str) -> None:
    assert error(asked(office, body)) == (400, code)


def test_without_a_token_nothing_is_billed(office: Office) -> None:
    assert error(asked(office, headers={"Authorization": "Bearer no"})) == (401, "Unauthorized")


def test_who_only_reads_bills_nothing(books: Books, two: tuple[int, int], office: Office) -> None:
    reader = integrator(office.http, books.url, "reader", Scope(read_only=True))
    assert error(asked(office, headers=reader)) == (403, "Forbidden")
    assert books.rows("SELECT FROM rentals.transaction") == []


@pytest.mark.parametrize("without", NEEDED)
def test_every_set_that_a_run_uses_is_needed(books: Books, office: Office, without: str) -> None:
    sets = tuple(name for name in NEEDED if name != without)
    limited = integrator(office.http, books.url, f"no {without}", Scope(sets=sets))
    answer = asked(office, headers=limited)
    assert error(answer) == (403, "Forbidden")
    assert without in answer.json()["error"]["message"]


@pytest.mark.parametrize(("place", "billed"), [
    ({"company_no": 3, "division_no": 2}, [1]), ({"company_no": 3}, [0, 1]),
    ({"company_no": 4}, []),
])  # fmt: skip
def test_who_is_limited_to_places_bills_there(
    books: Books, two: tuple[int, int], office: Office, place: dict[str, int], billed: list[int]
) -> None:
    scope = Scope(sets=NEEDED, places=(place,))
    limited = integrator(office.http, books.url, f"at {place}", scope)
    would = asked(office, {"Period": DECEMBER, "DryRun": True}, headers=limited).json()
    did = asked(office, headers=limited).json()
    assert would["Divisions"] == did["Divisions"]
    assert [each["DivisionNo"] for each in did["Divisions"]] == [number + 1 for number in billed]
    assert did["Tenants"] == len(billed)
    charged = books.rows("SELECT tenant_id FROM rentals.transaction ORDER BY tenant_id")
    assert charged == [(two[number],) for number in billed]


def test_one_request_bills_at_a_time(books: Books, two: tuple[int, int], office: Office) -> None:
    with psycopg.connect(books.url) as other:
        other.execute("SELECT pg_advisory_lock(hashtext('billing run'))")
        answer = asked(office)
        assert error(answer) == (409, "BillingUnderWay")
        assert answer.headers["Retry-After"] == "15"
        other.execute("SELECT pg_advisory_unlock(hashtext('billing run'))")
    assert asked(office).status_code == 200


def test_who_subscribed_to_transactions_is_to_be_told_of_each(
    books: Books, two: tuple[int, int], office: Office
) -> None:
    async def subscribed(connection: Connection) -> str:
        uid, _ = await add_endpoint(
            connection, flavour="rentals", owner="office", url="https://hooks.invalid/"
        )
        await subscribe(connection, uid, {"Transaction": None})
        return uid

    endpoint = on(books.url, subscribed)
    asked(office)
    assert books.rows(
        "SELECT e.event_type, count(*) FROM outbox o JOIN event e USING (position)"
        " WHERE o.endpoint = %s GROUP BY 1",
        endpoint,
    ) == [("TransactionCreated", 2)]
