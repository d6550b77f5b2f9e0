"""The commands on agencies, as on the wire."""

from typing import ClassVar

from gerance.incidents.companies.values import RawAgency
from gerance.incidents.messages import Command
from gerance.incidents.rights import MANAGERS
from gerance.kernel.wire import LocalDate


class CreateAgency(Command):
    """Create an agency of a client account.

    Without `agency.agencyUid` the server chooses its uid.
    """

    senders: ClassVar = MANAGERS

    createdDate: LocalDate
    agency: RawAgency


class UpdateAgency(Command):
    """Replace the description of an agency. `createdDate`: an older spelling of `updatedDate`."""

    senders: ClassVar = MANAGERS

    agency: RawAgency
    updatedDate: LocalDate | None = None
    createdDate: LocalDate | None = None

    def __post_init__(self) -> None:
        if self.updatedDate is None:
            if self.createdDate is None:
                raise ValueError("Object missing required field `updatedDate`")
            self.updatedDate = self.createdDate
        self.createdDate = None


AgencyCommand = CreateAgency | UpdateAgency
