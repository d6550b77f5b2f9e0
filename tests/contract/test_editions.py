"""What a reader of each edition meets: its shapes and event types, and no others."""

import json
from collections.abc import Iterator
from typing import Any

import pytest
from tests.app import LATER, contact, in_patrimony, open_ticket, phone, provider
from tests.contract.reader import CONTRACT, object_problems
from tests.contract.stage import Stage
from tests.incidents.conftest import SIRET, User, World

from gerance.incidents.aggregates import BY_EVENT_TYPE
from gerance.incidents.editions import EVENTS_OF_2017, NAMES_OF_2017, SHAPED

EDITIONS = CONTRACT["editions"]
CLIENTS = EDITIONS["clients"]
VIEWS_2017 = EDITIONS["2017"]["views"]
ADDRESS_OF_PATRIMONY = {
    "uid", "number", "street", "city", "zipCode", "country", "geoLocation", "checker", "building",
}  # fmt: skip
"""The names that the published clients of all versions read; each refuses all others."""
ALWAYS = {"from": "2000-01-01T00:00:00Z", "to": "2100-01-01T00:00:00Z", "range": "0-99"}


@pytest.fixture(scope="module")
def older(world: World) -> User:
    return world.login("callCenterUser", world.center, edition="2017")


@pytest.fixture(scope="module")
def company_contact(world: World) -> str:
    """The uid of a provider company."""
    return world.root.created(
        "providercompanies", "ReferenceProviderCompany", name="Électricité SA", siretNumber=SIRET
    )


@pytest.fixture(scope="module")
def ticket(world: World, stage: Stage, company_contact: str) -> str:
    """A ticket with events in the shapes of both editions."""
    uid = open_ticket(stage.user, in_patrimony(world.patrimony), claimNumber={})
    own, company = contact(stage.provider), {
        "providerUid": company_contact,
        "assigneeType": "ReferencedProviderCompany",
    }  # fmt: skip
    anonymous = {"name": {"value": "Luc", "nameType": "PoorName"}, "phones": [], "fax": [],
                 "emails": [], "assigneeType": "AnonymousAssignee"}  # fmt: skip
    moment, span = {"date": LATER}, {"startDate": LATER, "endDate": LATER}
    for kind, fields in (
        ("IdentifyAssignee", {"assignee": own, "comment": "le chauffagiste", **moment}),
        ("IdentifyAssignee", {"assignee": anonymous, "instructions": "vite", **moment}),
        ("RequestIntervention", {"assignee": own, "medium": phone(), **moment}),
        ("AcceptIntervention", {"assignee": company, **moment}),
        ("RefuseIntervention", {"assignee": own, **moment}),
        ("ScheduleIntervention", {"assignee": own, **span, **moment}),
        ("ArriveOnSite", {"provider": provider(stage.provider), **moment}),
        ("ArriveOnSite", {"assignee": company, **moment}),
        ("GoFromSite", {"assignee": anonymous, **moment}),
        ("AcceptMission", {"provider": provider(stage.provider), "comment": "oui", **moment}),
        ("CorrectOpeningTicketPurpose", {"otpLabel": "Fuite"}),
    ):
        stage.user.events(f"tickets/{uid}", kind, **fields)
    return uid


def feed(user: User, ticket: str) -> list[dict[str, Any]]:
    answer = user.http.get("/api/vEvent/tickets", params=ALWAYS, headers=user._headers)
    assert answer.status_code == 200, answer.text
    events = answer.json()["events"]
    assert answer.headers["Content-Range"] == f"0-{len(events) - 1}/{len(events)}"
    return [event for event in events if event["aggregateUid"] == ticket]


def form_of_2017(kind: str) -> dict[str, str]:
    message = CONTRACT["events"][kind]
    older = message.get("fields_2017_only", {})
    rest = {n: t for n, t in message["fields"].items() if not (older and n == "assignee")}
    return {"sentDate": "DateTime", **rest, **older}


def test_the_tables_are_those_of_the_contract() -> None:
    shapes = EDITIONS["event_shapes"]
    renamed = {new: old for old, new in shapes["renamed_2017_to_2020"].items()}
    assert set(EDITIONS["2017"]["events"]) == EVENTS_OF_2017
    assert renamed == NAMES_OF_2017
    assert set(shapes["provider_2017_assignee_2020"]) == SHAPED


def test_the_feed_of_2017_has_its_events_in_its_shapes(
    older: User, ticket: str, company_contact: str
) -> None:
    events = feed(older, ticket)
    assert [event["eventType"] for event in events] == [
        "TicketOpened", "ProviderAssigned", "ProviderAssigned", "MissionAccepted", "MissionRefused",
        "MissionScheduled", "ArrivedOnSite", "ArrivedOnSite", "GoneFromSite", "MissionAccepted",
    ]  # fmt: skip
    for event in events:
        assert list(object_problems(form_of_2017(event["eventType"]), event)) == []
    assert events[1]["purpose"] == {
        "comment": "le chauffagiste",
        "providerAssignationPurposeType": "RecourseChanged",
    }
    company = {"name": {"value": "Électricité SA", "nameType": "PoorName"}, "phones": [], "fax": [],
               "emails": [], "providerType": "AnonymousProvider"}  # fmt: skip
    assert events[3]["provider"] == events[7]["provider"] == company


def test_the_feed_of_2020_has_one_assignee_in_each_event(stage: Stage, ticket: str) -> None:
    events = feed(stage.user, ticket)
    for event in events:
        fields = CONTRACT["events"][event["eventType"]]["fields"]
        assert list(object_problems({"sentDate": "DateTime", **fields}, event)) == []
    arrived = next(event for event in events if event["eventType"] == "ArrivedOnSite")
    assert arrived["assignee"] == contact(stage.provider)
    assert events[-2]["eventType"] == "MissionAccepted"


@pytest.mark.parametrize("version", CLIENTS["ticket_events_unknown"])
def test_a_published_client_meets_no_event_that_stops_it(
    version: str, world: World, ticket: str
) -> None:
    """As its account is set: its edition, and the event types that its version cannot read."""
    unknown = CLIENTS["ticket_events_unknown"][version]
    edition = "2017" if CLIENTS["ticket_events_with"][version] == "provider" else "2020"
    reader = world.login(
        "callCenterUser", world.center, edition=edition, hidden_types=tuple(unknown)
    )
    events = feed(reader, ticket)
    assert events
    wanted, other = ("provider", "assignee") if edition == "2017" else ("assignee", "provider")
    for event in events:
        assert event["eventType"] not in unknown
        assert event["eventType"] in BY_EVENT_TYPE
        if event["eventType"] in SHAPED:
            assert wanted in event
            assert other not in event


def names(value: Any) -> set[str]:
    return set(value)


def test_tickets_of_2017_have_what_the_contract_says(older: User, ticket: str) -> None:
    views = {
        "TicketQueryView": older.listed("tickets", range="0-99"),
        "ExportedTicket": older.listed("tickets/export"),
        "DetailedTicketView": [older.get(f"tickets/{ticket}")],
    }
    for name, tickets in views.items():
        (view,) = [each for each in tickets if each["uid"] == ticket]
        rules = VIEWS_2017[name]
        assert not names(view) & set(rules["has_not"]), name
        assert {"callPurpose", "provider"} <= names(view)
        assert isinstance(view["caller"]["medium"], dict)
        assert "ref" not in view["patrimony"]


def test_tickets_of_2020_show_a_caller_with_several_media(stage: Stage, ticket: str) -> None:
    for view in (stage.user.get(f"tickets/{ticket}"), stage.user.listed("tickets")[0]):
        for each in view["caller"]["medium"]:
            assert list(object_problems(CONTRACT["models"]["ContactMediumView"], each)) == []


def companies(world: World, older: User) -> Iterator[tuple[str, list[dict[str, Any]]]]:
    """The answers about companies in the edition of 2017: by the account, and by the path."""
    for path in ("", "/subsidiaries"):
        at = f"/{world.holding}{path}" if path else ""
        yield "CompanyQueryView", older.listed(f"clientcompanies{at}")
        yield "CompanyQueryView", world.root.listed(f"companies{at}")
    for user, name in ((older, "clientcompanies"), (world.root, "Companies")):
        yield "CompanyQueryView", [user.get(f"{name}/{world.company}")]
        yield "AgencyQueryView", user.listed(f"{name}/{world.company}/agencies")
        yield "UserQueryView", user.listed(f"{name}/{world.company}/users")
    yield "ProviderContactQueryView", older.listed("providercontacts")
    uid = older.listed("providercontacts")[0]["uid"]
    yield "ProviderContactQueryView", [older.get(f"providercontacts/{uid}")]


def test_companies_and_providers_of_2017_have_what_the_contract_says(
    world: World, older: User, ticket: str
) -> None:
    assert world.agency
    assert world.resident.uid
    assert world.manager.uid
    for view, elements in companies(world, older):
        assert elements, view
        rules = VIEWS_2017.get(view, {})
        for each in elements:
            assert not names(each) & set(rules.get("has_not", ())), view
            assert each.get("userType") != "patrimonyUser"
            if "has" in rules:
                assert names(each) <= set(rules["has"])


def test_a_client_meets_no_kind_of_user_that_it_cannot_read(world: World) -> None:
    assert world.resident.uid
    users = f"clientcompanies/{world.company}/users"
    reader = world.login("callCenterUser", world.center, hidden_types=("patrimonyUser",))
    kinds = {each["userType"] for each in reader.listed(users)}
    everybody = world.login("callCenterUser", world.center)
    assert kinds | {"patrimonyUser"} == {each["userType"] for each in everybody.listed(users)}
    assert kinds
    assert "patrimonyUser" not in kinds


def test_strict_readers_meet_no_name_that_they_refuse(
    world: World, older: User, ticket: str
) -> None:
    """As the published clients of 2019 (edition 2017) and of 2023 and 2024 (edition 2020) read."""
    strict = {name: set(entry["names"]) for name, entry in CLIENTS["strict"].items()}
    assert world.agency
    without_holding = [
        each for each in older.listed("clientcompanies") if "holding" not in each
    ]  # own_faults: its reader refuses a holding, which the example has.
    assert without_holding
    for each in without_holding:
        assert names(each) <= strict["ClientCompany"]
    for each in (e for e in world.root.listed("companies") if "holding" not in e):
        assert names(each) <= strict["Company"]
    for user in (older, world.operator_user):
        for agency in user.listed(f"clientcompanies/{world.company}/agencies"):
            assert names(agency) <= strict["Agency"]
            assert names(agency.get("company", {})) <= strict["ItemAbstract"]
        for page in (user.get("clientcompanies"), user.get("patrimonies")):
            assert names(page) <= {"result", "_links"}
    place = {
        "number": "17",
        "street": "Quai",
        "zipCode": "92100",
        "city": "Boulogne",
        "state": "92",
    }
    add = "AddComplementaryAddressToPatrimony"
    world.root.events(f"patrimonies/{world.patrimony}", add, complementaryAddress=place)
    world.root.created(
        "lots",
        "ReferenceLot",
        ref="strict",
        lotNumber="1",
        patrimonyUid=world.patrimony,
        addresses=[{**place, "quality": "bis", "complement": "fond de cour", "country": "France"}],
        usage="Apartment",
    )
    patrimony = world.operator_user.get(f"patrimonies/{world.patrimony}")
    assert patrimony["addresses"]
    for shown in (*patrimony["addresses"], *patrimony["complementaryAddresses"]):
        assert names(shown) <= ADDRESS_OF_PATRIMONY
    for each in world.operator_user.listed("providercontacts"):
        uid = each["uid"]
        detail = world.operator_user.get(f"providercontacts/{uid}")
        assert names(each) | names(detail) <= strict["ProviderContact"]
        assert names(detail["company"]) <= strict["ItemAbstract"]
        older_names = names(older.get(f"providercontacts/{uid}"))
        assert older_names <= set(CLIENTS["strict"]["ProviderContact"]["in_2016"])
    view = world.operator_user.get(f"tickets/{ticket}")
    assert names(view["patrimony"]) <= strict["PatrimonyAbstract"]
    assert names(view["linkedEntities"]["clientCompany"]) <= strict["ClientCompanyAbstract"]
    assert names(view["address"]) <= strict["BasicAddress"]


def test_an_address_of_an_older_edition_is_answered_in_the_present_names(
    world: World, stage: Stage
) -> None:
    address = {
        "number": "8", "street": "rue des Batignolles", "zipCode": "75001", "city": "PARIS",
        "recipientIdentificationSupplement": {"floor": "3"},
        "geographicalIdentificationSupplement": {"building": "B"},
    }  # fmt: skip
    uid = open_ticket(stage.user, in_patrimony(world.patrimony), address=address)
    assert stage.user.get(f"tickets/{uid}")["address"] == {
        "street": "8 rue des Batignolles", "zipCode": "75001", "city": "PARIS",
        "recipientSupplement": {"floor": "3"}, "geographicalSupplement": {"building": "B"},
    }  # fmt: skip


def test_subscriptions_and_the_feed_of_all_events_have_the_shapes_of_the_account(
    world: World, older: User, ticket: str
) -> None:
    answer = older.http.get("/api/v1/events", params={"limit": "1000"}, headers=older._headers)
    assert answer.status_code == 200, answer.text
    told = [event for event in _events(answer.json()) if event.get("aggregateUid") == ticket]
    assert told
    assert {event["eventType"] for event in told} <= EVENTS_OF_2017
    assert all("assignee" not in event for event in told)


def _events(page: Any) -> Iterator[dict[str, Any]]:
    """The events in a page of the pulled feed."""
    if isinstance(page, dict):
        if "eventType" in page:
            yield page
        for each in page.values():
            yield from _events(each)
    elif isinstance(page, list):
        for each in page:
            yield from _events(each)
    elif isinstance(page, str) and page.startswith("{"):
        yield from _events(json.loads(page))


def test_an_event_never_has_both_a_provider_and_an_assignee(stage: Stage) -> None:
    uid, _ = stage.ticket()
    both = {"provider": provider(stage.provider), "assignee": contact(stage.provider)}
    (event,) = stage.user.events(f"tickets/{uid}", "ArriveOnSite", **both, date=LATER)
    assert event["assignee"] == both["assignee"]
    assert "provider" not in event


def test_the_update_of_2016_leaves_the_opening_date(world: World, stage: Stage) -> None:
    opened = stage.user.get(f"tickets/{(uid := stage.ticket()[0])}")["created"]
    ticket = {
        "caller": "AutomatonCaller", "claimNumber": {}, "request": "Fuite", "callPurposeLabel": "?",
        "address": {"street": "rue", "zipCode": "1", "city": "v"}, "altCallPurpose": {},
        "additionalData": {},
    }  # fmt: skip
    event = {
        "processUid": f"{uid[:-4]}0000", "aggregateUid": uid, "sentDate": LATER, "date": LATER,
        "locationRef": in_patrimony(world.patrimony), "ticket": ticket,
        "eventType": "TicketUpdated",
    }  # fmt: skip
    answer = stage.user.send("PATCH", f"tickets/{uid}", event)
    assert answer.status_code == 200, answer.text
    assert stage.user.get(f"tickets/{uid}")["created"] == opened
