"""The people, companies and buildings of the demo, as plain immutable records."""

from dataclasses import dataclass
from typing import Any, Literal, NamedTuple

from gerance.demo.corpus_purpose import Trade

Wire = dict[str, Any]
UserKind = Literal[
    "superUser",
    "callCenterUser",
    "clientAccountManager",
    "executive",
    "patrimonyManager",
    "patrimonyUser",
]
Resource = Literal[
    "clientcompanies",
    "agencies",
    "patrimonies",
    "lots",
    "providercompanies",
    "providercontacts",
    "operators",
    "patrimonycontacts",
    "users",
]


class SetUpStep(NamedTuple):
    """One command of the world: the login that sends it, and what it is sent to.

    `uid` is the aggregate's uid, which the command carries too; for `agencies` it is the uid of
    the client account the agency belongs to (`clientcompanies/{uid}/agencies`).
    """

    actor: str
    method: str
    resource: Resource
    uid: str
    command: Wire


@dataclass(frozen=True, slots=True)
class Person:
    """A natural person; `gender` is `M.` or `Mme`."""

    gender: str
    first_name: str
    last_name: str

    @property
    def civil_name(self) -> Wire:
        """The wire's CivilName."""
        return {
            "gender": self.gender,
            "firstName": self.first_name,
            "lastName": self.last_name,
            "nameType": "CivilName",
        }


@dataclass(frozen=True, slots=True)
class CallCentre:
    uid: str
    name: str
    domain: str
    siret: str


@dataclass(frozen=True, slots=True)
class CompanyRecord:
    """A client account, or a holding of client accounts (`is_holding`)."""

    uid: str
    name: str
    domain: str
    siret: str
    call_centre_uid: str
    holding_uid: str | None
    is_holding: bool


@dataclass(frozen=True, slots=True)
class Address:
    """A postal address; `number` is the number in the street."""

    number: str
    street: str
    zip_code: str
    city: str
    region: str


@dataclass(frozen=True, slots=True)
class Agency:
    uid: str
    company_uid: str
    name: str
    ext_name: str
    address: Address
    phone: str
    fax: str | None
    email: str
    cities: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class OperatorRecord:
    uid: str
    call_centre_uid: str
    person: Person


@dataclass(frozen=True, slots=True)
class ProviderCompanyRecord:
    uid: str
    name: str
    siret: str
    domain: str
    trades: tuple[Trade, ...]


@dataclass(frozen=True, slots=True)
class ProviderContactRecord:
    """A provider as one client account knows it."""

    uid: str
    company_uid: str
    provider_company_uid: str | None
    name: str
    phones: tuple[str, ...]
    fax: tuple[str, ...]
    emails: tuple[str, ...]
    trades: tuple[Trade, ...]


@dataclass(frozen=True, slots=True)
class PatrimonyContactRecord:
    """A caretaker or a co-owner, linked with one patrimony."""

    uid: str
    patrimony_uid: str
    person: Person
    phone: str
    email: str
    link_type: Literal["LinkToPatrimonyAsCareTaker", "LinkToPatrimonyAsHomeOwnerAssociation"]
    position: Literal["NonMember", "Member", "President"] | None


@dataclass(frozen=True, slots=True)
class Resident:
    """A resident of a patrimony; only the generator has the place."""

    person: Person
    phone: str
    email: str
    building: str | None
    staircase: str | None
    floor: str
    unit: str


@dataclass(frozen=True, slots=True)
class PatrimonyRecord:
    uid: str
    ref: str
    label: str
    company_uid: str
    agency_uids: tuple[str, ...]
    address: Address
    residents: tuple[Resident, ...]


@dataclass(frozen=True, slots=True)
class LotRecord:
    """A part of a patrimony; `floor` and `unit`: where in the building it is."""

    uid: str
    patrimony_uid: str
    company_uid: str
    ref: str
    number: str
    usage: str
    address: Address
    floor: str
    unit: str


@dataclass(frozen=True, slots=True)
class Account:
    """A user with its log-in; `by_command` says that a set-up step references it.

    The others (superUser, callCenterUser) have no command: the installation creates them.
    """

    uid: str
    kind: UserKind
    login: str
    password: str
    person: Person
    job: str
    phone: str
    company_uid: str | None
    agency_uids: tuple[str, ...]
    patrimony_uids: tuple[str, ...]
    by_command: bool
