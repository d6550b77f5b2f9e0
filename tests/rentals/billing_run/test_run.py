"""What a run charges, against the same counted by hand."""

from datetime import date
from decimal import Decimal
from typing import Any

import pytest
from tests.rentals.billing_run.books import DECEMBER, TODAY, Books

from gerance.kernel.errors import Rejection
from gerance.rentals.billing_run.period import parse_period, require_near
from gerance.rentals.writing.events import stream_uid

DAY_ONE, LAST = date(2026, 12, 1), date(2026, 12, 31)
LONG_AGO = date(2025, 7, 1)


@pytest.mark.parametrize(
    ("start", "end", "rent", "amount"),
    [
        (LONG_AGO, None, 1000, "1000.00"),
        (DAY_ONE, None, 1000, "1000.00"),
        (date(2026, 12, 2), None, 1000, "967.74"),
        (date(2026, 12, 15), None, 1000, "548.39"),
        (LAST, None, 1000, "32.26"),
        (LONG_AGO, DAY_ONE, 1000, "32.26"),
        (LONG_AGO, date(2026, 12, 30), 1000, "967.74"),
        (LONG_AGO, LAST, 1000, "1000.00"),
        (date(2026, 12, 10), date(2026, 12, 10), 1000, "32.26"),
        (date(2026, 12, 10), date(2026, 12, 20), "310.00", "110.00"),
        (LONG_AGO, DAY_ONE, "0.15", None),
        (LONG_AGO, DAY_ONE, "0.16", "0.01"),
        (date(2027, 1, 1), None, 1000, None),
        (LONG_AGO, date(2026, 11, 30), 1000, None),
        (LONG_AGO, None, 0, None),
    ],
)
def test_rent_is_charged_for_the_days_of_the_lease(
    books: Books, start: date, end: date | None, rent: Any, amount: str | None
) -> None:
    tenant = books.tenant(start, end, rent=rent)
    books.settled()
    books.billed()
    charged = [each for _, each, _ in books.charges(tenant)]
    assert charged == ([] if amount is None else [Decimal(amount)])


@pytest.mark.parametrize(("amount", "days", "charged"), [
    ("0.30", 15, "0.15"), ("0.01", 15, "0.01"), ("-0.01", 15, "-0.01"), ("0.03", 5, "0.01"),
    ("0.01", 14, None),
])  # fmt: skip
def test_half_a_cent_goes_away_from_zero(
    books: Books, amount: str, days: int, charged: str | None
) -> None:
    tenant = books.tenant(LONG_AGO, rent=0)
    books.of(
        tenant, "tenant_service", service_id=1, amount=amount, start_date=date(2026, 11, 1),
        end_date=date(2026, 11, days),
    )  # fmt: skip
    books.settled()
    books.billed("2026-11")
    found = [each for _, each, _ in books.charges(tenant, "2026-11")]
    assert found == ([] if charged is None else [Decimal(charged)])


def test_a_departure_ends_what_is_charged(books: Books) -> None:
    tenant = books.tenant(LONG_AGO, departure_date=date(2026, 12, 15), rent=620)
    books.of(tenant, "tenant_service", service_id=1, amount=31, start_date=LONG_AGO, end_date=None)
    books.settled()
    books.billed()
    assert books.charges(tenant) == [
        ("R", Decimal("300.00"), "Loyer 2026-12 (15/31)"),
        ("S", Decimal("15.00"), "Internet 2026-12 (15/31)"),
    ]


def test_services_parkings_and_storages_are_charged_over_their_days(books: Books) -> None:
    tenant = books.tenant(LONG_AGO, language="en")
    half = {"start_date": date(2026, 12, 17), "amount": 31}
    books.of(tenant, "tenant_service", service_id=1, **half)
    whole = {"start_date": LONG_AGO, "end_date": date(2026, 6, 30), "amount": 80}
    books.of(tenant, "tenant_parking", parking_id=1, renewable=True, **whole)
    books.of(tenant, "tenant_storage", storage_id=1, end_date=date(2027, 1, 31), **half)
    over = books.of(tenant, "tenant_storage", storage_id=2, renewable=False, **whole)
    books.settled()
    billed = books.billed()
    assert books.charges(tenant) == [
        ("R", Decimal("1000.00"), "Rent 2026-12"),
        ("G", Decimal("15.00"), "Storage 12 2026-12 (15/31)"),
        ("K", Decimal("80.00"), "Parking 12 2026-12"),
        ("S", Decimal("15.00"), "Internet 2026-12 (15/31)"),
    ]
    assert books.rows("SELECT FROM rentals.transaction WHERE source_id = %s AND kind = 'G'", over
                      ) == []  # fmt: skip
    (division,) = billed.divisions
    assert (division.rent, division.services, division.parkings, division.storages) == (
        1000, 15, 80, 15,
    )  # fmt: skip
    assert (division.total, division.charges, division.tenants) == (1110, 4, 1)


def test_who_rents_a_parking_alone_pays_for_the_parking(books: Books) -> None:
    tenant = books.tenant(LONG_AGO, tenant_type="P", rent=90)
    books.of(tenant, "tenant_parking", parking_id=1, start_date=LONG_AGO, end_date=LAST, amount=90)
    books.settled()
    books.billed()
    assert books.charges(tenant) == [("K", Decimal("90.00"), "Stationnement 12 2026-12")]


def test_a_rent_that_changes_within_the_month_is_the_sum_of_its_parts(books: Books) -> None:
    tenant = books.tenant(LONG_AGO, rent=1000)
    for day, rent in ((date(2026, 12, 11), 1100), (date(2026, 12, 21), 1200)):
        books.of(tenant, "lease_price_change", effective_date=day, rent=rent)
    books.settled()
    books.billed()
    # (10 x 1000 + 10 x 1100 + 11 x 1200) / 31
    assert books.charges(tenant) == [("R", Decimal("1103.23"), "Loyer 2026-12")]


def test_what_a_tenant_owes_follows(books: Books) -> None:
    tenant = books.tenant(LONG_AGO)
    books.of(tenant, "transaction", transaction_date=date(2026, 12, 5), kind="P", amount=-400)
    books.settled()
    assert books.billed().tenants == 1
    assert books.rows(
        "SELECT kind, transaction_date, balance_after FROM rentals.transaction"
        " ORDER BY transaction_date"
    ) == [("R", DAY_ONE, Decimal("1000.00")), ("P", date(2026, 12, 5), Decimal("600.00"))]
    assert books.rows("SELECT balance FROM rentals.tenant") == [(Decimal("600.00"),)]


def test_each_change_is_an_event_of_the_one_run(books: Books) -> None:
    tenant = books.tenant(LONG_AGO)
    step = books.of(tenant, "lease_price_change", effective_date=DAY_ONE, rent=1020)
    books.settled()
    ((before,),) = books.rows("SELECT max(position) FROM event")
    actor = "00000000-0000-4000-8000-000000000001"
    books.billed(actor=actor)
    told = books.rows(
        "SELECT event_type, stream, data, actor::text FROM event WHERE position > %s"
        " ORDER BY event_type",
        before,
    )
    assert [each[0] for each in told] == [
        "LeasePriceChangeChanged", "TenantChanged", "TransactionCreated",
    ]  # fmt: skip
    assert {each[3] for each in told} == {actor}
    assert told[0][1] == stream_uid(step)
    assert set(told[0][2]) == {"AppliedAt", "ModifiedAt"}
    assert told[1][2]["Balance"] == told[2][2]["Amount"] == told[2][2]["BalanceAfter"] == 1020
    assert (told[2][2]["Kind"], told[2][2]["Period"]) == ("R", DECEMBER)
    runs = "SELECT count(DISTINCT process_uid) FROM event WHERE position > %s"
    assert books.rows(runs, before) == [(1,)]


def test_the_rent_in_effect_stays_that_of_today(books: Books) -> None:
    """A month may be billed ahead: CurrentRent changes that day (rentals/writing/daily_job.py)."""
    tenant = books.tenant(LONG_AGO)
    books.of(tenant, "lease_price_change", effective_date=DAY_ONE, rent=1020)
    books.settled()
    books.billed()
    assert books.rows("SELECT current_rent FROM rentals.tenant") == [(Decimal(1000),)]
    assert [each[1] for each in books.charges(tenant)] == [Decimal(1020)]
    assert books.billed(today=date(2026, 12, 3)).divisions == []


def test_a_dry_run_says_what_a_run_does_and_writes_nothing(books: Books) -> None:
    tenant = books.tenant(LONG_AGO)
    books.of(tenant, "lease_price_change", effective_date=DAY_ONE, rent=1020)
    books.of(tenant, "tenant_service", service_id=1, amount=-50, start_date=LONG_AGO)
    books.tenant(date(2026, 12, 15), division_no=2)
    books.settled()
    kept = "SELECT (SELECT count(*) FROM event), (SELECT sum(changes) FROM set_version)"
    before = books.rows(kept)
    would = books.billed(dry_run=True)
    assert books.rows(kept) == before
    assert books.rows("SELECT FROM rentals.transaction") == []
    assert would.dry_run
    assert would.divisions == books.billed().divisions
    first, second = would.divisions
    assert (first.rent, first.rebates, first.total, first.price_changes) == (1020, -50, 970, 1)
    assert (second.division_no, second.total) == (2, 548.39)


def test_a_charge_that_came_from_elsewhere_is_not_made_again(books: Books) -> None:
    tenant = books.tenant(LONG_AGO)
    books.of(tenant, "tenant_service", service_id=1, amount=20, start_date=LONG_AGO)
    books.of(tenant, "transaction", transaction_date=DAY_ONE, kind="R", amount=990, period=DECEMBER)
    books.settled()
    books.billed()
    assert [each[:2] for each in books.charges(tenant)] == [
        ("R", Decimal("990.00")), ("S", Decimal("20.00")),
    ]  # fmt: skip


def test_a_tenant_who_cannot_be_billed_keeps_nobody_else_from_it(books: Books) -> None:
    first, second, third = (books.tenant(LONG_AGO) for _ in range(3))
    books.of(second, "transaction", transaction_date=DAY_ONE, kind="A", amount="9999999999.00")
    books.settled()
    billed = books.billed()
    assert [each.tenant_id for each in billed.not_billed] == [second]
    assert "overflow" in billed.not_billed[0].reason
    assert [len(books.charges(each)) for each in (first, second, third)] == [1, 0, 1]
    assert billed.divisions[0].tenants == 2


@pytest.mark.parametrize("text", ["", "2026", "2026-13", "2026-1", "2026-12-01", "0026-12", "١٢"])
def test_a_period_is_a_year_and_a_month(text: str) -> None:
    with pytest.raises(Rejection, match="a year and a month"):
        parse_period(text)


@pytest.mark.parametrize(("text", "near"), [
    ("2025-10", False), ("2025-11", True), ("2026-11", True), ("2027-11", True), ("2027-12", False),
])  # fmt: skip
def test_a_period_is_at_most_a_year_away(text: str, near: bool) -> None:
    period = parse_period(text)
    if near:
        require_near(period, TODAY)
    else:
        with pytest.raises(Rejection) as refused:
            require_near(period, TODAY)
        assert refused.value.code == "PeriodRefused"
