"""The shapes of answers about customers, for the documentation. The database builds the JSON."""

from datetime import date

import msgspec


class CustomerView(msgspec.Struct):
    """A lead or customer."""

    client_id: str
    status: str
    source: str | None
    campaign_code: str | None
    lead_creation_date: date | None
    service_starting_date: date | None
    billing_starting_date: date | None
    end_of_contract_date: date | None
    unsubscription_reason: str | None
    nb_of_paid_months: int
    nb_of_offered_months: int
    nb_of_options: int
    lastname: str
    firstname: str | None
    client_title: str | None
    company_name: str | None
    siret: str | None
    email: str
    phone_number1: str
    phone_number2: str | None
    address1: str | None
    address2: str | None
    zipcode: str | None
    city: str | None
    country: str | None
    typology: int | None
    other_info: str | None


class HistoryEntry(msgspec.Struct):
    """An event in the history. `date`: when it happened or became due; `by`: `partner`, `operator`
    or `time`; months are given by their first day."""

    position: int
    event: str
    date: date
    recorded: str
    by: str
    first_month: str | None
    last_month: str | None
    end_of_contract_date: str | None
    reason: str | None


class BilledMonth(msgspec.Struct):
    """A month on a billing file. Amounts are euros, as JSON numbers. `payment`: `paid` or `unpaid`
    as the partner reported, null before it has."""

    period: str
    status: str
    amount_excl_tax: float
    amount_incl_tax: float
    payment: str | None


class StatusAnswer(msgspec.Struct):
    """Success, with the new status of the customer."""

    response: int
    text: str
    status: str


class CustomerAnswer(msgspec.Struct):
    response: int
    text: str
    customer: CustomerView
    history: list[HistoryEntry]
    billed: list[BilledMonth]


class CustomersAnswer(msgspec.Struct):
    """A page. `after`: pass it to get the next page, null on the last one."""

    response: int
    text: str
    customers: list[CustomerView]
    after: str | None
