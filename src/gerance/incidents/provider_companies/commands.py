"""What may be asked of provider companies, as on the wire."""

from gerance.incidents.messages import Command
from gerance.kernel.wire import SafeUUID, Siret


class ReferenceProviderCompany(Command):
    """Without `aggregateUid` the server chooses its uid."""

    name: str
    siretNumber: Siret
    aggregateUid: SafeUUID | None = None
