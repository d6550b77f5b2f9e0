"""A command on an operator: what it reads, who may send it, what it changes."""

from gerance.incidents import references
from gerance.incidents.aggregate import Aggregate, CommandOutcome, Visibility
from gerance.incidents.messages import Stamp
from gerance.incidents.operators.commands import ReferenceOperator
from gerance.incidents.operators.decide import decide
from gerance.incidents.operators.events import OperatorReferenced
from gerance.incidents.operators.evolve import evolve
from gerance.incidents.operators.state import Operator
from gerance.incidents.operators.views import reach, rows
from gerance.kernel.errors import BadRequest
from gerance.kernel.identity.principal import Principal
from gerance.kernel.log.writer import AggregateRow, Reading
from gerance.kernel.wire import SafeUUID


def reading(command: ReferenceOperator, principal: Principal, uid: SafeUUID) -> Reading:
    """The operator's call centre."""
    return references.companies_named([command.callCenterUid])


def handle(
    command: ReferenceOperator, principal: Principal, snapshot: AggregateRow, stamp: Stamp
) -> CommandOutcome:
    """What the command makes. Raises Rejection."""
    center = references.companies(snapshot.extra[0]).get(command.callCenterUid)
    if center is None or center.company_type != "CallCenter":
        raise BadRequest(f"{command.callCenterUid} is not a call centre - at `$.callCenterUid`")
    references.require_own(principal, center, "This call centre")
    return AGGREGATE.change(AGGREGATE.load(snapshot), command, stamp)


AGGREGATE = Aggregate(
    name="operator",
    category="operator",
    commands=ReferenceOperator,
    events=OperatorReferenced,
    state=Operator,
    decide=decide,
    evolve=evolve,
    project=rows,
    visible=Visibility("operator o", "o.uid", reach),
    reading=reading,
    handle=handle,
)
