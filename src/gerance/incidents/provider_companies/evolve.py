"""How an event changes a provider company. Pure: the same events always make the same state."""

from gerance.incidents.provider_companies.events import ProviderCompanyReferenced
from gerance.incidents.provider_companies.state import ProviderCompany


def evolve(state: ProviderCompany | None, event: ProviderCompanyReferenced) -> ProviderCompany:
    """The provider company after the event."""
    return ProviderCompany(event.name, event.siretNumber)
