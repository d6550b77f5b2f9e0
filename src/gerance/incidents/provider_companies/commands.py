"""The commands on provider companies, as on the wire."""

from typing import ClassVar

from gerance.incidents.messages import Command
from gerance.incidents.rights import MANAGERS
from gerance.kernel.wire import SafeUUID, Siret


class ReferenceProviderCompany(Command):
    """Add a provider company. Without `aggregateUid` the server chooses its uid."""

    senders: ClassVar = MANAGERS

    name: str
    siretNumber: Siret
    aggregateUid: SafeUUID | None = None
