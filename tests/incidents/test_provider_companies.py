"""Provider companies: a directory that managers fill and everybody reads."""

from uuid import uuid4

from .conftest import SIRET, User, World, command, refusal

PATH = "providercompanies"
KIND = "ReferenceProviderCompany"


def reference(user: User, name: str = "Plombiers Réunis", **fields: str) -> str:
    return user.created(PATH, KIND, name=name, siretNumber=SIRET, **fields)


def test_a_provider_company_is_referenced_once_and_read(world: World) -> None:
    body = command(KIND, name="Œuvre & Fils", siretNumber=SIRET)
    rehearsed = world.root.send("POST", PATH, body, Prefer="handling=dry-run")
    assert rehearsed.status_code == 200
    answer = world.root.send("POST", PATH, body)
    (event,) = answer.json()["events"]
    uid = event["aggregateUid"]
    assert (answer.status_code, event["eventType"]) == (201, "ProviderCompanyReferenced")
    assert world.root.get(f"{PATH}/{uid}") == {
        "uid": uid,
        "name": "Œuvre & Fils",
        "siretNumber": SIRET,
        "_links": [
            {"rel": "self", "href": f"http://testserver/api/v1/{PATH}/{uid}", "method": "GET"}
        ],
    }
    assert refusal(world.root.send("POST", PATH, body)) == "CommandAlreadySent"
    again = {**body, "processUid": str(uuid4()), "aggregateUid": uid}
    code = "ImpossibleToReferenceAlreadyExistingProviderCompany"
    assert refusal(world.root.send("POST", PATH, again)) == code


def test_managers_reference_and_everybody_reads(world: World) -> None:
    uid = reference(world.root, "À tous")
    for user in (world.operator_user, world.manager, world.holding_manager):
        reference(user)
        assert {link["rel"] for link in user.get(PATH)["_links"]} == {"self", KIND}
    for user in (world.executive, world.patrimony_manager, world.resident):
        answer = user.post(PATH, KIND, name="Non", siretNumber=SIRET)
        assert refusal(answer, 403) == "Forbidden"
        user.get(f"{PATH}/{uid}")
        assert [link["rel"] for link in user.get(PATH)["_links"]] == ["self"]
    world.root.get(f"{PATH}/{uuid4()}", status=404)


def test_a_list_is_ordered_filtered_and_cut(world: World) -> None:
    for name in ("Cherche zinc", "Cherche écrou", "Cherche Étau"):
        reference(world.root, name)
    answer = world.root.read(PATH, fulltext="cherche", range="0-1")
    assert (answer.status_code, answer.headers["Content-Range"]) == (206, "0-1/3")
    found = answer.json()
    assert [c["name"] for c in found["result"]] == ["Cherche écrou", "Cherche Étau"]
    assert found["_links"][0] == {
        "rel": "self",
        "href": f"http://testserver/api/v1/{PATH}?fulltext=cherche&range=0-1",
        "method": "GET",
    }
    wrong = world.root.post(PATH, KIND, name="x", siretNumber="1")
    assert "$.siretNumber" in wrong.json()["message"]
