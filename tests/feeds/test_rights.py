"""Each kind of user is told of exactly what it could read."""

from functools import cache

import pytest
from tests.app import provider_contact
from tests.feeds.conftest import page, pulled
from tests.incidents.conftest import SIRET, User, World
from tests.incidents.reach_cases import REACH, Court
from tests.incidents.test_lots import new_lot
from tests.incidents.test_users import KINDS, reference

DETAILS = {
    "ticket": "tickets",
    "company": "clientcompanies",
    "lot": "lots",
    "operator": "operators",
    "patrimony": "patrimonies",
    "patrimony_contact": "patrimonycontacts",
    "provider_company": "providercompanies",
    "provider_contact": "providercontacts",
}
LISTS = {"user": "users", "agency": "agencies"}

Thing = tuple[str, str, str]
"""Its kind, the company that it is listed below, and its uid."""


@pytest.fixture(scope="module")
def court(world: World) -> Court:
    """Something of every kind, in every place."""
    court = Court(world)
    root = world.root
    for kind in KINDS:
        reference(world, kind)
    reference(world, companyUid=world.far_company)
    reference(world, "Executive", managedAgencies=[world.second_agency])
    for company in (world.company, world.other_company, world.far_company):
        provider_contact(root, company)
    for center in (world.center, world.other_center):
        root.created("operators", "ReferenceOperator", callCenterUid=center, lastName="Ici")
    for patrimony in (world.patrimony, world.second_patrimony, world.other_patrimony):
        new_lot(world, patrimony)
    root.created("providercompanies", "ReferenceProviderCompany", name="P", siretNumber=SIRET)
    root.events(f"users/{reference(world)}", "DisableUser")
    return court


def things(user: User) -> set[Thing]:
    """What the events are about that the user is told of."""
    found = set()
    for each in pulled(user):
        kind, event = each["category"], each["event"]
        uid, company = event["aggregateUid"], ""
        if event["eventType"].startswith("Agency"):
            kind, company, uid = "agency", uid, event["agency"]["agencyUid"]
        found.add((kind, company, uid))
    return found


def company_of_user(court: Court, uid: str) -> str:
    rows = court.world.rows("SELECT company::text FROM account WHERE uid = %s", uid)
    return str(rows[0][0])


def reads(court: Court, user: User, thing: Thing) -> bool:
    """Whether the read API shows it to the user."""
    kind, company, uid = thing
    if kind in DETAILS:
        return user.read(f"{DETAILS[kind]}/{uid}").status_code == 200
    company = company or company_of_user(court, uid)
    answer = user.read(f"clientcompanies/{company}/{LISTS[kind]}")
    return answer.status_code == 200 and uid in {each["uid"] for each in answer.json()["result"]}


@cache
def everything(court: Court) -> frozenset[Thing]:
    return frozenset(things(court.world.root))


def test_there_is_something_of_every_kind(court: Court) -> None:
    assert {kind for kind, _, _ in everything(court)} == {*DETAILS, *LISTS}


@pytest.mark.parametrize("who", REACH)
def test_a_user_is_told_of_what_it_could_read(who: str, court: Court) -> None:
    user = court.users[who]
    told = things(user)
    assert told == {thing for thing in everything(court) if reads(court, user, thing)}
    tickets = {uid for kind, _, uid in told if kind == "ticket"}
    assert court.names(tickets) == REACH[who]


def test_whoever_could_read_a_lot_is_told_that_it_is_deleted(court: Court) -> None:
    start = page(court.world.root, after="end")["next"]
    lot = new_lot(court.world)
    court.world.root.events(f"lots/{lot}", "DeleteLot")
    told = {
        who
        for who, user in court.users.items()
        if "LotDeleted" in {each["event"]["eventType"] for each in pulled(user, after=start)}
    }
    assert told == {who for who, tickets in REACH.items() if "patrimony" in tickets}
    here, there = (
        pulled(court.world.root, after=start, types="LotDeleted", agencies=agency)
        for agency in (court.world.agency, court.world.second_agency)
    )
    assert ([each["event"]["aggregateUid"] for each in here], there) == ([lot], [])


def test_no_event_tells_a_password(court: Court) -> None:
    told = pulled(court.world.root, categories="user")
    assert told
    assert not [each for each in told if "password" in str(each).lower() or "$argon2" in str(each)]
