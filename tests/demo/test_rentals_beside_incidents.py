"""The demonstration's rentals beside its incidents: the views, and what is linked."""

from collections.abc import Iterator
from typing import Any

import psycopg
import pytest
from tests.conftest import made_database

from gerance import demo
from gerance.incidents.odata import TYPES
from gerance.kernel.odata.edm import EntityType

TICKETS = 300


@pytest.fixture(scope="module")
def town(database_url: str, migrated_template: str) -> Iterator[str]:
    """URL of a database with the demonstration, of few tickets."""
    with made_database(database_url, template=migrated_template) as url:
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(demo, "TICKETS_PER_SCALE", TICKETS)
            demo.load(url)
        yield url


def rows(url: str, query: str, *params: Any) -> list[tuple[Any, ...]]:
    with psycopg.connect(url) as connection:
        return connection.execute(query, params).fetchall()


@pytest.mark.parametrize("entity", TYPES, ids=lambda each: each.name)
def test_every_property_of_the_incident_side_has_values(town: str, entity: EntityType) -> None:
    columns = ", ".join(f"count({each.column})" for each in entity.properties)
    ((total, *counted),) = rows(town, f"SELECT count(*), {columns} FROM {entity.source}")
    assert total > 0
    # Nobody of the demonstration's contacts has an account, no provider a fax; nothing reacted.
    for each, number in zip(entity.properties, counted, strict=True):
        assert each.nullable or number == total, each.name
        assert number > 0 or each.name in {"UserUid", "Fax", "CausedBy"}, each.name


@pytest.mark.parametrize("entity", TYPES, ids=lambda each: each.name)
def test_a_key_finds_one_row(town: str, entity: EntityType) -> None:
    key = entity.keys[0].column
    assert rows(town, f"SELECT count(*) - count(DISTINCT {key}) FROM {entity.source}") == [(0,)]


@pytest.mark.parametrize("entity", TYPES, ids=lambda each: each.name)
def test_some_ways_lead_to_rows(town: str, entity: EntityType) -> None:
    for each in entity.navigations:
        target = next(other for other in TYPES if other.name == each.target)
        ((own, theirs),) = each.columns
        joined = f"{entity.source} a JOIN {target.source} b ON b.{theirs} = a.{own}"
        assert rows(town, f"SELECT 1 FROM {joined} LIMIT 1"), each.name


def test_a_ticket_shows_when_it_was_closed(town: str) -> None:
    found = rows(
        town,
        "SELECT status, closed IS NOT NULL, opened <= updated, count(*) FROM odata.ticket"
        " GROUP BY 1, 2, 3",
    )
    assert {row[:3] for row in found} == {("OPENED", False, True), ("CLOSED", True, True)}
    assert sum(row[3] for row in found) == TICKETS


def test_buildings_units_suppliers_and_service_calls_are_linked(town: str) -> None:
    buildings = rows(
        town,
        "SELECT b.name = p.label, b.company_no, b.country FROM rentals.building b"
        " JOIN odata.patrimony p ON p.uid = b.patrimony_uid",
    )
    assert set(buildings) == {(True, 4, "FR")}
    units = rows(
        town,
        "SELECT b.patrimony_uid = l.patrimony_uid, l.usage, u.housing_type <> 'COM', count(*)"
        " FROM rentals.unit u JOIN rentals.building b ON b.id = u.building_id"
        " JOIN odata.lot l ON l.uid = u.lot_uid GROUP BY 1, 2, 3",
    )
    assert [row[:3] for row in units] == [(True, "Apartment", True)]
    assert units[0][3] >= 4
    suppliers = rows(
        town,
        "SELECT s.name = p.name FROM rentals.supplier s"
        " JOIN odata.provider_contact p ON p.uid = s.provider_contact_uid",
    )
    assert set(suppliers) == {(True,)}
    calls = rows(
        town,
        "SELECT b.patrimony_uid = t.patrimony_uid FROM rentals.service_call c"
        " JOIN rentals.building b ON b.id = c.building_id"
        " JOIN odata.ticket t ON t.uid = c.ticket_uid",
    )
    assert set(calls) == {(True,)}


def test_a_demonstration_of_an_earlier_release_gets_its_rentals(
    town: str,
) -> None:
    with psycopg.connect(town, autocommit=True) as connection:
        connection.execute("TRUNCATE rentals.ledger_division, rentals.supplier CASCADE")
        connection.execute("DELETE FROM event WHERE stream::text LIKE '00000000-0000-8000-8000-%'")
        connection.execute("DELETE FROM stream WHERE uid::text LIKE '00000000-0000-8000-8000-%'")
        connection.execute("TRUNCATE rentals.housing_type, rentals.service CASCADE")
    demo.load(town)
    assert rows(town, "SELECT count(*) FROM rentals.building") == [(60,)]
