"""The state of an operator, as its events make it."""

import msgspec

from gerance.kernel.wire import SafeUUID


class Operator(msgspec.Struct, frozen=True, omit_defaults=True):
    call_center: SafeUUID
    last_name: str
    first_name: str | None = None
