"""Whether a unit is leased (L), reserved (R), vacant (V) or not to let (N): OccupancyStatus."""

from gerance.rentals.declare.derivation import Derivation, Input
from gerance.rentals.property.entity import UNIT

_LEASE = ("unit_id", "lease_start_date", "lease_end_date", "lease_renewable", "departure_date")

OCCUPANCY_STATUS = Derivation(
    entity=UNIT,
    owner=UNIT,
    columns=("occupancy_status",),
    query=(
        "SELECT u.id, CASE WHEN NOT u.active OR EXISTS (SELECT FROM rentals.unavailable_unit n"
        " WHERE n.unit_id = u.id AND n.start_date <= {today}"
        " AND coalesce(n.end_date, 'infinity') >= {today}) THEN 'N'"
        " WHEN EXISTS (SELECT FROM rentals.tenant l WHERE l.unit_id = u.id"
        " AND l.lease_start_date <= {today} AND l.occupied_until >= {today}) THEN 'L'"
        " WHEN EXISTS (SELECT FROM rentals.tenant l WHERE l.unit_id = u.id"
        " AND l.lease_start_date > {today}) THEN 'R' ELSE 'V' END AS occupancy_status"
        " FROM {rows} u WHERE {owners}"
    ),
    owned_by="u.id",
    inputs={
        "Unit": Input("id", ("active",)),
        "Tenant": Input("unit_id", _LEASE),
        "UnavailableUnit": Input("unit_id", ("unit_id", "start_date", "end_date")),
    },
    daily=True,
)
