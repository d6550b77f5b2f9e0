"""Lots: of one patrimony, with a reference and a number of their own, always somewhere."""

from concurrent.futures import ThreadPoolExecutor
from typing import Any
from uuid import uuid4

import pytest
from tests.contract.reader import CONTRACT, problems

from .conftest import User, World, command, refusal

PATH = "lots"
ADDRESS = {"number": "3 bis", "street": "rue de l'Œuvre", "zipCode": "69001", "city": "Lyon"}
VERIFIED = {
    **ADDRESS,
    "quality": "Résidence",
    "recipientSupplement": {"floor": "2", "staircase": "B"},
    "geoLocation": {"lat": 45.76, "lng": 4},
    "checker": {"dataGouvAddressId": "69381_0001"},
}
NOBODY = "ImpossibleToPerformCommandOnNonExistingLot"


def fields(patrimony: str, **more: Any) -> dict[str, Any]:
    unique = uuid4().hex
    given = {"ref": f"R-{unique}", "lotNumber": f"N-{unique}", "usage": "Apartment"}
    return {**given, "patrimonyUid": patrimony, "addresses": [ADDRESS], **more}


def new_lot(world: World, patrimony: str | None = None, **more: Any) -> str:
    given = fields(patrimony or world.patrimony, **more)
    return world.root.created(PATH, "ReferenceLot", **given)


def test_a_lot_is_referenced_and_read(world: World) -> None:
    given = fields(world.patrimony, ref="ÉTÉ-1", lotNumber="12", addresses=[VERIFIED, ADDRESS])
    body = command("ReferenceLot", **given)
    dry = world.root.send("POST", PATH, body, Prefer="handling=dry-run")
    answer = world.root.send("POST", PATH, body)
    assert (dry.status_code, answer.status_code) == (200, 201)
    referenced, numbered = answer.json()["events"]
    assert (referenced["eventType"], numbered["eventType"]) == ("LotReferenced", "LotNumberUpdated")
    assert numbered["lotNumber"] == "12"
    uid, first = referenced["aggregateUid"], referenced["addresses"][0]["addressReference"]
    assert (first["address"]["street"], first["checker"]) == (
        ADDRESS["street"],
        VERIFIED["checker"],
    )
    uids = [each["addressReference"]["uid"] for each in referenced["addresses"]]
    assert uids == [
        each["addressReference"]["uid"] for each in dry.json()["events"][0]["addresses"]
    ]
    shown = world.root.get(f"{PATH}/{uid}")
    assert not list(problems("LotDetailQueryView", {**shown, "addresses": []}))
    assert shown["patrimony"] == {
        "uid": world.patrimony, "label": "Résidence des Œillets", "ref": "P-001",
    }  # fmt: skip
    assert shown["addresses"] == [
        {**VERIFIED, "uid": uids[0], "status": "AddressIsVerified"},
        {**ADDRESS, "uid": uids[1], "status": "AddressIsNotVerified"},
    ]
    assert (shown["ref"], shown["lotNumber"], shown["usage"]) == ("ÉTÉ-1", "12", "Apartment")
    assert refusal(world.root.send("POST", PATH, body)) == "CommandAlreadySent"
    again = {**body, "processUid": str(uuid4()), "aggregateUid": uid}
    assert refusal(world.root.send("POST", PATH, again)) == "ImpossibleToCreateExistingLot"


def test_links_are_those_that_the_contract_names(world: World) -> None:
    uid = new_lot(world)
    routes = {route["path"]: route for route in CONTRACT["routes"] if route["method"] == "GET"}
    for user in (world.root, world.executive):
        page = user.get(PATH)
        (listed,) = [each for each in page["result"] if each["uid"] == uid]
        for links, name in ((page["_links"], "links"), (listed["_links"], "item_links")):
            assert [link["rel"] for link in links] == routes["/api/v1/lots"][name]
        links = {link["rel"]: link for link in user.get(f"{PATH}/{uid}")["_links"]}
        assert set(links) == set(routes["/api/v1/lots/:lot_uid"]["links"])
        href = f"http://testserver/api/v1/lots/{uid}"
        assert links["self"] == {"rel": "self", "href": href, "method": "GET"}
        command_link = {"href": f"http://testserver/api/vEvent/lots/{uid}", "method": "PATCH"}
        assert links["DeleteLot"] == {"rel": "DeleteLot", **command_link}
    (link,) = world.resident.get(f"{PATH}/{uid}")["_links"]
    assert link["rel"] == "self"


def test_a_lot_is_of_a_patrimony_within_reach(world: World) -> None:
    for user, patrimony in [
        (world.root, str(uuid4())),
        (world.manager, world.other_patrimony),
        (world.executive, world.second_patrimony),
        (world.far_operator_user, world.patrimony),
    ]:
        answer = user.post(PATH, "ReferenceLot", **fields(patrimony))
        assert refusal(answer) == "PatrimonyNotFound"
        assert "$.patrimonyUid" in answer.json()["message"]


def test_who_manages_the_patrimony_writes_its_lots(world: World) -> None:
    for user in (world.operator_user, world.holding_manager, world.manager, world.executive):
        uid = user.created(PATH, "ReferenceLot", **fields(world.patrimony))
        (event,) = user.events(f"{PATH}/{uid}", "UpdateLotUsage", usage="Office")
        assert (event["eventType"], event["usage"]) == ("LotUsageUpdated", "Office")
    path = f"{PATH}/{new_lot(world, world.second_patrimony)}"
    for user in (world.patrimony_manager, world.resident):
        answer = user.post(PATH, "ReferenceLot", **fields(world.patrimony))
        assert refusal(answer, 403) == "Forbidden"
    for user in (world.far_operator_user, world.other_manager, world.executive, world.resident):
        assert refusal(user.patch(path, "DeleteLot"), 403) == "Forbidden"


def test_each_kind_of_user_sees_the_lots_of_its_patrimonies(world: World) -> None:
    mine, second = new_lot(world), new_lot(world, world.second_patrimony)
    other = new_lot(world, world.other_patrimony)
    expected: list[tuple[User, set[str]]] = [
        (world.root, {mine, second, other}),
        (world.operator_user, {mine, second, other}),
        (world.far_operator_user, set()),
        (world.holding_manager, {mine, second}),
        (world.manager, {mine, second}),
        (world.other_manager, {other}),
        (world.executive, {mine}),
        (world.patrimony_manager, {mine}),
        (world.resident, {mine}),
    ]
    for user, within in expected:
        shown = {lot["uid"] for lot in user.get(PATH)["result"]}
        assert shown & {mine, second, other} == within
        for uid in (mine, second, other):
            user.get(f"{PATH}/{uid}", status=200 if uid in within else 404)


def test_a_list_is_filtered_and_cut(world: World) -> None:
    patrimony = world.new_patrimony("F", world.agency)
    uids = [new_lot(world, patrimony, ref=ref) for ref in ("é2", "E1")]
    listed = world.root.get(PATH, patrimonyuid=patrimony)
    assert [lot["uid"] for lot in listed["result"]] == uids[::-1]
    cut = world.root.read(PATH, patrimonyuid=patrimony, range="1-1")
    assert (cut.status_code, cut.headers["Content-Range"]) == (206, "1-1/2")
    assert world.root.listed(PATH, buildinguids=f"{uuid4()},{uuid4()}") == []
    for query in ({"patrimonyuid": "x"}, {"buildinguids": "x"}):
        assert refusal(world.root.read(PATH, **query)) == "BadRequest"


def test_a_reference_and_a_number_are_of_one_lot_of_the_patrimony(world: World) -> None:
    patrimony = world.new_patrimony("U", world.agency)
    first = new_lot(world, patrimony, ref="A", lotNumber="1")
    second = new_lot(world, patrimony, ref="B", lotNumber="2")
    elsewhere = new_lot(world, ref="A", lotNumber="1")
    for code, name, taken, kind in [
        ("LotReferenceAlreadyExist", "ref", "A", "UpdateLotReference"),
        ("LotNumberAlreadyExist", "lotNumber", "1", "UpdateLotNumber"),
    ]:
        body = command("ReferenceLot", **fields(patrimony, **{name: taken}))
        assert refusal(world.root.send("POST", PATH, body)) == code
        dry = world.root.send("POST", PATH, body, Prefer="handling=dry-run")
        assert refusal(dry) == code
        assert refusal(world.root.patch(f"{PATH}/{second}", kind, **{name: taken})) == code
        for uid in (first, elsewhere):
            (event,) = world.root.events(f"{PATH}/{uid}", kind, **{name: taken})
            assert event[name] == taken
    world.root.events(f"{PATH}/{first}", "UpdateLotReference", ref="C")
    world.root.events(f"{PATH}/{second}", "UpdateLotReference", ref="A")
    assert world.root.get(f"{PATH}/{second}")["ref"] == "A"


@pytest.mark.parametrize(
    ("name", "code", "kind"),
    [
        ("ref", "LotReferenceAlreadyExist", "UpdateLotReference"),
        ("lotNumber", "LotNumberAlreadyExist", "UpdateLotNumber"),
    ],
)
def test_of_many_who_ask_for_it_at_once_one_gets_it(
    world: World, name: str, code: str, kind: str
) -> None:
    patrimony = world.new_patrimony("M", world.agency)
    uids = [new_lot(world, patrimony) for _ in range(20)]
    wanted = {name: "wanted"}
    with ThreadPoolExecutor(40) as pool:
        sent = [pool.submit(world.root.patch, f"{PATH}/{uid}", kind, **wanted) for uid in uids]
        sent += [
            pool.submit(world.root.post, PATH, "ReferenceLot", **fields(patrimony, **wanted))
            for _ in uids
        ]
    answers = [future.result() for future in sent]
    refused = [answer for answer in answers if answer.status_code >= 400]
    assert len(refused) == len(answers) - 1
    assert {refusal(answer) for answer in refused} == {code}
    lots = world.root.get(PATH, patrimonyuid=patrimony)["result"]
    assert [lot[name] for lot in lots].count("wanted") == 1


def test_addresses_are_added_and_removed_but_for_the_last(world: World) -> None:
    path = f"{PATH}/{new_lot(world)}"
    (only,) = [each["uid"] for each in world.root.get(path)["addresses"]]
    remove = "RemoveAddressFromLot"
    answer = world.root.patch(path, remove, addressUid=str(uuid4()))
    assert refusal(answer) == "ImpossibleToRemoveNonExistingAddressFromLot"
    answer = world.root.patch(path, remove, addressUid=only)
    assert refusal(answer) == "ImpossibleToRemoveOnlyAddressFromLot"
    mine = str(uuid4())
    whole = {"uid": mine, "address": {**ADDRESS, "city": "Nîmes"}}
    for reference in (whole, VERIFIED):
        added = {"addressReference": reference}
        (event,) = world.root.events(path, "AddAddressToLot", address=added)
        assert event["eventType"] == "AddressAddedToLot"
        assert set(event["lotAddress"]["addressReference"]) >= {"uid", "address"}
    twice = world.root.patch(path, "AddAddressToLot", address={"addressReference": whole})
    assert refusal(twice) == "AddressNotConform"
    (event,) = world.root.events(path, remove, addressUid=only)
    assert (event["eventType"], event["addressUid"]) == ("AddressRemovedFromLot", only)
    left = world.root.get(path)["addresses"]
    assert [(each["city"], each["status"]) for each in left] == [
        ("Nîmes", "AddressIsNotVerified"), ("Lyon", "AddressIsVerified"),
    ]  # fmt: skip
    assert left[0]["uid"] == mine


@pytest.mark.parametrize(
    ("wrong", "word"),
    [
        ({"street": " "}, "street"),
        ({"city": ""}, "city"),
        ({"geoLocation": {"lat": 45, "lng": 4}}, "checker"),
        ({"checker": {"googlePlaceId": "x"}}, "geoLocation"),
        ({"checker": {}, "geoLocation": {"lat": 45, "lng": 4}}, "googlePlaceId"),
        ({"checker": {"googlePlaceId": "x"}, "geoLocation": {"lat": 91, "lng": 4}}, "earth"),
    ],
)
def test_an_address_that_is_none_is_refused(world: World, wrong: dict[str, Any], word: str) -> None:
    addresses = [ADDRESS, {**ADDRESS, **wrong}]
    answer = world.root.post(PATH, "ReferenceLot", **fields(world.patrimony, addresses=addresses))
    assert refusal(answer) == "AddressNotConform"
    assert word in answer.json()["message"]
    assert "$.addresses[1]" in answer.json()["message"]
    added = {"addressReference": {**ADDRESS, **wrong}}
    answer = world.root.patch(f"{PATH}/{new_lot(world)}", "AddAddressToLot", address=added)
    assert refusal(answer) == "AddressNotConform"


def test_there_are_no_buildings_to_be_in(world: World) -> None:
    inside = {**ADDRESS, "building": str(uuid4())}
    answer = world.root.post(PATH, "ReferenceLot", **fields(world.patrimony, addresses=[inside]))
    assert refusal(answer) == "BuildingDontExist"
    assert "$.addresses[0].building" in answer.json()["message"]
    added = {"addressReference": ADDRESS, "building": str(uuid4())}
    answer = world.root.patch(f"{PATH}/{new_lot(world)}", "AddAddressToLot", address=added)
    assert refusal(answer) == "BuildingDontExist"


def test_what_does_not_fit_is_refused_with_its_path(world: World) -> None:
    for wrong, place in [
        ({"usage": "Castle"}, "$.usage"),
        ({"addresses": []}, "$.addresses"),
        ({"addresses": [ADDRESS] * 101}, "$.addresses"),
        ({"ref": "x" * 501}, "$.ref"),
        ({"addresses": [{**ADDRESS, "number": ""}]}, "$.addresses[0].number"),
    ]:
        answer = world.root.post(PATH, "ReferenceLot", **fields(world.patrimony, **wrong))
        assert (refusal(answer), place in answer.json()["message"]) == ("BadRequest", True)
    longest = fields(world.patrimony, ref="é" * 500, lotNumber="\U0001f3e0" * 500)
    path = f"{PATH}/{world.root.created(PATH, 'ReferenceLot', **longest)}"
    for kind, name in (("UpdateLotReference", "ref"), ("UpdateLotNumber", "lotNumber")):
        assert refusal(world.root.patch(path, kind, **{name: ""})) == "BadRequest"


def test_a_deleted_lot_is_no_more_and_what_it_had_is_free(world: World) -> None:
    given = fields(world.patrimony)
    uid = world.root.created(PATH, "ReferenceLot", **given)
    (event,) = world.executive.events(f"{PATH}/{uid}", "DeleteLot")
    assert event["eventType"] == "LotDeleted"
    world.root.get(f"{PATH}/{uid}", status=404)
    for user in (world.root, world.executive):
        assert refusal(user.patch(f"{PATH}/{uid}", "DeleteLot")) == NOBODY
    world.root.created(PATH, "ReferenceLot", **given)
    again = world.root.post(PATH, "ReferenceLot", **fields(world.patrimony, aggregateUid=uid))
    assert refusal(again) == "ImpossibleToCreateExistingLot"


def test_a_command_on_no_lot_is_refused_with_its_code(world: World) -> None:
    for uid in (str(uuid4()), "nothing"):
        assert (
            refusal(world.root.patch(f"{PATH}/{uid}", "UpdateLotUsage", usage="Office")) == NOBODY
        )


def test_usages_are_those_of_the_contract(world: World) -> None:
    path = f"{PATH}/{new_lot(world)}"
    for usage in CONTRACT["unions"]["LotUsage"]:
        world.root.events(path, "UpdateLotUsage", usage=usage)
        assert world.root.get(path)["usage"] == usage
