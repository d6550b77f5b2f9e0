"""Users: never given more than their creator reaches, one login each, disabled for good."""

import asyncio
from typing import Any
from uuid import uuid4

import psycopg
import pytest

from gerance.kernel.identity.accounts import disable_user, set_password

from .conftest import World, command, refusal

PATH = "users"
PERSON = {"firstName": "Ève", "lastName": "Neuf"}


def staff(world: World, kind: str, **more: Any) -> dict[str, Any]:
    fields = {"login": f"{uuid4()}@example.fr", "companyUid": world.company, **PERSON, **more}
    return command(kind, **fields)


def of_kind(world: World, kind: str, **more: Any) -> dict[str, Any]:
    match kind:
        case "Executive":
            more = {"managedAgencies": [world.agency], **more}
        case "PatrimonyManager":
            more = {"managedPatrimonies": [world.patrimony], **more}
        case "PatrimonyUser":
            more = {"patrimonies": [world.patrimony], "companyUid": None, **more}
    return staff(world, f"Reference{kind}", **more)


KINDS = ("ClientAccountManager", "Executive", "PatrimonyManager", "PatrimonyUser")


def reference(world: World, kind: str = "ClientAccountManager", **more: Any) -> str:
    answer = world.root.send("POST", PATH, of_kind(world, kind, **more))
    assert answer.status_code == 201, answer.text
    return str(answer.json()["events"][0]["aggregateUid"])


def shown(world: World, uid: str) -> dict[str, Any]:
    users = world.root.listed(f"clientcompanies/{world.company}/users")
    return next(user for user in users if user["uid"] == uid)


@pytest.mark.parametrize("kind", KINDS)
def test_a_user_of_each_kind_is_referenced_and_read(world: World, kind: str) -> None:
    body = of_kind(world, kind, phone="0600000000")
    answer = world.root.send("POST", PATH, body)
    (event,) = answer.json()["events"]
    assert answer.status_code == 201
    assert (event["eventType"], event["companyUid"]) == (f"{kind}Referenced", world.company)
    assert {k: v for k, v in body.items() if k != "commandType"}.items() <= event.items()
    agencies = [{"uid": world.agency, "label": "Agence Étoile"}]
    patrimonies = [{"uid": world.patrimony, "label": "Résidence des Œillets", "ref": "P-001"}]
    tied: dict[str, Any] = {
        "ClientAccountManager": {},
        "Executive": {"managedAgencies": agencies},
        "PatrimonyManager": {"managedAgencies": agencies, "managedPatrimonies": patrimonies},
        "PatrimonyUser": {"patrimonies": patrimonies},
    }[kind]
    uid = event["aggregateUid"]
    assert shown(world, uid) == {
        "uid": uid,
        "login": body["login"],
        "company": {"uid": world.company, "label": "Éole Immobilier"},
        **PERSON,
        "phone": "0600000000",
        "userType": kind[0].lower() + kind[1:],
        **tied,
    }
    assert refusal(world.root.send("POST", PATH, body)) == "CommandAlreadySent"
    again = {**body, "processUid": str(uuid4()), "aggregateUid": uid}
    assert refusal(world.root.send("POST", PATH, again)) == "ImpossibleToReferenceExistingUser"


def test_a_resident_may_have_no_first_name_and_an_agent_may_not(world: World) -> None:
    uid = reference(world, "PatrimonyUser", firstName=None)
    assert "firstName" not in shown(world, uid)
    answer = world.root.send("POST", PATH, of_kind(world, "Executive", firstName=None))
    assert "firstName" in answer.json()["message"]


def test_a_dry_run_makes_no_account(world: World) -> None:
    body = of_kind(world, "Executive")
    answer = world.root.send("POST", PATH, body, Prefer="handling=dry-run")
    assert answer.status_code == 200
    assert not world.rows("SELECT 1 FROM account WHERE login = %s", body["login"])


def test_nobody_takes_a_login_or_an_account_of_others(world: World) -> None:
    login = f"{uuid4()}-Été@example.fr"
    taken = reference(world, login=login)
    folded = of_kind(world, "Executive", login=login.replace("Été", "ETE"))
    answer = world.manager.send("POST", PATH, folded)
    assert refusal(answer) == "LoginTaken"
    assert "$.login" in answer.json()["message"]
    other = reference(world)
    assert refusal(world.root.patch(f"{PATH}/{other}", "UpdateLogin", login=login)) == "LoginTaken"
    world.root.events(f"{PATH}/{taken}", "UpdateLogin", login=login.upper())
    for uid in (world.root.uid, world.operator_user.uid):
        stolen = of_kind(world, "Executive", aggregateUid=uid)
        answer = world.manager.send("POST", PATH, stolen)
        assert refusal(answer) == "ImpossibleToReferenceExistingUser"


@pytest.mark.parametrize(
    ("kind", "field", "wrong"),
    [
        ("Executive", "managedAgencies", "other_agency"),
        ("Executive", "managedAgencies", None),
        ("PatrimonyManager", "managedPatrimonies", "other_patrimony"),
        ("PatrimonyUser", "patrimonies", "other_patrimony"),
        ("PatrimonyUser", "patrimonies", None),
    ],
)
def test_what_a_user_is_given_is_of_its_company(
    world: World, kind: str, field: str, wrong: str | None
) -> None:
    right = world.agency if field == "managedAgencies" else world.patrimony
    uids = [right, getattr(world, wrong) if wrong else str(uuid4())]
    for user in (world.root, world.manager):
        answer = user.send("POST", PATH, of_kind(world, kind, **{field: uids}))
        assert refusal(answer) == "BadRequest"
        assert f"$.{field}[1]" in answer.json()["message"]


def test_only_who_reaches_the_company_gives_it_users(world: World) -> None:
    for kind in KINDS:
        for user in (world.operator_user, world.holding_manager, world.manager):
            assert user.send("POST", PATH, of_kind(world, kind)).status_code == 201
        for user in (world.executive, world.patrimony_manager, world.resident):
            refused = user.send("POST", PATH, of_kind(world, kind))
            assert refusal(refused, 403) == "Forbidden"
    for user in (world.far_operator_user, world.other_manager):
        for kind in KINDS[:3]:
            refused = user.send("POST", PATH, of_kind(world, kind))
            assert refusal(refused, 403) == "Forbidden"
        refused = user.send("POST", PATH, of_kind(world, "PatrimonyUser"))
        assert refusal(refused) == "BadRequest"
    for company, code, status in [
        (world.holding, "Forbidden", 403),
        (world.center, "BadRequest", 400),
        (str(uuid4()), "BadRequest", 400),
    ]:
        body = of_kind(world, "ClientAccountManager", companyUid=company)
        assert refusal(world.manager.send("POST", PATH, body), status) == code


def test_a_user_is_updated_by_who_reaches_it(world: World) -> None:
    path = f"{PATH}/{(uid := reference(world, job='Chef'))}"
    fields = {"firstName": "Ada", "lastName": "Autre", "phone": "07"}
    (event,) = world.manager.events(path, "UpdateUser", **fields)
    assert (event["eventType"], event["phone"]) == ("UserUpdated", "07")
    assert fields.items() <= shown(world, uid).items()
    assert "job" not in shown(world, uid)
    (event,) = world.operator_user.events(path, "UpdateLogin", login=f"neuf-{uid}")
    assert (event["eventType"], shown(world, uid)["login"]) == ("LoginUpdated", f"neuf-{uid}")
    users = (world.far_operator_user, world.other_manager, world.executive, world.resident)
    for user in users:
        assert refusal(user.patch(path, "UpdateUser", **fields), 403) == "Forbidden"
    for above in (world.root.uid, world.operator_user.uid, world.holding_manager.uid):
        answer = world.manager.patch(f"{PATH}/{above}", "UpdateLogin", login=str(uuid4()))
        assert refusal(answer, 403) == "Forbidden"


def test_a_command_on_no_user_is_refused(world: World) -> None:
    for uid in (str(uuid4()), "nothing"):
        answer = world.root.patch(f"{PATH}/{uid}", "DisableUser")
        assert refusal(answer) == "ImpossibleToPerformCommandOnNonExistingUser"
    path = f"{PATH}/{reference(world)}"
    other = world.root.patch(path, "DisableUser", aggregateUid=str(uuid4()))
    assert "$.aggregateUid" in other.json()["message"]
    unknown = world.root.patch(path, "AssociateUserWithAgency", agencyUid=world.agency)
    assert "$.commandType" in unknown.json()["message"]


def test_a_user_that_an_operator_added_is_changed_like_others(world: World) -> None:
    user = world.manager_of(world.company)
    path = f"{PATH}/{user.uid}"
    login = shown(world, user.uid)["login"]
    world.root.events(path, "UpdateUser", firstName="Un", lastName="Deux")
    assert (shown(world, user.uid)["lastName"], shown(world, user.uid)["login"]) == ("Deux", login)
    user.get("clientcompanies")
    world.root.events(path, "DisableUser")
    user.get("clientcompanies", status=401)


def test_a_disabled_user_stays_disabled_whoever_did_it(world: World) -> None:
    uid = reference(world)
    login = shown(world, uid)["login"]

    async def operate(act: Any, *given: str) -> None:
        async with await psycopg.AsyncConnection.connect(
            world.database, autocommit=True
        ) as connection:
            await act(connection, login, *given)

    def log_in() -> int:
        credentials = {"login": login, "password": "a password for tests"}
        return int(world.http.post("/api/v1/login", json=credentials).status_code)

    assert log_in() == 400
    asyncio.run(operate(set_password, "a password for tests"))
    assert log_in() == 200
    world.root.events(f"{PATH}/{uid}", "UpdateUser", **PERSON)
    assert log_in() == 200
    asyncio.run(operate(disable_user))
    world.root.events(f"{PATH}/{uid}", "UpdateUser", **PERSON)
    assert log_in() == 400


def test_each_kind_of_user_lists_whom_it_may_see(world: World) -> None:
    path = f"clientcompanies/{world.company}/users"
    executive, resident = reference(world, "Executive"), reference(world, "PatrimonyUser")
    elsewhere = reference(world, "Executive", managedAgencies=[world.second_agency])
    everyone = {executive, resident, elsewhere}
    for user in (world.root, world.operator_user, world.holding_manager, world.manager):
        assert everyone <= {u["uid"] for u in user.listed(path, range="0-99")}
    seen = {u["uid"] for u in world.executive.listed(path)}
    assert {executive, resident} <= seen
    assert elsewhere not in seen
    assert resident in {u["uid"] for u in world.patrimony_manager.listed(path)}
    assert {u["uid"] for u in world.resident.listed(path)} == {world.resident.uid}
    world.other_manager.get(path, status=404)
    world.far_operator_user.get(path, status=404)


def test_a_list_is_cut_and_filtered(world: World) -> None:
    company = world.account("Personnel")
    path = f"clientcompanies/{company}/users"
    for name in ("Zola", "Éluard", "Dumas"):
        body = staff(world, "ReferenceClientAccountManager", companyUid=company, lastName=name)
        uid = world.root.send("POST", PATH, body).json()["events"][0]["aggregateUid"]
    answer = world.root.read(path, range="0-1")
    assert [u["lastName"] for u in answer.json()["result"]] == ["Dumas", "Éluard"]
    assert (answer.status_code, answer.headers["Content-Range"]) == (206, "0-1/3")
    world.root.events(f"{PATH}/{uid}", "DisableUser")
    assert [u["lastName"] for u in world.root.listed(path, active="false")] == ["Dumas"]
    assert [u["lastName"] for u in world.root.listed(path, active="true")] == ["Éluard", "Zola"]
