"""Lots decide by themselves: given these events, when this command, then these events."""

from typing import Any

import pytest

from gerance.incidents.lots import commands as c
from gerance.incidents.lots import events as e
from gerance.incidents.lots.decide import LotConflicts, decide
from gerance.incidents.lots.evolve import evolve
from gerance.incidents.lots.state import Lot
from gerance.incidents.messages import Stamp
from gerance.kernel.errors import Rejection
from gerance.kernel.wire import DateTime, SafeUUID, convert

LOT, COMPANY, PATRIMONY, OTHER = (
    SafeUUID.parse(f"00000000-0000-0000-0000-00000000000{nth}") for nth in range(4)
)
STAMP = Stamp(aggregate=LOT, user=OTHER, sent_date=DateTime.parse("2026-01-15T10:00:00Z"))
NOTHING = LotConflicts()
ADDRESS = {"street": "rue Haute", "zipCode": "69001", "city": "Lyon"}
REFERENCE = {
    "commandType": "ReferenceLot", "ref": "A", "lotNumber": "1", "patrimonyUid": PATRIMONY,
    "addresses": [ADDRESS], "usage": "Apartment",
}  # fmt: skip


def when(state: Lot | None, conflicts: LotConflicts = NOTHING, **command: Any) -> list[e.LotEvent]:
    body = {"processUid": OTHER, **command}
    asked: Any = convert(body, c.ReferenceLot | c.IncrementLot)  # type: ignore[arg-type]
    return decide(state, asked, STAMP, company=COMPANY, conflicts=conflicts)


def given(*events: e.LotEvent) -> Lot:
    state: Lot | None = None
    for event in (*when(None, **REFERENCE), *events):
        state = evolve(state, event)
    assert state is not None
    return state


def test_a_new_lot_has_its_reference_its_number_and_addresses_with_uids() -> None:
    referenced, numbered = when(None, **REFERENCE)
    assert isinstance(referenced, e.LotReferenced)
    assert (referenced.patrimonyUid, referenced.companyUid) == (PATRIMONY, COMPANY)
    assert isinstance(numbered, e.LotNumberUpdated)
    assert when(None, **REFERENCE) == [referenced, numbered]
    assert given() == Lot(COMPANY, PATRIMONY, "A", "1", "Apartment", referenced.addresses)


@pytest.mark.parametrize(
    ("command", "kind", "changed"),
    [
        ({"commandType": "UpdateLotReference", "ref": "B"}, e.LotReferenceUpdated, "ref"),
        ({"commandType": "UpdateLotNumber", "lotNumber": "2"}, e.LotNumberUpdated, "lot_number"),
        ({"commandType": "UpdateLotUsage", "usage": "Office"}, e.LotUsageUpdated, "usage"),
        ({"commandType": "DeleteLot"}, e.LotDeleted, "deleted"),
    ],
)
def test_a_change_changes_what_it_says(
    command: dict[str, Any], kind: type[e.LotEvent], changed: str
) -> None:
    before = given()
    (event,) = when(before, **command)
    after = evolve(before, event)
    assert isinstance(event, kind)
    differing = {
        name for name in Lot.__struct_fields__ if getattr(before, name) != getattr(after, name)
    }
    assert differing == {changed}


def test_an_address_comes_and_goes() -> None:
    added = {"addressReference": ADDRESS}
    (event,) = when(given(), commandType="AddAddressToLot", address=added, processUid=LOT)
    two = given(event)
    first, second = (each.addressReference.uid for each in two.addresses)
    (removed,) = when(two, commandType="RemoveAddressFromLot", addressUid=first)
    (left,) = evolve(two, removed).addresses
    assert left.addressReference.uid == second


@pytest.mark.parametrize(
    ("conflicts", "command", "code"),
    [
        (LotConflicts(ref=True), REFERENCE, "LotReferenceAlreadyExist"),
        (LotConflicts(lot_number=True), REFERENCE, "LotNumberAlreadyExist"),
    ],
)
def test_what_another_lot_has_is_refused(
    conflicts: LotConflicts, command: dict[str, Any], code: str
) -> None:
    with pytest.raises(Rejection) as refused:
        when(None, conflicts, **command)
    assert refused.value.code == code


def test_a_lot_that_was_deleted_takes_nothing_any_more() -> None:
    deleted = given(*when(given(), commandType="DeleteLot"))
    with pytest.raises(Rejection) as refused:
        when(deleted, commandType="UpdateLotUsage", usage="Office")
    assert refused.value.code == "ImpossibleToPerformCommandOnNonExistingLot"
    with pytest.raises(Rejection) as refused:
        when(deleted, **REFERENCE)
    assert refused.value.code == "ImpossibleToCreateExistingLot"


def test_a_lot_has_so_many_addresses_at_most() -> None:
    full = given()
    for nth in range(99):
        address = {"addressReference": {**ADDRESS, "uid": f"00000000-0000-0000-0001-{nth:012}"}}
        for event in when(full, commandType="AddAddressToLot", address=address):
            full = evolve(full, event)
    added = {"addressReference": ADDRESS}
    with pytest.raises(Rejection, match="at most 100"):
        when(full, commandType="AddAddressToLot", address=added, processUid=LOT)
