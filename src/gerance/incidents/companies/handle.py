"""A command on a company: what it reads, who may send it, what it changes."""

from typing import Any

from gerance.incidents import references
from gerance.incidents.aggregate import Aggregate, CommandOutcome, Visibility, within
from gerance.incidents.companies import commands as c
from gerance.incidents.companies.decide import decide, unknown
from gerance.incidents.companies.events import CompanyEvent
from gerance.incidents.companies.evolve import evolve
from gerance.incidents.companies.state import Company
from gerance.incidents.companies.views import REACH, rows
from gerance.incidents.messages import Stamp
from gerance.incidents.name_propagation import after_renaming
from gerance.kernel.errors import BadRequest
from gerance.kernel.identity.principal import Principal
from gerance.kernel.log.writer import Afterwards, AggregateRow, Reading
from gerance.kernel.wire import SafeUUID

_CODE = "CompanyGenericError"


def reading(command: Any, principal: Principal, uid: SafeUUID) -> Reading:
    """The company itself, its call centre and its holding."""
    return references.companies_named([uid, _call_center(command), _holding(command)])


def handle(
    command: c.CreateCompany | c.IncrementCompany,
    principal: Principal,
    snapshot: AggregateRow,
    stamp: Stamp,
) -> CommandOutcome:
    """What the command makes. Raises Rejection."""
    companies = references.companies(snapshot.extra[0])
    state = AGGREGATE.load(snapshot)
    call_center, holding = _call_center(command), _holding(command)
    if isinstance(command, c.Creation):
        if call_center is not None:
            _require_call_center(principal, companies, call_center)
    elif state is not None:
        references.require_own(principal, companies.get(stamp.aggregate), "This company")
        call_center = state.call_center
    if holding is not None and (state is not None or isinstance(command, c.Creation)):
        _require_holding(principal, companies, holding, call_center)
    return AGGREGATE.change(state, command, stamp)


def _afterwards(command: Any, uid: SafeUUID) -> Afterwards | None:
    return after_renaming("company", uid) if isinstance(command, c.UpdateClientAccount) else None


def _call_center(command: Any) -> SafeUUID | None:
    return getattr(command, "callCenterReference", None)


def _holding(command: Any) -> SafeUUID | None:
    return getattr(command, "holdingReference", None)


def _require_call_center(
    principal: Principal, companies: dict[str, references.CompanyPlace], uid: str
) -> None:
    center = companies.get(uid)
    if center is None or center.company_type != "CallCenter":
        raise BadRequest(f"{uid} is not a call centre - at `$.callCenterReference`", code=_CODE)
    references.require_own(principal, center, "This call centre")


def _require_holding(
    principal: Principal,
    companies: dict[str, references.CompanyPlace],
    uid: str,
    call_center: str | None,
) -> None:
    path = "$.holdingReference"
    holding = references.require_reached(principal, companies, uid, path, code=_CODE)
    if holding.company_type != "ClientAccountHolding":
        raise BadRequest(f"{uid} is not a holding - at `{path}`", code=_CODE)
    if holding.call_center != call_center:
        raise BadRequest(f"{uid} is served by another call centre - at `{path}`", code=_CODE)


AGGREGATE = Aggregate(
    name="company",
    category="company",
    commands=c.CreateCompany | c.IncrementCompany,
    events=CompanyEvent,
    state=Company,
    decide=decide,
    evolve=evolve,
    project=rows,
    visible=Visibility("company c", "c.uid", within(REACH)),
    reading=reading,
    handle=handle,
    unknown=unknown,
    afterwards=_afterwards,
)
