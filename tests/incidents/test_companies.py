"""Companies: created, identified, renamed, listed, each within the reach of who asks."""

from typing import Any
from uuid import uuid4

import pytest

from .conftest import DAY, SIRET, User, World, command, refusal

PATH = "clientcompanies"


def creation(world: World, kind: str = "CreateClientAccount", **fields: Any) -> dict[str, Any]:
    return command(
        kind, **{"createdDate": DAY, "name": "Neuf", "callCenterReference": world.center} | fields
    )


def create(user: User, body: dict[str, Any], **headers: str) -> Any:
    return user.send("POST", PATH, body, **headers)


@pytest.mark.parametrize(
    ("billing", "upgrade"),
    [
        ("PremiumAccount", ["CompanyUpgradedToPremiumAccount"]),
        ("StandardAccount", ["CompanyUpgradedToStandardAccount"]),
        ("SponsoredAccount", []),
    ],
)
def test_a_creation_tells_of_the_siret_and_of_the_billing_type(
    world: World, billing: str, upgrade: list[str]
) -> None:
    body = creation(world, siretNumber=SIRET, billingType=billing, holdingReference=world.holding)
    answer = create(world.root, body)
    assert answer.status_code == 201
    assert int(answer.headers["Gerance-Position"]) > 0
    first, *others = answer.json()["events"]
    sent, uid = first.pop("sentDate"), first.pop("aggregateUid")
    assert sent.endswith("Z")
    assert first == {
        "eventType": "ClientAccountCreated",
        "processUid": body["processUid"],
        "createdDate": DAY,
        "name": "Neuf",
        "callCenterReference": world.center,
        "holdingReference": world.holding,
    }
    assert [event["eventType"] for event in others] == ["CompanyIdentified", *upgrade]
    assert others[0]["siretNumber"] == SIRET
    assert all(event["upgradedDate"] == DAY for event in others[1:])
    assert world.root.get(f"{PATH}/{uid}") == {
        "uid": uid,
        "name": "Neuf",
        "label": "Neuf",
        "isActive": True,
        "holding": {"uid": world.holding, "label": "Groupe Océan"},
        "siretNumber": SIRET,
        "billingType": billing,
        "companyType": "ClientAccount",
    }


def test_both_spellings_of_the_call_centre_are_read_and_the_first_answered(world: World) -> None:
    body = creation(world, callCenterReference=None, callCenterUid=world.center)
    event = create(world.root, body).json()["events"][0]
    assert event["callCenterReference"] == world.center
    assert "callCenterUid" not in event
    missing = create(world.root, creation(world, callCenterReference=None))
    assert refusal(missing) == "BadRequest"
    assert "callCenterReference" in missing.json()["message"]


def test_the_older_path_and_any_case_lead_to_the_same(world: World) -> None:
    assert world.root.listed("clientCompanies") == world.root.listed(PATH)
    older = [{**each} for each in world.root.listed(PATH)]
    for each in older:
        for name in ("name", "siretNumber", "billingType"):
            each.pop(name, None)
    assert world.root.listed("Companies") == older
    assert world.root.post("Companies", "CreateCallCenter", createdDate=DAY, name="C").status_code


def test_a_call_centre_has_no_billing_type(world: World) -> None:
    assert "billingType" not in world.root.get(f"{PATH}/{world.center}")


def test_a_dry_run_says_what_would_happen_and_does_nothing(world: World) -> None:
    body = creation(world, aggregateUid=str(uuid4()))
    answer = create(world.root, body, Prefer="handling=dry-run")
    assert (answer.status_code, answer.headers["Preference-Applied"]) == (200, "handling=dry-run")
    assert "Gerance-Position" not in answer.headers
    assert answer.json()["events"][0]["aggregateUid"] == body["aggregateUid"]
    world.root.get(f"{PATH}/{body['aggregateUid']}", status=404)
    assert create(world.root, body).status_code == 201


def test_a_command_is_accepted_once_with_and_without_an_aggregate_uid(world: World) -> None:
    for uid in (None, str(uuid4())):
        body = creation(world, **({"aggregateUid": uid} if uid else {}))
        assert create(world.root, body).status_code == 201
        assert refusal(create(world.root, body)) == "CommandAlreadySent"


def test_a_company_is_created_once(world: World) -> None:
    again = creation(world, aggregateUid=world.company)
    assert refusal(create(world.root, again)) == "ImpossibleToCreateExistingCompany"


@pytest.mark.parametrize(
    ("field", "wrong"),
    [
        ("callCenterReference", "company"),
        ("callCenterReference", None),
        ("holdingReference", "company"),
        ("holdingReference", None),
    ],
)
def test_what_a_creation_names_must_be_there_and_be_of_its_kind(
    world: World, field: str, wrong: str | None
) -> None:
    uid = getattr(world, wrong) if wrong else str(uuid4())
    answer = create(world.root, creation(world, **{field: uid}))
    assert refusal(answer) == "CompanyGenericError"
    assert f"$.{field}" in answer.json()["message"]


def test_a_holding_is_of_the_same_call_centre(world: World) -> None:
    body = creation(world, callCenterReference=world.other_center, holdingReference=world.holding)
    assert refusal(create(world.root, body)) == "CompanyGenericError"


def test_only_a_super_user_creates_call_centres(world: World) -> None:
    body = command("CreateCallCenter", createdDate=DAY, name="Centre")
    for user in (world.operator_user, world.manager, world.executive, world.resident):
        assert refusal(create(user, body), 403) == "Forbidden"


def test_a_call_centre_creates_its_own_accounts_and_nobody_elses(world: World) -> None:
    assert create(world.operator_user, creation(world)).status_code == 201
    holding = creation(world, "CreateClientAccountHolding")
    assert create(world.operator_user, holding).status_code == 201
    for user in (world.far_operator_user, world.holding_manager, world.manager, world.executive):
        assert refusal(create(user, creation(world)), 403) == "Forbidden"


@pytest.mark.parametrize(
    ("body", "place"),
    [
        ({"commandType": "CancelCompany"}, "$.commandType"),
        ({"commandType": "CreateClientAccount", "processUid": "x"}, "$.processUid"),
        ({"commandType": "CreateClientAccount", "processUid": str(uuid4())}, "createdDate"),
    ],
)
def test_a_wrong_message_is_refused_with_its_place(
    world: World, body: dict[str, Any], place: str
) -> None:
    answer = create(world.root, body)
    assert refusal(answer) == "BadRequest"
    assert place in answer.json()["message"]


def test_a_wrong_siret_is_refused(world: World) -> None:
    answer = create(world.root, creation(world, siretNumber="73282932000075"))
    assert "$.siretNumber" in answer.json()["message"]


def test_a_company_is_identified_once(world: World) -> None:
    uid = world.account("Sans SIRET")
    events = world.manager_of(uid).events(f"{PATH}/{uid}", "IdentifyCompany", siretNumber=SIRET)
    assert [event["eventType"] for event in events] == ["CompanyIdentified"]
    assert world.root.get(f"{PATH}/{uid}")["siretNumber"] == SIRET
    again = world.root.patch(f"{PATH}/{uid}", "IdentifyCompany", siretNumber=SIRET)
    assert refusal(again) == "CompanyAlreadyIdentified"


@pytest.mark.parametrize(
    ("which", "kind"),
    [
        ("other_center", "CallCenter"),
        ("holding", "ClientAccountHolding"),
        ("other_company", "ClientAccount"),
    ],
)
def test_a_company_is_renamed_as_what_it_is(world: World, which: str, kind: str) -> None:
    path = f"{PATH}/{getattr(world, which)}"
    before = world.root.get(path)
    fields = {"updatedDate": DAY, "name": f"Nouveau {kind}"}
    for other in {"CallCenter", "ClientAccountHolding", "ClientAccount"} - {kind}:
        assert refusal(world.root.patch(path, f"Update{other}", **fields)) == "CompanyGenericError"
    (event,) = world.root.events(path, f"Update{kind}", **fields)
    assert (event["eventType"], event["name"]) == (f"{kind}Updated", fields["name"])
    assert "holdingReference" not in event
    assert world.root.get(path) == {**before, "name": fields["name"], "label": fields["name"]}
    assert world.root.patch(path, f"Update{kind}", updatedDate=DAY, name=before["name"])


def test_a_renamed_account_keeps_its_holding_and_its_agencies_say_its_name(world: World) -> None:
    uid = world.account("Filiale", holdingReference=world.holding)
    world.new_agency(uid, "Agence")
    world.root.events(f"{PATH}/{uid}", "UpdateClientAccount", updatedDate=DAY, name="Filiale 2")
    (agency,) = world.root.listed(f"{PATH}/{uid}/agencies")
    assert agency["company"] == {"uid": uid, "label": "Filiale 2"}
    assert world.root.get(f"{PATH}/{uid}")["holding"]["uid"] == world.holding


def test_an_account_joins_a_holding_that_its_sender_reaches(world: World) -> None:
    uid = world.account("À rattacher")
    fields = {"updatedDate": DAY, "name": "À rattacher", "holdingReference": world.holding}
    out_of_reach = world.manager_of(uid).patch(f"{PATH}/{uid}", "UpdateClientAccount", **fields)
    assert refusal(out_of_reach) == "CompanyGenericError"
    world.operator_user.events(f"{PATH}/{uid}", "UpdateClientAccount", **fields)
    held = world.holding_manager.listed(f"{PATH}/{world.holding}/subsidiaries")
    assert uid in [company["uid"] for company in held]


def test_a_command_on_no_company_is_refused_with_its_code(world: World) -> None:
    fields = {"updatedDate": DAY, "name": "Personne"}
    for uid in (str(uuid4()), "nothing"):
        answer = world.root.patch(f"{PATH}/{uid}", "UpdateClientAccount", **fields)
        assert refusal(answer) == "ImpossibleToPerfomCommandOnNonExistingCompany"


def test_only_who_reaches_a_company_updates_it(world: World) -> None:
    path, fields = f"{PATH}/{world.company}", {"updatedDate": DAY, "name": "Éole Immobilier"}
    for user in (world.operator_user, world.holding_manager, world.manager):
        user.events(path, "UpdateClientAccount", **fields)
    users = (world.far_operator_user, world.other_manager, world.executive, world.resident)
    for user in users:
        assert refusal(user.patch(path, "UpdateClientAccount", **fields), 403) == "Forbidden"


def test_each_kind_of_user_lists_what_it_reaches(world: World) -> None:
    own = {world.company}
    for user in (world.manager, world.executive, world.patrimony_manager, world.resident):
        assert {company["uid"] for company in user.listed(PATH)} == own
        user.get(f"{PATH}/{world.company}")
        user.get(f"{PATH}/{world.far_company}", status=404)
    served = {company["uid"] for company in world.operator_user.listed(PATH)}
    assert {world.center, world.holding, world.company, world.other_company} <= served
    assert not {world.other_center, world.far_company} & served
    assert {world.holding, world.company} <= {c["uid"] for c in world.holding_manager.listed(PATH)}
    assert {world.center, world.far_company} <= {c["uid"] for c in world.root.listed(PATH)}
    world.root.get(f"{PATH}/{uuid4()}", status=404)
    world.root.get(f"{PATH}/nothing", status=404)
    assert world.http.get(f"/api/v1/{PATH}").status_code == 401


def test_a_list_is_in_the_order_of_names_whatever_their_accents(world: World) -> None:
    for name in ("zèbre", "Écureuil", "abeille", "Ours"):
        world.account(name)
    names = [c["name"] for c in world.root.listed(PATH)]
    assert [n for n in names if n in ("zèbre", "Écureuil", "abeille", "Ours")] == [
        "abeille",
        "Écureuil",
        "Ours",
        "zèbre",
    ]


def test_a_list_is_filtered(world: World) -> None:
    assert world.root.listed(PATH, fulltext="OCEAN groupe") == [
        world.root.get(f"{PATH}/{world.holding}")
    ]
    assert world.root.listed(PATH, fulltext="%") == []
    kinds = world.root.listed(PATH, companytype="callcenter,ClientAccountHolding")
    assert {c["companyType"] for c in kinds} == {"CallCenter", "ClientAccountHolding"}
    assert refusal(world.root.read(PATH, companytype="Castle")) == "BadRequest"
    held = world.root.listed(PATH, holdinguid=world.holding)
    assert world.company in [c["uid"] for c in held]
    assert all(c["holding"]["uid"] == world.holding for c in held)
    assert refusal(world.root.read(PATH, holdinguid="x")) == "BadRequest"


def test_a_range_is_clipped_and_says_what_there_is(world: World) -> None:
    for name in ("a", "b", "c"):
        world.account(f"Rang {name}", holdingReference=world.holding)
    path = f"{PATH}/{world.holding}/subsidiaries"
    everything = world.root.listed(path)
    count = len(everything)
    for wanted, status, span, length in [
        (None, 200, f"0-{count - 1}/{count}", count),
        ("0-0", 206, f"0-0/{count}", 1),
        ("1-2", 206, f"1-2/{count}", 2),
        (f"1-{count + 5}", 206, f"1-{count - 1}/{count}", count - 1),
        ("0-100000", 200, f"0-{count - 1}/{count}", count),
        (f"{count}-{count + 1}", 206, f"{count}-{count}/{count}", 0),
    ]:
        answer = world.root.read(path, **({"range": wanted} if wanted else {}))
        headers = answer.headers
        assert (answer.status_code, headers["Content-Range"]) == (status, span)
        assert headers["Accept-Range"] == "100"
        assert len(answer.json()["result"]) == length
    assert everything[1:3] == world.root.listed(path, range="1-2")
    empty = world.root.read(f"{PATH}/{world.company}/subsidiaries")
    assert (empty.status_code, empty.headers["Content-Range"]) == (200, "0-0/0")
    assert empty.json()["result"] == []
    for wrong in ("2-1", "a-b", "-1", "1"):
        assert refusal(world.root.read(path, range=wrong)) == "BadRequest"
    assert refusal(world.manager.read(f"{PATH}/{world.far_company}/subsidiaries"), 404)


def test_no_answer_has_more_than_a_hundred(world: World) -> None:
    world.rows(
        "INSERT INTO company (uid, company_type, name, holding)"
        " SELECT gen_random_uuid(), 'ClientAccount', 'Masse', %s FROM generate_series(1, 101)"
        " RETURNING uid",
        str(mass := uuid4()),
    )
    answer = world.root.read(PATH, holdinguid=str(mass))
    assert (answer.status_code, answer.headers["Content-Range"]) == (206, "0-99/101")
    assert len(answer.json()["result"]) == 100
    rest = world.root.listed(PATH, holdinguid=str(mass), range="100-200")
    assert len({c["uid"] for c in [*answer.json()["result"], *rest]}) == 101
