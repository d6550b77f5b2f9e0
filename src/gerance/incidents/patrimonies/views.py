"""The read table `patrimony`, its list and its details."""

from typing import Any

from gerance.incidents.lists import Listing
from gerance.incidents.patrimonies.state import Patrimony
from gerance.incidents.projections import upsert_row
from gerance.incidents.rights import Columns
from gerance.incidents.values import Value
from gerance.kernel.log.writer import Projection
from gerance.kernel.wire import SafeUUID

REACH = Columns(company="p.company", agencies="p.agencies", patrimony="p.uid")

PATRIMONIES = Listing(
    table="patrimony p",
    uid="p.uid",
    sort="fold(p.ref)",
    element=(
        "json_build_object('uid', p.uid, 'ref', p.ref, 'label', p.label, 'agencies', p.agencies,"
        " 'complementaryAddresses', json_build_array(), 'addresses', json_build_array())"
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
        " 'complementaryAddresses', json_build_array(), 'addresses', json_build_array())"
    ),
)
"""A patrimony, as PatrimonyDetailQueryView."""

_CASTS = {"uid": "uuid", "company": "uuid", "agencies": "uuid[]", "ref": "text", "label": "text"}


class PatrimonyQueryView(Value):
    uid: SafeUUID
    ref: str
    agencies: list[SafeUUID]
    complementaryAddresses: list[Any]
    addresses: list[Any]
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
    complementaryAddresses: list[Any]
    addresses: list[Any]
    label: str | None = None


def rows(state: Patrimony, uid: SafeUUID) -> list[Projection]:
    """All the rows that the patrimony's state makes."""
    row = {"uid": uid, **{name: getattr(state, name) for name in _CASTS if name != "uid"}}
    return [upsert_row("patrimony", row, _CASTS)]
