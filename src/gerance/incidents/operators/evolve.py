"""How an event changes an operator. Pure: the same events always make the same state."""

from gerance.incidents.operators.events import OperatorReferenced
from gerance.incidents.operators.state import Operator


def evolve(state: Operator | None, event: OperatorReferenced) -> Operator:
    """The operator after the event."""
    return Operator(event.callCenterUid, event.lastName, event.firstName)
