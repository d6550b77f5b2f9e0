"""Provider contacts: of one company, renamed, disabled, found again."""

from typing import Any
from uuid import uuid4

from .conftest import DAY, MOMENT, SIRET, User, World, command, refusal

PATH = "providercontacts"
NAME = {"nameType": "PoorName", "value": "Plomberie Épée"}
REACHED = {"phones": ["0472222222"], "fax": [], "emails": ["p@epee.fr"]}


def fields(company: str, **more: Any) -> dict[str, Any]:
    return {"companyUid": company, "date": MOMENT, "name": NAME, **REACHED, **more}


def add(user: User, company: str, **more: Any) -> Any:
    return user.post(PATH, "AddProviderContact", **fields(company, **more))


def added(world: World, **more: Any) -> str:
    return world.root.created(PATH, "AddProviderContact", **fields(world.company, **more))


def test_a_contact_is_added_to_its_company_and_provider_company(world: World) -> None:
    provider = world.root.created(
        "providercompanies", "ReferenceProviderCompany", name="Épée SA", siretNumber=SIRET
    )
    body = command("AddProviderContact", **fields(world.company, providerCompanyUid=provider))
    answer = world.root.send("POST", PATH, body)
    assert answer.status_code == 201
    assert [event["eventType"] for event in answer.json()["events"]] == [
        "ProviderContactAdded",
        "ProviderContactAssociatedToCallCenter",
        "ProviderContactAssociatedToCompany",
        "ProviderContactAssociatedWithProviderCompany",
    ]
    uid = answer.json()["events"][0]["aggregateUid"]
    listed = {
        "uid": uid,
        "label": "Plomberie Épée",
        "providerCompany": {"uid": provider, "name": "Épée SA", "siretNumber": SIRET},
        "activities": [],
        **REACHED,
        "active": True,
        "_links": [
            {"rel": "self", "href": f"http://testserver/api/v1/{PATH}/{uid}", "method": "GET"}
        ],
    }
    found = world.root.get(PATH, providercompanyuid=provider)
    assert found["result"] == [listed]
    assert [link["rel"] for link in found["_links"]] == ["self"]
    company = {"uid": world.company, "label": "Éole Immobilier"}
    shown = world.root.get(f"{PATH}/{uid}")
    assert [link["rel"] for link in shown.pop("_links")] == [
        "self",
        "AssociateProviderContactToAgency",
        "DissociateProviderContactFromAgency",
        "UpdateProviderContact",
        "DisableProviderContact",
        "EnableProviderContact",
    ]
    listed.pop("_links")
    assert shown == {**listed, "patrimonies": [], "company": company}
    assert refusal(world.root.send("POST", PATH, body)) == "CommandAlreadySent"
    again = add(world.root, world.company, aggregateUid=uid)
    assert refusal(again) == "ImpossibleToAddExistingProviderContact"


def test_names_of_any_spelling_are_read(world: World) -> None:
    civil = {"nameType": "CivilName", "gender": "M.", "firstName": "Luc", "lastName": "Épée"}
    for name, label in [
        ("Tout simple", "Tout simple"),
        ({"nameType": "PoorName", "name": "Ancien"}, "Ancien"),
        (civil, "M. Luc Épée"),
    ]:
        uid = added(world, name=name)
        assert world.root.get(f"{PATH}/{uid}")["label"] == label
    wrong = add(world.root, world.company, name={"nameType": "Rich"})
    assert "$.name" in wrong.json()["message"]


def test_a_contact_is_updated_disabled_and_enabled(world: World) -> None:
    path = f"{PATH}/{added(world)}"
    described = {"name": "Renommé", "phones": [], "fax": ["1"], "emails": []}
    (event,) = world.root.events(path, "UpdateProviderContact", date=MOMENT, **described)
    assert event["eventType"] == "ProviderContactUpdated"
    assert event["name"] == {"nameType": "PoorName", "value": "Renommé"}
    shown = world.root.get(path)
    assert (shown["label"], shown["phones"], shown["fax"]) == ("Renommé", [], ["1"])
    for kind, active in (("Disable", False), ("Enable", True)):
        (event,) = world.root.events(path, f"{kind}ProviderContact", date=MOMENT)
        assert event["eventType"] == f"ProviderContact{kind}d"
        assert world.root.get(path)["active"] is active


def test_a_dry_run_stores_nothing(world: World) -> None:
    path = f"{PATH}/{added(world)}"
    body = command("UpdateProviderContact", date=MOMENT, name="Autre", **REACHED)
    answer = world.root.send("PATCH", path, body, Prefer="handling=dry-run")
    assert (answer.status_code, len(answer.json()["events"])) == (200, 1)
    assert world.root.get(path)["label"] == "Plomberie Épée"


def test_what_an_addition_names_must_be_there(world: World) -> None:
    for more, place in [
        ({"companyUid": str(uuid4())}, "$.companyUid"),
        ({"companyUid": world.center}, "$.companyUid"),
        ({"providerCompanyUid": str(uuid4())}, "$.providerCompanyUid"),
    ]:
        answer = world.root.post(PATH, "AddProviderContact", **{**fields(world.company), **more})
        assert refusal(answer) == "BadRequest"
        assert place in answer.json()["message"]


def test_a_command_on_no_contact_is_refused_with_its_code(world: World) -> None:
    for uid in (str(uuid4()), "nothing"):
        answer = world.root.patch(f"{PATH}/{uid}", "DisableProviderContact", date=MOMENT)
        code = "ImpossibleToPerfomCommandOnNonExistingProviderContactCommand"
        assert refusal(answer) == code
    unknown = world.root.patch(f"{PATH}/{added(world)}", "DefineContract")
    assert "$.commandType" in unknown.json()["message"]


def test_only_who_reaches_the_company_writes(world: World) -> None:
    for user in (world.operator_user, world.holding_manager, world.manager):
        assert add(user, world.company).status_code == 201
    path = f"{PATH}/{added(world)}"
    users = (world.far_operator_user, world.other_manager, world.executive, world.resident)
    for user in users:
        assert refusal(add(user, world.company), 403) == "Forbidden"
        answer = user.patch(path, "DisableProviderContact", date=MOMENT)
        assert refusal(answer, 403) == "Forbidden"


def test_each_kind_of_user_lists_what_it_reaches(world: World) -> None:
    uid = added(world)
    insiders = (world.operator_user, world.holding_manager, world.manager, world.executive)
    for user in (world.root, *insiders):
        assert uid in {c["uid"] for c in user.get(PATH)["result"]}
        user.get(f"{PATH}/{uid}")
    for user in (world.far_operator_user, world.other_manager):
        assert uid not in {c["uid"] for c in user.get(PATH)["result"]}
        user.get(f"{PATH}/{uid}", status=404)


def test_a_list_is_filtered_and_cut(world: World) -> None:
    for name in ("Zinguerie", "ébénisterie", "Électricité"):
        world.root.created(PATH, "AddProviderContact", **fields(world.other_company, name=name))
    answer = world.root.read(PATH, companyuid=world.other_company, range="0-1")
    assert (answer.status_code, answer.headers["Content-Range"]) == (206, "0-1/3")
    assert [c["label"] for c in answer.json()["result"]] == ["ébénisterie", "Électricité"]
    found = world.root.listed(PATH, fulltext="ELECTRICITE")
    assert [c["label"] for c in found] == ["Électricité"]
    assert world.root.listed(PATH, fulltext="ELECTRICITE", agencyuids=str(uuid4())) == []


def test_a_contact_takes_the_incidents_of_agencies_and_patrimonies(world: World) -> None:
    uid, bystander = added(world), added(world)
    for kind, name, mine, other in (
        ("ToAgency", "agencyUid", world.agency, world.second_agency),
        ("WithPatrimony", "patrimonyUid", world.patrimony, world.second_patrimony),
    ):
        more = {"date": DAY} if name == "agencyUid" else {}
        (event,) = world.manager.events(
            f"{PATH}/{uid}", f"AssociateProviderContact{kind}", **{name: mine}, **more
        )
        assert (event["eventType"], event[name]) == (f"ProviderContactAssociated{kind}", mine)
        filter_name = f"{name.lower()}s"
        assert [c["uid"] for c in world.root.listed(PATH, **{filter_name: mine})] == [uid]
        both = world.root.listed(PATH, **{filter_name: [other, mine]})
        assert [c["uid"] for c in both] == [uid]
        assert world.root.listed(PATH, **{filter_name: f"{other},{uuid4()}"}) == []
    shown = world.root.get(f"{PATH}/{uid}")["patrimonies"]
    assert [each["uid"] for each in shown] == [world.patrimony]
    assert bystander in {c["uid"] for c in world.root.listed(PATH)}
    for kind, fields_of in (
        ("FromAgency", {"agencyUid": world.agency, "date": DAY}),
        ("FromPatrimony", {"patrimonyUid": world.patrimony}),
    ):
        (event,) = world.manager.events(
            f"{PATH}/{uid}", f"DissociateProviderContact{kind}", **fields_of
        )
        assert event["eventType"] == f"ProviderContactDissociated{kind}"
    assert world.root.get(f"{PATH}/{uid}")["patrimonies"] == []
    assert world.root.listed(PATH, agencyuids=world.agency) == []


def test_associations_are_made_once_and_within_the_company(world: World) -> None:
    path = f"{PATH}/{added(world)}"
    agency, patrimony = {"agencyUid": world.agency}, {"patrimonyUid": world.patrimony}
    elsewhere = {"agencyUid": world.other_agency}, {"patrimonyUid": world.other_patrimony}
    for kind, fields_of, code in (
        (
            "AssociateProviderContactToAgency",
            {**elsewhere[0], "date": DAY},
            "ImpossibleToAssociateProviderContactWithAgencyIfNotAlreadyAssociatedWithCompany",
        ),
        (
            "AssociateProviderContactWithPatrimony",
            elsewhere[1],
            "ImpossibleToAssociateProviderContactWithPatrimonyIfNotAlreadyAssociatedWithCompany",
        ),
        ("DissociateProviderContactFromAgency", {**agency, "date": DAY}, "BadRequest"),
        (
            "DissociateProviderContactFromPatrimony",
            patrimony,
            "ImpossibleToDissociateFromPatrimonyThatIsNotAlreadyAssociated",
        ),
    ):
        assert refusal(world.root.patch(path, kind, **fields_of)) == code
    for kind, fields_of, code in (
        (
            "AssociateProviderContactToAgency",
            {**agency, "date": DAY},
            "ImpossibleToAssociateToAgencyThatIsAlreadyAssociated",
        ),
        (
            "AssociateProviderContactWithPatrimony",
            patrimony,
            "ImpossibleToAssociateWithPatrimonyThatIsAlreadyAssociated",
        ),
    ):
        world.root.events(path, kind, **fields_of)
        assert refusal(world.root.patch(path, kind, **fields_of)) == code
    out_of_reach = {"patrimonyUid": world.other_patrimony}
    answer = world.manager.patch(path, "AssociateProviderContactWithPatrimony", **out_of_reach)
    assert refusal(answer) == "BadRequest"


def test_a_contact_may_belong_to_a_call_centre_or_to_its_sender(world: World) -> None:
    """`callCenterUid` is of 2017; integrations of 2016 name neither a company nor a call centre."""
    body = {name: value for name, value in fields(world.company).items() if name != "companyUid"}
    for owner in ({"callCenterUid": world.center}, {}):
        answer = world.operator_user.post(PATH, "AddProviderContact", **body, **owner)
        assert [event["eventType"] for event in answer.json()["events"]] == [
            "ProviderContactAdded",
            "ProviderContactAssociatedToCallCenter",
        ]
        uid = answer.json()["events"][0]["aggregateUid"]
        assert world.operator_user.get(f"{PATH}/{uid}")["company"]["uid"] == world.center
        world.operator_user.events(
            f"{PATH}/{uid}", "AssociateProviderContactToAgency", agencyUid=world.agency, date=DAY
        )
    answer = world.manager.post(PATH, "AddProviderContact", **body)
    assert answer.json()["events"][2]["companyUid"] == world.company
    for user, owner in (
        (world.root, {}),
        (world.root, {"callCenterUid": world.company}),
    ):
        assert refusal(user.post(PATH, "AddProviderContact", **body, **owner)) == "BadRequest"
    far = world.far_operator_user.post(
        PATH, "AddProviderContact", **body, callCenterUid=world.center
    )
    assert refusal(far, 403) == "Forbidden"
