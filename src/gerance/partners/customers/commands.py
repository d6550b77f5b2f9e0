"""The commands on customers."""

from collections.abc import Mapping
from datetime import date

import msgspec

from gerance.partners.lifecycle.state import Details, Terms


class ActivateService(msgspec.Struct, frozen=True):
    """Activate the service for a lead or a new client, or refresh the details of a customer.

    `campaigns`: the current terms of each; `default`: the campaign of requests that name none.
    """

    details: Details
    campaigns: Mapping[str, Terms]
    default: str | None = None


class OfferMonths(msgspec.Struct, frozen=True):
    """Offer the next `months`; None: all months to come."""

    months: int | None
    reason: str | None = None


class Terminate(msgspec.Struct, frozen=True):
    """End the contract. `end_of_contract_date`: its last day, in the past or the future."""

    end_of_contract_date: date
    reason: str | None = None


CustomerCommand = ActivateService | OfferMonths | Terminate
