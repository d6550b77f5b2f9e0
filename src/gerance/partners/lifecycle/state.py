"""What is known of a client of a partner, lead or customer."""

from datetime import date
from decimal import Decimal
from typing import Literal

import msgspec

Status = Literal["lead", "activated", "billed", "offered", "terminated"]

STATUSES: dict[str, str] = {
    "lead": "wants to see what the service would be",
    "activated": "has the service, is not billed yet",
    "billed": "pays for the service",
    "offered": "has the service for nothing, as somebody offered it",
    "terminated": "had the service; the contract is over",
}


class Details(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """Who the client is, as checked: phones in E.164, `country` in ISO 3166 alpha-2, `siret` of 9
    or 14 digits. `source`: the brand of the partner from which the call came."""

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
    """What the service costs, as the campaign said when it was activated. Prices are of a month, in
    euros without tax; `options_price` is of all options; `vat_rate` in percent, None for that of
    the customer's country."""

    free_months: int = 0
    unit_price: Decimal = Decimal("0.00")
    options_price: Decimal = Decimal("0.00")
    nb_of_options: int = 0
    vat_rate: Decimal | None = None


class Offer(msgspec.Struct, frozen=True):
    """Months that cost nothing, from `first` to `last` (first days of months), or for good."""

    first: date
    last: date | None


class Customer(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """A lead, or a customer once `service_starting_date` is there.

    `billing_starting_date`: the first month on bills, offered or not; `offers`: one behind
    another; `end_of_contract_date`: the last day, which may be to come.
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
