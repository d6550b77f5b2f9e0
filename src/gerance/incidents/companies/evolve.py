"""How an event changes a company. Pure: the same events always make the same state."""

import msgspec

from gerance.incidents.companies import events as e
from gerance.incidents.companies.state import Company


def evolve(state: Company | None, event: e.CompanyEvent) -> Company:
    """The company after the event."""
    match event:
        case e.CallCenterCreated(name=name, aggregateUid=uid):
            return Company("CallCenter", name, call_center=uid)
        case e.ClientAccountHoldingCreated(name=name, callCenterReference=center):
            return Company(
                "ClientAccountHolding", name, call_center=center, billing_type="SponsoredAccount"
            )
        case e.ClientAccountCreated(name=name, callCenterReference=center):
            return Company(
                "ClientAccount",
                name,
                call_center=center,
                holding=event.holdingReference,
                billing_type="SponsoredAccount",
            )
    if state is None:
        raise ValueError("a company starts with its creation")
    change = msgspec.structs.replace
    match event:
        case e.CompanyIdentified(siretNumber=siret):
            return change(state, siret_number=siret)
        case e.CompanyUpgradedToPremiumAccount():
            return change(state, billing_type="PremiumAccount")
        case e.CompanyUpgradedToStandardAccount():
            return change(state, billing_type="StandardAccount")
        case e.ClientAccountUpdated(name=name, holdingReference=holding):
            return change(state, name=name, holding=holding or state.holding)
        case e.CallCenterUpdated(name=name) | e.ClientAccountHoldingUpdated(name=name):
            return change(state, name=name)
