"""Decisions on leads. A lead that is sent again is refreshed, until it is a customer."""

from collections.abc import Sequence

from msgspec.structs import replace

from gerance.kernel.errors import reject
from gerance.partners.leads.commands import ReceiveLead
from gerance.partners.lifecycle.deadlines import Stamp, heading
from gerance.partners.lifecycle.events import LeadReceived, LeadRefreshed
from gerance.partners.lifecycle.state import Customer
from gerance.partners.lifecycle.termination import reject_terminated


def decide(
    state: Customer | None, command: ReceiveLead, stamp: Stamp
) -> Sequence[LeadReceived | LeadRefreshed]:
    """The events of a command, none when it changes nothing.

    Raises Rejection, 409: `AlreadyCustomer` when the service is active, `ContractTerminated` when
    the contract has ended.
    """
    at = heading(stamp, stamp.today)
    if state is None:
        return [LeadReceived(details=command.details, **at)]
    reject_terminated(state)
    if state.status != "lead":
        raise reject("AlreadyCustomer", "active", client_id=state.client_id)
    details = command.details
    if details.campaign_code is None:
        details = replace(details, campaign_code=state.details.campaign_code)
    return [] if details == state.details else [LeadRefreshed(details=details, **at)]
