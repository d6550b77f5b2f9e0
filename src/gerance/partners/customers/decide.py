"""Decisions on customers, who have the service from activation to the end of the contract."""

from collections.abc import Sequence
from datetime import date

from msgspec.structs import replace

from gerance.kernel.errors import reject
from gerance.kernel.months import add_months
from gerance.partners.customers.commands import (
    ActivateService,
    CustomerCommand,
    OfferMonths,
    Terminate,
)
from gerance.partners.lifecycle.counters import billing_start
from gerance.partners.lifecycle.deadlines import Stamp, heading
from gerance.partners.lifecycle.events import (
    BillingOffered,
    ContractTerminated,
    CustomerRefreshed,
    PartnerCustomerEvent,
    ServiceActivated,
    TerminationPlanned,
)
from gerance.partners.lifecycle.state import Customer, Details, Terms
from gerance.partners.lifecycle.termination import reject_terminated

LAST_OFFERED = date(2199, 12, 1)
"""The last month that can be offered. Dates in requests are before 2200, too."""


def decide(
    state: Customer | None, command: CustomerCommand, stamp: Stamp
) -> Sequence[PartnerCustomerEvent]:
    """The events of a command, none when it changes nothing.

    Raises Rejection, 404 `UnknownCustomer`; 409 `ContractTerminated`, `CampaignFixed`,
    `NotYetCustomer`, `OfferedForGood`; 400 `ContractEndBeforeStart`,
    `CampaignEnded`, `OfferedTooFar`.
    """
    if isinstance(command, ActivateService):
        return _activate(state, command, stamp)
    if state is None:
        raise reject("UnknownCustomer", "unknown", client_id=stamp.client_id)
    if state.status == "lead":
        raise reject("NotYetCustomer", "inactive", client_id=state.client_id)
    if isinstance(command, OfferMonths):
        return _offer(state, command, stamp)
    return _terminate(state, command, stamp)


def _activate(
    state: Customer | None, command: ActivateService, stamp: Stamp
) -> Sequence[PartnerCustomerEvent]:
    at = heading(stamp, stamp.today)
    if state is None or state.status == "lead":
        details, terms = _by_campaign(state, command)
        start = billing_start(stamp.today, terms.free_months)
        return [ServiceActivated(details=details, terms=terms, billingStartingDate=start, **at)]
    reject_terminated(state)
    details = command.details
    if details.campaign_code is None:
        details = replace(details, campaign_code=state.details.campaign_code)
    if details.campaign_code != state.details.campaign_code:
        raise reject("CampaignFixed", "other", client_id=state.client_id)
    return [] if details == state.details else [CustomerRefreshed(details=details, **at)]


def _by_campaign(state: Customer | None, command: ActivateService) -> tuple[Details, Terms]:
    """The campaign of the request, else that of the lead while it is active, else the default one.
    Without a campaign, the service is free."""
    code_in_call = command.details.campaign_code
    if code_in_call is not None and code_in_call not in command.campaigns:
        raise reject("CampaignEnded", "ended", campaign=code_in_call)
    code = code_in_call or (state.details.campaign_code if state else None)
    if code not in command.campaigns:
        code = command.default
    terms = Terms() if code is None else command.campaigns[code]
    return replace(command.details, campaign_code=code), terms


def _offer(state: Customer, command: OfferMonths, stamp: Stamp) -> Sequence[PartnerCustomerEvent]:
    """Offered months follow those that have started, free months and earlier offers."""
    reject_terminated(state)
    first = add_months(stamp.today, 1)
    if state.billing_starting_date is not None:
        first = max(first, state.billing_starting_date)
    if state.offers:
        last = state.offers[-1].last
        if last is None:
            if command.months is None:
                return []
            raise reject("OfferedForGood", "offered", client_id=state.client_id)
        first = max(first, add_months(last, 1))
    last = None if command.months is None else add_months(first, command.months - 1)
    if max(first, last or first) > LAST_OFFERED:
        raise reject("OfferedTooFar", "month", last=f"{LAST_OFFERED:%Y-%m}")
    return [
        BillingOffered(
            firstMonth=first,
            lastMonth=last,
            reason=command.reason,
            **heading(stamp, stamp.today),
        )
    ]


def _terminate(state: Customer, command: Terminate, stamp: Stamp) -> Sequence[PartnerCustomerEvent]:
    values = (command.end_of_contract_date, command.reason)
    if (state.end_of_contract_date, state.unsubscription_reason) == values:
        return []
    reject_terminated(state)
    day, reason = values
    if state.service_starting_date is not None and day < state.service_starting_date:
        raise reject("ContractEndBeforeStart", "start", day=state.service_starting_date)
    if day <= stamp.today:
        return [ContractTerminated(reason=reason, **heading(stamp, day))]
    at = heading(stamp, stamp.today)
    return [TerminationPlanned(endOfContractDate=day, reason=reason, **at)]
