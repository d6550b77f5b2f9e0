"""BalanceAfter of a transaction: the running total of its tenant."""

from gerance.rentals.billing.entity import TRANSACTION
from gerance.rentals.declare.derivation import Derivation, Input
from gerance.rentals.leasing.entity import TENANT

BALANCE_AFTER = Derivation(
    entity=TRANSACTION,
    owner=TENANT,
    columns=("balance_after",),
    query=(
        "SELECT x.id, sum(x.amount) OVER"
        " (PARTITION BY x.tenant_id ORDER BY x.transaction_date, x.id) AS balance_after"
        " FROM {rows} x WHERE {owners}"
    ),
    owned_by="x.tenant_id",
    inputs={"Transaction": Input("tenant_id", ("tenant_id", "transaction_date", "amount"))},
)
