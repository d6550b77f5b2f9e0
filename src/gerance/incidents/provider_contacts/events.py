"""What happened to a provider contact."""

import msgspec

from gerance.incidents.messages import Event
from gerance.incidents.values import Name
from gerance.kernel.wire import DateTime, SafeUUID


class ProviderContactAdded(Event):
    date: DateTime
    name: Name
    phones: list[str]
    fax: list[str]
    emails: list[str]


class ProviderContactAssociatedToCompany(Event):
    date: DateTime
    companyUid: SafeUUID


class ProviderContactAssociatedWithProviderCompany(Event):
    providerCompanyUid: SafeUUID


class ProviderContactUpdated(Event):
    date: DateTime
    name: Name
    phones: list[str]
    fax: list[str]
    emails: list[str]


class ProviderContactDisabled(Event):
    date: DateTime


class ProviderContactEnabled(Event):
    date: DateTime


ProviderContactEvent = (
    ProviderContactAdded
    | ProviderContactAssociatedToCompany
    | ProviderContactAssociatedWithProviderCompany
    | ProviderContactUpdated
    | ProviderContactDisabled
    | ProviderContactEnabled
)


class ProviderContactEventResultView(msgspec.Struct, frozen=True):
    events: list[ProviderContactEvent]
