"""What one customer is billed for one month."""

import csv
from datetime import date
from decimal import Decimal
from typing import Any

import pytest

from gerance.kernel.months import Month
from gerance.partners.billing_exchange.csv_text import csv_line, harmless
from gerance.partners.billing_exchange.lines import COLUMNS, Billable, BillLine, bill, heading
from gerance.partners.billing_exchange.vat import vat_rate

START = Month(2026, 9)
NOVEMBER = Month(2026, 11)


def customer(**facts: Any) -> Billable:
    """A customer billed from September 2026 on."""
    given: dict[str, Any] = {
        "partner_code": "FOUSSIER",
        "campaign_code": "ETE",
        "client_id": "54d8b0fa",
        "lastname": "Lhermitte",
        "firstname": "Thierry",
        "company_name": None,
        "siret": None,
        "email": "t@example.org",
        "service_starting_date": date(2026, 8, 12),
        "billing_starting_date": date(2026, 9, 1),
        "end_of_contract_date": None,
        "nb_of_options": 2,
        "unit_price": Decimal("29.90"),
        "options_price": Decimal("5.00"),
        "vat_rate": None,
        "zipcode": "59000",
        "country": "FR",
        "paid_months": [(START, None)],
        "offered_months": [],
    }
    return Billable(**given | facts)


def billed(period: Month = NOVEMBER, **facts: Any) -> dict[str, str]:
    """The cells of the line, by column."""
    line = bill(customer(**facts), period)
    assert line is not None
    return cells(line)


def cells(line: BillLine) -> dict[str, str]:
    (row,) = csv.reader([line.text], delimiter=";")
    return dict(zip(COLUMNS, row, strict=True))


def test_a_month_is_billed_with_its_options_and_tax() -> None:
    assert billed() == {
        "period": "2026-11", "partner_code": "FOUSSIER", "campaign_code": "ETE",
        "client_id": "54d8b0fa", "lastname": "Lhermitte", "firstname": "Thierry",
        "company_name": "", "siret": "", "email": "t@example.org",
        "service_starting_date": "2026-08-12", "billing_starting_date": "2026-09-01",
        "end_of_contract_date": "", "nb_of_paid_months": "3", "nb_of_offered_months": "0",
        "nb_of_options": "2", "unit_price": "29,90", "options_price": "5,00",
        "amount_excl_tax": "34,90", "vat_rate": "20,00", "amount_incl_tax": "41,88",
        "status": "billed",
    }  # fmt: skip


def test_the_file_begins_with_the_names_of_its_columns() -> None:
    assert heading() == (
        "period;partner_code;campaign_code;client_id;lastname;firstname;company_name;siret;email;"
        "service_starting_date;billing_starting_date;end_of_contract_date;nb_of_paid_months;"
        "nb_of_offered_months;nb_of_options;unit_price;options_price;amount_excl_tax;vat_rate;"
        "amount_incl_tax;status\r\n"
    )


@pytest.mark.parametrize(
    ("period", "paid", "offered", "amount", "status"),
    [
        (Month(2026, 9), "1", "0", "34,90", "billed"),
        (Month(2026, 10), "1", "1", "0,00", "offered"),
        (Month(2026, 11), "1", "2", "0,00", "offered"),
        (Month(2026, 12), "2", "2", "34,90", "billed"),
        (Month(2027, 12), "14", "2", "34,90", "billed"),
    ],
)
def test_offered_months_are_counted_and_cost_nothing(
    period: Month, paid: str, offered: str, amount: str, status: str
) -> None:
    back = Month(2026, 12)
    line = billed(
        period,
        paid_months=[(START, Month(2026, 10)), (back, None)],
        offered_months=[(Month(2026, 10), back)],
    )
    names = ("nb_of_paid_months", "nb_of_offered_months", "amount_excl_tax", "status")
    assert [line[name] for name in names] == [paid, offered, amount, status]


def test_the_month_in_which_the_contract_ends_is_the_last() -> None:
    ended = {
        "end_of_contract_date": date(2026, 11, 15),
        "paid_months": [(START, Month(2026, 12))],
    }
    assert billed(Month(2026, 10), **ended)["status"] == "billed"
    assert billed(NOVEMBER, **ended)["status"] == "terminated"
    assert billed(NOVEMBER, **ended)["amount_excl_tax"] == "34,90"
    assert bill(customer(**ended), Month(2026, 12)) is None
    assert bill(customer(), Month(2026, 8)) is None


@pytest.mark.parametrize(
    ("country", "zipcode", "rate"),
    [
        ("FR", "59000", "20.00"),
        ("FR", "20000", "20.00"),
        ("FR", "97400", "8.50"),
        ("FR", "97300", "0.00"),
        ("FR", "98800", "0.00"),
        ("FR", "98000", "20.00"),
        ("RE", "97400", "8.50"),
        ("MC", "98000", "20.00"),
        ("DE", "97070", "19.00"),
        ("FI", "00100", "25.50"),
        ("CH", "1200", "0.00"),
        ("GB", "SW1A 1AA", "0.00"),
    ],
)
def test_tax_goes_by_where_the_customer_is(country: str, zipcode: str, rate: str) -> None:
    assert vat_rate(country, zipcode) == Decimal(rate)


@pytest.mark.parametrize(
    ("price", "rate", "incl"),
    [("0.01", "20.00", "0,01"), ("0.03", "20.00", "0,04"), ("10.30", "8.50", "11,18")],
)
def test_tax_is_rounded_to_the_cent_half_up(price: str, rate: str, incl: str) -> None:
    line = billed(unit_price=Decimal(price), options_price=Decimal(0), vat_rate=Decimal(rate))
    assert line["amount_incl_tax"] == incl
    assert line["vat_rate"] == rate.replace(".", ",")


@pytest.mark.parametrize(
    "text",
    ["=1+1", "+33", "-1", "@SUM(A1)", "\t=1", "\r=1", " =cmd|' /C calc'!A0", "＝1", "\n=1"],
)
def test_no_cell_is_a_formula(text: str) -> None:
    assert harmless(text) == f"'{text}"
    assert billed(lastname=text, client_id=text)["lastname"] == f"'{text}"


def test_cells_are_quoted_when_they_must_be() -> None:
    assert csv_line(['a;"b"', "c\r\nd", "é", None, 3]) == '"a;""b""";"c\r\nd";é;;3\r\n'


@pytest.mark.parametrize("text", ["2026-13", "2026-00", "26-11", "2026-1", "2026-11 ", "٢٠٢٦-١١"])
def test_periods_are_years_and_months(text: str) -> None:
    with pytest.raises(ValueError):
        Month.parse(text)
