"""Patrimony contacts: linked with patrimonies and lots, perhaps with a user."""

from typing import Any
from uuid import uuid4

import pytest

from .conftest import User, World, command, refusal

PATH = "patrimonycontacts"
KIND = "ReferencePatrimonyContact"
NAME = {"nameType": "CivilName", "firstName": "Ève", "lastName": "Gardien", "company": "Loges SA"}
CONTACTS = [
    {"contactMediumType": "Phone", "phone": "0600000001"},
    {"contactMediumType": "Mail", "mail": "eve@loges.fr"},
]
ADDRESS = {"street": "rue Haute", "zipCode": "69001", "city": "Lyon", "floor": "2"}


def caretaker(patrimony: str) -> dict[str, str]:
    return {"linkType": "LinkToPatrimonyAsCareTaker", "patrimonyUid": patrimony}


def fields(*links: dict[str, str], **more: Any) -> dict[str, Any]:
    return {"name": NAME, "contacts": CONTACTS, "linkedWithEntities": list(links), **more}


def new_lot(world: World, patrimony: str) -> str:
    return world.root.created(
        "lots",
        "ReferenceLot",
        ref=f"L-{uuid4()}",
        lotNumber=f"N-{uuid4()}",
        patrimonyUid=patrimony,
        addresses=[{"street": "rue Haute", "zipCode": "69001", "city": "Lyon"}],
        usage="Apartment",
    )


def in_lot(lot: str, kind: str = "LinkToLotAsTenant", **more: str) -> dict[str, str]:
    return {"linkType": kind, "lotUid": lot, **more}


def test_a_contact_is_referenced_and_read(world: World) -> None:
    president = {
        "linkType": "LinkToPatrimonyAsHomeOwnerAssociation",
        "patrimonyUid": world.second_patrimony,
        "position": "President",
    }
    links = [caretaker(world.patrimony), president]
    body = command(KIND, **fields(*links, address=ADDRESS))
    dry = world.root.send("POST", PATH, body, Prefer="handling=dry-run")
    assert dry.status_code == 200
    answer = world.root.send("POST", PATH, body)
    referenced, linked = answer.json()["events"]
    assert answer.status_code == 201
    kept = [
        {"contactInfoType": "Phone", "phone": "0600000001"},
        {"contactInfoType": "Mail", "mail": "eve@loges.fr"},
    ]
    assert referenced["eventType"] == "PatrimonyContactReferenced"
    assert (referenced["contacts"], referenced["address"]) == (kept, ADDRESS)
    assert (linked["eventType"], linked["linkedWith"]) == ("PatrimonyContactLinkedWith", links)
    uid = referenced["aggregateUid"]
    shown = {
        "uid": uid,
        "name": NAME,
        "company": "Loges SA",
        "address": ADDRESS,
        "contacts": kept,
        "linkedWith": links,
        "_links": [
            {"rel": "self", "href": f"http://testserver/api/v1/{PATH}/{uid}", "method": "GET"}
        ],
    }
    assert world.root.get(f"{PATH}/{uid}") == shown
    assert world.root.get(PATH, fulltext="eve gardien")["result"] == [shown]
    assert refusal(world.root.send("POST", PATH, body)) == "CommandAlreadySent"
    again = {**body, "processUid": str(uuid4()), "aggregateUid": uid}
    code = "ImpossibleToReferenceAlreadyExistingPatrimonyContact"
    assert refusal(world.root.send("POST", PATH, again)) == code


@pytest.mark.parametrize(
    ("medium", "kept"),
    [
        ({"contactMediumType": "SMS", "phone": "06"}, {"contactInfoType": "Phone", "phone": "06"}),
        ({"contactMediumType": "Fax", "fax": "04"}, {"contactInfoType": "Fax", "fax": "04"}),
        ({"contactMediumType": "Mail", "fax": "a@b"}, {"contactInfoType": "Mail", "mail": "a@b"}),
    ],
)
def test_each_way_to_reach_somebody_is_kept(
    world: World, medium: dict[str, str], kept: dict[str, str]
) -> None:
    uid = world.root.created(PATH, KIND, **fields(caretaker(world.patrimony), contacts=[medium]))
    assert world.root.get(f"{PATH}/{uid}")["contacts"] == [kept]


def test_links_are_with_patrimonies_that_are_there_and_of_one_company(world: World) -> None:
    for user, second, place in [
        (world.root, str(uuid4()), "$.linkedWithEntities[1].patrimonyUid"),
        (world.root, world.other_patrimony, "$.linkedWithEntities[1].patrimonyUid"),
        (world.executive, world.second_patrimony, "$.linkedWithEntities[1].patrimonyUid"),
    ]:
        answer = user.post(PATH, KIND, **fields(caretaker(world.patrimony), caretaker(second)))
        assert refusal(answer) == "BadRequest"
        assert place in answer.json()["message"]
    twice = world.root.post(
        PATH, KIND, **fields(caretaker(world.patrimony), caretaker(world.patrimony))
    )
    assert refusal(twice) == "ImpossibleToLinkAlreadyLinkedEntityWithPatrimonyContact"


@pytest.mark.parametrize("kind", ["LinkToLotAsTenant", "LinkToLotAsOwner", "LinkToLotAsLandlord"])
def test_a_contact_is_linked_with_a_lot_and_belongs_to_its_patrimony(
    world: World, kind: str
) -> None:
    lot, other = new_lot(world, world.patrimony), new_lot(world, world.patrimony)
    uid = world.root.created(PATH, KIND, **fields(in_lot(lot, kind)))
    world.root.created(PATH, KIND, **fields(in_lot(other, kind)))
    (shown,) = world.root.get(PATH, lotuid=lot)["result"]
    assert (shown["uid"], shown["linkedWith"]) == (uid, [in_lot(lot, kind)])
    assert uid in {c["uid"] for c in world.root.get(PATH, patrimonyuids=world.patrimony)["result"]}
    for user in (world.executive, world.patrimony_manager, world.resident):
        assert user.get(f"{PATH}/{uid}")["linkedWith"] == [in_lot(lot, kind)]
    for user in (world.other_manager, world.far_operator_user):
        user.get(f"{PATH}/{uid}", status=404)
    world.root.events(f"lots/{lot}", "DeleteLot")
    assert world.root.get(f"{PATH}/{uid}") == shown
    assert refusal(world.root.read(PATH, lotuid="x")) == "BadRequest"


def test_a_lot_that_nobody_referenced_may_be_named_by_its_patrimony(world: World) -> None:
    lot = new_lot(world, world.patrimony)
    for named, found in ((lot, True), (world.patrimony, False)):
        kind = {"linkType": "LinkToNonReferencedLot", "linkedAs": "Owner"}
        link = {"patrimonyUid": named, **kind}
        uid = world.root.created(PATH, KIND, **fields(link))
        assert world.resident.get(f"{PATH}/{uid}")["linkedWith"] == [link]
        other = world.root.created(PATH, KIND, **fields({"lotUid": named, **kind}))
        assert world.resident.get(f"{PATH}/{other}")["linkedWith"] == [link]
        assert (uid in {c["uid"] for c in world.root.get(PATH, lotuid=named)["result"]}) == found
    wrong = world.root.post(PATH, KIND, **fields(in_lot(world.patrimony)))
    assert refusal(wrong) == "BadRequest"


def test_lots_are_there_within_reach_and_of_one_company(world: World) -> None:
    mine = in_lot(new_lot(world, world.patrimony))
    second = new_lot(world, world.second_patrimony)
    other = new_lot(world, world.other_patrimony)
    deleted = new_lot(world, world.patrimony)
    world.root.events(f"lots/{deleted}", "DeleteLot")
    cases: list[tuple[User, str]] = [
        (world.root, str(uuid4())),
        (world.root, deleted),
        (world.root, other),
        (world.manager, other),
        (world.executive, second),
    ]
    for user, lot in cases:
        for kind, name in (
            ("LinkToLotAsTenant", "lotUid"),
            ("LinkToNonReferencedLot", "patrimonyUid"),
        ):
            link = {name: lot, "linkType": kind, "linkedAs": "Tenant"}
            answer = user.post(PATH, KIND, **fields(mine, link))
            assert refusal(answer) == "BadRequest"
            assert f"$.linkedWithEntities[1].{name}" in answer.json()["message"]
    both = fields(caretaker(world.patrimony), mine, in_lot(second))
    uid = world.manager.created(PATH, KIND, **both)
    assert world.manager.get(f"{PATH}/{uid}")["linkedWith"] == both["linkedWithEntities"]
    twice = world.root.post(PATH, KIND, **fields(mine, mine))
    assert refusal(twice) == "ImpossibleToLinkAlreadyLinkedEntityWithPatrimonyContact"


def test_a_contact_is_a_user_of_its_company(world: World) -> None:
    path = f"{PATH}/{world.root.created(PATH, KIND, **fields(caretaker(world.patrimony)))}"
    link = "LinkPatrimonyContactWithUser"
    for stranger in (str(uuid4()), world.other_manager.uid):
        answer = world.root.patch(path, link, userUid=stranger)
        assert refusal(answer) == "BadRequest"
        assert "$.userUid" in answer.json()["message"]
    (event,) = world.executive.events(path, link, userUid=world.resident.uid)
    assert event["eventType"] == "PatrimonyContactLinkedWithUser"
    again = world.root.patch(path, link, userUid=world.resident.uid)
    assert refusal(again) == "ImpossibleToLinkAlreadyLinkedEntityWithPatrimonyContact"
    for nobody in (str(uuid4()), "nothing"):
        answer = world.root.patch(f"{PATH}/{nobody}", link, userUid=world.resident.uid)
        assert refusal(answer) == "ImpossibleToPerformCommandOnNonExistingPatrimonyContact"
    for user in (world.far_operator_user, world.other_manager, world.resident):
        answer = user.patch(path, link, userUid=world.resident.uid)
        assert refusal(answer, 403) == "Forbidden"


def test_who_manages_the_patrimony_writes_and_reads_its_contacts(world: World) -> None:
    writers = (world.operator_user, world.holding_manager, world.manager, world.executive)
    uids = [user.created(PATH, KIND, **fields(caretaker(world.patrimony))) for user in writers]
    for user in (*writers, world.patrimony_manager, world.resident):
        assert set(uids) <= {c["uid"] for c in user.get(PATH, range="0-99")["result"]}
        user.get(f"{PATH}/{uids[0]}")
    for user in (world.patrimony_manager, world.resident):
        answer = user.post(PATH, KIND, **fields(caretaker(world.patrimony)))
        assert refusal(answer, 403) == "Forbidden"
    for user in (world.far_operator_user, world.other_manager):
        assert not {c["uid"] for c in user.get(PATH)["result"]} & set(uids)
        user.get(f"{PATH}/{uids[0]}", status=404)
    elsewhere = world.root.created(PATH, KIND, **fields(caretaker(world.second_patrimony)))
    for user in (world.executive, world.resident):
        user.get(f"{PATH}/{elsewhere}", status=404)


def test_a_list_is_filtered_and_cut(world: World) -> None:
    for name in ("Zoé", "Éric"):
        named = {"nameType": "PoorName", "value": name}
        world.root.created(PATH, KIND, **fields(caretaker(world.other_patrimony), name=named))
    answer = world.root.read(PATH, patrimonyuids=world.other_patrimony, range="0-0")
    assert (answer.status_code, answer.headers["Content-Range"]) == (206, "0-0/2")
    assert answer.json()["result"][0]["name"]["value"] == "Éric"
    assert [link["rel"] for link in answer.json()["_links"]] == ["self"]
