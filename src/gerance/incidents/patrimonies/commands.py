"""The commands on patrimonies, as on the wire."""

from typing import Annotated, ClassVar

from msgspec import Meta

from gerance.incidents.messages import MOST_NAMED, Command
from gerance.incidents.patrimonies.values import PatrimonyAddressReference
from gerance.incidents.rights import EXECUTIVES
from gerance.kernel.wire import SafeUUID


class ReferencePatrimony(Command):
    """Add a patrimony of agencies, which all belong to one company.

    Without `aggregateUid` the server chooses its uid.
    """

    senders: ClassVar = EXECUTIVES

    ref: str
    agencyUids: Annotated[list[SafeUUID], Meta(min_length=1, max_length=MOST_NAMED)]
    aggregateUid: SafeUUID | None = None
    label: str | None = None


class UpdatePatrimony(Command):
    """Replace the patrimony's reference, label and comment. Without `label` it has none."""

    senders: ClassVar = EXECUTIVES

    ref: str
    comment: str
    label: str | None = None


class AssociatePatrimonyInAgency(Command):
    """Put one more agency in charge of the patrimony."""

    senders: ClassVar = EXECUTIVES
    agencyUid: SafeUUID


class DissociatePatrimonyFromAgency(Command):
    """Take an agency off the patrimony. One agency always remains."""

    senders: ClassVar = EXECUTIVES
    agencyUid: SafeUUID


class AddComplementaryAddressToPatrimony(Command):
    """Give the patrimony an address beside those of its lots."""

    senders: ClassVar = EXECUTIVES
    complementaryAddress: PatrimonyAddressReference


class RemoveComplementaryAddressFromPatrimony(Command):
    """Take such an address off the patrimony. `addressUid`: as its event and the views have it."""

    senders: ClassVar = EXECUTIVES
    addressUid: SafeUUID


IncrementPatrimony = (
    UpdatePatrimony
    | AssociatePatrimonyInAgency
    | DissociatePatrimonyFromAgency
    | AddComplementaryAddressToPatrimony
    | RemoveComplementaryAddressFromPatrimony
)
