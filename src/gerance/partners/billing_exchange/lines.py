"""The bill of a customer for a month, as a pure function.

Full months are billed, from the start of billing to the month in which the contract ends. Offered
months are on the bill with an amount of zero.
"""

from collections.abc import Sequence
from datetime import date
from decimal import ROUND_HALF_UP, Decimal
from typing import Literal, NamedTuple

from gerance.kernel.months import Month
from gerance.partners.billing_exchange.csv_text import csv_line
from gerance.partners.billing_exchange.vat import FRANCE, vat_rate

COLUMNS = (
    "period", "partner_code", "campaign_code", "client_id", "lastname", "firstname",
    "company_name", "siret", "email", "service_starting_date", "billing_starting_date",
    "end_of_contract_date", "nb_of_paid_months", "nb_of_offered_months", "nb_of_options",
    "unit_price", "options_price", "amount_excl_tax", "vat_rate", "amount_incl_tax", "status",
)  # fmt: skip

CENT = Decimal("0.01")
ZERO = Decimal("0.00")

Status = Literal["billed", "offered", "terminated"]


Months = Sequence[tuple[Month, Month | None]]
"""Ranges of months: the first, and the one after the last (None: without an end)."""


class Billable(NamedTuple):
    """A customer with its billing data. Prices are per month, in euros without VAT; `options_price`
    covers all options; `vat_rate` in percent, None for the rate of its country (ISO 3166 alpha-2).
    The months start with billing and include future ones.
    """

    partner_code: str
    campaign_code: str | None
    client_id: str
    lastname: str
    firstname: str | None
    company_name: str | None
    siret: str | None
    email: str
    service_starting_date: date | None
    billing_starting_date: date | None
    end_of_contract_date: date | None
    nb_of_options: int
    unit_price: Decimal
    options_price: Decimal
    vat_rate: Decimal | None
    zipcode: str | None
    country: str | None
    paid_months: Months
    offered_months: Months


class BillLine(NamedTuple):
    """A line of the file. Amounts are euros with cents.

    `status`: `billed`; `offered`: the month is free; `terminated`: the contract ends in this month,
    which is the last one that is billed (or offered).
    """

    client_id: str
    amount_excl_tax: Decimal
    amount_incl_tax: Decimal
    status: Status
    text: str


def heading() -> str:
    """The first line of the file."""
    return csv_line(COLUMNS)


def bill(customer: Billable, period: Month) -> BillLine | None:
    """The customer's line for the month, None when the month is not billed."""
    is_offered = _has(customer.offered_months, period)
    if not is_offered and not _has(customer.paid_months, period):
        return None
    end = customer.end_of_contract_date
    excl = ZERO if is_offered else _cents(customer.unit_price + customer.options_price)
    rate = customer.vat_rate
    if rate is None:
        rate = vat_rate(customer.country or FRANCE, customer.zipcode or "")
    incl = excl + _cents(excl * rate / 100)
    ends = end is not None and end <= period.last_day
    status: Status = "terminated" if ends else "offered" if is_offered else "billed"
    cells = (
        str(period),
        customer.partner_code,
        customer.campaign_code,
        customer.client_id,
        customer.lastname,
        customer.firstname,
        customer.company_name,
        customer.siret,
        customer.email,
        customer.service_starting_date,
        customer.billing_starting_date,
        end,
        _count_started(customer.paid_months, period),
        _count_started(customer.offered_months, period),
        customer.nb_of_options,
        _cents(customer.unit_price),
        _cents(customer.options_price),
        excl,
        rate,
        incl,
        status,
    )
    return BillLine(customer.client_id, excl, incl, status, csv_line(cells))


def _has(months: Months, period: Month) -> bool:
    return any(first <= period and (end is None or period < end) for first, end in months)


def _count_started(months: Months, period: Month) -> int:
    """The number of months that have started by the end of the period."""
    after = period.plus(1)
    return sum(
        max(0, (after if end is None else min(end, after)).number - first.number)
        for first, end in months
    )


def _cents(value: Decimal) -> Decimal:
    return value.quantize(CENT, ROUND_HALF_UP)
