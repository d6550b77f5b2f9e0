"""The value types of lots: what they are used for, and where they are.

Source: the public reference of the incident API, state of 2020. It describes the address of
`AddAddressToLot` as an `AddressReference` and has two types of that name, one flat and one with the
postal address below `address`: both are read, the latter is kept.
"""

from typing import Annotated, Literal

from msgspec import Meta

from gerance.incidents.companies.values import AddressChecker, GeoLocation
from gerance.incidents.values import (
    GeographicalIdentificationSupplement,
    NonEmptyString,
    RecipientIdentificationSupplement,
    Value,
)
from gerance.kernel.wire import SafeUUID

MOST_ADDRESSES = 100
MOST_CHARACTERS = 500
"""Of a reference or a number: both are in indexes."""

LotUsage = Literal[
    "Apartment",
    "IndividualHouse",
    "ResidentialParking",
    "ResidentialCellar",
    "ResidentialAnnex",
    "Restaurant",
    "MeetingRoom",
    "Fitness",
    "SPA",
    "SportFacility",
    "Pool",
    "PoolHouse",
    "Playground",
    "Laundry",
    "OtherService",
    "TertiaryParking",
    "Workspace",
    "Workstation",
    "Office",
    "RetailShop",
    "Warehouse",
    "GasStation",
    "BoilerRoom",
    "Elevator",
    "VentilationSystem",
    "Gate",
    "Intercom",
    "BinStorageArea",
    "MachineRoom",
    "GardeningShed",
    "OtherTechnical",
]
Code = Annotated[str, Meta(max_length=MOST_CHARACTERS)]
NonEmptyCode = Annotated[str, Meta(min_length=1, max_length=MOST_CHARACTERS)]
AddressStatus = Literal["AddressIsVerified", "AddressIsNotVerified", "AddressToCheck"]


class RationalAddress(Value):
    """An address as people write it."""

    street: str
    zipCode: str
    city: str
    quality: NonEmptyString | None = None
    number: NonEmptyString | None = None
    complement: NonEmptyString | None = None
    recipientSupplement: RecipientIdentificationSupplement | None = None
    geographicalSupplement: GeographicalIdentificationSupplement | None = None
    state: NonEmptyString | None = None
    country: NonEmptyString | None = None


class LotAddressCommand(RationalAddress):
    """An address of a new lot; with `geoLocation` and `checker` one that was verified."""

    geoLocation: GeoLocation | None = None
    checker: AddressChecker | None = None
    building: SafeUUID | None = None


class GivenAddressReference(Value):
    """An address that a lot is to get: below `address`, or flat. `uid`: by which to remove it."""

    uid: SafeUUID | None = None
    address: RationalAddress | None = None
    checker: AddressChecker | None = None
    geoLocation: GeoLocation | None = None
    street: str = ""
    zipCode: str = ""
    city: str = ""
    quality: NonEmptyString | None = None
    number: NonEmptyString | None = None
    complement: NonEmptyString | None = None
    recipientSupplement: RecipientIdentificationSupplement | None = None
    geographicalSupplement: GeographicalIdentificationSupplement | None = None
    state: NonEmptyString | None = None
    country: NonEmptyString | None = None


class GivenLotAddress(Value):
    addressReference: GivenAddressReference
    building: SafeUUID | None = None


class AddressReference(Value):
    """An address of a lot; `geoLocation` and `checker`: of one that was verified."""

    uid: SafeUUID
    address: RationalAddress
    checker: AddressChecker | None = None
    geoLocation: GeoLocation | None = None


class LotAddressReference(Value):
    addressReference: AddressReference
    building: SafeUUID | None = None


def rational(address: RationalAddress | GivenAddressReference) -> RationalAddress:
    """The address as people write it."""
    names = RationalAddress.__struct_fields__
    return RationalAddress(**{name: getattr(address, name) for name in names})


def fault(reference: AddressReference) -> str | None:
    """Why an address is none; None for a good one."""
    address, location, checker = reference.address, reference.geoLocation, reference.checker
    for name in ("street", "zipCode", "city"):
        if not getattr(address, name).strip():
            return f"it has no {name}"
    if (location is None) != (checker is None):
        return "geoLocation and checker come together: where it is, and who says so"
    if checker is not None and not (checker.googlePlaceId or checker.dataGouvAddressId):
        return "the checker has neither a googlePlaceId nor a dataGouvAddressId"
    if location is not None and not (-90 <= location.lat <= 90 and -180 <= location.lng <= 180):
        return "its geoLocation is nowhere on earth"
    return None
