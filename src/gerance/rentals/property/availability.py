"""Units/ForRent: which units can be let within a range of dates (reference/002, Q7 and Q12)."""

from gerance.kernel import sql_files
from gerance.kernel.odata.edm import Edm, EntityType, Function, Parameter
from gerance.rentals.declare.entity import PLACE, date

UNIT_FOR_RENT = EntityType(
    name="UnitForRent",
    set_name="UnitsForRent",
    source=sql_files.load(__name__)["units_for_rent"],
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
