"""What may be asked of patrimonies, as on the wire."""

from typing import Annotated

from msgspec import Meta

from gerance.incidents.messages import MOST_NAMED, Command
from gerance.kernel.wire import SafeUUID


class ReferencePatrimony(Command):
    """The agencies are all of one company. Without `aggregateUid` the server chooses its uid."""

    ref: str
    agencyUids: Annotated[list[SafeUUID], Meta(min_length=1, max_length=MOST_NAMED)]
    aggregateUid: SafeUUID | None = None
    label: str | None = None


class UpdatePatrimony(Command):
    """The patrimony is from now on as described: without `label` it has none."""

    ref: str
    comment: str
    label: str | None = None


class AssociatePatrimonyInAgency(Command):
    agencyUid: SafeUUID


class DissociatePatrimonyFromAgency(Command):
    agencyUid: SafeUUID


IncrementPatrimony = UpdatePatrimony | AssociatePatrimonyInAgency | DissociatePatrimonyFromAgency
