"""Which units can be let within a range of dates, by leases, departures and unavailability."""

from collections.abc import Iterator
from datetime import date

import psycopg
import pytest
from tests.rentals.house import House

from gerance.incidents.odata import TYPES as INCIDENT_TYPES
from gerance.kernel.odata.edm import Model
from gerance.rentals import model as rentals

DEC, JAN, FEB = date(2026, 12, 1), date(2027, 1, 31), date(2027, 2, 1)


@pytest.fixture(scope="module")
def opened(database: str) -> Iterator[House]:
    house = House(database)
    yield house
    house.close()


@pytest.fixture
def house(opened: House, database: str) -> House:
    with psycopg.connect(database, autocommit=True) as connection:
        connection.execute(
            "TRUNCATE rentals.unit, rentals.tenant, rentals.unavailable_unit CASCADE"
        )
    return opened


def test_a_unit_that_nobody_rents_is_free_for_good(house: House) -> None:
    house.unit("101")
    assert house.for_rent(DEC, JAN) == {"101": (DEC, None)}


def test_a_leased_unit_whose_tenant_departs_is_free_from_the_next_day(house: House) -> None:
    """reference/002, Q7."""
    unit = house.unit("101")
    house.lease(unit, date(2024, 7, 1), date(2027, 6, 30), departure=date(2026, 12, 15))
    assert house.for_rent(DEC, JAN) == {"101": (date(2026, 12, 16), None)}


def test_a_renewable_lease_has_no_end_until_a_departure(house: House) -> None:
    unit = house.unit("101")
    house.lease(unit, date(2024, 7, 1), date(2025, 6, 30), renewable=True)
    assert house.for_rent(DEC, JAN) == {}


def test_a_lease_that_is_not_renewable_ends_with_its_term(house: House) -> None:
    unit = house.unit("101")
    house.lease(unit, date(2024, 7, 1), date(2026, 11, 30))
    house.lease(house.unit("102"), date(2024, 7, 1), JAN)
    house.lease(house.unit("103"), date(2024, 7, 1), date(2027, 1, 30))
    assert house.for_rent(DEC, JAN) == {"101": (DEC, None), "103": (JAN, None)}


def test_a_reservation_ends_what_is_offered(house: House) -> None:
    unit = house.unit("101")
    house.lease(unit, date(2027, 3, 1), date(2028, 2, 29), renewable=True)
    house.lease(house.unit("102"), JAN, date(2028, 1, 30))
    assert house.for_rent(DEC, JAN) == {"101": (DEC, date(2027, 2, 28))}


def test_a_unit_between_two_leases_is_free_only_if_it_is_at_the_end_of_the_range(
    house: House,
) -> None:
    unit = house.unit("101")
    house.lease(unit, date(2024, 7, 1), date(2025, 6, 30), departure=date(2026, 12, 10))
    house.lease(unit, date(2027, 1, 15), date(2028, 1, 14))
    assert house.for_rent(DEC, JAN) == {}
    assert house.for_rent(DEC, date(2026, 12, 31)) == {
        "101": (date(2026, 12, 11), date(2027, 1, 14))
    }


def test_a_unit_whose_unavailability_has_passed_is_free_again(house: House) -> None:
    """reference/002, Q12."""
    unit = house.unit("101")
    house.closed(unit, date(2026, 9, 1), date(2026, 10, 31))
    house.closed(house.unit("102"), date(2026, 9, 1), None)
    house.closed(house.unit("103"), date(2026, 9, 1), date(2026, 12, 24))
    house.closed(house.unit("104"), FEB, date(2027, 2, 28))
    assert house.for_rent(DEC, JAN) == {
        "101": (DEC, None),
        "103": (date(2026, 12, 25), None),
        "104": (DEC, JAN),
    }


def test_the_last_of_leases_and_unavailability_counts(house: House) -> None:
    unit = house.unit("101")
    house.lease(unit, date(2024, 7, 1), date(2027, 6, 30), departure=date(2026, 12, 5))
    house.closed(unit, date(2026, 12, 6), date(2026, 12, 20))
    assert house.for_rent(DEC, JAN) == {"101": (date(2026, 12, 21), None)}


def test_a_unit_that_is_not_in_use_is_not_offered(house: House) -> None:
    house.unit("101", active=False)
    assert house.for_rent(DEC, JAN) == {}


def test_a_range_that_ends_before_it_begins_has_no_unit(house: House) -> None:
    house.unit("101")
    assert house.for_rent(JAN, DEC) == {}
    assert house.for_rent(DEC, DEC) == {"101": (DEC, None)}


def test_the_answer_has_the_properties_of_a_unit_first() -> None:
    model = Model.resolve("Rentals", [*rentals.TYPES, *INCIDENT_TYPES], rentals.FUNCTIONS)
    unit, offered = model.types["Unit"], model.types["UnitForRent"]
    assert model.function(unit, "FORRENT") is rentals.FUNCTIONS[0]
    assert offered.properties[: len(unit.properties)] == unit.properties
    assert [each.name for each in offered.properties[len(unit.properties) :]] == [
        "AvailableFrom",
        "AvailableTo",
    ]
    assert "unitsforrent" not in model.sets
