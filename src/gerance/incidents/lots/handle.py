"""A command on a lot: what it reads, who may send it, what it changes."""

from typing import Any

from gerance.incidents import references
from gerance.incidents.aggregate import Aggregate, CommandOutcome, Visibility, within
from gerance.incidents.lots import commands as c
from gerance.incidents.lots.decide import (
    LotConflicts,
    decide,
    number_taken,
    reference_taken,
    unknown,
)
from gerance.incidents.lots.events import LotEvent
from gerance.incidents.lots.evolve import evolve
from gerance.incidents.lots.state import Lot
from gerance.incidents.lots.views import REACH, rebuilt_rows, rows
from gerance.incidents.messages import Stamp
from gerance.kernel.identity.principal import Principal
from gerance.kernel.log.writer import AggregateRow, Reading
from gerance.kernel.wire import SafeUUID

Command = c.ReferenceLot | c.IncrementLot

_OWN_PATRIMONY = "(SELECT t.patrimony FROM lot t WHERE t.uid = %(stream)s::uuid)"
_NEW_PATRIMONY = "%(lot_patrimony)s::uuid"
_STATES = (
    "(SELECT s.uid, (s.state::json ->> 'company')::uuid AS company,"
    " (s.state::json ->> 'patrimony')::uuid AS patrimony"
    " FROM stream s WHERE s.category = 'lot' AND s.uid = ANY(%(uids)s::uuid[])) l"
)
"""SQL: where lots are, or were: a deleted lot has no row in `lot`."""


def reading(command: Command, principal: Principal, uid: SafeUUID) -> Reading:
    """Where the lot is, and whether another lot there has its reference or its number."""
    if isinstance(command, c.ReferenceLot):
        return references.together(
            references.patrimonies_named([command.patrimonyUid]),
            _conflicts_in(_NEW_PATRIMONY, command, lot_patrimony=command.patrimonyUid),
        )
    return references.together(references.lots_named([uid]), _conflicts_in(_OWN_PATRIMONY, command))


def _conflicts_in(patrimony: str, command: Any, **params: Any) -> Reading:
    """Reads a LotConflicts. `patrimony`: in SQL."""
    columns = tuple(
        "EXISTS (SELECT FROM lot o WHERE o.uid <> %(stream)s::uuid"
        f" AND o.patrimony = {patrimony} AND o.{name} = %(new_{name})s::text)"
        for name in LotConflicts._fields
    )
    texts = {
        "new_ref": getattr(command, "ref", None),
        "new_lot_number": getattr(command, "lotNumber", None),
    }
    return Reading(columns, {**texts, **params})


def handle(
    command: Command, principal: Principal, snapshot: AggregateRow, stamp: Stamp
) -> CommandOutcome:
    """What the command makes. Raises Rejection."""
    state = AGGREGATE.load(snapshot)
    column, *conflicts = snapshot.extra
    places = references.places(column)
    company = None
    if isinstance(command, c.ReferenceLot):
        patrimony = references.require_reached(
            principal, places, command.patrimonyUid, "$.patrimonyUid", code="PatrimonyNotFound"
        )
        company = SafeUUID(patrimony.company)
    elif state is not None and not state.deleted:
        references.require_own(principal, places.get(stamp.aggregate), "This lot")
    return AGGREGATE.change(
        state, command, stamp, company=company, conflicts=LotConflicts(*conflicts)
    )


AGGREGATE = Aggregate(
    name="lot",
    category="lot",
    commands=Command,
    events=LotEvent,
    state=Lot,
    decide=decide,
    evolve=evolve,
    project=rows,
    visible=Visibility(_STATES, "l.uid", within(REACH), REACH.agencies),
    reading=reading,
    handle=handle,
    unknown=unknown,
    conflicts={
        "lot_ref": lambda command: reference_taken(command.ref),
        "lot_number": lambda command: number_taken(command.lotNumber),
    },
    rebuild=rebuilt_rows,
)
