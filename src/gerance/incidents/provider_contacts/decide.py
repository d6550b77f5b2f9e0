"""A provider contact is added once, to one company, and may be disabled for a while."""

from typing import Any

from gerance.incidents.messages import Stamp, heading
from gerance.incidents.provider_contacts import commands as c
from gerance.incidents.provider_contacts import events as e
from gerance.incidents.provider_contacts.state import ProviderContact
from gerance.kernel.errors import Rejection


def decide(
    state: ProviderContact | None,
    command: c.AddProviderContact | c.IncrementProviderContact,
    stamp: Stamp,
) -> list[e.ProviderContactEvent]:
    """The events of a command. Raises Rejection with a code of ProviderContactEventError."""
    at = heading(command, stamp)
    if isinstance(command, c.AddProviderContact):
        if state is not None:
            raise Rejection(
                "ImpossibleToAddExistingProviderContact",
                f"The provider contact {stamp.aggregate} already exists.",
            )
        events: list[e.ProviderContactEvent] = [
            e.ProviderContactAdded(**_description(command), **at),
            e.ProviderContactAssociatedToCompany(
                companyUid=command.companyUid, date=command.date, **at
            ),
        ]
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
