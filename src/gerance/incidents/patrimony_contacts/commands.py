"""The commands on patrimony contacts, as on the wire."""

from typing import Annotated, ClassVar

from msgspec import Meta

from gerance.incidents.messages import MOST_NAMED, Command
from gerance.incidents.patrimony_contacts.values import ContactAddress, ContactInfo, EntityLink
from gerance.incidents.rights import EXECUTIVES
from gerance.incidents.values import Name
from gerance.kernel.wire import SafeUUID


class ReferencePatrimonyContact(Command):
    """Add a contact of patrimonies or lots, which all belong to one company.

    Without `aggregateUid` the server chooses its uid.
    """

    senders: ClassVar = EXECUTIVES

    name: Name
    contacts: Annotated[list[ContactInfo], Meta(min_length=1)]
    linkedWithEntities: Annotated[list[EntityLink], Meta(min_length=1, max_length=MOST_NAMED)]
    aggregateUid: SafeUUID | None = None
    address: ContactAddress | None = None


class LinkPatrimonyContactWithUser(Command):
    """State which user the contact is. A ticket that the contact called for is the user's."""

    senders: ClassVar = EXECUTIVES

    userUid: SafeUUID
