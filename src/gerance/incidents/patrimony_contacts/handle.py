"""A command on a patrimony contact: what it reads, who may send it, what it changes."""

from gerance.incidents import references
from gerance.incidents.aggregate import Aggregate, CommandOutcome, Visibility, within
from gerance.incidents.messages import Stamp
from gerance.incidents.name_propagation import after_renaming
from gerance.incidents.patrimony_contacts import commands as c
from gerance.incidents.patrimony_contacts.decide import decide, unknown
from gerance.incidents.patrimony_contacts.events import PatrimonyContactEvent
from gerance.incidents.patrimony_contacts.evolve import evolve
from gerance.incidents.patrimony_contacts.links import check_links, read_links
from gerance.incidents.patrimony_contacts.state import PatrimonyContact
from gerance.incidents.patrimony_contacts.views import rows
from gerance.incidents.rights import OF_PATRIMONY_CONTACTS
from gerance.kernel.errors import BadRequest
from gerance.kernel.identity.principal import Principal
from gerance.kernel.log.writer import Afterwards, AggregateRow, Reading
from gerance.kernel.wire import SafeUUID, decode

Command = c.ReferencePatrimonyContact | c.LinkPatrimonyContactWithUser

_PLACE = f", 'agencies', to_json({OF_PATRIMONY_CONTACTS.agencies}), 'patrimonies', t.patrimonies"


def reading(command: Command, principal: Principal, uid: SafeUUID) -> Reading:
    """What a new contact is linked with; where the contact belongs, and the user that it is."""
    if isinstance(command, c.ReferencePatrimonyContact):
        return read_links(command.linkedWithEntities)
    return references.together(
        references.owner_in("patrimony_contact", _PLACE),
        references.users_named([command.userUid]),
    )


def handle(
    command: Command, principal: Principal, snapshot: AggregateRow, stamp: Stamp
) -> CommandOutcome:
    """What the command makes. Raises Rejection."""
    state = AGGREGATE.load(snapshot)
    if isinstance(command, c.ReferencePatrimonyContact):
        patrimonies, lots = snapshot.extra
        company, patrimony_of = check_links(
            principal, command.linkedWithEntities, patrimonies, lots, "$.linkedWithEntities"
        )
        return AGGREGATE.change(state, command, stamp, company=company, patrimony_of=patrimony_of)
    own, users = snapshot.extra
    if state is not None:
        references.require_own(principal, references.place(own), "This patrimony contact")
        user = references.places(users).get(command.userUid)
        if user is None or user.company != state.company:
            raise BadRequest(
                f"{command.userUid} is not a user of the contact's company - at `$.userUid`"
            )
    return AGGREGATE.change(state, command, stamp)


def _afterwards(command: Command, uid: SafeUUID) -> Afterwards | None:
    if isinstance(command, c.ReferencePatrimonyContact):
        return None
    return after_renaming(
        "parties", uid, lambda change: decode(PatrimonyContact, change.state).company
    )


AGGREGATE = Aggregate(
    name="patrimony_contact",
    category="patrimony_contact",
    commands=Command,
    events=PatrimonyContactEvent,
    state=PatrimonyContact,
    decide=decide,
    evolve=evolve,
    project=rows,
    visible=Visibility(
        "patrimony_contact t",
        "t.uid",
        within(OF_PATRIMONY_CONTACTS),
        OF_PATRIMONY_CONTACTS.agencies,
    ),
    reading=reading,
    handle=handle,
    unknown=unknown,
    afterwards=_afterwards,
)
