"""The incidents as OData entity types, read only.

Their rows are views (schema `odata`) that any event changes: no set has a version.
"""

import re
from typing import Any, get_args

from gerance.incidents.lots.values import LotUsage
from gerance.kernel.odata.edm import Edm, EntityType, Navigation, Property

COMPANY_TYPES = {
    "ClientAccount": "a property manager",
    "ClientAccountHolding": "a holding of property managers",
    "CallCenter": "a call centre",
}
TICKET_STATUSES = {"OPENED": "open", "CLOSED": "closed"}
LOT_USAGES = {
    name: re.sub(r"(?<=[a-z])(?=[A-Z])", " ", name).lower() for name in get_args(LotUsage)
}
"""`ResidentialParking` is a residential parking."""


def _property(name: str, kind: Edm, column: str, description: str, **more: Any) -> Property:
    return Property(
        name=name, type=kind, column=column, description=description, computed=True, **more
    )


def _text(name: str, column: str, description: str, **more: Any) -> Property:
    return _property(name, Edm.STRING, column, description, **more)


def _guid(name: str, column: str, description: str) -> Property:
    return _property(name, Edm.GUID, column, description)


def _uid(what: str) -> Property:
    return _property("Uid", Edm.GUID, "uid", f"The uid of {what}.", nullable=False)


def _name_property(what: str) -> Property:
    return _text("Name", "name", f"The name of {what}.", nullable=False, sorted_by="name_key")


_ACTIVE = _property("Active", Edm.BOOLEAN, "active", "Whether it is in use.", nullable=False)


def _to_company(partner: str | None) -> Navigation:
    return _one("ClientCompany", "ClientCompany", "company_uid", "The client company.", partner)


def _one(
    name: str, target: str, column: str, description: str, partner: str | None = None
) -> Navigation:
    return Navigation(
        name=name,
        target=target,
        columns=((column, "uid"),),
        description=description,
        partner=partner,
    )


def _many(name: str, target: str, column: str, description: str, partner: str) -> Navigation:
    return Navigation(
        name=name,
        target=target,
        columns=(("uid", column),),
        description=description,
        many=True,
        partner=partner,
    )


def _view(
    name: str, set_name: str, source: str, description: str, *properties: Property, **more: Any
) -> EntityType:
    more.setdefault("key", ("Uid",))
    return EntityType(
        name=name,
        set_name=set_name,
        source=f"odata.{source}",
        description=description,
        properties=properties,
        versioned=False,
        **more,
    )


CLIENT_COMPANY = _view(
    "ClientCompany",
    "ClientCompanies",
    "client_company",
    "A property manager who uses a call centre, a holding of such, or a call centre.",
    _uid("the company"),
    _text("CompanyType", "company_type", "What it is.", nullable=False, values=COMPANY_TYPES),
    _name_property("the company"),
    _text("SiretNumber", "siret_number", "Its number in the French register of firms."),
    _text("BillingType", "billing_type", "By which terms it is billed."),
    _guid("CallCenterUid", "call_center_uid", "The uid of the call centre that serves it."),
    _guid("HoldingUid", "holding_uid", "The uid of the holding that it belongs to."),
    _ACTIVE,
    navigations=(
        _one("CallCenter", "ClientCompany", "call_center_uid", "The call centre that serves it."),
        _one("Holding", "ClientCompany", "holding_uid", "The holding that it belongs to."),
        _many("Agencies", "Agency", "company_uid", "Its agencies.", "ClientCompany"),
        _many("Patrimonies", "Patrimony", "company_uid", "Its buildings.", "ClientCompany"),
        _many("Tickets", "Ticket", "company_uid", "Its tickets.", "ClientCompany"),
        _many(
            "ProviderContacts", "ProviderContact", "company_uid", "Its providers.", "ClientCompany"
        ),
    ),
)

AGENCY = _view(
    "Agency",
    "Agencies",
    "agency",
    "An agency of a client company.",
    _uid("the agency"),
    _guid("CompanyUid", "company_uid", "The uid of the client company."),
    _name_property("the agency"),
    _text("Ref", "ref", "What its company calls it elsewhere, else its name."),
    _text("Street", "street", "The street."),
    _text("ZipCode", "zip_code", "The postal code."),
    _text("City", "city", "The city."),
    _text("Phone", "phone", "The first of its telephone numbers."),
    _text("Email", "email", "The first of its e-mail addresses."),
    _ACTIVE,
    navigations=(_to_company("Agencies"),),
)

PATRIMONY = _view(
    "Patrimony",
    "Patrimonies",
    "patrimony",
    "A building as call centres know it.",
    _uid("the patrimony"),
    _guid("CompanyUid", "company_uid", "The uid of the client company."),
    _text("Ref", "ref", "What its company calls it.", nullable=False),
    _text("Label", "label", "The name of the building.", sorted_by="label_key"),
    navigations=(
        _to_company("Patrimonies"),
        _many("Tickets", "Ticket", "patrimony_uid", "The tickets of the building.", "Patrimony"),
        _many("Lots", "Lot", "patrimony_uid", "What the building is made of.", "Patrimony"),
    ),
)

LOT = _view(
    "Lot",
    "Lots",
    "lot",
    "A flat, house, parking, cellar, shop or other part of a patrimony.",
    _uid("the lot"),
    _guid("CompanyUid", "company_uid", "The uid of the client company."),
    _guid("PatrimonyUid", "patrimony_uid", "The uid of the building."),
    _text("Ref", "ref", "What its company calls it.", nullable=False),
    _text("LotNumber", "lot_number", "Its number within the building.", nullable=False),
    _text("Usage", "usage", "What it is used for.", nullable=False, values=LOT_USAGES),
    _text("Street", "street", "The street of its first address."),
    _text("ZipCode", "zip_code", "The postal code of its first address."),
    _text("City", "city", "The city of its first address."),
    navigations=(
        _to_company(None),
        _one("Patrimony", "Patrimony", "patrimony_uid", "The building.", "Lots"),
    ),
)

PROVIDER_CONTACT = _view(
    "ProviderContact",
    "ProviderContacts",
    "provider_contact",
    "A provider as a client company knows it.",
    _uid("the provider contact"),
    _guid("CompanyUid", "company_uid", "The uid of the client company."),
    _name_property("the provider contact"),
    _guid("ProviderCompanyUid", "provider_company_uid", "The uid of the firm."),
    _text("ProviderCompanyName", "provider_company_name", "The name of the firm."),
    _text("SiretNumber", "siret_number", "The firm's number in the French register of firms."),
    _text("Phone", "phone", "The first of its telephone numbers."),
    _text("Fax", "fax", "The first of its fax numbers."),
    _text("Email", "email", "The first of its e-mail addresses."),
    _ACTIVE,
    navigations=(
        _to_company("ProviderContacts"),
        _many("Tickets", "Ticket", "provider_uid", "What it is in charge of.", "ProviderContact"),
    ),
)

PATRIMONY_CONTACT = _view(
    "PatrimonyContact",
    "PatrimonyContacts",
    "patrimony_contact",
    "A caretaker, a co-owner or another contact of a building.",
    _uid("the contact"),
    _guid("CompanyUid", "company_uid", "The uid of the client company."),
    _guid("PatrimonyUid", "patrimony_uid", "The uid of the first building it is linked with."),
    _guid("UserUid", "user_uid", "The uid of the user that the contact is."),
    _name_property("the contact"),
    navigations=(
        _to_company(None),
        _one("Patrimony", "Patrimony", "patrimony_uid", "The first building it is linked with."),
    ),
)

TICKET = _view(
    "Ticket",
    "Tickets",
    "ticket",
    "An incident, from its discovery to the end of its repair.",
    _uid("the ticket"),
    _property(
        "Number",
        Edm.INT64,
        "number",
        "Its place in the log; tickets that were opened later have higher ones.",
        nullable=False,
    ),
    _text("Ref", "ref", "The claim number of the client, else of the call centre, else its own."),
    _text("Status", "status", "Whether it is open.", nullable=False, values=TICKET_STATUSES),
    _text("State", "state", "How far it is."),
    _property(
        "OpenedAt", Edm.DATE_TIME_OFFSET, "opened", "When it was opened, in UTC.", nullable=False
    ),
    _property("UpdatedAt", Edm.DATE_TIME_OFFSET, "updated", "When it last changed, in UTC."),
    _property("ClosedAt", Edm.DATE_TIME_OFFSET, "closed", "When it was closed, in UTC."),
    _text("Purpose", "purpose", "What it is about.", nullable=False, sorted_by="purpose_key"),
    _text("ZipCode", "zip_code", "The postal code of the incident.", nullable=False),
    _text("City", "city", "The city of the incident.", nullable=False, sorted_by="city_key"),
    _text("CallerName", "caller_name", "Who called."),
    _text("ProviderName", "provider_name", "Who is in charge of the repair."),
    _property(
        "Intervention",
        Edm.BOOLEAN,
        "intervention",
        "Whether an intervention is planned or took place.",
        nullable=False,
    ),
    _guid("CallCenterUid", "call_center_uid", "The uid of the call centre."),
    _guid("CompanyUid", "company_uid", "The uid of the client company."),
    _guid("HoldingUid", "holding_uid", "The uid of the client company's holding."),
    _guid("PatrimonyUid", "patrimony_uid", "The uid of the building."),
    _guid("ProviderUid", "provider_uid", "The uid of who is in charge of the repair."),
    navigations=(
        _to_company("Tickets"),
        _one("CallCenter", "ClientCompany", "call_center_uid", "The call centre."),
        _one("Patrimony", "Patrimony", "patrimony_uid", "The building.", "Tickets"),
        _one(
            "ProviderContact",
            "ProviderContact",
            "provider_uid",
            "The provider in charge, where a client company knows it.",
            "Tickets",
        ),
        _many("TicketEvents", "TicketEvent", "ticket_uid", "What happened.", "Ticket"),
    ),
)

TICKET_EVENT = _view(
    "TicketEvent",
    "TicketEvents",
    "ticket_event",
    "Something that happened to a ticket.",
    _property("Position", Edm.INT64, "position", "Its position in the log.", nullable=False),
    _guid("TicketUid", "ticket_uid", "The uid of the ticket."),
    _property(
        "Version", Edm.INT32, "version", "Its number within the ticket, from 1.", nullable=False
    ),
    _text("EventType", "event_type", "What happened, as events name it.", nullable=False),
    _guid("ProcessUid", "process_uid", "The uid of the command that caused it."),
    _property(
        "SentDate",
        Edm.DATE_TIME_OFFSET,
        "sent_date",
        "When it was recorded, in UTC.",
        nullable=False,
    ),
    _guid("UserUid", "user_uid", "The uid of the user who caused it."),
    _property(
        "CausedBy",
        Edm.INT64,
        "caused_by",
        "The position of the event that caused it by a reaction, otherwise null.",
    ),
    key=("Position",),
    navigations=(_one("Ticket", "Ticket", "ticket_uid", "The ticket.", "TicketEvents"),),
)

TYPES = (
    TICKET,
    TICKET_EVENT,
    CLIENT_COMPANY,
    AGENCY,
    PATRIMONY,
    LOT,
    PROVIDER_CONTACT,
    PATRIMONY_CONTACT,
)
