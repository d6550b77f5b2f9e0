"""A change of one row: its event, its version, and all that depends on it."""

import asyncio
from datetime import date
from typing import Any

import psycopg
import pytest
from tests.living import on
from tests.rentals.conftest import NOW
from tests.rentals.writing import change

from gerance.kernel.errors import Rejection
from gerance.kernel.odata.edm import EntityType
from gerance.rentals.leasing.entity import TENANT
from gerance.rentals.property.entity import BUILDING, UNAVAILABLE_UNIT, UNIT
from gerance.rentals.writing.events import stream_uid

TODAY = NOW.date()


def changed(url: str, entity: EntityType, entity_id: int, **columns: Any) -> int | None:
    return on(url, lambda c: change(c, entity, entity_id, columns, today=TODAY))


def one(url: str, query: str, *params: Any) -> tuple[Any, ...]:
    with psycopg.connect(url) as connection:
        ((row),) = connection.execute(query, params).fetchall()
        return row


def versions(url: str) -> dict[str, int]:
    with psycopg.connect(url) as connection:
        return dict(
            connection.execute(
                "SELECT set_name, sum(changes)::int FROM set_version GROUP BY 1"
            ).fetchall()
        )


def a_leased_unit(url: str, *, but: int = 0) -> tuple[int, int]:
    """A tenant without a departure who rents a unit today, and the unit; not the tenant `but`."""
    tenant, unit = one(
        url,
        "SELECT t.id, t.unit_id FROM rentals.tenant t JOIN rentals.unit u ON u.id = t.unit_id"
        " WHERE u.occupancy_status = 'L' AND t.departure_date IS NULL AND t.active AND"
        " t.lease_start_date < %s AND (SELECT count(*) FROM rentals.tenant o"
        " WHERE o.unit_id = u.id) = 1 AND t.id <> %s ORDER BY t.id LIMIT 1",
        TODAY,
        but,
    )
    return tenant, unit


def test_a_change_is_told_with_the_properties_that_changed(estate: str) -> None:
    position = changed(estate, BUILDING, 1, name="Maison du Chevreau", city="Québec")
    event_position, kind, version, data = one(
        estate,
        "SELECT position, event_type, version, data FROM event"
        " WHERE category = 'Building' AND stream = %s ORDER BY version DESC LIMIT 1",
        stream_uid(1),
    )
    assert (event_position, kind, version) == (position, "BuildingChanged", 2)
    assert data.keys() == {"Name", "City", "ModifiedAt"}
    assert (data["Name"], data["City"]) == ("Maison du Chevreau", "Québec")
    row = one(estate, "SELECT version, name_key, name FROM rentals.building WHERE id = 1")
    assert row == (2, "maison du chevreau", "Maison du Chevreau")
    state = one(
        estate,
        "SELECT version, state::json ->> 'Name' FROM stream"
        " WHERE category = 'Building' AND uid = %s",
        stream_uid(1),
    )
    assert state == (2, "Maison du Chevreau")


def test_a_departure_frees_the_unit_and_both_sets_have_a_new_version(estate: str) -> None:
    tenant, unit = a_leased_unit(estate)
    before = versions(estate)
    changed(estate, TENANT, tenant, departure_date=date(2026, 11, 21))
    after = versions(estate)
    assert {name for name in after if after[name] != before[name]} == {"Tenants", "Units"}
    query = "SELECT occupancy_status, version FROM rentals.unit WHERE id = %s"
    assert one(estate, query, unit) == ("V", 2)
    query = "SELECT active, version FROM rentals.tenant WHERE id = %s"
    assert one(estate, query, tenant) == (False, 2)


def test_what_depends_on_nothing_changes_nothing_else(estate: str) -> None:
    before = versions(estate)
    changed(estate, UNIT, 1448, description="Rénové")
    after = versions(estate)
    assert {name for name in after if after[name] != before[name]} == {"Units"}


def test_an_unavailability_moved_to_another_unit_changes_both(estate: str) -> None:
    moved, old, new = one(
        estate,
        "SELECT n.id, n.unit_id, v.id FROM rentals.unavailable_unit n"
        " JOIN rentals.unit u ON u.id = n.unit_id AND u.active"
        " CROSS JOIN (SELECT min(id) AS id FROM rentals.unit WHERE occupancy_status = 'V') v"
        " WHERE n.start_date <= %s AND n.end_date IS NULL ORDER BY n.id LIMIT 1",
        TODAY,
    )
    changed(estate, UNAVAILABLE_UNIT, moved, unit_id=new)
    query = "SELECT occupancy_status FROM rentals.unit WHERE id = %s"
    assert (one(estate, query, old), one(estate, query, new)) == (("V",), ("N",))


def test_what_is_not_there_is_not_changed(estate: str) -> None:
    with pytest.raises(Rejection, match="no such Tenant"):
        changed(estate, TENANT, 999_999, rent=1)


def test_writers_at_once_lose_nothing(estate: str) -> None:
    """One tenant of a unit departs while the next one moves elsewhere: it is vacant afterwards."""
    first, unit = a_leased_unit(estate)
    other, elsewhere = a_leased_unit(estate, but=first)
    changed(estate, TENANT, first, departure_date=date(2026, 12, 31))
    changed(estate, TENANT, other, departure_date=date(2026, 12, 31))
    with psycopg.connect(estate) as connection:
        columns = "company_no, division_no, tenant_type, unit_id, last_name, lease_renewable, rent"
        ((second,),) = connection.execute(
            f"INSERT INTO rentals.tenant ({columns}, tenant_no, lease_start_date, lease_end_date)"
            f" SELECT {columns}, 99999, '2027-01-01', '2027-12-31'"
            " FROM rentals.tenant WHERE id = %s RETURNING id",
            [first],
        ).fetchall()

    async def act(tenant: int, columns: dict[str, Any]) -> None:
        async with await psycopg.AsyncConnection.connect(estate, autocommit=True) as connection:
            await change(connection, TENANT, tenant, columns, today=TODAY)

    async def at_once() -> None:
        await asyncio.gather(
            act(first, {"departure_date": date(2026, 11, 20)}), act(second, {"unit_id": elsewhere})
        )

    before = versions(estate)
    asyncio.run(at_once())
    query = "SELECT occupancy_status FROM rentals.unit WHERE id = %s"
    assert one(estate, query, unit) == ("V",)
    after = versions(estate)
    assert after["Tenants"] == before["Tenants"] + 2
