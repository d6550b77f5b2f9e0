"""Subtotal of an invoice."""

from gerance.rentals.declare.derivation import Derivation, Input
from gerance.rentals.purchasing.entity import INVOICE

SUBTOTAL = Derivation(
    entity=INVOICE,
    owner=INVOICE,
    columns=("subtotal",),
    query=(
        "SELECT i.id, (SELECT coalesce(sum(d.amount), 0) FROM rentals.invoice_detail d"
        " WHERE d.invoice_id = i.id) AS subtotal FROM {rows} i WHERE {owners}"
    ),
    owned_by="i.id",
    inputs={"InvoiceDetail": Input("invoice_id", ("invoice_id", "amount"))},
)
