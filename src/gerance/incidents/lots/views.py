"""The read table `lot`, its list and its details. A lot that was deleted has no row."""

import msgspec

from gerance.incidents.companies.values import AddressChecker, GeoLocation
from gerance.incidents.lists import Listing, links_sql
from gerance.incidents.lots.commands import IncrementLot
from gerance.incidents.lots.state import Lot
from gerance.incidents.lots.values import AddressStatus, LotAddressReference, LotUsage
from gerance.incidents.messages import Link
from gerance.incidents.projections import upsert_row
from gerance.incidents.rights import Columns
from gerance.incidents.values import (
    GeographicalIdentificationSupplement,
    RecipientIdentificationSupplement,
    Value,
)
from gerance.kernel.log.writer import Projection
from gerance.kernel.wire import SafeUUID, encode, members

PATH = "/api/v1/lots"
COMMANDS_PATH = "/api/vEvent/lots"

REACH = Columns(
    company="l.company",
    agencies="(SELECT q.agencies FROM patrimony q WHERE q.uid = l.patrimony)",
    patrimony="l.patrimony",
)

_CASTS = {
    "uid": "uuid",
    "company": "uuid",
    "patrimony": "uuid",
    "ref": "text",
    "lot_number": "text",
    "usage": "text",
    "buildings": "uuid[]",
    "addresses": "text",
}
_DELETE = "DELETE FROM lot USING {rows} r WHERE lot.uid = r.uid"
_VACATE = (
    "DELETE FROM lot USING {rows} r WHERE lot.uid <> r.uid AND lot.patrimony = r.patrimony"
    " AND (lot.ref = r.ref OR lot.lot_number = r.lot_number)"
)


class PatrimonyInfoView(Value):
    uid: SafeUUID
    ref: str
    label: str | None = None


class BuildingInfoView(Value):
    uid: SafeUUID
    label: str


class LotQueryAddress(Value):
    """`number`: empty where the address has none."""

    uid: SafeUUID
    number: str
    street: str
    city: str
    zipCode: str
    status: AddressStatus
    country: str | None = None
    quality: str | None = None
    complement: str | None = None
    recipientSupplement: RecipientIdentificationSupplement | None = None
    geographicalSupplement: GeographicalIdentificationSupplement | None = None
    state: str | None = None
    geoLocation: GeoLocation | None = None
    checker: AddressChecker | None = None
    building: BuildingInfoView | None = None


class LotQueryView(Value, rename={"links": "_links"}):
    """`owners`, `occupants`: always empty; `_links`: itself and, for those who may send them, its
    commands."""

    uid: SafeUUID
    patrimony: PatrimonyInfoView
    addresses: list[LotQueryAddress]
    ref: str
    lotNumber: str
    usage: LotUsage
    owners: list[PatrimonyInfoView]
    occupants: list[PatrimonyInfoView]
    links: list[Link]


class LotDetailQueryView(LotQueryView, rename={"links": "_links"}):
    pass


class LotResultView(Value, rename={"links": "_links"}):
    result: list[LotQueryView]
    links: list[Link]


def lots(*, writer: bool) -> Listing:
    """Lots by reference, as LotQueryView.

    `writer`: whether the user may send commands; then the links have them.
    """
    commands = [kind.__name__ for kind in members(IncrementLot)] if writer else []
    return Listing(
        table="lot l",
        uid="l.uid",
        sort="fold(l.ref)",
        joins="JOIN patrimony p ON p.uid = l.patrimony",
        element=(
            "json_build_object('uid', l.uid, 'patrimony',"
            " json_build_object('uid', p.uid, 'label', p.label, 'ref', p.ref),"
            " 'addresses', l.addresses::json, 'ref', l.ref, 'lotNumber', l.lot_number,"
            " 'usage', l.usage, 'owners', json_build_array(), 'occupants', json_build_array(),"
            f" '_links', {links_sql(PATH, 'l.uid', COMMANDS_PATH, commands)})"
        ),
    )


def rows(state: Lot, uid: SafeUUID) -> list[Projection]:
    """What the lot's state makes of its row."""
    if state.deleted:
        return [Projection(_DELETE, (("uid", "uuid"),), [{"uid": uid}])]
    return [upsert_row("lot", _row(state, uid), _CASTS)]


def rebuilt_rows(state: Lot, uid: SafeUUID) -> list[Projection]:
    """The same for a rebuild: others who have its reference or number have them wrongly, until
    their own states are written."""
    if state.deleted:
        return rows(state, uid)
    return [Projection(_VACATE, tuple(_CASTS.items()), [_row(state, uid)]), *rows(state, uid)]


def _row(state: Lot, uid: SafeUUID) -> dict[str, object]:
    return {
        "uid": uid,
        "company": state.company,
        "patrimony": state.patrimony,
        "ref": state.ref,
        "lot_number": state.lot_number,
        "usage": state.usage,
        "buildings": [each.building for each in state.addresses if each.building is not None],
        "addresses": encode([_address_view(each) for each in state.addresses]).decode(),
    }


def _address_view(address: LotAddressReference) -> LotQueryAddress:
    reference = address.addressReference
    verified = reference.checker is not None
    return LotQueryAddress(
        uid=reference.uid,
        status="AddressIsVerified" if verified else "AddressIsNotVerified",
        geoLocation=reference.geoLocation,
        checker=reference.checker,
        **{**msgspec.structs.asdict(reference.address), "number": reference.address.number or ""},
    )
