"""The commands on leads."""

import msgspec

from gerance.partners.lifecycle.state import Details


class ReceiveLead(msgspec.Struct, frozen=True):
    """Add a lead, or refresh its details."""

    details: Details
