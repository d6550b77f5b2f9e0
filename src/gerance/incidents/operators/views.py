"""The read table `operator`, its list and its details."""

from gerance.incidents.lists import Listing
from gerance.incidents.operators.state import Operator
from gerance.incidents.projections import upsert_row
from gerance.incidents.rights import Condition
from gerance.incidents.values import Value
from gerance.kernel.identity.principal import Principal
from gerance.kernel.log.writer import Projection
from gerance.kernel.wire import SafeUUID

OPERATORS = Listing(
    table="operator o",
    uid="o.uid",
    sort="fold(concat_ws(' ', o.last_name, o.first_name))",
    joins="JOIN company c ON c.uid = o.call_center",
    element=(
        "json_build_object('uid', o.uid, 'firstName', o.first_name, 'lastName', o.last_name,"
        " 'callCenter', json_build_object('uid', c.uid, 'label', c.name))"
    ),
)
"""Operators by last name, as OperatorQueryView."""

_CASTS = {"uid": "uuid", "call_center": "uuid", "first_name": "text", "last_name": "text"}


class CallCenterAbstract(Value):
    uid: SafeUUID
    label: str


class OperatorQueryView(Value):
    uid: SafeUUID
    lastName: str
    callCenter: CallCenterAbstract
    firstName: str | None = None


class OperatorResultView(Value):
    result: list[OperatorQueryView]


def reach(principal: Principal) -> Condition:
    """The operators that the user may see: those of the call centre that it belongs to, or that
    serves its company."""
    if principal.kind == "superUser":
        return Condition("true")
    return Condition(
        "o.call_center = (SELECT c.call_center FROM company c WHERE c.uid = %(my_company)s::uuid)",
        {"my_company": principal.company},
    )


def rows(state: Operator, uid: SafeUUID) -> list[Projection]:
    """All the rows that the operator's state makes."""
    row = {"uid": uid, **{name: getattr(state, name) for name in _CASTS if name != "uid"}}
    return [upsert_row("operator", row, _CASTS)]
