"""The rules of what tenants are billed and pay, of suppliers' invoices, calls and documents."""

from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

import pytest
from tests.rentals.judging import NOW, codes, completed, problems

from gerance.rentals.model.rules import RULES

SUPPLIER = {"payment_terms_days": 45}
INVOICE = {"supplier_id": 1, "invoice_no": "F-1", "invoice_date": date(2026, 11, 2)}
CALL = {"company_no": 3, "division_no": 1, "building_code": "1000PINS", "status": "O"}


def test_a_rebate_is_a_service_with_a_negative_amount() -> None:
    """reference/002, Q10."""
    row = {
        "tenant_id": 1, "service_id": 8, "amount": Decimal(-50), "start_date": date(2026, 12, 1),
        "end_date": date(2027, 1, 31),
    }  # fmt: skip
    assert problems("TenantService", row) == []


@pytest.mark.parametrize(("kind", "name"), [("R", "rent"), ("S", "service"), ("K", "parking"),
                                            ("G", "storage")])  # fmt: skip
def test_charges_come_from_the_billing_run(kind: str, name: str) -> None:
    (problem,) = problems("Transaction", {"kind": kind, "amount": Decimal(900)})
    assert (problem.code, problem.target) == ("ChargesAreBilled", "Kind")
    assert problem.message.startswith(f"Kind {kind} ({name}) is created by the billing run")


@pytest.mark.parametrize("amount", ["0", "0.01", "900"])
def test_a_payment_is_negative(amount: str) -> None:
    row = {"kind": "P", "amount": Decimal(amount)}
    assert codes("Transaction", row) == [("PaymentNotNegative", "Amount")]
    assert codes("Transaction", {**row, "amount": Decimal("-0.01")}) == []


def test_an_adjustment_goes_either_way() -> None:
    for amount in (-20, 20):
        assert codes("Transaction", {"kind": "A", "amount": Decimal(amount)}) == []


def test_an_invoice_is_due_by_the_suppliers_terms_unless_it_says_when() -> None:
    found = {"supplier": SUPPLIER, "division": {"currency": "CAD"}}
    assert completed("Invoice", INVOICE, found=found)["due_date"] == date(2026, 12, 17)
    given = {**INVOICE, "due_date": date(2026, 11, 30)}
    assert completed("Invoice", given, found=found)["due_date"] == date(2026, 11, 30)
    late = {**INVOICE, "invoice_date": date(9999, 12, 31)}
    assert completed("Invoice", late, found=found)["due_date"] == date(9999, 12, 31)


def test_an_invoice_is_in_the_currency_of_its_division_unless_it_says_which() -> None:
    found = {"supplier": SUPPLIER, "division": {"currency": "EUR"}}
    assert completed("Invoice", INVOICE, found=found)["currency"] == "EUR"
    given = {**INVOICE, "currency": "USD"}
    assert completed("Invoice", given, found=found)["currency"] == "USD"
    assert codes("Invoice", {**INVOICE, "currency": "dollar"}) == [("InvalidCurrency", "Currency")]


def test_an_invoice_has_lines() -> None:
    problem = RULES["Invoice"].details["InvoiceDetails"]
    assert problem is not None
    assert (problem.code, problem.target) == ("InvoiceLinesRequired", "InvoiceDetails")


@pytest.mark.parametrize("account", ["", "   "])
def test_a_line_says_which_account_is_charged(account: str) -> None:
    assert codes("InvoiceDetail", {"account_no": account}) == [("AccountRequired", "AccountNo")]
    assert codes("InvoiceDetail", {"account_no": "5100"}) == []


def test_terms_of_payment_are_not_negative() -> None:
    told = codes("Supplier", {"payment_terms_days": -1})
    assert told == [("NegativeNumber", "PaymentTermsDays")]


@pytest.mark.parametrize("status", ["D", "X"])
def test_a_call_that_is_done_or_cancelled_is_closed_now(status: str) -> None:
    assert completed("ServiceCall", {**CALL, "status": status})["closed_at"] == NOW
    assert completed("ServiceCall", {"status": status}, CALL)["closed_at"] == NOW


def test_a_closed_call_stays_closed_when_it_was() -> None:
    closed = {**CALL, "status": "D", "closed_at": datetime(2026, 10, 1, tzinfo=UTC)}
    for changed in ({"subject": "Robinet"}, {"status": "X"}):
        assert completed("ServiceCall", changed, closed)["closed_at"] == closed["closed_at"]


@pytest.mark.parametrize("status", ["O", "A", "P"])
def test_a_call_that_is_opened_again_is_not_closed(status: str) -> None:
    closed = {**CALL, "status": "D", "closed_at": datetime(2026, 10, 1, tzinfo=UTC)}
    assert completed("ServiceCall", {"status": status}, closed)["closed_at"] is None


def test_the_unit_of_a_call_is_in_its_building() -> None:
    found: dict[str, Any] = {
        "building": {"id": 5, "building_code": "1000PINS "},
        "unit": {"building_id": 6, "building_code": "AILLEURS"},
    }
    (problem,) = problems("ServiceCall", {**CALL, "unit_id": 9}, found=found)
    assert (problem.code, problem.target) == ("UnitElsewhere", "UnitId")
    assert problem.message == "Unit 9 is in building 'AILLEURS', the call in '1000PINS'."
    found["unit"]["building_id"] = 5
    assert problems("ServiceCall", {**CALL, "unit_id": 9}, found=found) == []


def test_the_tenant_of_a_call_is_in_its_division() -> None:
    found = {"tenant": {"company_no": 3, "division_no": 2}}
    (problem,) = problems("ServiceCall", {**CALL, "tenant_id": 9}, found=found)
    assert (problem.code, problem.target) == ("TenantElsewhere", "TenantId")
    assert problem.message == "Tenant 9 is in division 3-2, the call in 3-1."


def test_work_does_not_take_less_than_no_time() -> None:
    told = codes("ServiceCallDetail", {"hours": Decimal("-0.5")})
    assert told == [("NegativeHours", "Hours")]


def test_a_document_has_no_content_until_it_is_put() -> None:
    made = completed("Document", {"tenant_id": 1, "kind": "L", "title": "Bail"})
    assert (made["content"], made["content_type"]) == (b"", "application/octet-stream")
    assert "content" not in completed("Document", {"title": "Bail signé"}, {"title": "Bail"})
