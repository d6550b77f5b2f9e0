"""The commands on provider contacts, as on the wire."""

from typing import ClassVar

from gerance.incidents.messages import Command
from gerance.incidents.rights import MANAGERS
from gerance.incidents.values import Name, NonEmptyString, PoorName
from gerance.kernel.wire import DateTime, SafeUUID


class Description(Command):
    """How a contact is called and reached. Older clients give its name as a plain string."""

    senders: ClassVar = MANAGERS

    name: Name | NonEmptyString
    phones: list[str]
    fax: list[str]
    emails: list[str]
    date: DateTime

    def __post_init__(self) -> None:
        if isinstance(self.name, str):
            self.name = PoorName(self.name)

    @property
    def full_name(self) -> Name:
        assert not isinstance(self.name, str)
        return self.name


class AddProviderContact(Description):
    """Add a provider contact of `companyUid`. Without `aggregateUid` the server chooses its uid."""

    companyUid: SafeUUID
    aggregateUid: SafeUUID | None = None
    providerCompanyUid: SafeUUID | None = None


class UpdateProviderContact(Description):
    """Replace the contact's name and the ways to reach it."""


class DisableProviderContact(Command):
    """Disable the contact: it is not offered for new tickets."""

    senders: ClassVar = MANAGERS
    date: DateTime


class EnableProviderContact(Command):
    """Enable the contact again."""

    senders: ClassVar = MANAGERS
    date: DateTime


IncrementProviderContact = UpdateProviderContact | DisableProviderContact | EnableProviderContact
