"""Texts of any length: kept whole or refused with their place, and never in anyone's way."""

import random
from typing import Any
from uuid import uuid4

import pytest
from tests.app import LATER, Body, all_at_once, in_patrimony, infos, open_ticket, opening, request
from tests.incidents.conftest import DAY, User, World, command
from tests.waiting import until

PARAGRAPH = 10_000
CHANCE = random.Random(1)


def letters(count: int, first: int = 0x4E00, last: int = 0x9FFF) -> str:
    """A text that does not compress: ideographs, of three bytes each."""
    return "".join(chr(CHANCE.randint(first, last)) for _ in range(count))


def paragraphs(count: int) -> str:
    """A text of many short words, none twice."""
    return " ".join(f"{CHANCE.getrandbits(48):x}" for _ in range(count // 13))


@pytest.fixture(scope="module")
def user(world: World) -> User:
    return world.operator_user


def address(**fields: str) -> Body:
    return {"street": "8 rue des Batignolles", "zipCode": "75001", "city": "PARIS", **fields}


LONG_FIELDS: dict[str, Body] = {
    "city": {"address": address(city=letters(PARAGRAPH))},
    "zip code": {"address": address(zipCode=letters(PARAGRAPH))},
    "street": {"address": address(street=letters(PARAGRAPH))},
    "purpose": {"callPurposeLabel": letters(PARAGRAPH)},
    "purpose that folding makes longer": {"callPurposeLabel": letters(PARAGRAPH, 0x3300, 0x33FF)},
    "claim number": {"claimNumber": {"clientClaimNumber": letters(PARAGRAPH)}},
    "instructions": {"instructions": letters(PARAGRAPH)},
    "request of ideographs": {"request": letters(300_000)},
    "request of words": {"request": paragraphs(900_000)},
    "request that folding makes longer": {"request": letters(300_000, 0x3300, 0x33FF)},
    "names of additional data": {"additionalData": {letters(PARAGRAPH): letters(PARAGRAPH)}},
}


@pytest.mark.parametrize("fields", LONG_FIELDS.values(), ids=LONG_FIELDS)
def test_a_ticket_with_a_long_text_is_opened_and_read_like_others(
    fields: Body, world: World, user: User
) -> None:
    uid = open_ticket(user, in_patrimony(world.patrimony), **fields)
    user.events(f"tickets/{uid}", "AddMessage", message="m", messageAddedDate=LATER)
    stored = user.get(f"tickets/{uid}")
    assert stored["uid"] == uid
    assert user.read("tickets", range="0-0").json()["result"][0]["uid"] == uid
    for name in ("request", "instructions", "address"):
        if name in fields:
            assert stored[name] == fields[name]
    if "callPurposeLabel" in fields:
        assert stored["callPurpose"] == fields["callPurposeLabel"]
    for path in ("tickets/stats", "tickets/export"):
        user.get(path)


def test_a_long_text_does_not_fail_what_is_sent_beside_it(world: World, user: User) -> None:
    bodies = [opening(in_patrimony(world.patrimony)) for _ in range(30)]
    bodies[7]["ticket"] = infos(**LONG_FIELDS["city"])
    bodies[20]["ticket"] = infos(request=paragraphs(900_000))
    answers = all_at_once(
        user.http, [request(user, "POST", "/api/vEvent/tickets", body) for body in bodies]
    )
    assert [answer.status_code for answer in answers] == [201] * 30


@pytest.mark.parametrize("name", ["location", "callpurpose"])
def test_a_ticket_is_found_by_its_long_text(name: str, world: World, user: User) -> None:
    text = letters(1500)
    other = text[:-1] + "x"
    fields = {
        "location": {"address": address(city=text)},
        "callpurpose": {"callPurposeLabel": text},
    }
    uid = open_ticket(user, in_patrimony(world.patrimony), **fields[name])
    found = user.get("tickets", **{name: text})
    assert [ticket["uid"] for ticket in found["result"]] == [uid]
    assert user.read("tickets", **{name: other}).status_code in (200, 206)
    assert user.get("tickets", **{name: "nowhere"})["result"] == []


def test_a_zip_code_is_found_whatever_its_case(world: World, user: User) -> None:
    uid = open_ticket(user, in_patrimony(world.patrimony), address=address(zipCode=" L-1234é"))
    for text in ("L-1234é", "l-1234E"):
        assert [ticket["uid"] for ticket in user.get("tickets", location=text)["result"]] == [uid]


def test_a_journal_may_grow_beyond_what_can_be_searched(world: World, user: User) -> None:
    uid = open_ticket(user, in_patrimony(world.patrimony))
    for _ in range(2):
        body = command("AddMessage", message=paragraphs(900_000), messageAddedDate=LATER)
        answer = user.send("PATCH", f"tickets/{uid}", body)
        assert answer.status_code == 200, answer.text
    user.events(f"tickets/{uid}", "CloseTicket", stillOnSite="No", closingDate=LATER)
    assert user.get(f"tickets/{uid}")["status"] == "CLOSED"


def test_counts_are_summed_up_whatever_the_texts(world: World, user: User) -> None:
    until(lambda: not world.rows("SELECT 1 FROM ticket_tally_change"))
    total = user.read("tickets", range="0-0").headers["Content-Range"].partition("/")[2]
    ((counted,),) = world.rows("SELECT count(*) FROM ticket")
    assert int(total) == counted
    by_status = user.read("tickets", range="0-0").json()["aggregations"]["status"]
    assert sum(each["count"] for each in by_status) == counted


ENTITIES: dict[str, tuple[str, str, dict[str, Any]]] = {
    "company": ("clientcompanies", "CreateCallCenter", {"createdDate": DAY, "name": "@"}),
    "patrimony": ("patrimonies", "ReferencePatrimony", {"ref": "@", "label": "@"}),
    "lot": (
        "lots",
        "ReferenceLot",
        {
            "ref": "@",
            "lotNumber": "1",
            "usage": "Apartment",
            "addresses": [{"street": "@", "zipCode": "@", "city": "@"}],
        },
    ),
    "contact": (
        "providercontacts",
        "AddProviderContact",
        {
            "date": LATER,
            "name": {"value": "@", "nameType": "PoorName"},
            "phones": ["@"],
            "fax": [],
            "emails": ["@"],
        },
    ),
    "operator": ("operators", "ReferenceOperator", {"lastName": "@"}),
    "user": ("users", "ReferenceClientAccountManager", {"firstName": "@", "lastName": "@"}),
    "login": (
        "users",
        "ReferenceClientAccountManager",
        {"firstName": "A", "lastName": "B", "login": "@"},
    ),
}


@pytest.mark.parametrize("name", ENTITIES)
def test_a_resource_with_a_long_text_never_fails_the_server(name: str, world: World) -> None:
    path, kind, fields = ENTITIES[name]
    text = letters(PARAGRAPH)
    given = _filled(fields, text)
    match path:
        case "patrimonies":
            given["agencyUids"] = [world.agency]
        case "lots":
            given["patrimonyUid"] = world.patrimony
        case "providercontacts":
            given["companyUid"] = world.company
        case "operators":
            given["callCenterUid"] = world.center
        case "users":
            given = {"login": f"{uuid4()}@example.fr", "companyUid": world.company, **given}
    answer = world.root.post(path, kind, **given)
    assert answer.status_code in (201, 400), answer.text
    if answer.status_code == 400:
        assert "$." in answer.json()["message"]
    assert world.root.read("clientcompanies").status_code in (200, 206)


def _filled(value: Any, text: str) -> Any:
    """The value with `text` in place of @."""
    if isinstance(value, dict):
        return {key: _filled(each, text) for key, each in value.items()}
    if isinstance(value, list):
        return [_filled(each, text) for each in value]
    return text if value == "@" else value


@pytest.mark.parametrize(
    "query", ["location", "callpurpose", "fulltext", "agency", "activeproviders", "range", "from"]
)
def test_a_long_query_never_fails_the_server(query: str, user: User) -> None:
    for text in (letters(5000), "x" * 50_000, ",".join("a" * 500)):
        answer = user.read("tickets", **{query: text})
        assert answer.status_code in (200, 400), answer.text
