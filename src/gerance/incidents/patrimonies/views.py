"""The read table `patrimony`, its list and its details."""

from gerance.incidents.companies.values import AddressChecker, GeoLocation
from gerance.incidents.lists import Listing
from gerance.incidents.lots.values import AddressReference
from gerance.incidents.patrimonies.state import Patrimony
from gerance.incidents.projections import upsert_row
from gerance.incidents.rights import Columns
from gerance.incidents.values import Value
from gerance.kernel import sql_files
from gerance.kernel.log.writer import Projection
from gerance.kernel.wire import SafeUUID, encode

REACH = Columns(company="p.company", agencies="p.agencies", patrimony="p.uid")

_SQL = {name: sql.rstrip(";\n ") for name, sql in sql_files.load(__name__).items()}
WORDS = ("p.ref", "p.label", _SQL["address_words"])
"""SQL: what a search for words reads: the reference, the label, the addresses."""

PATRIMONIES = Listing(
    table="patrimony p",
    uid="p.uid",
    sort="fold(p.ref)",
    element=(
        "json_build_object('uid', p.uid, 'ref', p.ref, 'label', p.label, 'agencies', p.agencies,"
        f" 'complementaryAddresses', p.addresses::json, 'addresses', {_SQL['addresses']})"
    ),
)
"""Patrimonies by reference, as PatrimonyQueryView."""

PATRIMONY = Listing(
    table="patrimony p",
    uid="p.uid",
    sort="fold(p.ref)",
    element=(
        "json_build_object('uid', p.uid, 'ref', p.ref, 'label', p.label, 'agencies',"
        " (SELECT json_agg(json_build_object('uid', a.uid, 'label', a.name)"
        ' ORDER BY fold(a.name) COLLATE "C", a.uid)'
        " FROM agency a WHERE a.uid = ANY(p.agencies)),"
        f" 'complementaryAddresses', p.addresses::json, 'addresses', {_SQL['addresses']})"
    ),
)
"""A patrimony, as PatrimonyDetailQueryView."""

_CASTS = {
    "uid": "uuid",
    "company": "uuid",
    "agencies": "uuid[]",
    "ref": "text",
    "label": "text",
    "addresses": "text",
}


class PatrimonyQueryAddressReference(Value):
    """`number`: empty where the address has none; `geoLocation`, `checker`: of a verified one.

    The model of the reference has `quality`, `complement` and `state`, too. Its examples have not,
    and every published client refuses them.
    """

    uid: SafeUUID
    number: str
    street: str
    city: str
    zipCode: str
    country: str | None = None
    geoLocation: GeoLocation | None = None
    checker: AddressChecker | None = None


class PatrimonyQueryView(Value):
    uid: SafeUUID
    ref: str
    agencies: list[SafeUUID]
    complementaryAddresses: list[PatrimonyQueryAddressReference]
    addresses: list[PatrimonyQueryAddressReference]
    label: str | None = None


class PatrimonyResultView(Value):
    result: list[PatrimonyQueryView]


class PatrimonyAgencyQueryView(Value):
    uid: SafeUUID
    label: str


class PatrimonyDetailQueryView(Value):
    uid: SafeUUID
    ref: str
    agencies: list[PatrimonyAgencyQueryView]
    complementaryAddresses: list[PatrimonyQueryAddressReference]
    addresses: list[PatrimonyQueryAddressReference]
    label: str | None = None


def rows(state: Patrimony, uid: SafeUUID) -> list[Projection]:
    """All the rows that the patrimony's state makes."""
    addresses = encode([_address_view(each) for each in state.addresses]).decode()
    row = {
        "uid": uid,
        "company": state.company,
        "agencies": state.agencies,
        "ref": state.ref,
        "label": state.label,
        "addresses": addresses,
    }
    return [upsert_row("patrimony", row, _CASTS)]


def _address_view(reference: AddressReference) -> PatrimonyQueryAddressReference:
    address = reference.address
    return PatrimonyQueryAddressReference(
        uid=reference.uid,
        number=address.number or "",
        street=address.street,
        city=address.city,
        zipCode=address.zipCode,
        country=address.country,
        geoLocation=reference.geoLocation,
        checker=reference.checker,
    )
