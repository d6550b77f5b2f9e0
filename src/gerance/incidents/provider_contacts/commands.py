"""The commands on provider contacts, as on the wire."""

from typing import ClassVar

from gerance.incidents.messages import Command
from gerance.incidents.rights import MANAGERS
from gerance.incidents.values import Name, NonEmptyString, PoorName
from gerance.kernel.wire import DateTime, LocalDate, SafeUUID


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
    """Add a provider contact of the client company `companyUid`, or of a call centre (2017).

    Without either it is of the sender's company (2016). Without `aggregateUid` the server chooses
    its uid.
    """

    companyUid: SafeUUID | None = None
    callCenterUid: SafeUUID | None = None
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


class AgencyAssociation(Command):
    """Whether the contact takes the incidents of an agency."""

    senders: ClassVar = MANAGERS
    agencyUid: SafeUUID
    date: LocalDate


class AssociateProviderContactToAgency(AgencyAssociation):
    """Let the contact take the incidents of an agency of its company."""


class DissociateProviderContactFromAgency(AgencyAssociation):
    """Let the contact no longer take the incidents of an agency."""


class PatrimonyAssociation(Command):
    """Whether the contact takes the incidents of a patrimony."""

    senders: ClassVar = MANAGERS
    patrimonyUid: SafeUUID


class AssociateProviderContactWithPatrimony(PatrimonyAssociation):
    """Let the contact take the incidents of a patrimony of its company."""


class DissociateProviderContactFromPatrimony(PatrimonyAssociation):
    """Let the contact no longer take the incidents of a patrimony."""


IncrementProviderContact = (
    UpdateProviderContact
    | DisableProviderContact
    | EnableProviderContact
    | AssociateProviderContactToAgency
    | DissociateProviderContactFromAgency
    | AssociateProviderContactWithPatrimony
    | DissociateProviderContactFromPatrimony
)
