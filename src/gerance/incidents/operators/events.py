"""The events of operators, as on the wire and in the log."""

import msgspec

from gerance.incidents.messages import Event
from gerance.kernel.wire import SafeUUID


class OperatorReferenced(Event):
    """An operator of a call centre was added."""

    callCenterUid: SafeUUID
    lastName: str
    firstName: str | None = None


class OperatorEventResultView(msgspec.Struct, frozen=True):
    events: list[OperatorReferenced]
