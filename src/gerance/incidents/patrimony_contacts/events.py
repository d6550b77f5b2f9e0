"""The events of patrimony contacts, as on the wire and in the log."""

from typing import Annotated

import msgspec
from msgspec import Meta

from gerance.incidents.messages import Event
from gerance.incidents.patrimony_contacts.values import ContactAddress, ContactInfo, EntityLink
from gerance.incidents.values import Name
from gerance.kernel.wire import SafeUUID


class PatrimonyContactReferenced(Event):
    """A contact was added. `companyUid`: the owner of the patrimonies it is linked with."""

    name: Name
    contacts: Annotated[list[ContactInfo], Meta(min_length=1)]
    companyUid: SafeUUID
    address: ContactAddress | None = None


class PatrimonyContactLinkedWith(Event):
    """The contact is linked with patrimonies or lots. `patrimonyOfLots`: where the lots are."""

    linkedWith: Annotated[list[EntityLink], Meta(min_length=1)]
    patrimonyOfLots: dict[SafeUUID, SafeUUID] = {}


class PatrimonyContactLinkedWithUser(Event):
    """The contact is this user."""

    userUid: SafeUUID


PatrimonyContactEvent = (
    PatrimonyContactReferenced | PatrimonyContactLinkedWith | PatrimonyContactLinkedWithUser
)


class PatrimonyContactEventResultView(msgspec.Struct, frozen=True):
    events: list[PatrimonyContactEvent]
