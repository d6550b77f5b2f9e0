"""How an event changes a provider contact. Pure: the same events always make the same state."""

import msgspec

from gerance.incidents.provider_contacts import events as e
from gerance.incidents.provider_contacts.state import ProviderContact


def evolve(state: ProviderContact | None, event: e.ProviderContactEvent) -> ProviderContact:
    """The provider contact after the event."""
    change = msgspec.structs.replace
    match state, event:
        case _, e.ProviderContactAdded(name=name, phones=phones, fax=fax, emails=emails):
            return ProviderContact(name, phones, fax, emails)
        case ProviderContact(), e.ProviderContactUpdated(name=name, phones=phones):
            return change(state, name=name, phones=phones, fax=event.fax, emails=event.emails)
        case ProviderContact(), e.ProviderContactAssociatedToCallCenter(callCenterUid=center):
            return change(state, company=center)
        case ProviderContact(), e.ProviderContactAssociatedToCompany(companyUid=company):
            return change(state, company=company)
        case ProviderContact(), e.ProviderContactAssociatedToAgency(agencyUid=uid):
            return change(state, agencies=[*state.agencies, uid])
        case ProviderContact(), e.ProviderContactDissociatedFromAgency(agencyUid=uid):
            return change(state, agencies=[each for each in state.agencies if each != uid])
        case ProviderContact(), e.ProviderContactAssociatedWithPatrimony(patrimonyUid=uid):
            return change(state, patrimonies=[*state.patrimonies, uid])
        case ProviderContact(), e.ProviderContactDissociatedFromPatrimony(patrimonyUid=uid):
            return change(state, patrimonies=[each for each in state.patrimonies if each != uid])
        case ProviderContact(), e.ProviderContactAssociatedWithProviderCompany():
            return change(state, provider_company=event.providerCompanyUid)
        case ProviderContact(), e.ProviderContactDisabled():
            return change(state, active=False)
        case ProviderContact(), e.ProviderContactEnabled():
            return change(state, active=True)
    raise ValueError("a provider contact starts with its addition")
