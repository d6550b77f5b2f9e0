"""What happened to a patrimony contact."""

from typing import Annotated

import msgspec
from msgspec import Meta

from gerance.incidents.messages import Event
from gerance.incidents.patrimony_contacts.values import ContactAddress, ContactInfo, EntityLink
from gerance.incidents.values import Name
from gerance.kernel.wire import SafeUUID


class PatrimonyContactReferenced(Event):
    """`companyUid`: whose patrimonies it is linked with."""

    name: Name
    contacts: Annotated[list[ContactInfo], Meta(min_length=1)]
    companyUid: SafeUUID
    address: ContactAddress | None = None


class PatrimonyContactLinkedWith(Event):
    """`patrimonyOfLots`: where the lots are that it names, by their uids."""

    linkedWith: Annotated[list[EntityLink], Meta(min_length=1)]
    patrimonyOfLots: dict[SafeUUID, SafeUUID] = {}


class PatrimonyContactLinkedWithUser(Event):
    userUid: SafeUUID


PatrimonyContactEvent = (
    PatrimonyContactReferenced | PatrimonyContactLinkedWith | PatrimonyContactLinkedWithUser
)


class PatrimonyContactEventResultView(msgspec.Struct, frozen=True):
    events: list[PatrimonyContactEvent]
