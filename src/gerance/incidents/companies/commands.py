"""The commands on companies, as on the wire."""

from typing import ClassVar

from gerance.incidents.companies.values import BillingType
from gerance.incidents.messages import Command
from gerance.incidents.rights import CALL_CENTERS, MANAGERS, SUPER_USERS
from gerance.kernel.wire import LocalDate, SafeUUID, Siret


class Creation(Command):
    """A company is created. Without `aggregateUid` the server chooses its uid."""

    senders: ClassVar = CALL_CENTERS

    createdDate: LocalDate
    name: str
    aggregateUid: SafeUUID | None = None
    siretNumber: Siret | None = None


class CreateCallCenter(Creation):
    """Create a call centre, which serves client companies."""

    senders: ClassVar = SUPER_USERS


class ServedCreation(Creation):
    """One that a call centre serves. `callCenterUid`: another spelling of the reference's."""

    callCenterReference: SafeUUID | None = None
    callCenterUid: SafeUUID | None = None
    billingType: BillingType | None = None

    def __post_init__(self) -> None:
        if self.callCenterReference is None:
            if self.callCenterUid is None:
                raise ValueError("Object missing required field `callCenterReference`")
            self.callCenterReference = self.callCenterUid
        self.callCenterUid = None


class CreateClientAccountHolding(ServedCreation):
    """Create a holding that a call centre serves."""


class CreateClientAccount(ServedCreation):
    """Create a client account that a call centre serves, with or without a holding."""

    holdingReference: SafeUUID | None = None


CreateCompany = CreateCallCenter | CreateClientAccountHolding | CreateClientAccount


class IdentifyCompany(Command):
    """Set the SIRET of a company that has none."""

    senders: ClassVar = MANAGERS
    siretNumber: Siret


class Update(Command):
    """A company is renamed."""

    senders: ClassVar = MANAGERS

    updatedDate: LocalDate
    name: str


class UpdateCallCenter(Update):
    """Rename a call centre."""


class UpdateClientAccountHolding(Update):
    """Rename a holding."""


class UpdateClientAccount(Update):
    """Rename a client account. Without `holdingReference` it stays with its holding, if any."""

    holdingReference: SafeUUID | None = None


IncrementCompany = (
    IdentifyCompany | UpdateCallCenter | UpdateClientAccountHolding | UpdateClientAccount
)
