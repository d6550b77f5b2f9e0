"""However many clients write at once, nobody leases what another has on the same day."""

import asyncio
from collections import Counter
from collections.abc import Iterator
from datetime import date, timedelta
from random import Random
from typing import Any

import httpx2
import psycopg
import pytest
from tests.rentals.conftest import estate, rentals_template
from tests.rentals.office import Office, opened_office

__all__ = ["estate", "rentals_template"]

PLACE = {"CompanyNo": 3, "DivisionNo": 1, "BuildingCode": "1000PINS"}
FIRST = date(2030, 1, 1)
WRITERS = 24
AT_ONCE = 8

OVERLAPS = (
    "SELECT a.id, b.id FROM rentals.{table} a JOIN rentals.{table} b"
    " ON a.{place} = b.{place} AND a.id < b.id"
    " AND a.{start} <= b.occupied_until AND b.{start} <= a.occupied_until"
    " AND a.{start} <= a.occupied_until AND b.{start} <= b.occupied_until"
)
TABLES = (
    ("tenant", "unit_id", "lease_start_date"),
    ("tenant_parking", "parking_id", "start_date"),
    ("tenant_storage", "storage_id", "start_date"),
)


@pytest.fixture(scope="module")
def office(estate: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Office]:
    with opened_office(estate, tmp_path_factory.mktemp("home")) as opened:
        yield opened


def sent(office: Office, requests: list[tuple[str, str, dict[str, Any]]]) -> list[httpx2.Response]:
    """The answers to requests of many clients, as many of them under way as fit."""

    async def send() -> list[httpx2.Response]:
        headers = {"Authorization": office.http.headers["Authorization"]}
        transport = httpx2.ASGITransport(app=office.http.app)
        async with httpx2.AsyncClient(
            transport=transport, base_url="http://testserver", headers=headers
        ) as client:
            gate = asyncio.Semaphore(AT_ONCE * 2)

            async def one(method: str, path: str, body: dict[str, Any]) -> httpx2.Response:
                async with gate:
                    return await client.request(method, f"/api/{path}", json=body)

            return await asyncio.gather(*(one(*each) for each in requests))

    assert office.http.portal is not None
    return office.http.portal.call(send)


def outcomes(answers: list[httpx2.Response]) -> Counter[str]:
    """How often there was which outcome: `written`, or the code of a refusal."""
    return Counter(
        "written" if each.is_success else each.json()["error"]["code"] for each in answers
    )


def overlaps(url: str) -> list[Any]:
    """Pairs of leases or rentals that have the same place on the same day."""
    with psycopg.connect(url) as connection:
        return [
            row
            for table, place, start in TABLES
            for row in connection.execute(
                OVERLAPS.format(table=table, place=place, start=start)
            ).fetchall()
        ]


def period(rng: Random) -> tuple[str, str]:
    start = FIRST + timedelta(rng.randrange(400))
    return start.isoformat(), (start + timedelta(rng.randrange(120))).isoformat()


def lease(unit: int, start: str, end: str, **more: Any) -> dict[str, Any]:
    return {
        "CompanyNo": 3, "DivisionNo": 1, "TenantType": "D", "UnitId": unit, "LastName": "Roy",
        "LeaseStartDate": start, "LeaseEndDate": end, "LeaseRenewable": False, "Rent": 900, **more,
    }  # fmt: skip


def test_of_those_who_lease_a_unit_for_the_same_days_one_wins(office: Office, estate: str) -> None:
    unit = office.post("Units", **PLACE, UnitCode="F1")["Id"]
    body = lease(unit, "2030-01-01", "2030-12-31", LeaseRenewable=True)
    answers = sent(office, [("POST", "Tenants", body)] * WRITERS)
    assert outcomes(answers) == {"written": 1, "UnitAlreadyLeased": WRITERS - 1}
    assert overlaps(estate) == []


@pytest.mark.parametrize("kind", ["Parking", "Storage"])
def test_of_those_who_rent_a_place_for_the_same_days_one_wins(
    office: Office, estate: str, kind: str
) -> None:
    place = office.post(f"{kind}s", **PLACE, **{f"{kind}Code": "F1"})["Id"]
    tenants = [each["Id"] for each in office.read(
        "Tenants", filter="CompanyNo eq 3 and DivisionNo eq 1 and DepartureDate eq null",
        top=str(WRITERS))]  # fmt: skip
    body = {f"{kind}Id": place, "StartDate": "2030-01-01", "EndDate": "2030-12-31", "Amount": 1}
    posts = [("POST", f"Tenant{kind}s", {**body, "TenantId": tenant}) for tenant in tenants]
    assert outcomes(sent(office, posts)) == {
        "written": 1,
        f"{kind}AlreadyRented": len(tenants) - 1,
    }
    assert overlaps(estate) == []


@pytest.mark.parametrize("seed", range(3))
def test_no_two_leases_overlap_whoever_writes_what_when(
    office: Office, estate: str, seed: int
) -> None:
    """New leases, leases that get other days, tenants that move or depart, all at once."""
    rng = Random(seed)
    units = [office.post("Units", **PLACE, UnitCode=f"R{seed}{n}")["Id"] for n in range(4)]
    first = sent(
        office, [("POST", "Tenants", lease(rng.choice(units), *period(rng))) for _ in range(40)]
    )
    assert outcomes(first).keys() == {"written", "UnitAlreadyLeased"}
    there = [each.json() for each in first if each.is_success]
    changes: list[tuple[str, str, dict[str, Any]]] = []
    for _ in range(60):
        tenant, (start, end) = rng.choice(there), period(rng)
        body: dict[str, Any] = rng.choice((
            {"UnitId": rng.choice(units)},
            {"LeaseStartDate": start, "LeaseEndDate": end, "DepartureDate": None},
            {"LeaseRenewable": True},
            {"DepartureDate": tenant["LeaseEndDate"]},
        ))  # fmt: skip
        changes.append(("PATCH", f"Tenants({tenant['Id']})", body))
        changes.append(("POST", "Tenants", lease(rng.choice(units), start, end)))
    rng.shuffle(changes)
    found = outcomes(sent(office, changes))
    assert overlaps(estate) == []
    assert found.keys() <= {"written", "UnitAlreadyLeased", "DepartureBeforeLease"}, found
    assert min(found["written"], found["UnitAlreadyLeased"]) > 0


def test_no_two_rentals_overlap_while_their_tenants_depart_and_stay(
    office: Office, estate: str
) -> None:
    rng = Random("rentals")
    places = {
        kind: [office.post(f"{kind}s", **PLACE, **{f"{kind}Code": f"R{n}"})["Id"] for n in range(3)]
        for kind in ("Parking", "Storage")
    }
    tenants = [
        office.post("Tenants", **lease(0, "2029-01-01", "2040-12-31", UnitId=None, TenantType="P"))[
            "Id"
        ]
        for _ in range(6)
    ]
    writes: list[tuple[str, str, dict[str, Any]]] = []
    for _ in range(80):
        tenant, (start, end) = rng.choice(tenants), period(rng)
        kind = rng.choice(("Parking", "Storage"))
        writes.append((
            "POST", f"Tenant{kind}s",
            {f"{kind}Id": rng.choice(places[kind]), "TenantId": tenant, "StartDate": start,
             "EndDate": end, "Renewable": rng.random() < 0.5, "Amount": 1},
        ))  # fmt: skip
        departure = rng.choice((None, period(rng)[1]))
        writes.append(("PATCH", f"Tenants({tenant})", {"DepartureDate": departure}))
    found = outcomes(sent(office, writes))
    assert overlaps(estate) == []
    assert found.keys() <= {"written", "ParkingAlreadyRented", "StorageAlreadyRented"}, found
    with psycopg.connect(estate) as connection:
        for table in ("tenant_parking", "tenant_storage"):
            differing = connection.execute(
                f"SELECT count(*) FROM rentals.{table} r JOIN rentals.tenant t"
                " ON t.id = r.tenant_id WHERE r.tenant_departure IS DISTINCT FROM t.departure_date"
            ).fetchall()
            assert differing == [(0,)]
