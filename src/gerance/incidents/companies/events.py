"""The events of companies, as on the wire and in the log."""

import msgspec

from gerance.incidents.messages import Event
from gerance.kernel.wire import LocalDate, SafeUUID, Siret


class CallCenterCreated(Event):
    """A call centre was created."""

    createdDate: LocalDate
    name: str


class ClientAccountHoldingCreated(Event):
    """A holding was created."""

    createdDate: LocalDate
    name: str
    callCenterReference: SafeUUID


class ClientAccountCreated(Event):
    """A client account was created."""

    createdDate: LocalDate
    name: str
    callCenterReference: SafeUUID
    holdingReference: SafeUUID | None = None


class CompanyIdentified(Event):
    """The company's SIRET is known."""

    siretNumber: Siret


class CompanyUpgradedToPremiumAccount(Event):
    """The company has a premium account."""

    upgradedDate: LocalDate


class CompanyUpgradedToStandardAccount(Event):
    """The company has a standard account."""

    upgradedDate: LocalDate


class CallCenterUpdated(Event):
    """A call centre was renamed."""

    updatedDate: LocalDate
    name: str


class ClientAccountHoldingUpdated(Event):
    """A holding was renamed."""

    updatedDate: LocalDate
    name: str


class ClientAccountUpdated(Event):
    """A client account was renamed or moved to another holding."""

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
