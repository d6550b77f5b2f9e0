"""Suppliers and their invoices."""

from gerance.rentals.declare.entity import (
    PLACE,
    boolean,
    choice,
    code,
    company_and_division,
    date,
    decimal,
    entity,
    identifier,
    incident,
    integer,
    many,
    money,
    one,
    sorted_text,
    text,
)

INVOICE_STATUSES = {"P": "pending", "A": "approved", "D": "paid"}

SUPPLIER = entity(
    "Supplier",
    "Suppliers",
    "A firm that works for the buildings, or sells to them.",
    identifier("the supplier"),
    code("SupplierCode", 10, "The supplier's code.", required=True),
    sorted_text("Name", 80, "The name of the supplier.", required=True),
    sorted_text("ContactName", 80, "Whom to ask for."),
    text("CivicNoAndStreet", 100, "The number in the street, and the street."),
    sorted_text("City", 60, "The city."),
    text("Province", 60, "The province, region or department."),
    text("PostalCode", 10, "The postal code."),
    text("Phone", 30, "The telephone number."),
    text("Email", 120, "The e-mail address."),
    sorted_text("Trade", 60, "What the supplier does."),
    integer("PaymentTermsDays", "The days after which its invoices are due.", nullable=False),
    boolean("Active", "Whether the supplier is in use."),
    unique=(("SupplierCode",),),
    navigations=(
        many("Invoices", "Invoice", "SupplierId", "The invoices of the supplier.", "Supplier"),
        many("ServiceCalls", "ServiceCall", "SupplierId", "What it is to do.", "Supplier"),
        incident(
            "ProviderContact",
            "ProviderContact",
            "provider_contact_uid",
            "The supplier as call centres know it, null until linked.",
        ),
    ),
)

INVOICE = entity(
    "Invoice",
    "Invoices",
    "What a supplier asks for.",
    identifier("the invoice"),
    *company_and_division(),
    integer("SupplierId", "The Id of the supplier.", required=True),
    code("InvoiceNo", 30, "The supplier's number of the invoice.", required=True),
    date("InvoiceDate", "The day of the invoice.", required=True),
    date("DueDate", "The day by which it is to be paid, else by the supplier's terms."),
    text("Description", 500, "What it is for."),
    money("Subtotal", "The sum of its details, without taxes.", nullable=False, computed=True),
    money("TaxAmount", "The taxes.", nullable=False),
    money("Total", "Subtotal and taxes.", nullable=False, computed=True),
    text("Currency", 3, "The currency, a code of ISO 4217.", nullable=False),
    choice("Status", "How far it is.", INVOICE_STATUSES, nullable=False, computed=True),
    unique=(("SupplierId", "InvoiceNo"),),
    writes=frozenset({"create"}),
    scope=PLACE,
    navigations=(
        one("Supplier", "Supplier", "SupplierId", "The supplier.", "Invoices"),
        many("InvoiceDetails", "InvoiceDetail", "InvoiceId", "What it consists of.", "Invoice"),
    ),
)

INVOICE_DETAIL = entity(
    "InvoiceDetail",
    "InvoiceDetails",
    "A line of an invoice, created with it.",
    identifier("the line"),
    integer("InvoiceId", "The Id of the invoice.", nullable=False, computed=True),
    integer("LineNo", "Its number within the invoice.", nullable=False, computed=True),
    code("AccountNo", 20, "The account of the ledger that is charged.", required=True),
    code("BuildingCode", 10, "The code of the building that it is for."),
    text("Description", 500, "What was sold or done."),
    decimal("Quantity", 12, 3, "How many.", nullable=False),
    money("UnitPrice", "The price of one.", required=True),
    money("Amount", "Quantity times price, rounded.", nullable=False, computed=True),
    writes=frozenset(),
    scope=PLACE,
    navigations=(one("Invoice", "Invoice", "InvoiceId", "The invoice.", "InvoiceDetails"),),
)

TYPES = (SUPPLIER, INVOICE, INVOICE_DETAIL)
