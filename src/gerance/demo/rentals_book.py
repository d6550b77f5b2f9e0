"""The rows of the demonstration's rentals as they are made: ids handed out, rows by table."""

from collections import defaultdict
from datetime import datetime
from typing import Any

Row = tuple[Any, ...]

COLUMNS: dict[str, tuple[str, ...]] = {
    name: tuple(columns.split())
    for name, columns in {
        "LedgerDivision": "company_no division_no company_name name currency"
        " fiscal_year_start_month",
        "Building": "company_no division_no building_code name civic_no_and_street city province"
        " postal_code country construction_year number_of_floors number_of_units manager_name"
        " phone email heating_type latitude longitude municipal_evaluation acquisition_date"
        " patrimony_uid",
        "HousingType": "code name",
        "Unit": "company_no division_no building_code unit_code building_id housing_type"
        " number_of_rooms floor area base_rent heated electricity_included furnished pets_allowed"
        " appliances description active lot_uid",
        "UnavailableUnit": "unit_id start_date end_date reason company_no division_no",
        "Parking": "company_no division_no building_code parking_code building_id parking_type"
        " amount charging_station active",
        "Storage": "company_no division_no building_code storage_code building_id area amount"
        " active",
        "Tenant": "company_no division_no tenant_type tenant_no building_code unit_code unit_id"
        " last_name first_name email phone mobile_phone language birth_date lease_start_date"
        " lease_end_date lease_renewable signed_date rent departure_date current_rent balance",
        "LeasePriceChange": "tenant_id effective_date rent comment applied_at company_no"
        " division_no",
        "TenantParking": "tenant_id parking_id start_date end_date renewable amount company_no"
        " division_no tenant_departure",
        "TenantStorage": "tenant_id storage_id start_date end_date renewable amount company_no"
        " division_no tenant_departure",
        "Service": "service_code name default_amount taxable",
        "TenantService": "tenant_id service_id amount start_date end_date comment company_no"
        " division_no",
        "Transaction": "tenant_id transaction_date kind amount description period balance_after"
        " company_no division_no",
        "FinancialStatement": "company_no division_no period account_no account_name debit credit",
        "Supplier": "supplier_code name contact_name civic_no_and_street city province postal_code"
        " phone email trade payment_terms_days provider_contact_uid",
        "Invoice": "company_no division_no supplier_id invoice_no invoice_date due_date description"
        " subtotal tax_amount currency status",
        "InvoiceDetail": "invoice_id line_no account_no building_code description quantity"
        " unit_price company_no division_no",
        "ServiceCall": "call_no company_no division_no building_code building_id unit_id tenant_id"
        " supplier_id priority status subject description reported_at scheduled_date closed_at",
        "ServiceCallDetail": "service_call_id line_no work_date description hours amount done"
        " company_no division_no",
        "Document": "tenant_id kind title created_on content_type content company_no division_no",
    }.items()
}
"""The columns of each type's rows here, between the `id` and `modified_at` that all have."""

NOT_LOADED: dict[str, str] = {}
"""The types that have no rows in the demonstration, each with the reason."""


class Book:
    """Rows by type, in the order of `COLUMNS`. `modified`: when those to come last changed."""

    def __init__(self, modified: datetime, reserved: dict[str, set[int]]) -> None:
        """`reserved`: ids of each type that are only given where they are asked for."""
        self.modified = modified
        self._reserved = reserved
        self._counters: dict[Any, int] = defaultdict(int)
        self._rows: dict[str, list[Row]] = {name: [] for name in COLUMNS}

    def next_id(self, kind: str) -> int:
        """An id that no other row of the type has."""
        number = self.count(kind)
        while number in self._reserved.get(kind, ()):
            number = self.count(kind)
        return number

    def add(self, kind: str, *values: Any, own_id: int | None = None) -> int:
        """Add a row with the values of its type's `COLUMNS`; its id."""
        row_id = self.next_id(kind) if own_id is None else own_id
        self._rows[kind].append((row_id, *values, self.modified))
        return row_id

    def count(self, what: Any) -> int:
        """1 when first asked for it, then 2, and so on."""
        self._counters[what] += 1
        return self._counters[what]

    def take(self) -> dict[str, list[Row]]:
        """The rows since the last time, by type."""
        rows, self._rows = self._rows, {name: [] for name in COLUMNS}
        return rows
