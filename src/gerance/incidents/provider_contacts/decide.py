"""A provider contact is added once, to one company, and may be disabled for a while."""

from typing import Any

from gerance.incidents.messages import Stamp, heading
from gerance.incidents.provider_contacts import commands as c
from gerance.incidents.provider_contacts import events as e
from gerance.incidents.provider_contacts.state import ProviderContact
from gerance.kernel.errors import BadRequest, Rejection
from gerance.kernel.wire import LocalDate, SafeUUID


def decide(
    state: ProviderContact | None,
    command: c.AddProviderContact | c.IncrementProviderContact,
    stamp: Stamp,
    *,
    call_center: SafeUUID | None = None,
) -> list[e.ProviderContactEvent]:
    """The events of a command; `call_center`: the one that serves the owner of a new contact.

    Raises Rejection with a code of ProviderContactEventError.
    """
    at = heading(command, stamp)
    if isinstance(command, c.AddProviderContact):
        if state is not None:
            raise Rejection(
                "ImpossibleToAddExistingProviderContact",
                f"The provider contact {stamp.aggregate} already exists.",
            )
        assert call_center is not None
        day = LocalDate.parse(command.date)
        events: list[e.ProviderContactEvent] = [
            e.ProviderContactAdded(**_description(command), **at),
            e.ProviderContactAssociatedToCallCenter(callCenterUid=call_center, date=day, **at),
        ]
        if command.companyUid is not None:
            events.append(
                e.ProviderContactAssociatedToCompany(companyUid=command.companyUid, date=day, **at)
            )
        if command.providerCompanyUid is not None:
            events.append(
                e.ProviderContactAssociatedWithProviderCompany(
                    providerCompanyUid=command.providerCompanyUid, **at
                )
            )
        return events
    if state is None:
        raise unknown(stamp.aggregate)
    match command:
        case c.UpdateProviderContact():
            return [e.ProviderContactUpdated(**_description(command), **at)]
        case c.DisableProviderContact(date=date):
            return [e.ProviderContactDisabled(date=date, **at)]
        case c.EnableProviderContact(date=date):
            return [e.ProviderContactEnabled(date=date, **at)]
        case c.AssociateProviderContactToAgency(agencyUid=uid, date=day):
            if uid in state.agencies:
                raise Rejection(
                    "ImpossibleToAssociateToAgencyThatIsAlreadyAssociated",
                    f"The contact is already associated with the agency {uid}.",
                )
            return [e.ProviderContactAssociatedToAgency(agencyUid=uid, date=day, **at)]
        case c.DissociateProviderContactFromAgency(agencyUid=uid, date=day):
            if uid not in state.agencies:
                raise BadRequest(
                    f"The contact is not associated with the agency {uid} - at `$.agencyUid`"
                )
            return [e.ProviderContactDissociatedFromAgency(agencyUid=uid, date=day, **at)]
        case c.AssociateProviderContactWithPatrimony(patrimonyUid=uid):
            if uid in state.patrimonies:
                raise Rejection(
                    "ImpossibleToAssociateWithPatrimonyThatIsAlreadyAssociated",
                    f"The contact is already associated with the patrimony {uid}.",
                )
            return [e.ProviderContactAssociatedWithPatrimony(patrimonyUid=uid, **at)]
        case c.DissociateProviderContactFromPatrimony(patrimonyUid=uid):
            if uid not in state.patrimonies:
                raise Rejection(
                    "ImpossibleToDissociateFromPatrimonyThatIsNotAlreadyAssociated",
                    f"The contact is not associated with the patrimony {uid}.",
                )
            return [e.ProviderContactDissociatedFromPatrimony(patrimonyUid=uid, **at)]


def unknown(uid: str) -> Rejection:
    """The rejection of a command on a provider contact that does not exist."""
    return Rejection(
        "ImpossibleToPerfomCommandOnNonExistingProviderContactCommand",
        f"There is no provider contact {uid}.",
    )


def _description(command: c.Description) -> dict[str, Any]:
    return {
        "date": command.date,
        "name": command.full_name,
        "phones": command.phones,
        "fax": command.fax,
        "emails": command.emails,
    }
