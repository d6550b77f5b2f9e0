"""The rules of suppliers and their invoices, which are created only (reference/002, Q20)."""

from collections.abc import Iterator, Mapping
from typing import Any

from gerance.rentals.declare.checks import currencies, days_later, emails, not_negative, phones
from gerance.rentals.declare.rules import Candidate, Numbering, Problem, Reference, Rules, Slice
from gerance.rentals.property.rules import BUILDING_OF, DIVISION
from gerance.rentals.purchasing.entity import INVOICE, INVOICE_DETAIL, SUPPLIER, TYPES

SUPPLIER_OF = Reference(
    name="supplier",
    to=SUPPLIER,
    by=(("supplier_id", "id"),),
    columns=("payment_terms_days",),
    missing=Problem("UnknownSupplier", "There is no supplier {values}.", "SupplierId"),
)
"""The supplier of what has a SupplierId."""

_INVOICE = Reference(
    name="invoice",
    to=INVOICE,
    by=(("invoice_id", "id"),),
    fills=(("company_no", "company_no"), ("division_no", "division_no")),
    missing=Problem("UnknownInvoice", "There is no invoice {values}.", "InvoiceId"),
)


def _check_supplier(candidate: Candidate) -> Iterator[Problem]:
    yield from emails(candidate)
    yield from phones(candidate, "CA")
    yield from not_negative(candidate, "payment_terms_days", "NegativeNumber", "PaymentTermsDays")


def _complete_invoice(candidate: Candidate) -> Mapping[str, Any]:
    """Due by the supplier's terms, in the division's currency."""
    row, values = candidate.row, dict[str, Any]()
    supplier, division = candidate.references.get("supplier"), candidate.references.get("division")
    if row.get("due_date") is None and row.get("invoice_date") is not None and supplier is not None:
        values["due_date"] = days_later(row["invoice_date"], supplier["payment_terms_days"])
    if row.get("currency") is None and division is not None:
        values["currency"] = division["currency"]
    return values


def _check_detail(candidate: Candidate) -> Iterator[Problem]:
    account = candidate.row.get("account_no")
    if account is not None and not account.strip():
        message = "AccountNo is empty."
        yield Problem("AccountRequired", message, "AccountNo")


_RULES = (
    Rules(
        entity=SUPPLIER,
        check=_check_supplier,
        constraints={
            "supplier_code": Problem(
                "SupplierCodeTaken",
                "A supplier '{supplier_code}' already exists.",
                "SupplierCode",
            )
        },
    ),
    Rules(
        entity=INVOICE,
        references=(DIVISION, SUPPLIER_OF),
        # Its details have the same place.
        fixed=("company_no", "division_no"),
        check=currencies,
        complete=_complete_invoice,
        constraints={
            "invoice_no": Problem(
                "InvoiceNumberTaken",
                "Supplier {supplier_id} already has an invoice '{invoice_no}'.",
                "InvoiceNo",
            )
        },
        details={
            "InvoiceDetails": Problem(
                "InvoiceLinesRequired",
                "An invoice needs at least one line.",
                "InvoiceDetails",
            )
        },
    ),
    Rules(
        entity=INVOICE_DETAIL,
        references=(_INVOICE, BUILDING_OF),
        check=_check_detail,
        numbering=Numbering(column="line_no", per=("invoice_id",)),
    ),
)

SLICE = Slice(TYPES, _RULES)
