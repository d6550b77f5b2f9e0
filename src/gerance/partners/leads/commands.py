"""What may be asked of leads."""

import msgspec

from gerance.partners.lifecycle.state import Details


class ReceiveLead(msgspec.Struct, frozen=True):
    """A client of the partner wants to see what the service would be."""

    details: Details
