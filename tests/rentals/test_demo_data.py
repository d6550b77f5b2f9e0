"""The demonstration's rentals: what the reference shows is among them, and nothing contradicts."""

from datetime import timedelta
from typing import Any

import psycopg
import pytest
from tests.conftest import made_database
from tests.living import contents, on
from tests.rentals.conftest import NOW

from gerance.demo.rentals import RentalSize, load_rentals
from gerance.rentals import model as rentals
from gerance.rentals.declare.entity import column_of

TODAY = NOW.date()


def rows(url: str, query: str, *params: Any) -> list[tuple[Any, ...]]:
    with psycopg.connect(url) as connection:
        return connection.execute(query, params).fetchall()


def count(url: str, relation: str) -> int:
    return int(rows(url, f"SELECT count(*) FROM {relation}")[0][0])


def test_there_is_as_much_as_was_asked_for(estate: str) -> None:
    assert count(estate, "rentals.building") == 60
    assert count(estate, "rentals.unit") == 1500
    assert count(estate, "rentals.tenant") == 1200
    assert count(estate, "rentals.ledger_division") == 7
    assert 3 * 1200 <= count(estate, "rentals.transaction") <= 6 * 1200
    for entity in rentals.TABLES:
        assert count(estate, entity.source) > 0, entity.name


@pytest.mark.parametrize("size", [RentalSize(7, 93, 69), RentalSize(14, 200, 230)])
def test_other_sizes_can_be_asked_for(
    size: RentalSize, database_url: str, migrated_template: str
) -> None:
    with made_database(database_url, template=migrated_template) as url:
        on(url, lambda connection: load_rentals(connection, size, now=NOW))
        found = [count(url, f"rentals.{table}") for table in ("building", "unit", "tenant")]
    assert found == [size.buildings, size.units, size.tenants]


def test_loading_twice_loads_once_and_always_the_same(
    estate: str, database_url: str, migrated_template: str
) -> None:
    before = contents(estate)
    on(estate, lambda connection: load_rentals(connection, RentalSize.of(2), now=NOW))
    assert contents(estate) == before
    with made_database(database_url, template=migrated_template) as url:
        on(url, lambda connection: load_rentals(connection, RentalSize.of(1), now=NOW))
        assert contents(url) == before


def test_the_buildings_of_the_reference_are_there(estate: str) -> None:
    query = "SELECT id, company_no, division_no, building_code, name FROM rentals.building"
    found = {row[0]: row[1:] for row in rows(estate, query)}
    assert found[1] == (4, 1, "1067CHEVRE", "Maison de repos du Chevreau")
    assert found[2] == (4, 1, "IBERVILLE5", "Iberville 51566")
    assert found[628][:3] == (3, 1, "1000CHENES")
    first = rows(
        estate,
        "SELECT company_no, division_no, building_code, name, civic_no_and_street, city"
        " FROM rentals.building ORDER BY company_no, division_no, name_key LIMIT 1",
    )
    assert first == [(1, 1, "100LAURIER", "100 laurier", "100 boul laurier", "quebec")]
    ordered = rows(
        estate,
        "SELECT id, building_code FROM rentals.building WHERE company_no = 3 AND division_no = 1"
        " ORDER BY building_code LIMIT 3",
    )
    assert ordered == [(624, "1000BOULEA"), (628, "1000CHENES"), (5, "1000PINS ")]
    query = "SELECT count(*) FROM rentals.unit WHERE building_id = %s"
    assert [rows(estate, query, building)[0][0] for building in (624, 628)] == [1, 0]


def test_the_units_of_the_reference_are_there(estate: str) -> None:
    found = rows(
        estate,
        "SELECT unit_code, occupancy_status, housing_type, number_of_rooms::text, id"
        " FROM rentals.unit WHERE company_no = 3 AND division_no = 1"
        " AND rtrim(building_code) = '1000PINS' ORDER BY id",
    )
    assert found[0][0] == " "
    assert found[0][2:4] == (None, "4.5")
    assert {row[4]: (row[0], row[3]) for row in found if row[4] > 1000} == {
        1448: (" 1", "5.5"),
        2731: (" 2", "3.5"),
        2909: (" 775", "4.5"),
    }


def test_the_first_tenant_is_that_of_the_reference(estate: str) -> None:
    found = rows(
        estate,
        "SELECT company_no, division_no, tenant_type, tenant_no::text, building_code, unit_code,"
        " last_name, first_name FROM rentals.tenant ORDER BY id LIMIT 1",
    )
    assert found == [(3, 1, "D", "1.0", "1067CHEVRE", "1", "cyr", "Guy")]


def test_no_two_leases_take_one_unit_on_the_same_day(estate: str) -> None:
    assert not rows(
        estate,
        "SELECT a.id, b.id FROM rentals.tenant a JOIN rentals.tenant b"
        " ON a.unit_id = b.unit_id AND a.id < b.id"
        " AND daterange(a.lease_start_date, a.occupied_until, '[]')"
        " && daterange(b.lease_start_date, b.occupied_until, '[]')",
    )


def test_leases_of_all_kinds_are_there(estate: str) -> None:
    for condition in (
        "occupied_until < %(today)s",
        "lease_start_date > %(today)s",
        "lease_renewable AND lease_end_date < %(today)s AND departure_date IS NULL",
        "departure_date > %(today)s",
        "NOT lease_renewable AND lease_end_date > %(today)s",
        "tenant_type = 'C'",
        "tenant_type = 'P'",
        "tenant_type = 'S'",
        "current_rent > rent",
        "balance > 0",
    ):
        with psycopg.connect(estate) as connection:
            query = f"SELECT 1 FROM rentals.tenant WHERE {condition} LIMIT 1"
            assert connection.execute(query, {"today": TODAY}).fetchone(), condition


def test_steps_are_within_their_lease_and_applied_when_due(estate: str) -> None:
    assert not rows(
        estate,
        "SELECT c.id FROM rentals.lease_price_change c JOIN rentals.tenant t ON t.id = c.tenant_id"
        " WHERE c.effective_date <= t.lease_start_date OR c.effective_date > t.departure_date"
        " OR (c.applied_at IS NOT NULL) <> (c.effective_date <= %s)",
        TODAY,
    )


def test_a_parking_has_one_tenant_at_most(estate: str) -> None:
    for table, place in (("tenant_parking", "parking_id"), ("tenant_storage", "storage_id")):
        query = f"SELECT {place} FROM rentals.{table} GROUP BY 1 HAVING count(*) > 1"
        assert not rows(estate, query)


def test_a_rebate_is_a_service_with_a_negative_amount(estate: str) -> None:
    """reference/002, Q10."""
    found = rows(estate, "SELECT start_date, end_date FROM rentals.tenant_service WHERE amount < 0")
    assert found
    for start, end in found:
        assert timedelta(50) < end - start < timedelta(62)


def test_some_unavailability_has_passed(estate: str) -> None:
    query = "SELECT count(*) FROM rentals.unavailable_unit n WHERE n.end_date < %s"
    assert rows(estate, query, TODAY)[0][0] > 0


def test_documents_have_content_of_their_type(estate: str) -> None:
    query = "SELECT content_type, content, size FROM rentals.document"
    found = {kind: (content, size) for kind, content, size in rows(estate, query)}
    pdf, size = found["application/pdf"]
    assert pdf.startswith(b"%PDF-1.4")
    assert pdf.endswith(b"%%EOF\n")
    assert len(pdf) == size
    assert found["text/plain; charset=utf-8"][0].decode().startswith("Reçu")


def test_every_row_is_told_once_as_it_is(estate: str) -> None:
    for entity in rentals.TABLES:
        shown = ", ".join(f't.{each.column} AS "{each.name}"' for each in entity.properties)
        uid = "('00000000-0000-8000-8000-' || lpad(to_hex(t.id), 12, '0'))::uuid"
        name = f"'{entity.name}'"
        wrong = rows(
            estate,
            f"SELECT t.id FROM {entity.source} t CROSS JOIN LATERAL (SELECT {shown}) r"
            f" LEFT JOIN event e ON e.category = {name} AND e.version = 1 AND e.stream = {uid}"
            f" LEFT JOIN stream s ON s.category = {name} AND s.uid = {uid}"
            f" WHERE e.event_type IS DISTINCT FROM {name} || 'Created'"
            " OR e.data::text IS DISTINCT FROM row_to_json(r)::text"
            " OR s.state IS DISTINCT FROM row_to_json(r)::text",
        )
        assert not wrong, entity.name
        told = rows(estate, f"SELECT count(*) FROM event WHERE category = '{entity.name}'")
        assert told[0][0] == count(estate, entity.source)
        assert rows(
            estate, "SELECT sum(changes) FROM set_version WHERE set_name = %s", entity.set_name
        ) == [(1,)]


def test_ids_go_on_after_those_that_were_given(estate: str) -> None:
    for entity in rentals.TABLES:
        table = f"rentals.{column_of(entity.name)}"
        query = f"SELECT nextval(pg_get_serial_sequence('{table}', 'id')) - max(id) FROM {table}"
        assert rows(estate, query) == [(1,)], entity.name
