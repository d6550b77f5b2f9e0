"""The value types of companies and of the agencies they are made of."""

from typing import Literal

import msgspec

from gerance.incidents.values import Value
from gerance.kernel.wire import SafeUUID

CompanyType = Literal["CallCenter", "ClientAccountHolding", "ClientAccount"]
BillingType = Literal["SponsoredAccount", "PremiumAccount", "StandardAccount"]


class GeoLocation(Value):
    lat: float
    lng: float


class AddressChecker(Value):
    """Who vouches for the address: one of the two."""

    googlePlaceId: str | None = None
    dataGouvAddressId: str | None = None


class AgencyAddress(Value):
    """A postal address; with `geoLocation` and `checker` one that was verified."""

    street: str
    zipCode: str
    city: str
    number: str | None = None
    quality: str | None = None
    complement: str | None = None
    state: str | None = None
    country: str | None = None
    geoLocation: GeoLocation | None = None
    checker: AddressChecker | None = None

    @property
    def rational(self) -> "AgencyAddress":
        """The address as people write it."""
        return msgspec.structs.replace(self, geoLocation=None, checker=None)


class RawAgency(Value):
    """An agency as clients describe it; `extName`: what they call it elsewhere."""

    name: str
    phones: list[str]
    emails: list[str]
    agencyUid: SafeUUID | None = None
    extName: str | None = None
    address: AgencyAddress | None = None
    fax: str | None = None
