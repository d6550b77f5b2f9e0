"""What happened to a company. Its agencies' events are in the same stream, but told elsewhere."""

import msgspec

from gerance.incidents.messages import Event
from gerance.kernel.wire import LocalDate, SafeUUID, Siret


class CallCenterCreated(Event):
    createdDate: LocalDate
    name: str


class ClientAccountHoldingCreated(Event):
    createdDate: LocalDate
    name: str
    callCenterReference: SafeUUID


class ClientAccountCreated(Event):
    createdDate: LocalDate
    name: str
    callCenterReference: SafeUUID
    holdingReference: SafeUUID | None = None


class CompanyIdentified(Event):
    siretNumber: Siret


class CompanyUpgradedToPremiumAccount(Event):
    upgradedDate: LocalDate


class CompanyUpgradedToStandardAccount(Event):
    upgradedDate: LocalDate


class CallCenterUpdated(Event):
    updatedDate: LocalDate
    name: str


class ClientAccountHoldingUpdated(Event):
    updatedDate: LocalDate
    name: str


class ClientAccountUpdated(Event):
    updatedDate: LocalDate
    name: str
    holdingReference: SafeUUID | None = None


CompanyEvent = (
    CallCenterCreated
    | ClientAccountHoldingCreated
    | ClientAccountCreated
    | CompanyIdentified
    | CompanyUpgradedToPremiumAccount
    | CompanyUpgradedToStandardAccount
    | CallCenterUpdated
    | ClientAccountHoldingUpdated
    | ClientAccountUpdated
)


class CompanyEventResultView(msgspec.Struct, frozen=True):
    events: list[CompanyEvent]
