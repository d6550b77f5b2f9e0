"""The state of a patrimony contact, as its events make it."""

import msgspec

from gerance.incidents.patrimony_contacts.values import (
    ContactAddress,
    ContactInfo,
    EntityLink,
)
from gerance.incidents.values import Name
from gerance.kernel.wire import SafeUUID


class PatrimonyContact(msgspec.Struct, frozen=True, omit_defaults=True):
    """A contact as it is. `contacts`: the first is the one to call; `user`: who it is, if known;
    `patrimony_of`: of each lot that `links` name."""

    company: SafeUUID
    name: Name
    contacts: list[ContactInfo]
    links: list[EntityLink] = []
    address: ContactAddress | None = None
    user: SafeUUID | None = None
    patrimony_of: dict[SafeUUID, SafeUUID] = {}
