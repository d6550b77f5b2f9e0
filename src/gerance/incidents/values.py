"""The value types that the commands, events and views of the incident API share.

Source: the public reference of the incident API, states of 2017 and 2020. Where the reference
spells one thing in two ways, both are read and the first is answered.
"""

from typing import Annotated, Literal

import msgspec
from msgspec import Meta

from gerance.kernel.wire import DateTime, SafeUUID

NonEmptyString = Annotated[str, Meta(min_length=1)]


class Value(msgspec.Struct, omit_defaults=True):
    """Equal by content; what has no value is left out, never null."""


# Names


class PoorName(Value, tag_field="nameType", tag="PoorName"):
    """A name in one piece. `name` is an older spelling of `value`."""

    value: str = ""
    name: str | None = None

    def __post_init__(self) -> None:
        if self.name is not None:
            self.value = self.value or self.name
            self.name = None
        elif not self.value:
            raise ValueError("Object missing required field `value`")

    @property
    def full(self) -> str:
        """The name as it is shown."""
        return self.value


class CivilName(Value, tag_field="nameType", tag="CivilName"):
    """The name of a person, and of the company they speak for."""

    firstName: str
    lastName: str
    gender: str | None = None
    company: str | None = None

    def __post_init__(self) -> None:
        if self.gender is not None and self.gender.lower() in ("male", "female"):
            self.gender = self.gender.capitalize()

    @property
    def full(self) -> str:
        """The name as it is shown."""
        parts = (self.gender, self.firstName, self.lastName)
        person = " ".join(part for part in parts if part)
        return f"{person} ({self.company})" if self.company else person


Name = PoorName | CivilName


# Ways to reach a person


class Phone(Value, tag_field="contactMediumType", tag="Phone"):
    phone: str


class Fax(Value, tag_field="contactMediumType", tag="Fax"):
    fax: str


class Mail(Value, tag_field="contactMediumType", tag="Mail"):
    """An e-mail address. `fax` is a slip of the reference for `mail`."""

    mail: str = ""
    fax: str | None = None

    def __post_init__(self) -> None:
        if self.fax is not None:
            self.mail = self.mail or self.fax
            self.fax = None
        elif not self.mail:
            raise ValueError("Object missing required field `mail`")


class SMS(Value, tag_field="contactMediumType", tag="SMS"):
    phone: str


ContactMedium = Phone | Fax | Mail | SMS


# Addresses


class RecipientIdentificationSupplement(Value):
    floor: str | None = None
    unit: str | None = None
    entrance: str | None = None
    elevator: str | None = None
    staircase: str | None = None


class GeographicalIdentificationSupplement(Value):
    building: str | None = None


class BasicAddress(Value):
    """A postal address.

    Older clients send `number`, which goes before the street, and name the supplements
    `...IdentificationSupplement` (2017).
    """

    street: str
    zipCode: str
    city: str
    number: str | None = None
    quality: str | None = None
    complement: str | None = None
    recipientSupplement: RecipientIdentificationSupplement | None = None
    geographicalSupplement: GeographicalIdentificationSupplement | None = None
    recipientIdentificationSupplement: RecipientIdentificationSupplement | None = None
    geographicalIdentificationSupplement: GeographicalIdentificationSupplement | None = None
    state: str | None = None
    country: str | None = None

    def __post_init__(self) -> None:
        self.recipientSupplement = (
            self.recipientSupplement or self.recipientIdentificationSupplement
        )
        self.geographicalSupplement = (
            self.geographicalSupplement or self.geographicalIdentificationSupplement
        )
        if self.number is not None:
            self.street = f"{self.number} {self.street}".strip()
        self.number = None
        self.recipientIdentificationSupplement = self.geographicalIdentificationSupplement = None


# Where an incident is


class ClientCompanyAbstract(Value):
    """A client company as others show it."""

    uid: SafeUUID
    name: str
    holding: SafeUUID | None = None


class AgencyLocation(Value, tag_field="locationReferenceType", tag="AgencyLocation"):
    agencyUid: SafeUUID


class PatrimonyLocation(Value, tag_field="locationReferenceType", tag="PatrimonyLocation"):
    patrimonyUid: SafeUUID


LocationReference = AgencyLocation | PatrimonyLocation


# Who acts


class ReferencedOperator(Value, tag_field="operatorType", tag="ReferencedOperator"):
    operatorUid: SafeUUID


class AnonymousOperator(Value, tag_field="operatorType", tag="AnonymousOperator"):
    name: str


class ReferencedUser(Value, tag_field="operatorType", tag="ReferencedUser"):
    userUid: SafeUUID


Operator = ReferencedOperator | AnonymousOperator | ReferencedUser


class HumanCaller(Value, tag_field="callerType", tag="HumanCaller"):
    name: Name
    medium: ContactMedium | None = None
    comment: str | None = None


class ReferencedContactCaller(Value, tag_field="callerType", tag="ReferencedContactCaller"):
    uid: SafeUUID


CallerType = HumanCaller | ReferencedContactCaller | Literal["AutomatonCaller"]


class ContactToCallback(Value):
    name: str
    medium: ContactMedium
    availability: DateTime | None = None
    comment: str | None = None


# Who repairs


class ReferencedProvider(Value, tag_field="providerType", tag="ReferencedProvider"):
    providerUid: SafeUUID


class AnonymousProvider(Value, tag_field="providerType", tag="AnonymousProvider"):
    name: Name
    phones: list[str]
    fax: list[str]
    emails: list[str]


Provider = ReferencedProvider | AnonymousProvider


class ReferencedProviderContact(Value, tag_field="assigneeType", tag="ReferencedProviderContact"):
    providerUid: SafeUUID


class ReferencedProviderCompany(Value, tag_field="assigneeType", tag="ReferencedProviderCompany"):
    providerUid: SafeUUID


class AnonymousAssignee(Value, tag_field="assigneeType", tag="AnonymousAssignee"):
    name: Name
    phones: list[str]
    fax: list[str]
    emails: list[str]


TicketAssignee = ReferencedProviderContact | ReferencedProviderCompany | AnonymousAssignee


class UnClassifiedPersona(Value, tag_field="personaType", tag="UnClassifiedPersona"):
    name: Name
    status: str | None = None
    callPurpose: str | None = None


class ProviderPersona(Value, tag_field="personaType", tag="ProviderPersona"):
    provider: Provider


Persona = UnClassifiedPersona | ProviderPersona
