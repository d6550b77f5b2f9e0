"""Leads and customers as an entity type: read only, through the query language of the rentals.

Their rows are a view (schema `odata`); counters are as of the day that the daily job has reached.
"""

from typing import Any

from gerance.kernel.odata.edm import Edm, EntityType, Property
from gerance.partners.lifecycle.state import STATUSES


def _property(name: str, kind: Edm, column: str, description: str, **more: Any) -> Property:
    return Property(
        name=name, type=kind, column=column, description=description, computed=True, **more
    )


def _text(name: str, column: str, description: str, **more: Any) -> Property:
    return _property(name, Edm.STRING, column, description, **more)


def _day(name: str, column: str, description: str) -> Property:
    return _property(name, Edm.DATE, column, description)


def _number(name: str, column: str, description: str, **more: Any) -> Property:
    return _property(name, Edm.INT32, column, description, **more)


def _price(name: str, column: str, description: str) -> Property:
    return _property(name, Edm.DECIMAL, column, description, nullable=False, precision=12, scale=2)


PARTNER_CUSTOMER = EntityType(
    name="PartnerCustomer",
    set_name="PartnerCustomers",
    source="odata.partner_customer",
    description="A lead or customer whom a partner brought.",
    properties=(
        _property("Uid", Edm.GUID, "uid", "The uid of its stream of events.", nullable=False),
        _text("PartnerCode", "partner_code", "The code of the partner.", nullable=False),
        _text("ClientId", "client_id", "What the partner calls it.", nullable=False),
        _text("Status", "status", "How far it is.", nullable=False, values=STATUSES),
        _text("Source", "source", "The brand of the partner from which it came."),
        _text("CampaignCode", "campaign_code", "The campaign by which it came."),
        _text("LastName", "lastname", "The last name.", nullable=False, sorted_by="lastname_key"),
        _text("FirstName", "firstname", "The first name."),
        _text("ClientTitle", "client_title", "The form of address."),
        _text("CompanyName", "company_name", "The firm.", sorted_by="company_name_key"),
        _text("Siret", "siret", "Its SIREN (9 digits) or SIRET (14)."),
        _text("Email", "email", "The e-mail address.", nullable=False),
        _text("PhoneNumber1", "phone_number1", "A telephone number, E.164.", nullable=False),
        _text("PhoneNumber2", "phone_number2", "Another telephone number, E.164."),
        _text("Address1", "address1", "The street."),
        _text("Address2", "address2", "More of the address."),
        _text("ZipCode", "zipcode", "The postal code."),
        _text("City", "city", "The city.", sorted_by="city_key"),
        _text("Country", "country", "The country, ISO 3166 alpha-2."),
        _number("Typology", "typology", "What kind of customer it is, as the programme has them."),
        _text("OtherInfo", "other_info", "What else was said."),
        _day("LeadCreationDate", "lead_creation_date", "When it came as a lead."),
        _day("ServiceStartingDate", "service_starting_date", "When the service was activated."),
        _day("BillingStartingDate", "billing_starting_date", "The first month on bills."),
        _day("EndOfContractDate", "end_of_contract_date", "The last day of the contract."),
        _text("UnsubscriptionReason", "unsubscription_reason", "Why the contract ends."),
        _number("NbOfPaidMonths", "nb_of_paid_months", "Months paid so far.", nullable=False),
        _number(
            "NbOfOfferedMonths", "nb_of_offered_months", "Months offered so far.", nullable=False
        ),
        _number("NbOfOptions", "nb_of_options", "How many options it has.", nullable=False),
        _price("UnitPrice", "unit_price", "Euros a month, without tax and options."),
        _price("OptionsPrice", "options_price", "Euros a month for all options, without tax."),
        _property(
            "VatRate", Edm.DECIMAL, "vat_rate",
            "VAT in percent, null for that of its country.", precision=5, scale=2,
        ),
        _property(
            "ChangedAt", Edm.DATE_TIME_OFFSET, "changed", "When it last changed, in UTC.",
            nullable=False,
        ),
    ),
    key=("Uid",),
    unique=(("PartnerCode", "ClientId"),),
    versioned=False,
)  # fmt: skip

TYPES = (PARTNER_CUSTOMER,)
