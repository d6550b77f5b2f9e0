"""The state of a lead or customer."""

from datetime import date
from decimal import Decimal
from typing import Literal

import msgspec

Status = Literal["lead", "activated", "billed", "offered", "terminated"]

STATUSES: dict[str, str] = {
    "lead": "has requested a mock-up of the service",
    "activated": "has the service and is not billed yet",
    "billed": "pays for the service",
    "offered": "has the service free of charge, by an offer",
    "terminated": "had the service; the contract has ended",
}


class Details(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """The validated details of a client: phones in E.164, `country` in ISO 3166 alpha-2, `siret` of
    9 or 14 digits. `source`: the brand of the partner that sent the request."""

    lastname: str
    email: str
    phone_number1: str
    source: str | None = None
    campaign_code: str | None = None
    firstname: str | None = None
    client_title: str | None = None
    company_name: str | None = None
    siret: str | None = None
    phone_number2: str | None = None
    address1: str | None = None
    address2: str | None = None
    zipcode: str | None = None
    city: str | None = None
    country: str | None = None
    typology: int | None = None
    job_category: str | None = None
    other_info: str | None = None


class Terms(msgspec.Struct, frozen=True, kw_only=True):
    """The price of the service, fixed by the campaign at activation. Prices are per month, in euros
    without VAT; `options_price` covers all options; `vat_rate` in percent, None for the rate of the
    customer's country."""

    free_months: int = 0
    unit_price: Decimal = Decimal("0.00")
    options_price: Decimal = Decimal("0.00")
    nb_of_options: int = 0
    vat_rate: Decimal | None = None


class Offer(msgspec.Struct, frozen=True):
    """Offered months from `first` to `last` (first days of months); None: without an end."""

    first: date
    last: date | None


class Customer(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """A lead, or a customer when `service_starting_date` is set.

    `billing_starting_date`: the first month on bills, offered or not; `offers`: in order, without
    overlaps; `end_of_contract_date`: the last day, which may be in the future.
    """

    partner: str
    client_id: str
    status: Status
    details: Details
    lead_creation_date: date | None = None
    service_starting_date: date | None = None
    terms: Terms = Terms()
    billing_starting_date: date | None = None
    offers: tuple[Offer, ...] = ()
    end_of_contract_date: date | None = None
    unsubscription_reason: str | None = None
