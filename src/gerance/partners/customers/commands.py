"""What may be asked of customers."""

from collections.abc import Mapping
from datetime import date

import msgspec

from gerance.partners.lifecycle.state import Details, Terms


class ActivateService(msgspec.Struct, frozen=True):
    """A client of the partner, lead or not, has the service from now on; a customer is described
    anew. `campaigns`: the terms of each today; `default`: the one for who came by none."""

    details: Details
    campaigns: Mapping[str, Terms]
    default: str | None = None


class OfferMonths(msgspec.Struct, frozen=True):
    """The next `months` cost nothing; None: all there are to come."""

    months: int | None
    reason: str | None = None


class Terminate(msgspec.Struct, frozen=True):
    """The contract ends; `end_of_contract_date` is its last day, past, present or to come."""

    end_of_contract_date: date
    reason: str | None = None


CustomerCommand = ActivateService | OfferMonths | Terminate
