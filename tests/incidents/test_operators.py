"""Operators: of a call centre, seen by it and by those it serves."""

from uuid import uuid4

from .conftest import World, command, refusal

PATH = "operators"


def test_an_operator_is_referenced_once_and_read(world: World) -> None:
    body = command("ReferenceOperator", callCenterUid=world.center, firstName="Zoé", lastName="Œil")
    dry = world.root.send("POST", PATH, body, Prefer="handling=dry-run")
    assert dry.status_code == 200
    answer = world.root.send("POST", PATH, body)
    (event,) = answer.json()["events"]
    assert (answer.status_code, event["eventType"]) == (201, "OperatorReferenced")
    uid = event["aggregateUid"]
    shown = {
        "uid": uid,
        "firstName": "Zoé",
        "lastName": "Œil",
        "callCenter": {"uid": world.center, "label": "Centre Nord"},
    }
    assert world.root.get(f"{PATH}/{uid}") == shown
    assert world.root.get(PATH, fulltext="oeil") == {"result": [shown]}
    assert refusal(world.root.send("POST", PATH, body)) == "CommandAlreadySent"
    again = {**body, "processUid": str(uuid4()), "aggregateUid": uid}
    assert refusal(world.root.send("POST", PATH, again)) == "ImpossibleToReferenceExistingOperator"


def test_only_a_call_centre_references_its_operators(world: World) -> None:
    fields = {"callCenterUid": world.center, "lastName": "Seul"}
    uid = world.operator_user.created(PATH, "ReferenceOperator", **fields)
    assert "firstName" not in world.operator_user.get(f"{PATH}/{uid}")
    for user in (world.far_operator_user, world.manager, world.executive, world.resident):
        assert refusal(user.post(PATH, "ReferenceOperator", **fields), 403) == "Forbidden"
    for wrong in (str(uuid4()), world.company):
        answer = world.root.post(
            PATH, "ReferenceOperator", callCenterUid=wrong, lastName="Personne"
        )
        assert refusal(answer) == "BadRequest"
        assert "$.callCenterUid" in answer.json()["message"]


def test_operators_are_seen_by_those_their_call_centre_serves(world: World) -> None:
    uid = world.root.created(
        PATH, "ReferenceOperator", callCenterUid=world.center, lastName="Servi"
    )
    for user in (world.root, world.operator_user, world.manager, world.executive, world.resident):
        assert uid in {o["uid"] for o in user.get(PATH)["result"]}
    assert uid not in {o["uid"] for o in world.far_operator_user.get(PATH)["result"]}
    world.far_operator_user.get(f"{PATH}/{uid}", status=404)
    answer = world.root.read(PATH, range="0-0")
    assert len(answer.json()["result"]) == 1
    assert answer.headers["Content-Range"].startswith("0-0/")
