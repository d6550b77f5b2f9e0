"""What may be asked of patrimonies, as on the wire."""

from typing import Annotated, ClassVar

from msgspec import Meta

from gerance.incidents.messages import MOST_NAMED, Command
from gerance.incidents.rights import EXECUTIVES
from gerance.kernel.wire import SafeUUID


class ReferencePatrimony(Command):
    """The agencies are all of one company. Without `aggregateUid` the server chooses its uid."""

    senders: ClassVar = EXECUTIVES

    ref: str
    agencyUids: Annotated[list[SafeUUID], Meta(min_length=1, max_length=MOST_NAMED)]
    aggregateUid: SafeUUID | None = None
    label: str | None = None


class UpdatePatrimony(Command):
    """The patrimony is from now on as described: without `label` it has none."""

    senders: ClassVar = EXECUTIVES

    ref: str
    comment: str
    label: str | None = None


class AssociatePatrimonyInAgency(Command):
    senders: ClassVar = EXECUTIVES
    agencyUid: SafeUUID


class DissociatePatrimonyFromAgency(Command):
    senders: ClassVar = EXECUTIVES
    agencyUid: SafeUUID


IncrementPatrimony = UpdatePatrimony | AssociatePatrimonyInAgency | DissociatePatrimonyFromAgency
