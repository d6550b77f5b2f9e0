"""Questions 9 and 10 of the reference (reference/002), from what an integrator posts to what its
tenants are charged."""

from datetime import date
from typing import Any

from tests.rentals.billing_run.books import Books
from tests.rentals.office import Office

from gerance.kernel.months import Month


def leased(books: Books, office: Office, **more: Any) -> Any:
    """A new tenant of a lease from December 2026 on, posted."""
    unit = books.add(
        "unit", company_no=3, division_no=1, building_code="PINS", unit_code="Q", building_id=1
    )
    books.settled()
    return office.post(
        "Tenants",
        **{
            "CompanyNo": 3, "DivisionNo": 1, "TenantType": "D", "UnitId": unit,
            "LastName": "Tremblay", "LeaseStartDate": "2026-12-01",
            "LeaseEndDate": "2029-11-30", "Rent": 1000, **more,
        },
    )  # fmt: skip


def months(first: str, count: int) -> list[Month]:
    start = Month.parse(first)
    number = 12 * start.year + start.month - 1
    return [Month(each // 12, each % 12 + 1) for each in range(number, number + count)]


def test_a_lease_of_36_months_whose_rent_rises_by_20_each_year(
    books: Books, office: Office
) -> None:
    tenant = leased(books, office, LeaseRenewable=False)
    steps = [
        office.post("LeasePriceChanges", TenantId=tenant["Id"], EffectiveDate=day, Rent=rent)["Id"]
        for day, rent in (("2027-12-01", 1020), ("2028-12-01", 1040))
    ]
    applied = {}
    for month in months("2026-11", 38):
        books.billed(str(month), today=month.first_day)
        for (step,) in books.rows(
            "SELECT id FROM rentals.lease_price_change WHERE applied_at IS NOT NULL"
        ):
            applied.setdefault(step, str(month))
    charged = books.rows("SELECT period, amount FROM rentals.transaction ORDER BY period")
    assert charged == [
        (str(month), rent)
        for first, rent in (("2026-12", 1000), ("2027-12", 1020), ("2028-12", 1040))
        for month in months(first, 12)
    ]
    assert applied == dict(zip(steps, ("2027-12", "2028-12"), strict=True))
    told = office.read(f"Tenants({tenant['Id']})", expand="Transactions($orderby=Period)")
    assert told["Balance"] == told["Transactions"][-1]["BalanceAfter"] == 12 * 3060
    assert told["CurrentRent"] == 1040
    refused = office.refusal("PATCH", f"LeasePriceChanges({steps[0]})", {"Rent": 1021})
    assert refused["code"] == "PriceChangeApplied"


def test_a_rebate_of_50_on_the_first_two_months(books: Books, office: Office) -> None:
    tenant = leased(books, office)
    office.post(
        "TenantServices", TenantId=tenant["Id"], ServiceId=1, Amount=-50,
        StartDate="2026-12-01", EndDate="2027-01-31", Comment="Rabais",
    )  # fmt: skip
    for month in months("2026-12", 4):
        books.billed(str(month), today=date(2026, 12, 1))
    charges = office.read(f"Tenants({tenant['Id']})/Transactions", orderby="Period,Kind")
    assert [(each["Period"], each["Kind"], each["Amount"]) for each in charges] == [
        ("2026-12", "R", 1000), ("2026-12", "S", -50), ("2027-01", "R", 1000),
        ("2027-01", "S", -50), ("2027-02", "R", 1000), ("2027-03", "R", 1000),
    ]  # fmt: skip
