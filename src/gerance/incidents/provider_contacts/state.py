"""The state of a provider contact, as its events make it."""

import msgspec

from gerance.incidents.values import Name
from gerance.kernel.wire import SafeUUID


class ProviderContact(msgspec.Struct, frozen=True, omit_defaults=True):
    """A provider contact as it is.

    `company`: the client company, or the call centre, that it belongs to; None only between its
    first two events; `agencies`, `patrimonies`: whose incidents it takes, in the order of their
    association.
    """

    name: Name
    phones: list[str]
    fax: list[str]
    emails: list[str]
    company: SafeUUID | None = None
    provider_company: SafeUUID | None = None
    active: bool = True
    agencies: list[SafeUUID] = []
    patrimonies: list[SafeUUID] = []
