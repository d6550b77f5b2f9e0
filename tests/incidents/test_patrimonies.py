"""Patrimonies: of one company, always with an agency, seen by who manages them."""

from uuid import uuid4

import pytest

from .conftest import World, command, refusal

PATH = "patrimonies"


def test_a_patrimony_is_referenced_and_read(world: World) -> None:
    body = command(
        "ReferencePatrimony",
        ref="ÉTÉ-1",
        label="Résidence",
        agencyUids=[world.agency, world.second_agency, world.agency],
    )
    answer = world.root.send("POST", PATH, body)
    (event,) = answer.json()["events"]
    assert answer.status_code == 201
    assert (event["eventType"], event["companyUid"]) == ("PatrimonyReferenced", world.company)
    assert event["agencies"] == [world.agency, world.second_agency]
    uid = event["aggregateUid"]
    common = {"uid": uid, "ref": "ÉTÉ-1", "label": "Résidence"}
    common |= {"complementaryAddresses": [], "addresses": []}
    detail = world.root.get(f"{PATH}/{uid}")
    assert detail == {
        **common,
        "agencies": [
            {"uid": world.second_agency, "label": "Agence Bellecour"},
            {"uid": world.agency, "label": "Agence Étoile"},
        ],
    }
    listed = world.root.get(PATH, fulltext="ete")
    assert listed == {"result": [{**common, "agencies": [world.agency, world.second_agency]}]}
    assert refusal(world.root.send("POST", PATH, body)) == "CommandAlreadySent"
    again = {**body, "processUid": str(uuid4()), "aggregateUid": uid}
    assert refusal(world.root.send("POST", PATH, again)) == "ImpossibleToCreateExistingPatrimony"


def test_a_dry_run_stores_nothing(world: World) -> None:
    uid = str(uuid4())
    body = command("ReferencePatrimony", ref="X", agencyUids=[world.agency], aggregateUid=uid)
    answer = world.root.send("POST", PATH, body, Prefer="handling=dry-run")
    assert (answer.status_code, len(answer.json()["events"])) == (200, 1)
    world.root.get(f"{PATH}/{uid}", status=404)


def test_the_agencies_must_be_there_within_reach_and_of_one_company(world: World) -> None:
    fields = {"ref": "X"}
    for user, agencies, place in [
        (world.root, [world.agency, str(uuid4())], "$.agencyUids[1]"),
        (world.root, [world.agency, world.other_agency], "$.agencyUids[1]"),
        (world.manager, [world.other_agency], "$.agencyUids[0]"),
        (world.operator_user, [world.far_agency], "$.agencyUids[0]"),
        (world.executive, [world.agency, world.second_agency], "$.agencyUids[1]"),
    ]:
        answer = user.post(PATH, "ReferencePatrimony", agencyUids=agencies, **fields)
        assert refusal(answer) == "PatrimonyGenericError"
        assert place in answer.json()["message"]
    nothing = world.root.post(PATH, "ReferencePatrimony", agencyUids=[], **fields)
    assert (refusal(nothing), "$.agencyUids" in nothing.json()["message"]) == ("BadRequest", True)


def test_who_manages_the_agency_writes_its_patrimonies(world: World) -> None:
    users = (world.operator_user, world.holding_manager, world.manager, world.executive)
    for user in users:
        fields = {"ref": "W", "comment": "relu"}
        uid = user.created(PATH, "ReferencePatrimony", ref="W", agencyUids=[world.agency])
        (event,) = user.events(f"{PATH}/{uid}", "UpdatePatrimony", **fields)
        assert (event["eventType"], event["comment"]) == ("PatrimonyUpdated", "relu")
    for user in (world.patrimony_manager, world.resident):
        answer = user.post(PATH, "ReferencePatrimony", ref="W", agencyUids=[world.agency])
        assert refusal(answer, 403) == "Forbidden"
    path = f"{PATH}/{world.second_patrimony}"
    for user in (world.far_operator_user, world.other_manager, world.executive):
        answer = user.patch(path, "UpdatePatrimony", ref="W", comment="")
        assert refusal(answer, 403) == "Forbidden"


def test_an_update_replaces_the_reference_and_the_label(world: World) -> None:
    uid = world.new_patrimony("avant", world.agency, label="Avant")
    world.root.events(f"{PATH}/{uid}", "UpdatePatrimony", ref="après", comment="c")
    shown = world.root.get(f"{PATH}/{uid}")
    assert (shown["ref"], "label" in shown) == ("après", False)


def test_a_patrimony_is_associated_once_and_never_without_an_agency(world: World) -> None:
    path = f"{PATH}/{world.new_patrimony('A', world.agency)}"

    def send(kind: str, agency: str) -> str:
        answer = world.root.patch(path, f"{kind}", agencyUid=agency)
        if answer.status_code == 200:
            return str(answer.json()["events"][0]["eventType"])
        return refusal(answer)

    associate, dissociate = "AssociatePatrimonyInAgency", "DissociatePatrimonyFromAgency"
    only = "ImpossibleToDissociatePatrimonyFromAgencyRemainOnlyOneAgency"
    absent = "ImpossibleToDissociatePatrimonyFromAgencyThatDoesntExist"
    already = "ImpossibleToAssociatePatrimonyInAgencyForAlreadyAssociatedAgency"
    assert send(dissociate, world.agency) == only
    assert send(dissociate, world.second_agency) == absent
    assert send(associate, world.other_agency) == "PatrimonyGenericError"
    assert send(associate, str(uuid4())) == "PatrimonyGenericError"
    assert send(associate, world.second_agency) == "PatrimonyAssociatedInAgency"
    assert send(associate, world.second_agency) == already
    assert send(dissociate, world.agency) == "PatrimonyDissociatedFromAgency"
    assert [a["uid"] for a in world.root.get(path)["agencies"]] == [world.second_agency]


def test_a_command_on_no_patrimony_is_refused_with_its_code(world: World) -> None:
    for uid in (str(uuid4()), "nothing"):
        answer = world.root.patch(f"{PATH}/{uid}", "UpdatePatrimony", ref="r", comment="c")
        assert refusal(answer) == "ImpossibleToPerformCommandOnNonExistingPatrimony"
    unknown = world.root.patch(f"{PATH}/{world.patrimony}", "ReferenceBuilding", label="x")
    assert "$.commandType" in unknown.json()["message"]


@pytest.mark.parametrize("kind", ["patrimony_manager", "resident"])
def test_who_is_tied_to_a_patrimony_sees_only_it(world: World, kind: str) -> None:
    user = getattr(world, kind)
    assert [p["uid"] for p in user.get(PATH)["result"]] == [world.patrimony]
    user.get(f"{PATH}/{world.patrimony}")
    user.get(f"{PATH}/{world.second_patrimony}", status=404)


def test_each_kind_of_user_lists_what_it_reaches(world: World) -> None:
    mine, second, other = world.patrimony, world.second_patrimony, world.other_patrimony
    expected = [
        (world.root, {mine, second, other}, set()),
        (world.operator_user, {mine, second, other}, set()),
        (world.far_operator_user, set(), {mine, second, other}),
        (world.holding_manager, {mine, second}, {other}),
        (world.manager, {mine, second}, {other}),
        (world.other_manager, {other}, {mine, second}),
        (world.executive, {mine}, {second, other}),
    ]
    for user, within, without in expected:
        shown = {p["uid"] for p in user.get(PATH)["result"]}
        assert within <= shown
        assert not without & shown
        for uid in without:
            user.get(f"{PATH}/{uid}", status=404)


def test_a_list_is_filtered_and_cut(world: World) -> None:
    first, second = world.patrimony, world.second_patrimony
    both = f"{world.other_agency},{world.second_agency}"
    shown = {p["uid"] for p in world.root.get(PATH, agencyuids=both)["result"]}
    assert second in shown
    assert first not in shown
    assert refusal(world.root.read(PATH, agencyuids="x,y")) == "BadRequest"
    of_company = world.root.get(PATH, companyuid=world.other_company)["result"]
    assert {p["uid"] for p in of_company} == {world.other_patrimony}
    assert [p["uid"] for p in world.root.get(PATH, fulltext="oeillets")["result"]] == [first]
    answer = world.root.read(PATH, range="0-0")
    assert answer.status_code == 206
    assert answer.headers["Content-Range"].startswith("0-0/")
    assert len(answer.json()["result"]) == 1


PLACE = {"number": "17", "street": "Rue de Solférino", "zipCode": "92100", "city": "Boulogne"}
VERIFIED = {
    "geoLocation": {"lat": 48.8287815, "lng": 2.2434476},
    "checker": {"googlePlaceId": "ChIJh7Ckz-965kcROIvFZzyeeok"},
}


def test_the_addresses_of_lots_are_those_of_the_patrimony_each_once(world: World) -> None:
    uid = world.new_patrimony("A-1", world.agency)
    upper = {**PLACE, "street": "RUE DE SOLFERINO"}
    other = {"street": "avenue Foch", "zipCode": "75016", "city": "Paris"}
    for nth, addresses in enumerate(([upper], [{**PLACE, **VERIFIED}, other])):
        world.root.created(
            "lots",
            "ReferenceLot",
            ref=f"L{nth}",
            lotNumber=str(nth),
            patrimonyUid=uid,
            addresses=addresses,
            usage="Apartment",
        )
    shown = world.root.get(f"{PATH}/{uid}")["addresses"]
    without_uids = [{name: each[name] for name in each if name != "uid"} for each in shown]
    assert without_uids == [{"number": "", **other}, {**PLACE, **VERIFIED}]
    (listed,) = world.root.get(PATH, fulltext="foch a-1")["result"]
    assert listed["addresses"] == shown
    assert [each["uid"] for each in world.root.get(PATH, fulltext="17 solferino")["result"]] == [
        uid
    ]
    assert world.root.get(PATH, fulltext="checker")["result"] == []


def test_a_complementary_address_is_added_shown_found_and_removed(world: World) -> None:
    path = f"{PATH}/{world.new_patrimony('C-1', world.agency)}"
    add, remove = "AddComplementaryAddressToPatrimony", "RemoveComplementaryAddressFromPatrimony"
    flat = {**PLACE, "street": "quai des Brumes", "floor": "3", "digicode": "1435"}
    (event,) = world.root.events(path, add, complementaryAddress=flat)
    stored = event["complementaryAddress"]
    assert stored.pop("uid")
    assert stored == {
        **PLACE,
        "street": "quai des Brumes",
        "recipientSupplement": {"floor": "3"},
    }
    (event,) = world.root.events(path, add, complementaryAddress={**PLACE, **VERIFIED})
    address = event["complementaryAddress"]
    assert address["address"] == PLACE
    shown = world.root.get(path)["complementaryAddresses"]
    assert shown[1] == {"uid": address["uid"], **PLACE, **VERIFIED}
    (found,) = world.root.get(PATH, fulltext="quai brumes")["result"]
    assert found["complementaryAddresses"] == shown
    again = world.root.patch(path, add, complementaryAddress={**PLACE, **VERIFIED})
    assert refusal(again) == "ImpossibleToAddAlreadyExistingComplementaryAddressToPatrimony"
    nowhere = world.root.patch(path, add, complementaryAddress={**PLACE, "city": " "})
    assert refusal(nowhere) == "PatrimonyGenericError"
    world.root.events(path, remove, addressUid=shown[0]["uid"])
    assert world.root.get(path)["complementaryAddresses"] == shown[1:]
    gone = world.root.patch(path, remove, addressUid=shown[0]["uid"])
    assert refusal(gone) == "ImpossibleToRemoveNonExistingComplementaryAddressFromPatrimony"
