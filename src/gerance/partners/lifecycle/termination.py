"""The guard of commands on a contract that has ended."""

from gerance.kernel.errors import reject
from gerance.partners.lifecycle.state import Customer


def reject_terminated(customer: Customer) -> None:
    """Raises Rejection (409 `ContractTerminated`) when the contract has ended."""
    if customer.status == "terminated":
        raise reject(
            "ContractTerminated",
            "ended",
            client_id=customer.client_id,
            day=customer.end_of_contract_date,
        )
