"""The stories of the reference's questions (reference/002), told over the API."""

from collections.abc import Iterator
from datetime import date, datetime
from typing import Any

import pytest
from tests.rentals.conftest import NOW
from tests.rentals.office import Office, opened_office
from tests.travelling import travelled

PLACE = {"CompanyNo": 3, "DivisionNo": 1, "BuildingCode": "1000PINS"}


@pytest.fixture(scope="module")
def office(estate: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Office]:
    with (
        travelled(NOW),
        opened_office(estate, tmp_path_factory.mktemp("home")) as opened,
    ):
        yield opened


def unit(office: Office, code: str, **more: Any) -> Any:
    """A new unit that nobody rents."""
    return office.post("Units", **PLACE, UnitCode=code, BaseRent=1000, **more)


def lease(office: Office, unit_id: int, start: str, end: str, **more: Any) -> Any:
    """A new tenant of the unit."""
    return office.post(
        "Tenants",
        **{
            "CompanyNo": 3, "DivisionNo": 1, "TenantType": "D", "UnitId": unit_id,
            "LastName": "Tremblay", "LeaseStartDate": start, "LeaseEndDate": end, "Rent": 1000,
            **more,
        },
    )  # fmt: skip


def for_rent(office: Office, start: str, end: str) -> dict[str, Any]:
    """The units that Units/ForRent offers, by code."""
    found = office.read(
        f"Units/ForRent(from={start},to={end})", filter="BuildingCode eq '1000PINS'"
    )
    return {each["UnitCode"]: each for each in found}


def test_a_unit_whose_tenant_leaves_is_leased_today_and_for_rent_later(office: Office) -> None:
    """Q7: the status is that of today; Units/ForRent answers for a range of dates."""
    made = unit(office, "Q7")
    tenant = lease(office, made["Id"], "2025-07-01", "2026-06-30")
    assert office.read(f"Units({made['Id']})")["OccupancyStatus"] == "L"
    assert "Q7" not in for_rent(office, "2026-12-01", "2027-01-31")
    office.change(f"Tenants({tenant['Id']})", DepartureDate="2026-12-15")
    assert office.read(f"Units({made['Id']})")["OccupancyStatus"] == "L"
    offered = for_rent(office, "2026-12-01", "2027-01-31")["Q7"]
    assert (offered["AvailableFrom"], offered["BaseRent"]) == ("2026-12-16", 1000)
    assert "Q7" not in for_rent(office, "2026-11-25", "2026-12-14")


def test_a_lease_of_three_years_has_its_rises_written_ahead(office: Office) -> None:
    """Q9: one LeasePriceChange for each rise; the rent of today is the last one in effect."""
    made = unit(office, "Q9")
    tenant = lease(office, made["Id"], "2026-11-01", "2029-10-31")
    for day, rent in (("2027-11-01", 1020), ("2028-11-01", 1040)):
        step = office.post("LeasePriceChanges", TenantId=tenant["Id"], EffectiveDate=day, Rent=rent)
        assert step["AppliedAt"] is None
    written = office.read(f"Tenants({tenant['Id']})", expand="LeasePriceChanges")
    assert (written["Rent"], written["CurrentRent"]) == (1000, 1000)
    assert [(each["EffectiveDate"], each["Rent"]) for each in written["LeasePriceChanges"]] == [
        ("2027-11-01", 1020), ("2028-11-01", 1040),
    ]  # fmt: skip
    twice = {"TenantId": tenant["Id"], "EffectiveDate": "2027-11-01", "Rent": 1025}
    assert office.refusal("POST", "LeasePriceChanges", twice)["code"] == "PriceChangeTwice"


def test_a_rebate_of_50_on_the_first_two_months_is_a_service(office: Office) -> None:
    """Q10: a TenantService with a negative amount over a range of dates."""
    tenant = lease(office, unit(office, "Q10")["Id"], "2026-12-01", "2027-11-30")
    (service,) = office.read("Services", filter="DefaultAmount lt 0", top="1")
    rebate = office.post(
        "TenantServices", TenantId=tenant["Id"], ServiceId=service["Id"], Amount=-50,
        StartDate="2026-12-01", EndDate="2027-01-31",
        Comment="Rabais sur les deux premiers mois",
    )  # fmt: skip
    assert (rebate["Amount"], rebate["EndDate"]) == (-50, "2027-01-31")
    services = office.read(f"Tenants({tenant['Id']})/TenantServices")
    assert [each["Id"] for each in services] == [rebate["Id"]]


def test_a_unit_whose_unavailability_has_passed_can_be_let_again(office: Office) -> None:
    """Q12: it is in UnavailableUnits still, and Units/ForRent offers it."""
    made = unit(office, "Q12")
    office.post(
        "UnavailableUnits", UnitId=made["Id"], StartDate="2026-09-01", EndDate="2026-10-31",
        Reason="Dégât d'eau",
    )  # fmt: skip
    closed = unit(office, "Q12B")
    office.post("UnavailableUnits", UnitId=closed["Id"], StartDate="2026-09-01", Reason="Travaux")
    listed = office.read("unavailableUnits", filter=f"UnitId eq {made['Id']}")
    assert [each["EndDate"] for each in listed] == ["2026-10-31"]
    status = {each["UnitCode"]: each["OccupancyStatus"] for each in office.read(
        "Units", filter="startswith(UnitCode,'Q12')")}  # fmt: skip
    assert status == {"Q12": "V", "Q12B": "N"}
    offered = for_rent(office, "2026-12-01", "2027-01-31")
    assert "Q12" in offered
    assert "Q12B" not in offered
    tenant = lease(office, made["Id"], "2026-11-22", "2027-11-21")
    assert tenant["UnitId"] == made["Id"]


@pytest.mark.parametrize(("sets", "kind"), [("Parkings", "Parking"), ("Storages", "Storage")])
def test_a_place_with_a_renewable_rental_stays_its_tenants(
    office: Office, sets: str, kind: str
) -> None:
    """Q13: however late the new start, until the tenant's record has a departure date."""
    code = {f"{kind}Code": "Q13"}
    made = office.post(sets, **PLACE, **code, Amount=60)
    first = lease(office, unit(office, f"{kind[0]}1")["Id"], "2025-07-01", "2026-06-30")
    second = lease(office, unit(office, f"{kind[0]}2")["Id"], "2026-07-01", "2027-06-30")
    rental = {f"{kind}Id": made["Id"], "Amount": 60}
    office.post(
        f"Tenant{sets}", TenantId=first["Id"], StartDate="2025-07-01", EndDate="2026-06-30",
        Renewable=True, **rental,
    )  # fmt: skip
    wanted = {
        "TenantId": second["Id"], "StartDate": "2027-01-01", "EndDate": "2027-06-30", **rental,
    }  # fmt: skip
    refused = office.refusal("POST", f"Tenant{sets}", wanted)
    assert (refused["code"], refused["target"]) == (f"{kind}AlreadyRented", f"{kind}Id")
    assert refused["message"].startswith(f"{kind} {made['Id']} is rented already")
    assert "DepartureDate" in refused["message"]
    office.change(f"Tenants({first['Id']})", DepartureDate="2026-12-31")
    accepted = office.post(f"Tenant{sets}", **wanted)
    assert accepted["StartDate"] == "2027-01-01"
    # Now that another has it from January on, the first tenant cannot stay.
    stay = office.refusal("PATCH", f"Tenants({first['Id']})", {"DepartureDate": None})
    assert (stay["code"], stay["target"]) == (f"{kind}AlreadyRented", "DepartureDate")
    assert office.read(f"Tenants({first['Id']})")["DepartureDate"] == "2026-12-31"


def test_what_the_api_adds_is_validated_as_if_it_were_entered(office: Office) -> None:
    """Q6: a second lease over the same days is refused, also a day before a renewable one ends."""
    made = unit(office, "Q6")
    first = lease(office, made["Id"], "2025-07-01", "2026-06-30")
    body = {
        "CompanyNo": 3, "DivisionNo": 1, "TenantType": "D", **PLACE, "UnitCode": "Q6",
        "LastName": "Cyr", "LeaseStartDate": "2027-07-01", "LeaseEndDate": "2028-06-30", "Rent": 1,
    }  # fmt: skip
    refused = office.refusal("POST", "Tenants", body)
    assert refused["code"] == "UnitAlreadyLeased"
    assert f"Unit {made['Id']} (1000PINS Q6)" in refused["message"]
    office.change(f"Tenants({first['Id']})", DepartureDate="2027-07-01")
    assert office.refusal("POST", "Tenants", body)["code"] == "UnitAlreadyLeased"
    office.change(f"Tenants({first['Id']})", DepartureDate="2027-06-30")
    second = office.post("Tenants", **body)
    assert second["TenantNo"] == first["TenantNo"] + 1
    assert (second["UnitId"], second["Active"], second["LeaseRenewable"]) == (
        made["Id"], True, True,
    )  # fmt: skip


def test_an_invoice_is_created_only(office: Office) -> None:
    """Q20."""
    (supplier,) = office.read("Suppliers", filter="SupplierCode eq 'F0001'")
    made = office.post(
        "Invoices", CompanyNo=4, DivisionNo=2, SupplierId=supplier["Id"], InvoiceNo="Q20",
        InvoiceDate="2026-11-20", TaxAmount=20,
        InvoiceDetails=[{"AccountNo": "5100", "UnitPrice": 100}],
    )  # fmt: skip
    assert (made["Total"], made["Status"], made["Currency"]) == (120, "P", "EUR")
    due = (date(2026, 11, 20) - date.fromisoformat(made["DueDate"])).days
    assert -due == supplier["PaymentTermsDays"]
    for method in ("PATCH", "PUT", "DELETE"):
        answer = office.http.request(method, f"/api/Invoices({made['Id']})", json={})
        assert answer.status_code == 405


def test_a_payment_lowers_the_balance(office: Office) -> None:
    tenant = lease(office, unit(office, "PAY")["Id"], "2026-11-01", "2027-10-31")
    office.post(
        "Transactions", TenantId=tenant["Id"], TransactionDate="2026-11-02", Kind="A", Amount=1000
    )
    paid = office.post(
        "Transactions", TenantId=tenant["Id"], TransactionDate="2026-11-03", Kind="P", Amount=-950
    )
    assert (paid["BalanceAfter"], paid["Period"]) == (50, None)
    assert office.read(f"Tenants({tenant['Id']})")["Balance"] == 50


def test_a_call_is_closed_when_it_is_done_and_opened_again(office: Office) -> None:
    (made,) = office.read("Buildings", filter="BuildingCode eq '1000PINS'")
    call = office.post("ServiceCalls", **PLACE, Subject="Robinet qui fuit")
    assert (call["Status"], call["Priority"], call["ClosedAt"]) == ("O", 3, None)
    assert call["BuildingId"] == made["Id"]
    line = office.post("ServiceCallDetails", ServiceCallId=call["Id"], Description="Joint", Hours=1)
    second = office.post("ServiceCallDetails", ServiceCallId=call["Id"], Description="Essai")
    assert (line["LineNo"], second["LineNo"]) == (1, 2)
    done = office.change(f"ServiceCalls({call['Id']})", Status="D")
    assert datetime.fromisoformat(done["ClosedAt"]).date() == NOW.date()
    assert office.change(f"ServiceCalls({call['Id']})", Status="P")["ClosedAt"] is None
    following = office.post("ServiceCalls", **PLACE, Subject="Encore")
    assert following["CallNo"] == call["CallNo"] + 1


def test_a_tenants_codes_follow_its_unit(office: Office) -> None:
    first, second = unit(office, "M1"), unit(office, "M2")
    tenant = lease(office, first["Id"], "2026-12-01", "2027-11-30")
    assert (tenant["BuildingCode"].strip(), tenant["UnitCode"]) == ("1000PINS", "M1")
    moved = office.change(f"Tenants({tenant['Id']})", UnitId=second["Id"])
    assert moved["UnitCode"] == "M2"
    back = office.change(f"Tenants({tenant['Id']})", UnitCode="M1")
    assert back["UnitId"] == first["Id"]
    status = {each["UnitCode"]: each["OccupancyStatus"] for each in office.read(
        "Units", filter="UnitCode in ('M1','M2')")}  # fmt: skip
    assert status == {"M1": "R", "M2": "V"}
