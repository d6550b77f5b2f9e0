"""Builds the companies of the demo: call centres, client accounts, agencies, providers."""

from dataclasses import dataclass
from random import Random

from gerance.demo.corpus_companies import (
    CALL_CENTRES,
    CLIENT_ACCOUNTS,
    HOLDING,
    PROVIDER_COMPANIES,
    PROVIDERS_OF_ACCOUNTS,
)
from gerance.demo.corpus_people import FIRST_NAMES_OF_MEN, FIRST_NAMES_OF_WOMEN, LAST_NAMES
from gerance.demo.corpus_places import CITIES, STREETS
from gerance.demo.world_identifiers import (
    REFERENCE_AGENCIES,
    REFERENCE_OPERATORS,
    REFERENCE_PROVIDER_CONTACT,
    PhoneBook,
    siret_of,
    uid_of,
)
from gerance.demo.world_records import (
    Address,
    Agency,
    CallCentre,
    CompanyRecord,
    OperatorRecord,
    Person,
    ProviderCompanyRecord,
    ProviderContactRecord,
)

OPERATORS_PER_CALL_CENTRE = 5


@dataclass(frozen=True, slots=True)
class Companies:
    """Everything that is no building: `companies` are the client accounts, in their order."""

    call_centres: tuple[CallCentre, ...]
    holding: CompanyRecord
    companies: tuple[CompanyRecord, ...]
    agencies: tuple[Agency, ...]
    operators: tuple[OperatorRecord, ...]
    provider_companies: tuple[ProviderCompanyRecord, ...]
    provider_contacts: tuple[ProviderContactRecord, ...]


def a_person(rng: Random) -> Person:
    if rng.random() < 0.5:
        return Person("Mme", rng.choice(FIRST_NAMES_OF_WOMEN), rng.choice(LAST_NAMES))
    return Person("M.", rng.choice(FIRST_NAMES_OF_MEN), rng.choice(LAST_NAMES))


def an_address(rng: Random, city_name: str) -> Address:
    city = CITIES[city_name]
    number = str(rng.randint(1, 140)) + rng.choice(("", "", "", "", " bis"))
    zip_code = rng.choice(city.zip_codes)
    return Address(number, rng.choice(STREETS), zip_code, city.name, city.region)


def build_companies(seed: int, rng: Random, phones: PhoneBook) -> Companies:
    call_centres = tuple(
        CallCentre(uid_of(seed, "callCentre", name), name, domain, siret_of(seed, name))
        for name, domain in CALL_CENTRES
    )
    holding_name, holding_domain = HOLDING
    holding = CompanyRecord(
        uid=uid_of(seed, "company", holding_name),
        name=holding_name,
        domain=holding_domain,
        siret=siret_of(seed, holding_name),
        call_centre_uid=call_centres[0].uid,
        holding_uid=None,
        is_holding=True,
    )
    companies = tuple(
        CompanyRecord(
            uid=uid_of(seed, "company", account.name),
            name=account.name,
            domain=account.domain,
            siret=siret_of(seed, account.name),
            call_centre_uid=call_centres[account.call_centre].uid,
            holding_uid=holding.uid if account.in_holding else None,
            is_holding=False,
        )
        for account in CLIENT_ACCOUNTS
    )
    provider_companies = tuple(
        ProviderCompanyRecord(
            uid=uid_of(seed, "providerCompany", company.name),
            name=company.name,
            siret=siret_of(seed, company.name),
            domain=company.domain,
            trades=company.trades,
        )
        for company in PROVIDER_COMPANIES
    )
    return Companies(
        call_centres=call_centres,
        holding=holding,
        companies=companies,
        agencies=_agencies(seed, rng, phones, companies),
        operators=_operators(seed, rng, call_centres),
        provider_companies=provider_companies,
        provider_contacts=_provider_contacts(seed, rng, phones, companies, provider_companies),
    )


def _agencies(
    seed: int, rng: Random, phones: PhoneBook, companies: tuple[CompanyRecord, ...]
) -> tuple[Agency, ...]:
    agencies: list[Agency] = []
    for company, account in zip(companies, CLIENT_ACCOUNTS, strict=True):
        for name in account.agencies:
            place = len(agencies)
            zone = CITIES[name.cities[0]].zone
            agencies.append(
                Agency(
                    uid=(
                        REFERENCE_AGENCIES[place]
                        if place < len(REFERENCE_AGENCIES)
                        else uid_of(seed, "agency", name.name)
                    ),
                    company_uid=company.uid,
                    name=name.name,
                    ext_name=name.ext_name,
                    address=an_address(rng, name.cities[0]),
                    phone=phones.landline(zone),
                    fax=phones.landline(zone) if rng.random() < 0.4 else None,
                    email=f"{name.ext_name.lower()}@{company.domain}",
                    cities=name.cities,
                )
            )
    return tuple(agencies)


def _operators(
    seed: int, rng: Random, call_centres: tuple[CallCentre, ...]
) -> tuple[OperatorRecord, ...]:
    operators: list[OperatorRecord] = []
    for call_centre in call_centres:
        for _ in range(OPERATORS_PER_CALL_CENTRE):
            place = len(operators)
            uid = (
                REFERENCE_OPERATORS[place]
                if place < len(REFERENCE_OPERATORS)
                else uid_of(seed, "operator", place)
            )
            operators.append(OperatorRecord(uid, call_centre.uid, a_person(rng)))
    return tuple(operators)


def _provider_contacts(
    seed: int,
    rng: Random,
    phones: PhoneBook,
    companies: tuple[CompanyRecord, ...],
    provider_companies: tuple[ProviderCompanyRecord, ...],
) -> tuple[ProviderContactRecord, ...]:
    contacts: list[ProviderContactRecord] = []
    for company, account, indexes in zip(
        companies, CLIENT_ACCOUNTS, PROVIDERS_OF_ACCOUNTS, strict=True
    ):
        city = CITIES[account.agencies[0].cities[0]]
        for index in indexes:
            provider = provider_companies[index]
            is_reference = not contacts
            contacts.append(
                ProviderContactRecord(
                    uid=(
                        REFERENCE_PROVIDER_CONTACT
                        if is_reference
                        else uid_of(seed, "providerContact", f"{company.name}/{provider.name}")
                    ),
                    company_uid=company.uid,
                    provider_company_uid=(
                        provider.uid if is_reference or rng.random() < 0.85 else None
                    ),
                    name=f"{provider.name} ({city.name})",
                    phones=(
                        (phones.landline(city.zone), phones.mobile())
                        if rng.random() < 0.4
                        else (phones.landline(city.zone),)
                    ),
                    fax=(phones.landline(city.zone),) if rng.random() < 0.25 else (),
                    emails=(f"depannage.{city.name.lower()}@{provider.domain}",),
                    trades=provider.trades,
                )
            )
    return tuple(contacts)
