"""The commands on operators, as on the wire. The published API has none: these are ours."""

from typing import ClassVar

from gerance.incidents.messages import Command
from gerance.incidents.rights import CALL_CENTERS
from gerance.incidents.values import NonEmptyString
from gerance.kernel.wire import SafeUUID


class ReferenceOperator(Command):
    """Add an operator of a call centre. Without `aggregateUid` the server chooses its uid."""

    senders: ClassVar = CALL_CENTERS

    callCenterUid: SafeUUID
    lastName: NonEmptyString
    aggregateUid: SafeUUID | None = None
    firstName: str | None = None
