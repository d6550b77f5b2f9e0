"""What a key does not reach is as if it were not there, for whoever refers to it."""

from collections.abc import Iterator
from typing import Any

import psycopg
import pytest
from tests.rentals.office import Office, opened_office

from gerance.kernel.identity.scope import Scope

HERE, THERE = (4, 1), (3, 1)
DIVISION = {"CompanyNo": 4, "DivisionNo": 1}


@pytest.fixture(scope="module")
def office(estate: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Office]:
    places = ({"company_no": HERE[0], "division_no": HERE[1]},)
    with opened_office(estate, tmp_path_factory.mktemp("home"), Scope(places=places)) as opened:
        yield opened


def some(url: str, table: str, place: tuple[int, int], more: str = "") -> int:
    """The id of a row of the table in a division."""
    with psycopg.connect(url) as connection:
        query = f"SELECT min(id) FROM rentals.{table} WHERE (company_no, division_no) = (%s, %s)"
        ((found,),) = connection.execute((query + more).encode(), place).fetchall()
        return int(found)


@pytest.mark.parametrize(
    ("sets", "body", "column", "table", "code"),
    [
        ("TenantServices", {"ServiceId": 1, "Amount": 1, "StartDate": "2026-12-01"}, "TenantId",
         "tenant", "UnknownTenant"),
        ("Transactions", {"TransactionDate": "2026-12-01", "Kind": "P", "Amount": -1}, "TenantId",
         "tenant", "UnknownTenant"),
        ("LeasePriceChanges", {"EffectiveDate": "2030-12-01", "Rent": 1}, "TenantId", "tenant",
         "UnknownTenant"),
        ("UnavailableUnits", {"StartDate": "2026-12-01", "Reason": "x"}, "UnitId", "unit",
         "UnknownUnit"),
        ("Tenants", {**DIVISION, "TenantType": "D", "LastName": "Roy", "Rent": 1,
                     "LeaseStartDate": "2040-01-01", "LeaseEndDate": "2040-12-31"}, "UnitId",
         "unit", "UnknownUnit"),
        ("ServiceCallDetails", {"Description": "x"}, "ServiceCallId", "service_call",
         "UnknownServiceCall"),
    ],
)  # fmt: skip
def test_what_belongs_to_another_division_is_unknown(
    office: Office, estate: str, sets: str, body: dict[str, Any], column: str, table: str, code: str
) -> None:
    error = office.refusal("POST", sets, {**body, column: some(estate, table, THERE)})
    assert (error["code"], error["target"]) == (code, column)
    assert error == office.refusal("POST", sets, {**body, column: 999_999}) | {
        "message": error["message"]
    }


@pytest.mark.parametrize("kind", ["Parking", "Storage"])
def test_a_place_of_another_division_is_unknown(office: Office, estate: str, kind: str) -> None:
    body = {
        "TenantId": some(estate, "tenant", HERE), f"{kind}Id": some(estate, kind.lower(), THERE),
        "StartDate": "2026-12-01", "EndDate": "2026-12-31", "Amount": 1,
    }  # fmt: skip
    error = office.refusal("POST", f"Tenant{kind}s", body)
    assert (error["code"], error["target"]) == (f"Unknown{kind}", f"{kind}Id")


def test_a_new_building_of_another_division_has_no_division(office: Office) -> None:
    body = {
        "CompanyNo": 3, "DivisionNo": 1, "BuildingCode": "X", "Name": "X",
        "CivicNoAndStreet": "1 rue", "City": "Québec",
    }  # fmt: skip
    assert office.refusal("POST", "Buildings", body)["code"] == "UnknownDivision"
    assert office.post("Buildings", **{**body, **DIVISION})["BuildingCode"] == "X"


def test_what_belongs_to_its_own_division_is_written(office: Office, estate: str) -> None:
    tenant = some(estate, "tenant", HERE)
    paid = office.post(
        "Transactions", TenantId=tenant, TransactionDate="2026-12-01", Kind="P", Amount=-1
    )
    assert paid["TenantId"] == tenant
    body = {"UnitId": some(estate, "unit", THERE)}
    closed = office.post(
        "UnavailableUnits", UnitId=some(estate, "unit", HERE), StartDate="2026-12-01", Reason="x"
    )
    error = office.refusal("PATCH", f"UnavailableUnits({closed['Id']})", body)
    assert error["code"] == "UnknownUnit"
