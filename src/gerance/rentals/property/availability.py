"""Units/ForRent: which units can be let within a range of dates (reference/002, Q7 and Q12)."""

from gerance.kernel.odata.edm import Edm, EntityType, Function, Parameter
from gerance.rentals.declare.entity import PLACE, date

# Who may still be there at the end of the range is sought first, in the index that has nothing but
# units and dates; the few units left are then looked up one by one.
_OFFERED = """(
  SELECT u.*,
    greatest({from}, touching.last_day + 1) AS available_from,
    coming.first_day - 1 AS available_to
  FROM rentals.unit u
  CROSS JOIN LATERAL (
    SELECT max(o.last_day) AS last_day FROM (
      SELECT t.occupied_until AS last_day FROM rentals.tenant t
      WHERE t.unit_id = u.id AND t.lease_start_date <= {to} AND t.occupied_until >= {from}
      UNION ALL
      SELECT n.end_date FROM rentals.unavailable_unit n
      WHERE n.unit_id = u.id AND n.start_date <= {to} AND n.end_date >= {from}
    ) o
  ) touching
  CROSS JOIN LATERAL (
    SELECT min(o.first_day) AS first_day FROM (
      SELECT t.lease_start_date AS first_day FROM rentals.tenant t
      WHERE t.unit_id = u.id AND t.lease_start_date > {to}
      UNION ALL
      SELECT n.start_date FROM rentals.unavailable_unit n
      WHERE n.unit_id = u.id AND n.start_date > {to}
    ) o
  ) coming
  WHERE u.active AND {from} <= {to}
  AND NOT EXISTS (
    SELECT FROM rentals.tenant t
    WHERE t.unit_id = u.id AND t.lease_start_date <= {to} AND t.occupied_until >= {to}
  )
  AND NOT EXISTS (
    SELECT FROM rentals.unavailable_unit n
    WHERE n.unit_id = u.id AND n.start_date <= {to} AND coalesce(n.end_date, 'infinity') >= {to}
  )
)"""

UNIT_FOR_RENT = EntityType(
    name="UnitForRent",
    set_name="UnitsForRent",
    source=_OFFERED,
    description="A unit that can be let within the range of dates that was asked for.",
    base="Unit",
    properties=(
        date("AvailableFrom", "The first day of the range from which the unit is free."),
        date(
            "AvailableTo",
            "The day before the unit is taken again after the range, null when nothing is planned.",
        ),
    ),
    version="version",
    scope=PLACE,
)

FOR_RENT = Function(
    name="ForRent",
    binding="Unit",
    returns="UnitForRent",
    parameters=(
        Parameter(
            name="from", type=Edm.DATE, description="The first day from which a unit may be free."
        ),
        Parameter(
            name="to",
            type=Edm.DATE,
            description="The last such day; a unit that is offered is free from one of the days"
            " of the range on through this one.",
        ),
    ),
    description="The units that are free from some day of the range on through its end, by leases,"
    " departures and unavailability together.",
    reads=("Unit", "Tenant", "UnavailableUnit"),
)
