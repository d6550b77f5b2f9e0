"""NumberOfUnits of a building."""

from gerance.rentals.declare.derivation import Derivation, Input
from gerance.rentals.property.entity import BUILDING

NUMBER_OF_UNITS = Derivation(
    entity=BUILDING,
    owner=BUILDING,
    columns=("number_of_units",),
    query=(
        "SELECT b.id, (SELECT count(*) FROM rentals.unit u WHERE u.building_id = b.id)"
        " AS number_of_units FROM {rows} b WHERE {owners}"
    ),
    owned_by="b.id",
    inputs={"Unit": Input("building_id", ("building_id",))},
)
