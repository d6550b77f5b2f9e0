"""The state of a patrimony, as its events make it."""

import msgspec

from gerance.incidents.lots.values import AddressReference
from gerance.kernel.wire import SafeUUID


class Patrimony(msgspec.Struct, frozen=True, omit_defaults=True):
    """A patrimony as it is. `agencies`: in the order they were associated, never empty;
    `addresses`: those beside the ones of its lots."""

    company: SafeUUID
    agencies: list[SafeUUID]
    ref: str
    label: str | None = None
    comment: str | None = None
    addresses: list[AddressReference] = []
