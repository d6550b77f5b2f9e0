"""The state of a lot, as its events make it."""

import msgspec

from gerance.incidents.lots.values import (
    LotAddressReference,
    LotUsage,
)
from gerance.kernel.wire import SafeUUID


class Lot(msgspec.Struct, frozen=True, omit_defaults=True):
    """A lot as it is. `company`: whose patrimony it is of; `addresses`: never empty."""

    company: SafeUUID
    patrimony: SafeUUID
    ref: str
    lot_number: str
    usage: LotUsage
    addresses: list[LotAddressReference]
    deleted: bool = False
