"""The guard of commands on a contract that has ended."""

from gerance.kernel.errors import Rejection
from gerance.partners.lifecycle.state import Customer


def reject_terminated(customer: Customer) -> None:
    """Raises Rejection (409 `ContractTerminated`) when the contract has ended."""
    if customer.status == "terminated":
        raise Rejection(
            "ContractTerminated",
            f"client_id: the contract of {customer.client_id} ended on"
            f" {customer.end_of_contract_date}.",
        )
