"""CurrentRent, Balance and Active of a tenant."""

from gerance.rentals.declare.derivation import Derivation, Input
from gerance.rentals.leasing.entity import TENANT

STAY = ("lease_end_date", "lease_renewable", "departure_date")
"""The columns of a tenant from which the database generates `occupied_until`."""

RENT_AND_BALANCE = Derivation(
    entity=TENANT,
    owner=TENANT,
    columns=("current_rent", "balance", "active"),
    query=(
        "SELECT l.id, coalesce(p.rent, l.rent) AS current_rent,"
        " (SELECT coalesce(sum(x.amount), 0) FROM rentals.transaction x"
        " WHERE x.tenant_id = l.id) AS balance,"
        " l.occupied_until >= {today} AS active"
        " FROM {rows} l LEFT JOIN LATERAL (SELECT c.rent"
        " FROM rentals.lease_price_change c"
        " WHERE c.tenant_id = l.id AND c.effective_date <= {today}"
        " ORDER BY c.effective_date DESC LIMIT 1) p ON true WHERE {owners}"
    ),
    owned_by="l.id",
    inputs={
        "Tenant": Input("id", ("rent", *STAY)),
        "LeasePriceChange": Input("tenant_id", ("tenant_id", "rent", "effective_date")),
        "Transaction": Input("tenant_id", ("tenant_id", "amount")),
    },
    daily=True,
)
