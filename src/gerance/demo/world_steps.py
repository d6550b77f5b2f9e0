"""Writes the records of the demo as the commands a client would send to set them up."""

from collections.abc import Iterator

from gerance.demo.world_companies import Companies
from gerance.demo.world_identifiers import uid_of
from gerance.demo.world_records import (
    Account,
    Agency,
    CompanyRecord,
    LotRecord,
    PatrimonyContactRecord,
    PatrimonyRecord,
    ProviderContactRecord,
    Resource,
    SetUpStep,
    Wire,
)

_FOUNDED = "2024-01-08"
_CREATED = "2024-01-15"
_ADDITION = "2024-02-05T09:30:00.000+01:00"


def set_up_steps(
    seed: int,
    companies: Companies,
    patrimonies: tuple[PatrimonyRecord, ...],
    lots: tuple[LotRecord, ...],
    contacts: tuple[PatrimonyContactRecord, ...],
    accounts: tuple[Account, ...],
) -> Iterator[SetUpStep]:
    """Every command, each after those it refers to.

    The super user creates call centres and provider companies; the user of a call centre creates
    everything below that call centre.
    """
    super_login = next(a.login for a in accounts if a.kind == "superUser")
    centre_logins = {a.company_uid: a.login for a in accounts if a.kind == "callCenterUser"}
    login_of = {
        company.uid: centre_logins[company.call_centre_uid]
        for company in (companies.holding, *companies.companies)
    }
    company_of_patrimony = {p.uid: p.company_uid for p in patrimonies}

    def step(actor: str, resource: Resource, uid: str, command_type: str, body: Wire) -> SetUpStep:
        key = f"{command_type}/{uid}/{body.get('name', '')}"
        if resource == "agencies":
            key = f"{command_type}/{body['agency']['agencyUid']}"
        command: Wire = {"processUid": uid_of(seed, "process", key)}
        if resource != "agencies":
            command["aggregateUid"] = uid
        command |= body
        command["commandType"] = command_type
        return SetUpStep(actor, "POST", resource, uid, command)

    for centre in companies.call_centres:
        body: Wire = {
            "createdDate": _FOUNDED,
            "name": centre.name,
            "siretNumber": centre.siret,
        }
        yield step(super_login, "clientcompanies", centre.uid, "CreateCallCenter", body)
    for company in (companies.holding, *companies.companies):
        command_type = "CreateClientAccountHolding" if company.is_holding else "CreateClientAccount"
        actor = login_of[company.uid]
        yield step(actor, "clientcompanies", company.uid, command_type, _company(company))
    for agency in companies.agencies:
        actor, uid = login_of[agency.company_uid], agency.company_uid
        yield step(actor, "agencies", uid, "CreateAgency", _agency(agency))
    for provider in companies.provider_companies:
        body = {"name": provider.name, "siretNumber": provider.siret}
        resource: Resource = "providercompanies"
        yield step(super_login, resource, provider.uid, "ReferenceProviderCompany", body)
    for contact in companies.provider_contacts:
        actor, body = login_of[contact.company_uid], _provider_contact(contact)
        yield step(actor, "providercontacts", contact.uid, "AddProviderContact", body)
    for patrimony in patrimonies:
        body = {
            "ref": patrimony.ref,
            "agencyUids": list(patrimony.agency_uids),
            "label": patrimony.label,
        }
        actor = login_of[patrimony.company_uid]
        yield step(actor, "patrimonies", patrimony.uid, "ReferencePatrimony", body)
    for lot in lots:
        yield step(login_of[lot.company_uid], "lots", lot.uid, "ReferenceLot", _lot(lot))
    for operator in companies.operators:
        body = {
            "callCenterUid": operator.call_centre_uid,
            "firstName": operator.person.first_name,
            "lastName": operator.person.last_name,
        }
        actor = centre_logins[operator.call_centre_uid]
        yield step(actor, "operators", operator.uid, "ReferenceOperator", body)
    for person in contacts:
        actor = login_of[company_of_patrimony[person.patrimony_uid]]
        body = _patrimony_contact(person)
        yield step(actor, "patrimonycontacts", person.uid, "ReferencePatrimonyContact", body)
    for account in accounts:
        if account.by_command and account.company_uid is not None:
            actor = login_of[account.company_uid]
            command_type = "Reference" + account.kind[0].upper() + account.kind[1:]
            yield step(actor, "users", account.uid, command_type, _user(account))


def _company(company: CompanyRecord) -> Wire:
    body: Wire = {"callCenterReference": company.call_centre_uid}
    if company.holding_uid is not None:
        body["holdingReference"] = company.holding_uid
    return body | {
        "billingType": "PremiumAccount" if company.is_holding else "StandardAccount",
        "createdDate": _FOUNDED,
        "name": company.name,
        "siretNumber": company.siret,
    }


def _agency(agency: Agency) -> Wire:
    raw: Wire = {
        "agencyUid": agency.uid,
        "name": agency.name,
        "extName": agency.ext_name,
        "address": {
            "number": agency.address.number,
            "street": agency.address.street,
            "zipCode": agency.address.zip_code,
            "city": agency.address.city,
            "state": agency.address.region,
            "country": "France",
        },
        "phones": [agency.phone],
        "emails": [agency.email],
    }
    if agency.fax is not None:
        raw["fax"] = agency.fax
    return {"createdDate": _CREATED, "agency": raw}


def _provider_contact(contact: ProviderContactRecord) -> Wire:
    body: Wire = {"companyUid": contact.company_uid}
    if contact.provider_company_uid is not None:
        body["providerCompanyUid"] = contact.provider_company_uid
    return body | {
        "date": _ADDITION,
        "name": {"value": contact.name, "nameType": "PoorName"},
        "phones": list(contact.phones),
        "fax": list(contact.fax),
        "emails": list(contact.emails),
    }


def _lot(lot: LotRecord) -> Wire:
    address: Wire = {
        "number": lot.address.number,
        "street": lot.address.street,
        "zipCode": lot.address.zip_code,
        "city": lot.address.city,
        "state": lot.address.region,
        "country": "France",
        "recipientSupplement": {"floor": lot.floor, "unit": lot.unit},
    }
    return {
        "ref": lot.ref,
        "lotNumber": lot.number,
        "patrimonyUid": lot.patrimony_uid,
        "addresses": [address],
        "usage": lot.usage,
    }


def _patrimony_contact(contact: PatrimonyContactRecord) -> Wire:
    link: Wire = {"patrimonyUid": contact.patrimony_uid}
    if contact.position is not None:
        link["position"] = contact.position
    link["linkType"] = contact.link_type
    return {
        "name": contact.person.civil_name,
        "contacts": [
            {"phone": contact.phone, "contactInfoType": "Phone"},
            {"mail": contact.email, "contactInfoType": "Mail"},
        ],
        "linkedWithEntities": [link],
    }


def _user(account: Account) -> Wire:
    body: Wire = {"login": account.login}
    if account.kind == "patrimonyUser":
        body["patrimonies"] = list(account.patrimony_uids)
    else:
        body["companyUid"] = account.company_uid
        body["job"] = account.job
    if account.kind == "executive":
        body["managedAgencies"] = list(account.agency_uids)
    if account.kind == "patrimonyManager":
        body["managedPatrimonies"] = list(account.patrimony_uids)
    return body | {
        "firstName": account.person.first_name,
        "lastName": account.person.last_name,
        "phone": account.phone,
    }
