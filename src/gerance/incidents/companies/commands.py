"""What may be asked of companies, as on the wire."""

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
    pass


class CreateClientAccount(ServedCreation):
    holdingReference: SafeUUID | None = None


CreateCompany = CreateCallCenter | CreateClientAccountHolding | CreateClientAccount


class IdentifyCompany(Command):
    senders: ClassVar = MANAGERS
    siretNumber: Siret


class Update(Command):
    """A company is renamed."""

    senders: ClassVar = MANAGERS

    updatedDate: LocalDate
    name: str


class UpdateCallCenter(Update):
    pass


class UpdateClientAccountHolding(Update):
    pass


class UpdateClientAccount(Update):
    """Without `holdingReference` the account stays with the holding it has, if any."""

    holdingReference: SafeUUID | None = None


IncrementCompany = (
    IdentifyCompany | UpdateCallCenter | UpdateClientAccountHolding | UpdateClientAccount
)
