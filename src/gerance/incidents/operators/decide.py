"""An operator is referenced once, by one call centre."""

from gerance.incidents.messages import Stamp, heading
from gerance.incidents.operators.commands import ReferenceOperator
from gerance.incidents.operators.events import OperatorReferenced
from gerance.incidents.operators.state import Operator
from gerance.kernel.errors import Rejection


def decide(
    state: Operator | None, command: ReferenceOperator, stamp: Stamp
) -> list[OperatorReferenced]:
    """The events of a command. Raises Rejection: it exists."""
    if state is not None:
        raise Rejection(
            "ImpossibleToReferenceExistingOperator",
            f"The operator {stamp.aggregate} already exists.",
        )
    return [
        OperatorReferenced(
            callCenterUid=command.callCenterUid,
            firstName=command.firstName,
            lastName=command.lastName,
            **heading(command, stamp),
        )
    ]
