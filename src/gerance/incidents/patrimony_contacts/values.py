"""The value types of patrimony contacts."""

from typing import Literal

from gerance.incidents.companies.values import AddressChecker, GeoLocation
from gerance.incidents.values import Value
from gerance.kernel.wire import SafeUUID


class LinkToPatrimony(Value, tag_field="linkType"):
    patrimonyUid: SafeUUID

    @property
    def place(self) -> SafeUUID:
        """What the link names."""
        return self.patrimonyUid


class LinkToPatrimonyAsCareTaker(LinkToPatrimony, tag="LinkToPatrimonyAsCareTaker"):
    pass


class LinkToPatrimonyAsHomeOwnerAssociation(
    LinkToPatrimony, tag="LinkToPatrimonyAsHomeOwnerAssociation"
):
    position: Literal["NonMember", "Member", "President"]


class LinkToLot(Value, tag_field="linkType"):
    lotUid: SafeUUID

    @property
    def place(self) -> SafeUUID:
        """What the link names."""
        return self.lotUid


class LinkToLotAsTenant(LinkToLot, tag="LinkToLotAsTenant"):
    pass


class LinkToLotAsOwner(LinkToLot, tag="LinkToLotAsOwner"):
    pass


class LinkToLotAsLandlord(LinkToLot, tag="LinkToLotAsLandlord"):
    pass


class LinkToNonReferencedLot(Value, tag_field="linkType", tag="LinkToNonReferencedLot"):
    """A link with a lot that is not referenced: with the patrimony it is in.

    `lotUid`: another spelling of the reference's. The uid may be that of a lot, too.
    """

    linkedAs: Literal["Tenant", "Owner", "Landlord"]
    patrimonyUid: SafeUUID | None = None
    lotUid: SafeUUID | None = None

    def __post_init__(self) -> None:
        self.patrimonyUid = self.patrimonyUid or self.lotUid
        self.lotUid = None
        if self.patrimonyUid is None:
            raise ValueError("Object missing required field `patrimonyUid`")

    @property
    def place(self) -> SafeUUID:
        """What the link names."""
        assert self.patrimonyUid is not None
        return self.patrimonyUid


PatrimonyLink = LinkToPatrimonyAsCareTaker | LinkToPatrimonyAsHomeOwnerAssociation
EntityLink = (
    PatrimonyLink
    | LinkToLotAsTenant
    | LinkToLotAsOwner
    | LinkToLotAsLandlord
    | LinkToNonReferencedLot
)


class ContactAddress(Value):
    """Where a contact lives."""

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
    floor: str | None = None
    unit: str | None = None
    digicode: str | None = None
    entrance: str | None = None
    elevator: str | None = None
    staircase: str | None = None


class PhoneInfo(Value, tag_field="contactInfoType", tag="Phone"):
    phone: str


class FaxInfo(Value, tag_field="contactInfoType", tag="Fax"):
    fax: str


class MailInfo(Value, tag_field="contactInfoType", tag="Mail"):
    mail: str


ContactInfo = PhoneInfo | FaxInfo | MailInfo


def medium_view(info: ContactInfo) -> dict[str, str]:
    """The same as tickets show it: `{"mediumType": "PHONE", "identifier": "0601020304"}`."""
    match info:
        case PhoneInfo(phone=phone):
            return {"mediumType": "PHONE", "identifier": phone}
        case FaxInfo(fax=fax):
            return {"mediumType": "FAX", "identifier": fax}
        case MailInfo(mail=mail):
            return {"mediumType": "MAIL", "identifier": mail}
