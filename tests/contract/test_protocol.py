"""`protocol` of the contract, as published clients rely on it: methods, arrays, links."""

import re
from collections.abc import Iterator
from typing import Any
from uuid import uuid4

import pytest
from tests.app import in_patrimony, new_uid, open_ticket
from tests.contract.examples import Scene
from tests.contract.reader import CONTRACT
from tests.incidents.conftest import DAY, SIRET, User, World, command, refusal
from tests.incidents.login import cookie_of, log_in, new_login

from gerance.incidents.routes import ENDPOINTS
from gerance.kernel.http.paths import normal_path

PATCHED = [endpoint.path for endpoint in ENDPOINTS if endpoint.method == "PATCH"]
READ = {normal_path(endpoint.path) for endpoint in ENDPOINTS if endpoint.method == "GET"}
OVERRIDE = {"X-HTTP-Method-Override": "PATCH"}


@pytest.fixture(scope="module")
def scene(world: World) -> Scene:
    return Scene(world)


def filled(path: str, uids: dict[str, str]) -> str:
    return re.sub(r"{(\w+)}", lambda found: uids.get(found[1], new_uid()), path)


# Methods


@pytest.mark.parametrize("path", PATCHED)
def test_every_patch_may_be_sent_as_a_post(path: str, world: World) -> None:
    """The answer is that of PATCH, whatever it is: the same error for a body that is none."""
    url = filled(path, {})
    answers = [
        world.http.request(method, url, json=[], headers={**world.root._headers, **headers})
        for method, headers in (
            ("PATCH", {}),
            ("POST", OVERRIDE),
            ("POST", {"x-http-method-override": " patch "}),
        )
    ]
    assert len({(answer.status_code, answer.text) for answer in answers}) == 1
    assert answers[0].status_code not in (404, 405)


def test_an_override_names_patch_and_counts_on_posts_alone(world: World) -> None:
    path, body = f"providercontacts/{uuid4()}", command("DisableProviderContact")
    answer = world.root.send("POST", path, body, **{"X-HTTP-Method-Override": "DELETE"})
    assert refusal(answer) == "BadRequest"
    assert "X-HTTP-Method-Override" in answer.json()["message"]
    answer = world.http.get("/api/v1/operators", headers={**world.root._headers, **OVERRIDE})
    assert answer.status_code == 200
    no_route = world.root.send("POST", "operators", {}, **OVERRIDE)
    assert no_route.status_code == 405


# Array parameters


def test_an_array_is_repeated_or_by_comma(world: World) -> None:
    second = world.second_patrimony
    own, other = world.agency, world.second_agency
    assert world.patrimony

    def found(query: str) -> set[str]:
        answer = world.http.get(f"/api/v1/patrimonies?{query}", headers=world.root._headers)
        return {each["uid"] for each in answer.json()["result"]}

    assert found(f"agencyuids={own},{other}") == found(f"agencyuids={own}&agencyuids={other}")
    both = found(f"agencyuids={new_uid()},{own}&agencyuids={other}")
    assert {world.patrimony, second} <= both
    assert found(f"agencyuids={other}") == {second}
    assert found(f"companyuid={world.company}&companyuid={world.company}") >= both
    twice = f"companyuid={world.company}&companyuid={world.other_company}"
    wrong = world.http.get(f"/api/v1/patrimonies?{twice}", headers=world.root._headers)
    assert refusal(wrong) == "BadRequest"


# Parameters


def _parameters() -> Iterator[tuple[str, str]]:
    served = {normal_path(endpoint.path) for endpoint in ENDPOINTS if endpoint.method == "GET"}
    for route in CONTRACT["routes"]:
        path = normal_path(re.sub(r":(\w+)", r"{\1}", route["path"]))
        matches = {re.sub(r"{\w+}", "{}", each) for each in served}
        if route["method"] == "GET" and re.sub(r"{\w+}", "{}", path) in matches:
            yield from ((route["path"], name) for name in route["query"])


UNREADABLE = {"location": "\x00", "callpurpose": "\x00", "fulltext": "\x00", "placeid": "\x00"}
"""Values that texts refuse; all other parameters refuse a text."""


@pytest.mark.parametrize(("path", "name"), list(_parameters()))
def test_a_documented_parameter_is_read(path: str, name: str, scene: Scene) -> None:
    """A parameter that nothing reads would take any value."""
    uids = {"company_uid": scene.world.company, "patrimony_uid": scene.world.patrimony}
    url = re.sub(r":(\w+)", lambda found: uids.get(found[1], new_uid()), path)
    window = {"from": "2020-01-01T00:00:00Z", "to": "2021-01-01T00:00:00Z"}
    params = {**(window if "vEvent" in path else {}), name: UNREADABLE.get(name, "no such value")}
    answer = scene.world.http.get(url, params=params, headers=scene.world.root._headers)
    assert refusal(answer) == "BadRequest"
    assert answer.json()["message"].startswith(name)


@pytest.fixture(scope="module")
def map_of_lots(world: World) -> str:
    """A patrimony with a lot beside the Eiffel tower."""
    patrimony = world.new_patrimony("TOUR", world.agency)
    address = {
        "number": "5", "street": "avenue Anatole-France", "zipCode": "75007", "city": "Paris",
        "geoLocation": {"lat": 48.858398, "lng": 2.294524}, "checker": {"googlePlaceId": "12345"},
    }  # fmt: skip
    world.root.created(
        "lots", "ReferenceLot", ref="T-1", lotNumber="1", patrimonyUid=patrimony,
        addresses=[address], usage="Apartment",
    )  # fmt: skip
    return patrimony


def test_patrimonies_are_found_by_their_place(world: World, map_of_lots: str) -> None:
    def found(**query: str) -> list[str]:
        return [each["uid"] for each in world.root.listed("patrimonies", **query)]

    assert found(placeid="12345") == [map_of_lots]
    assert found(placeid="1234") == []
    # 150 m north of the tower; one degree of latitude is 111.2 km.
    assert found(geolocation="48.859747,2.294524,160") == [map_of_lots]
    assert found(geolocation="48.859747,2.294524,140") == []
    assert found(geolocation="48.858398,2.294524,0") == [map_of_lots]
    for wrong in ("1,2", "91,0,1", "0,181,1", "0,0,-1", "nan,0,1", "0,0,inf", "a,b,c", "1,2,3,4"):
        assert refusal(world.root.read("patrimonies", geolocation=wrong)) == "BadRequest"


def test_provider_companies_are_all_of_them_or_those_with_a_contact(world: World) -> None:
    alone, served = (
        world.root.created(
            "providercompanies", "ReferenceProviderCompany", name=name, siretNumber=SIRET
        )
        for name in ("Sans contact", "Avec contact")
    )
    world.root.created(
        "providercontacts", "AddProviderContact", companyUid=world.other_company,
        providerCompanyUid=served, date=f"{DAY}T00:00:00Z", phones=[], fax=[], emails=[],
        name={"value": "Luc", "nameType": "PoorName"},
    )  # fmt: skip

    def found(user: User, **query: str) -> set[str]:
        return {each["uid"] for each in user.listed("providercompanies", **query)}

    for user in (world.root, world.other_manager):
        assert found(user) >= {alone, served} <= found(user, filtered="false")
        assert served in found(user, filtered="true")
        assert alone not in found(user, filtered="true")
    assert served not in found(world.manager, filtered="true")


# Links and envelopes


def links_in(value: Any) -> Iterator[dict[str, str]]:
    """Every link of an answer."""
    if isinstance(value, dict):
        if value.keys() == {"rel", "href", "method"}:
            yield value
        for each in value.values():
            yield from links_in(each)
    elif isinstance(value, list):
        for each in value:
            yield from links_in(each)


@pytest.mark.parametrize("path", sorted(path for path in READ if not path.endswith("stream")))
def test_every_link_leads_somewhere(path: str, scene: Scene) -> None:
    world, user = scene.world, scene.world.root
    uids = {
        "company_uid": world.holding if "subsidiaries" in path else world.company,
        "patrimony_uid": world.patrimony, "lot_uid": scene.lot, "ticket_uid": scene.ticket,
        "contact_uid": scene.patrimony_contact if "patrimony" in path else scene.contact,
        "provider_company_uid": scene.provider_company, "operator_uid": scene.operator,
    }  # fmt: skip
    window = {"from": "2020-01-01T00:00:00Z", "to": "2030-01-01T00:00:00Z"}
    params = window if path == "/api/vevent/tickets" else {}
    answer = world.http.get(filled(path, uids), params=params, headers=user._headers)
    if "subscription" in path and "{" in path:
        assert answer.status_code == 404
        return
    assert answer.status_code in (200, 206), answer.text
    body = answer.json()
    if "result" in body and "aggregations" not in body:
        assert body.keys() <= {"result", "_links"}
    for link in links_in(body):
        assert link["href"].startswith("http://testserver/api/")
        follow = world.http.request(
            link["method"],
            link["href"],
            headers=user._headers,
            **({} if link["method"] == "GET" else {"json": {"commandType": link["rel"]}}),
        )
        if link["method"] == "GET":
            assert follow.status_code in (200, 206), link
        else:  # A command without its fields is refused for them, not for its name or its path.
            assert follow.status_code == 400, link
            assert "required field" in follow.text or link["rel"] == "IncrementTicket", follow.text


def test_links_begin_as_the_client_reaches_the_server(world: World) -> None:
    headers = {**world.root._headers, "Host": "incidents.example.org:8443"}
    (link,) = world.http.get("/api/v1/patrimonycontacts", headers=headers).json()["_links"]
    assert link["href"] == "http://incidents.example.org:8443/api/v1/patrimonycontacts"
    for host in ('a"b', "a b", "<script>", "x" * 300):
        answer = world.http.get(
            "/api/v1/patrimonycontacts", headers={**world.root._headers, "Host": host}
        )
        (link,) = answer.json()["_links"]
        assert link["href"] == "http://testserver:80/api/v1/patrimonycontacts"


# Published clients


def test_a_published_client_copies_the_companies(world: World) -> None:
    """The requests of the clients of 2019 and 2023: companies, their users, their agencies, and the
    users of each agency; `Content-Type` on GET, and the whole Set-Cookie as Cookie."""
    executive, _ = world.executive, world.second_agency
    answer = log_in(world.http, new_login(world), prefix="/api/v1")
    assert cookie_of(answer)
    headers = {"Cookie": answer.headers["Set-Cookie"], "Content-Type": "application/json"}
    users: dict[str, set[str]] = {}

    def pages(path: str) -> Iterator[dict[str, Any]]:
        first, count = 0, 1
        wanted = "0-0"
        while first < count:
            page = world.http.get(f"/api/v1/{path}?range={wanted}", headers=headers)
            assert page.status_code in (200, 206), page.text
            span, total = page.headers["Content-Range"].split("/")
            assert int(page.headers["Accept-Range"]) == 100
            yield from page.json()["result"]
            first, count = int(span.split("-")[1]) + 1, int(total)
            wanted = f"{first}-{first + 99}"

    def read_users(uid: str) -> None:
        users[uid] = {user["uid"] for user in pages(f"clientcompanies/{uid}/users")}

    def read_agencies(uid: str) -> None:
        for agency in pages(f"clientcompanies/{uid}/agencies"):
            read_users(agency["uid"])

    for company in pages("clientcompanies"):
        read_users(company["uid"])
        if company["companyType"] == "ClientAccountHolding":
            for subsidiary in pages(f"clientcompanies/{company['uid']}/subsidiaries"):
                read_users(subsidiary["uid"])
                read_agencies(subsidiary["uid"])
        elif company["companyType"] == "ClientAccount":
            read_agencies(company["uid"])

    assert executive.uid in users[world.company]
    assert executive.uid in users[world.agency]
    assert executive.uid not in users[world.second_agency]


def test_users_of_an_agency_are_for_who_reaches_it(world: World) -> None:
    path = f"clientcompanies/{world.agency}/users"
    assert world.executive.uid in {user["uid"] for user in world.manager.listed(path)}
    assert world.executive.listed(path)
    for stranger in (world.other_manager, world.far_operator_user):
        stranger.get(path, status=404)


def test_a_published_client_writes(world: World, scene: Scene) -> None:
    """The client of 2024 posts with an override, and a `date` that the command does not have."""
    path = f"providercontacts/{scene.contact}"
    for kind in (
        "AssociateProviderContactWithPatrimony",
        "DissociateProviderContactFromPatrimony",
    ):
        body = command(kind, patrimonyUid=world.patrimony, date="2024-02-01T10:00:00Z")
        answer = world.operator_user.send("POST", path, body, **OVERRIDE)
        assert answer.status_code == 200, answer.text
    assert answer.json()["events"][0]["patrimonyUid"] == world.patrimony


def test_a_published_client_reads_the_events_of_a_day(world: World) -> None:
    """`from` and `to` have no milliseconds, and the plus of their offset comes as a blank."""
    uid = open_ticket(world.root, in_patrimony(world.patrimony))
    url = "/api/vEvent/tickets?range=0-99&from=2020-01-01T00:00:00+0100&to=2100-01-01T00:00:00+0100"
    answer = world.http.get(
        url, headers={**world.root._headers, "Content-Type": "application/json"}
    )
    assert answer.status_code in (200, 206), answer.text
    assert uid in {event["aggregateUid"] for event in answer.json()["events"]}
