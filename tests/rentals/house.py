"""A house of a few units, whose leases a test writes down by itself."""

from datetime import date

import psycopg

from gerance.rentals.property.availability import UNIT_FOR_RENT


class House:
    """One building of company 3, division 1, in an otherwise empty database."""

    def __init__(self, url: str) -> None:
        self._connection = psycopg.connect(url, autocommit=True)
        self._connection.execute(
            "INSERT INTO rentals.ledger_division (id, company_no, division_no, company_name, name)"
            " VALUES (1, 3, 1, 'Pins', 'Québec') ON CONFLICT DO NOTHING"
        )
        self._connection.execute(
            "INSERT INTO rentals.building (id, company_no, division_no, building_code, name,"
            " civic_no_and_street, city) VALUES (1, 3, 1, '1000PINS', 'Pins', '1000 des Pins',"
            " 'Québec') ON CONFLICT DO NOTHING"
        )

    def close(self) -> None:
        self._connection.close()

    def unit(self, code: str, *, active: bool = True) -> int:
        """A unit that nobody rents yet; its id."""
        found = self._connection.execute(
            "INSERT INTO rentals.unit (company_no, division_no, building_code, unit_code,"
            " building_id, active) VALUES (3, 1, '1000PINS', %s, 1, %s) RETURNING id",
            [code, active],
        ).fetchall()
        return int(found[0][0])

    def lease(
        self,
        unit: int,
        start: date,
        end: date,
        *,
        renewable: bool = False,
        departure: date | None = None,
    ) -> int:
        """A tenant of the unit; its id."""
        found = self._connection.execute(
            "INSERT INTO rentals.tenant (company_no, division_no, tenant_type, tenant_no, unit_id,"
            " last_name, lease_start_date, lease_end_date, lease_renewable, departure_date, rent)"
            " SELECT 3, 1, 'D', coalesce(max(tenant_no), 0) + 1, %s, 'Roy', %s, %s, %s, %s, 800"
            " FROM rentals.tenant RETURNING id",
            [unit, start, end, renewable, departure],
        ).fetchall()
        return int(found[0][0])

    def closed(self, unit: int, start: date, end: date | None) -> None:
        """The unit cannot be let from `start` to `end`."""
        self._connection.execute(
            "INSERT INTO rentals.unavailable_unit (unit_id, start_date, end_date, reason,"
            " company_no, division_no) VALUES (%s, %s, %s, 'Travaux', 3, 1)",
            [unit, start, end],
        )

    def for_rent(self, start: date, end: date) -> dict[str, tuple[date, date | None]]:
        """What Units/ForRent answers: by unit code, from when to when."""
        source = UNIT_FOR_RENT.source.replace("{from}", "%(from)s").replace("{to}", "%(to)s")
        rows = self._connection.execute(
            f"SELECT unit_code, available_from, available_to FROM {source} u ORDER BY id",
            {"from": start, "to": end},
        )
        return {code: (first, last) for code, first, last in rows}
