"""Agencies: told in their company's stream, listed by who reaches them."""

from typing import Any
from uuid import uuid4

import pytest

from .conftest import ADDRESS, DAY, User, World, command, refusal

RAW: dict[str, Any] = {"name": "Agence", "phones": [], "emails": []}


def path(company: str) -> str:
    return f"clientcompanies/{company}/agencies"


def create(user: User, company: str, **fields: Any) -> Any:
    return user.post(path(company), "CreateAgency", createdDate=DAY, agency={**RAW, **fields})


def update(user: User, company: str, uid: str, **fields: Any) -> Any:
    described = {"updatedDate": DAY, "agency": RAW, **fields}
    return user.patch(f"{path(company)}/{uid}", "UpdateAgency", **described)


def test_an_agency_is_created_and_read_as_described(world: World) -> None:
    company, uid = world.account("À agences"), str(uuid4())
    geo = {"geoLocation": {"lat": 45.7, "lng": 4.8}, "checker": {"googlePlaceId": "x"}}
    described = {
        "agencyUid": uid,
        "name": "Agence Été",
        "extName": "AG-7",
        "address": {**ADDRESS, **geo},
        "phones": ["0472111111"],
        "fax": "0472111112",
        "emails": ["ete@agence.fr"],
    }
    answer = create(world.root, company, **described)
    assert answer.status_code == 201
    (event,) = answer.json()["events"]
    assert (event["eventType"], event["aggregateUid"]) == ("AgencyCreated", company)
    assert event["agency"] == described
    assert world.root.listed(path(company)) == [
        {
            "uid": uid,
            "label": "Agence Été",
            "active": True,
            "ref": "AG-7",
            "company": {"uid": company, "label": "À agences"},
            "address": ADDRESS,
            "phones": ["0472111111"],
            "fax": "0472111112",
            "emails": ["ete@agence.fr"],
        }
    ]


def test_the_server_chooses_a_uid_that_follows_from_the_command(world: World) -> None:
    body = command("CreateAgency", createdDate=DAY, agency=RAW)
    rehearsed, done, again = (
        world.root.send("POST", path(world.company), body, **headers)
        for headers in ({"Prefer": "handling=dry-run"}, {}, {})
    )
    uids = [a.json()["events"][0]["agency"]["agencyUid"] for a in (rehearsed, done)]
    assert uids[0] == uids[1]
    assert (rehearsed.status_code, done.status_code) == (200, 201)
    assert refusal(again) == "CommandAlreadySent"


def test_an_agency_is_created_once_whoever_has_it(world: World) -> None:
    for company in (world.company, world.other_company):
        answer = create(world.root, company, agencyUid=world.agency)
        assert refusal(answer) == "ImpossibleToCreateExistingAgency"


def test_only_client_accounts_that_are_there_have_agencies(world: World) -> None:
    code = "ImpossibleToCreateAgencyInAnotherCompanyThatClientAccount"
    for company in (world.center, world.holding):
        assert refusal(create(world.root, company)) == code
    for nobody in (str(uuid4()), "nothing"):
        answer = create(world.root, nobody)
        assert refusal(answer) == "ImpossibleToPerfomCommandOnNonExistingCompany"


def test_an_agency_is_from_now_on_as_described(world: World) -> None:
    agency = world.new_agency(world.company, "Avant", fax="0400000000", extName="E")
    answer = update(
        world.root, world.company, agency, updatedDate=None, createdDate=DAY,
        agency={**RAW, "name": "Après", "agencyUid": agency},
    )  # fmt: skip
    (event,) = answer.json()["events"]
    assert (event["eventType"], event["updatedDate"]) == ("AgencyUpdated", DAY)
    assert "createdDate" not in event
    shown = {a["uid"]: a for a in world.root.listed(path(world.company))}[agency]
    assert (shown["label"], shown["ref"]) == ("Après", "Après")
    assert "fax" not in shown


def test_an_update_needs_an_agency_of_the_company(world: World) -> None:
    code = "ImpossibleToPerformCommandOnNonExistingAgency"
    for agency in (world.other_agency, str(uuid4()), "nothing"):
        assert refusal(update(world.root, world.company, agency)) == code
    other = update(
        world.root, world.company, world.agency, agency={**RAW, "agencyUid": world.second_agency}
    )
    assert refusal(other) == "CompanyGenericError"
    assert "$.agency.agencyUid" in other.json()["message"]
    undated = update(world.root, world.company, world.agency, updatedDate=None)
    assert "updatedDate" in undated.json()["message"]
    missing = update(world.root, str(uuid4()), world.agency)
    assert refusal(missing) == "ImpossibleToPerfomCommandOnNonExistingCompany"


def test_only_who_reaches_the_company_writes_its_agencies(world: World) -> None:
    for user in (world.operator_user, world.holding_manager, world.manager):
        assert create(user, world.company).status_code == 201
    users = (world.far_operator_user, world.other_manager, world.executive, world.resident)
    for user in users:
        assert refusal(create(user, world.company), 403) == "Forbidden"
        assert refusal(update(user, world.company, world.agency), 403) == "Forbidden"


@pytest.mark.parametrize("kind", ["executive", "patrimony_manager", "resident"])
def test_who_is_tied_to_agencies_or_patrimonies_sees_only_their_agencies(
    world: World, kind: str
) -> None:
    assert world.patrimony
    assert world.second_patrimony
    shown = getattr(world, kind).listed(path(world.company))
    assert [agency["uid"] for agency in shown] == [world.agency]


def test_a_list_needs_a_company_within_reach(world: World) -> None:
    assert world.second_agency in {a["uid"] for a in world.manager.listed(path(world.company))}
    world.manager.get(path(world.other_company), status=404)
    world.root.get(path(str(uuid4())), status=404)
    world.root.get(path("nothing"), status=404)
    assert world.root.listed(path(world.holding)) == []


def test_a_list_is_cut_and_filtered(world: World) -> None:
    company = world.account("Rangs")
    for name in ("b", "É", "a"):
        world.new_agency(company, name)
    answer = world.root.read(path(company), range="1-2")
    assert [a["label"] for a in answer.json()["result"]] == ["b", "É"]
    assert (answer.status_code, answer.headers["Content-Range"]) == (206, "1-2/3")
    assert len(world.root.listed(path(company), active="true")) == 3
    assert world.root.listed(path(company), active="false") == []
    assert refusal(world.root.read(path(company), active="maybe")) == "BadRequest"
