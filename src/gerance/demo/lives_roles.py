"""Callers and providers as the wire names them."""

from dataclasses import dataclass
from random import Random

from gerance.demo.corpus_journal import CALLER_COMMENTS
from gerance.demo.world_records import Address, Person, ProviderContactRecord, Resident, Wire


@dataclass(frozen=True, slots=True)
class CallerRole:
    """A caller as OpenTicket names it, and how to reach that person later in the journal."""

    caller: Wire | str
    name: str
    persona: Wire
    medium: Wire
    address: Wire


@dataclass(frozen=True, slots=True)
class ProviderRole:
    """One provider as each era names it: `provider` (2017) and `assignee` (2020)."""

    provider: Wire
    assignee: Wire
    persona: Wire
    phone: Wire
    media: tuple[Wire, ...]
    email: str


def phone_medium(number: str) -> Wire:
    return {"phone": number, "contactMediumType": "Phone"}


def _mail(address: str) -> Wire:
    return {"mail": address, "contactMediumType": "Mail"}


def _poor_name(value: str) -> Wire:
    return {"value": value, "nameType": "PoorName"}


def spoken_name(person: Person) -> str:
    return f"{person.gender} {person.first_name} {person.last_name}"


def building_address(address: Address) -> Wire:
    return {
        "street": f"{address.number} {address.street}",
        "zipCode": address.zip_code,
        "city": address.city,
        "state": address.region,
        "country": "France",
    }


def _address_of(resident: Resident, address: Address) -> Wire:
    """The address of a dwelling: floor, door, staircase and building beside the street."""
    recipient = {"floor": resident.floor, "unit": resident.unit}
    if resident.staircase is not None:
        recipient["staircase"] = resident.staircase
    wire = building_address(address) | {"recipientSupplement": recipient}
    if resident.building is not None:
        wire["complement"] = resident.building
        wire["geographicalSupplement"] = {"building": resident.building}
    return wire


def persona(name: str, status: str) -> Wire:
    return {"name": _poor_name(name), "status": status, "personaType": "UnClassifiedPersona"}


def resident_role(rng: Random, resident: Resident, address: Address) -> CallerRole:
    person = resident.person
    phone = phone_medium(resident.phone)
    draw = rng.random()
    medium = phone
    if draw > 0.9:
        medium = {"phone": resident.phone, "contactMediumType": "SMS"}
    elif draw > 0.78:
        medium = _mail(resident.email)
    caller: Wire = {
        "name": (
            person.civil_name
            if rng.random() < 0.6
            else _poor_name(f"{person.gender} {person.last_name}")
        ),
        "medium": medium,
    }
    if rng.random() < 0.15:
        caller["comment"] = rng.choice(CALLER_COMMENTS)
    caller["callerType"] = "HumanCaller"
    name = spoken_name(person)
    return CallerRole(
        caller, name, persona(name, "Occupant"), phone, _address_of(resident, address)
    )


def independent_role(name: str, phone: str) -> ProviderRole:
    return _anonymous(name, (phone,), (), ())


def _anonymous(
    name: str, phones: tuple[str, ...], fax: tuple[str, ...], emails: tuple[str, ...]
) -> ProviderRole:
    who = {"name": _poor_name(name), "phones": [*phones], "fax": [*fax], "emails": [*emails]}
    return _role(
        who | {"providerType": "AnonymousProvider"},
        who | {"assigneeType": "AnonymousAssignee"},
        phones,
        fax,
        emails,
    )


def _role(
    provider: Wire,
    assignee: Wire,
    phones: tuple[str, ...],
    fax: tuple[str, ...],
    emails: tuple[str, ...],
) -> ProviderRole:
    return ProviderRole(
        provider=provider,
        assignee=assignee,
        persona={"provider": provider, "personaType": "ProviderPersona"},
        phone=phone_medium(phones[0]),
        media=(
            phone_medium(phones[0]),
            *(_mail(email) for email in emails),
            *({"fax": number, "contactMediumType": "Fax"} for number in fax),
        ),
        email=emails[0] if emails else "",
    )


def contact_roles(contact: ProviderContactRecord) -> tuple[ProviderRole, ...]:
    reach = (contact.phones, contact.fax, contact.emails)
    role = _role(
        {"providerUid": contact.uid, "providerType": "ReferencedProvider"},
        {"providerUid": contact.uid, "assigneeType": "ReferencedProviderContact"},
        *reach,
    )
    if contact.provider_company_uid is None:
        return (role,)
    # The same provider, named by its company: the older era has no such name, so there it is
    # spelled out.
    by_company = _role(
        _anonymous(contact.name, *reach).provider,
        {
            "providerUid": contact.provider_company_uid,
            "assigneeType": "ReferencedProviderCompany",
        },
        *reach,
    )
    return (role, by_company)
