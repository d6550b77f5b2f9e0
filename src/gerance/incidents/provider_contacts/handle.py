"""A command on a provider contact: what it reads, who may send it, what it changes."""

from gerance.incidents import references
from gerance.incidents.aggregate import Aggregate, CommandOutcome, Visibility, within
from gerance.incidents.messages import Stamp
from gerance.incidents.name_propagation import after_renaming
from gerance.incidents.provider_contacts import commands as c
from gerance.incidents.provider_contacts.decide import decide, unknown
from gerance.incidents.provider_contacts.events import ProviderContactEvent
from gerance.incidents.provider_contacts.evolve import evolve
from gerance.incidents.provider_contacts.state import ProviderContact
from gerance.incidents.provider_contacts.views import REACH, rows
from gerance.kernel.errors import BadRequest
from gerance.kernel.identity.principal import Principal
from gerance.kernel.log.writer import Afterwards, AggregateRow, Reading
from gerance.kernel.wire import SafeUUID, decode

Command = c.AddProviderContact | c.IncrementProviderContact

_PROVIDER_COMPANY = (
    "EXISTS (SELECT FROM provider_company q WHERE q.uid = %(provider_company)s::uuid)"
)


def reading(command: Command, principal: Principal, uid: SafeUUID) -> Reading:
    """The company and the provider company of a new contact; where the contact belongs."""
    if not isinstance(command, c.AddProviderContact):
        return references.owner_in("provider_contact")
    return references.together(
        references.companies_named([command.companyUid]),
        Reading((_PROVIDER_COMPANY,), {"provider_company": command.providerCompanyUid}),
    )


def handle(
    command: Command, principal: Principal, snapshot: AggregateRow, stamp: Stamp
) -> CommandOutcome:
    """What the command makes. Raises Rejection."""
    state = AGGREGATE.load(snapshot)
    if isinstance(command, c.AddProviderContact):
        companies, provider_company_exists = snapshot.extra
        references.require_owner(principal, references.companies(companies), command.companyUid)
        if command.providerCompanyUid is not None and not provider_company_exists:
            raise BadRequest(
                f"{command.providerCompanyUid} is not a provider company - at"
                " `$.providerCompanyUid`"
            )
    elif state is not None:
        owner = references.place(snapshot.extra[0])
        references.require_own(principal, owner, "This provider contact")
    return AGGREGATE.change(state, command, stamp)


def _afterwards(command: Command, uid: SafeUUID) -> Afterwards | None:
    if not isinstance(command, c.UpdateProviderContact):
        return None
    return after_renaming(
        "parties", uid, lambda change: decode(ProviderContact, change.state).company
    )


AGGREGATE = Aggregate(
    name="provider_contact",
    category="provider_contact",
    commands=Command,
    events=ProviderContactEvent,
    state=ProviderContact,
    decide=decide,
    evolve=evolve,
    project=rows,
    visible=Visibility("provider_contact t", "t.uid", within(REACH)),
    reading=reading,
    handle=handle,
    unknown=unknown,
    afterwards=_afterwards,
)
