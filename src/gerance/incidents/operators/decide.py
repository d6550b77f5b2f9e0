"""An operator is referenced once, by one call centre."""

import msgspec

from gerance.incidents.messages import Stamp, heading
from gerance.incidents.operators.commands import ReferenceOperator
from gerance.incidents.operators.events import OperatorReferenced
from gerance.kernel.errors import Refused
from gerance.kernel.wire import SafeUUID


class Operator(msgspec.Struct, frozen=True, omit_defaults=True):
    call_center: SafeUUID
    last_name: str
    first_name: str | None = None


def decide(
    state: Operator | None, command: ReferenceOperator, stamp: Stamp
) -> list[OperatorReferenced]:
    """The events of a command. Raises Refused: it exists."""
    if state is not None:
        raise Refused(
            "ImpossibleToReferenceExistingOperator", f"The operator {stamp.aggregate} exists."
        )
    return [
        OperatorReferenced(
            callCenterUid=command.callCenterUid,
            firstName=command.firstName,
            lastName=command.lastName,
            **heading(command, stamp),
        )
    ]


def evolve(state: Operator | None, event: OperatorReferenced) -> Operator:
    """The operator after the event."""
    return Operator(event.callCenterUid, event.lastName, event.firstName)
