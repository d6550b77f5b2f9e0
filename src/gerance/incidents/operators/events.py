"""What happened to an operator."""

import msgspec

from gerance.incidents.messages import Event
from gerance.kernel.wire import SafeUUID


class OperatorReferenced(Event):
    callCenterUid: SafeUUID
    lastName: str
    firstName: str | None = None


class OperatorEventResultView(msgspec.Struct, frozen=True):
    events: list[OperatorReferenced]
