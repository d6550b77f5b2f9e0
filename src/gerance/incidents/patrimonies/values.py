"""The value types of patrimonies: the addresses that they have beside those of their lots."""

from gerance.incidents.companies.values import AddressChecker, GeoLocation
from gerance.incidents.lots.values import AddressReference, RationalAddress
from gerance.incidents.values import (
    GeographicalIdentificationSupplement,
    NonEmptyString,
    RecipientIdentificationSupplement,
    Value,
)
from gerance.kernel.wire import SafeUUID

MOST_ADDRESSES = 100
_POSTAL = ("quality", "number", "street", "complement", "zipCode", "city", "state", "country")
_SUPPLEMENT = ("floor", "unit", "entrance", "elevator", "staircase")


class PatrimonyAddressReference(Value):
    """An address that a patrimony gets; with `geoLocation` and `checker` one that was verified.

    The published event has no field for the `digicode`: it is not stored.
    """

    street: str
    zipCode: str
    city: str
    quality: NonEmptyString | None = None
    number: NonEmptyString | None = None
    complement: NonEmptyString | None = None
    state: NonEmptyString | None = None
    country: NonEmptyString | None = None
    geoLocation: GeoLocation | None = None
    checker: AddressChecker | None = None
    floor: str | None = None
    unit: str | None = None
    digicode: str | None = None
    entrance: str | None = None
    elevator: str | None = None
    staircase: str | None = None

    def identified(self, uid: SafeUUID) -> AddressReference:
        """The address with its uid."""
        parts = {name: getattr(self, name) for name in _SUPPLEMENT}
        supplement = RecipientIdentificationSupplement(**parts) if any(parts.values()) else None
        postal = {name: getattr(self, name) for name in _POSTAL}
        address = RationalAddress(recipientSupplement=supplement, **postal)
        return AddressReference(uid, address, self.checker, self.geoLocation)


class ValidAddress(Value):
    """An address of a patrimony: one that was verified is below `address`, another one is flat."""

    uid: SafeUUID
    address: RationalAddress | None = None
    checker: AddressChecker | None = None
    geoLocation: GeoLocation | None = None
    street: str = ""
    zipCode: str = ""
    city: str = ""
    quality: str | None = None
    number: str | None = None
    complement: str | None = None
    recipientSupplement: RecipientIdentificationSupplement | None = None
    geographicalSupplement: GeographicalIdentificationSupplement | None = None
    state: str | None = None
    country: str | None = None

    @classmethod
    def of(cls, reference: AddressReference) -> "ValidAddress":
        """The address as the published event has it."""
        if reference.checker is not None:
            return cls(
                uid=reference.uid,
                address=reference.address,
                checker=reference.checker,
                geoLocation=reference.geoLocation,
            )
        names = RationalAddress.__struct_fields__
        return cls(uid=reference.uid, **{name: getattr(reference.address, name) for name in names})

    @property
    def reference(self) -> AddressReference:
        """The address as the state has it."""
        names = RationalAddress.__struct_fields__
        address = self.address or RationalAddress(**{name: getattr(self, name) for name in names})
        return AddressReference(self.uid, address, self.checker, self.geoLocation)
