"""The value types of patrimony contacts."""

from typing import Literal

from gerance.incidents.companies.values import AddressChecker, GeoLocation
from gerance.incidents.values import SMS, ContactMedium, Fax, Mail, Phone, Value
from gerance.kernel.wire import SafeUUID


class LinkToPatrimonyAsCareTaker(Value, tag_field="linkType", tag="LinkToPatrimonyAsCareTaker"):
    patrimonyUid: SafeUUID


class LinkToPatrimonyAsHomeOwnerAssociation(
    Value, tag_field="linkType", tag="LinkToPatrimonyAsHomeOwnerAssociation"
):
    patrimonyUid: SafeUUID
    position: Literal["NonMember", "Member", "President"]


class LinkToLot(Value, tag_field="linkType"):
    lotUid: SafeUUID


class LinkToLotAsTenant(LinkToLot, tag="LinkToLotAsTenant"):
    pass


class LinkToLotAsOwner(LinkToLot, tag="LinkToLotAsOwner"):
    pass


class LinkToLotAsLandlord(LinkToLot, tag="LinkToLotAsLandlord"):
    pass


class LinkToNonReferencedLot(LinkToLot, tag="LinkToNonReferencedLot"):
    """A link with a lot that is not referenced.

    The published views show a patrimony for it: its `lotUid` may be a patrimony's, or a lot's.
    """

    linkedAs: Literal["Tenant", "Owner", "Landlord"]


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


def contact_info(medium: ContactMedium) -> ContactInfo:
    """A way to reach a contact, as it is stored: a number for SMS is stored as a phone's."""
    match medium:
        case Phone(phone=phone) | SMS(phone=phone):
            return PhoneInfo(phone)
        case Fax(fax=fax):
            return FaxInfo(fax or "")
        case Mail(mail=mail):
            return MailInfo(mail)


def medium_view(info: ContactInfo) -> dict[str, str]:
    """The same as tickets show it: `{"mediumType": "PHONE", "identifier": "0601020304"}`."""
    match info:
        case PhoneInfo(phone=phone):
            return {"mediumType": "PHONE", "identifier": phone}
        case FaxInfo(fax=fax):
            return {"mediumType": "FAX", "identifier": fax}
        case MailInfo(mail=mail):
            return {"mediumType": "MAIL", "identifier": mail}
