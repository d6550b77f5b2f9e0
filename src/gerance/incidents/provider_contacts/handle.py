"""A command on a provider contact: what it reads, who may send it, what it changes."""

import msgspec

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
from gerance.kernel.errors import BadRequest, Rejection
from gerance.kernel.identity.principal import Principal
from gerance.kernel.log.writer import Afterwards, AggregateRow, Reading
from gerance.kernel.wire import SafeUUID, decode

Command = c.AddProviderContact | c.IncrementProviderContact

_PROVIDER_COMPANY = (
    "EXISTS (SELECT FROM provider_company q WHERE q.uid = %(provider_company)s::uuid)"
)


def reading(command: Command, principal: Principal, uid: SafeUUID) -> Reading:
    """The owner and the provider company of a new contact; where the contact belongs, and what it
    is associated with."""
    match command:
        case c.AddProviderContact():
            return references.together(
                references.companies_named([_owner(command, principal)]),
                Reading((_PROVIDER_COMPANY,), {"provider_company": command.providerCompanyUid}),
            )
        case c.AssociateProviderContactToAgency(agencyUid=agency):
            places = references.agencies_named([agency])
        case c.AssociateProviderContactWithPatrimony(patrimonyUid=patrimony):
            places = references.patrimonies_named([patrimony])
        case _:
            return references.owner_in("provider_contact")
    return references.together(references.owner_in("provider_contact"), places)


def handle(
    command: Command, principal: Principal, snapshot: AggregateRow, stamp: Stamp
) -> CommandOutcome:
    """What the command makes. Raises Rejection."""
    state = AGGREGATE.load(snapshot)
    if isinstance(command, c.AddProviderContact):
        return _add(command, principal, snapshot, stamp, state)
    if state is not None:
        owner = references.place(snapshot.extra[0])
        references.require_own(principal, owner, "This provider contact")
        match command:
            case c.AssociateProviderContactToAgency(agencyUid=uid):
                _require_of_company(
                    principal,
                    state,
                    snapshot.extra[1],
                    uid,
                    "agency",
                    "ImpossibleToAssociateProviderContactWithAgencyIfNotAlreadyAssociatedWithCompany",
                )
            case c.AssociateProviderContactWithPatrimony(patrimonyUid=uid):
                _require_of_company(
                    principal,
                    state,
                    snapshot.extra[1],
                    uid,
                    "patrimony",
                    "ImpossibleToAssociateProviderContactWithPatrimonyIfNotAlreadyAssociatedWithCompany",
                )
    return AGGREGATE.change(state, command, stamp)


def _add(
    command: c.AddProviderContact,
    principal: Principal,
    snapshot: AggregateRow,
    stamp: Stamp,
    state: ProviderContact | None,
) -> CommandOutcome:
    places, provider_company_exists = snapshot.extra
    companies, owner = references.companies(places), _owner(command, principal)
    if command.companyUid is None and command.callCenterUid is None and owner is not None:
        of_client = (company := companies.get(owner)) and company.company_type != "CallCenter"
        name = "companyUid" if of_client else "callCenterUid"
        command = msgspec.structs.replace(command, **{name: owner})
    if command.companyUid is not None:
        company = references.require_owner(principal, companies, command.companyUid)
    elif command.callCenterUid is not None:
        company = references.require_call_center(
            principal, companies, command.callCenterUid, "$.callCenterUid"
        )
    else:
        raise BadRequest("Object missing required field `companyUid` - at `$`")
    if command.providerCompanyUid is not None and not provider_company_exists:
        raise BadRequest(
            f"{command.providerCompanyUid} is not a provider company - at `$.providerCompanyUid`"
        )
    center = SafeUUID(company.call_center or "")
    return AGGREGATE.change(state, command, stamp, call_center=center)


def _owner(command: c.AddProviderContact, principal: Principal) -> SafeUUID | None:
    """The client company or call centre that a new contact belongs to."""
    own = None if principal.company is None else SafeUUID(principal.company)
    return command.companyUid or command.callCenterUid or own


def _require_of_company(
    principal: Principal, state: ProviderContact, places: str, uid: SafeUUID, what: str, code: str
) -> None:
    """Raises Rejection unless the agency or patrimony is within reach and of the contact's company;
    the contact of a call centre has those of all companies that it serves."""
    place = references.require_reached(principal, references.places(places), uid, f"$.{what}Uid")
    if state.company not in (place.company, place.call_center):
        raise Rejection(
            code, f"The contact is not associated with the company of the {what} {uid}."
        )


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
