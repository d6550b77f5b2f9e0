"""The events of provider contacts, as on the wire and in the log."""

import msgspec

from gerance.incidents.messages import Event
from gerance.incidents.values import Name
from gerance.kernel.wire import DateTime, LocalDate, SafeUUID


class ProviderContactAdded(Event):
    """A provider contact was added."""

    date: DateTime
    name: Name
    phones: list[str]
    fax: list[str]
    emails: list[str]


class ProviderContactAssociatedToCallCenter(Event):
    """The contact is known to a call centre."""

    date: LocalDate
    callCenterUid: SafeUUID


class ProviderContactAssociatedToCompany(Event):
    """The contact belongs to a client company."""

    date: LocalDate
    companyUid: SafeUUID


class ProviderContactAssociatedToAgency(Event):
    """The contact takes the incidents of an agency."""

    date: LocalDate
    agencyUid: SafeUUID


class ProviderContactDissociatedFromAgency(Event):
    """The contact no longer takes the incidents of an agency."""

    date: LocalDate
    agencyUid: SafeUUID


class ProviderContactAssociatedWithPatrimony(Event):
    """The contact takes the incidents of a patrimony."""

    patrimonyUid: SafeUUID


class ProviderContactDissociatedFromPatrimony(Event):
    """The contact no longer takes the incidents of a patrimony."""

    patrimonyUid: SafeUUID


class ProviderContactAssociatedWithProviderCompany(Event):
    """The contact works for a provider company."""

    providerCompanyUid: SafeUUID


class ProviderContactUpdated(Event):
    """The contact's name and ways to reach it were replaced."""

    date: DateTime
    name: Name
    phones: list[str]
    fax: list[str]
    emails: list[str]


class ProviderContactDisabled(Event):
    """The contact was disabled."""

    date: DateTime


class ProviderContactEnabled(Event):
    """The contact was enabled again."""

    date: DateTime


ProviderContactEvent = (
    ProviderContactAdded
    | ProviderContactAssociatedToCallCenter
    | ProviderContactAssociatedToCompany
    | ProviderContactAssociatedToAgency
    | ProviderContactDissociatedFromAgency
    | ProviderContactAssociatedWithPatrimony
    | ProviderContactDissociatedFromPatrimony
    | ProviderContactAssociatedWithProviderCompany
    | ProviderContactUpdated
    | ProviderContactDisabled
    | ProviderContactEnabled
)


class ProviderContactEventResultView(msgspec.Struct, frozen=True):
    events: list[ProviderContactEvent]
