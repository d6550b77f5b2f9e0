"""A command on a patrimony: what it reads, who may send it, what it changes."""

from gerance.incidents import references
from gerance.incidents.aggregate import Aggregate, CommandOutcome, Visibility, within
from gerance.incidents.messages import Stamp
from gerance.incidents.name_propagation import after_renaming
from gerance.incidents.patrimonies import commands as c
from gerance.incidents.patrimonies.decide import decide, unknown
from gerance.incidents.patrimonies.events import PatrimonyEvent
from gerance.incidents.patrimonies.evolve import evolve
from gerance.incidents.patrimonies.state import Patrimony
from gerance.incidents.patrimonies.views import REACH, rows
from gerance.kernel.identity.principal import Principal
from gerance.kernel.log.writer import Afterwards, AggregateRow, Reading
from gerance.kernel.wire import SafeUUID

_CODE = "PatrimonyGenericError"
Command = c.ReferencePatrimony | c.IncrementPatrimony


def reading(command: Command, principal: Principal, uid: SafeUUID) -> Reading:
    """The agencies of a new patrimony; the patrimony, and the agency it is associated with."""
    if isinstance(command, c.ReferencePatrimony):
        return references.agencies_named(command.agencyUids)
    agencies = [command.agencyUid] if isinstance(command, c.AssociatePatrimonyInAgency) else []
    return references.together(
        references.patrimonies_named([uid]), references.agencies_named(agencies)
    )


def handle(
    command: Command, principal: Principal, snapshot: AggregateRow, stamp: Stamp
) -> CommandOutcome:
    """What the command makes. Raises Rejection."""
    state = AGGREGATE.load(snapshot)
    if isinstance(command, c.ReferencePatrimony):
        agencies = references.places(snapshot.extra[0])
        company = references.require_all_reached(
            principal, agencies, command.agencyUids, "$.agencyUids", code=_CODE
        )
        return AGGREGATE.change(state, command, stamp, company=SafeUUID(company))
    if state is not None:
        own, agencies = map(references.places, snapshot.extra)
        references.require_own(principal, own.get(stamp.aggregate), "This patrimony")
        if isinstance(command, c.AssociatePatrimonyInAgency):
            references.require_reached(
                principal,
                agencies,
                command.agencyUid,
                "$.agencyUid",
                company=state.company,
                code=_CODE,
            )
    return AGGREGATE.change(state, command, stamp)


def _afterwards(command: Command, uid: SafeUUID) -> Afterwards | None:
    if isinstance(command, c.ReferencePatrimony):
        return None
    return after_renaming("patrimony", uid)


AGGREGATE = Aggregate(
    name="patrimony",
    category="patrimony",
    commands=Command,
    events=PatrimonyEvent,
    state=Patrimony,
    decide=decide,
    evolve=evolve,
    project=rows,
    visible=Visibility("patrimony p", "p.uid", within(REACH), REACH.agencies),
    reading=reading,
    handle=handle,
    unknown=unknown,
    afterwards=_afterwards,
)
