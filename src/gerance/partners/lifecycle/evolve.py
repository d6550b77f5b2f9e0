"""The state after an event."""

from msgspec.structs import replace

from gerance.partners.lifecycle.events import (
    BillingOffered,
    BillingStarted,
    ContractTerminated,
    LeadReceived,
    LeadRefreshed,
    PartnerCustomerEvent,
    PaymentReported,
    ServiceActivated,
    TerminationPlanned,
)
from gerance.partners.lifecycle.state import Customer, Offer


def evolve(state: Customer | None, event: PartnerCustomerEvent) -> Customer:
    """The lead or customer after the event."""
    if isinstance(event, LeadReceived):
        return Customer(
            partner=event.partnerCode,
            client_id=event.clientId,
            status="lead",
            details=event.details,
            lead_creation_date=event.date,
        )
    if isinstance(event, ServiceActivated):
        return Customer(
            partner=event.partnerCode,
            client_id=event.clientId,
            status="activated",
            details=event.details,
            lead_creation_date=state.lead_creation_date if state else None,
            service_starting_date=event.date,
            terms=event.terms,
            billing_starting_date=event.billingStartingDate,
        )
    if state is None:
        raise ValueError("a customer begins as a lead or with its activation")
    match event:
        case BillingStarted():
            return replace(state, status="billed")
        case BillingOffered():
            offer = Offer(event.firstMonth, event.lastMonth)
            return replace(state, status="offered", offers=(*state.offers, offer))
        case TerminationPlanned():
            return replace(
                state,
                end_of_contract_date=event.endOfContractDate,
                unsubscription_reason=event.reason,
            )
        case ContractTerminated():
            return replace(
                state,
                status="terminated",
                end_of_contract_date=event.date,
                unsubscription_reason=event.reason,
            )
        case PaymentReported():
            return state
        case LeadRefreshed() | _:
            return replace(state, details=event.details)
