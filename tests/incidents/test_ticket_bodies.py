"""What is sent as a body: refused with the place of what is wrong, whatever it is."""

import json
from typing import Any

import httpx2
import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st
from tests.app import LATER, Body, in_patrimony, infos, new_uid, open_ticket, opening
from tests.incidents.conftest import User, World, command, refusal

JSON = {"Content-Type": "application/json"}


@pytest.fixture(scope="module")
def user(world: World) -> User:
    return world.operator_user


def send(user: User, body: bytes, path: str = "tickets", **headers: str) -> httpx2.Response:
    """Those very bytes, with only these headers."""
    method = "POST" if path == "tickets" else "PATCH"
    sent = {**user._headers, **{name.replace("_", "-"): text for name, text in headers.items()}}
    return user.http.request(method, f"/api/vEvent/{path}", content=body, headers=sent)


def problem(answer: httpx2.Response, status: int = 400) -> tuple[str, str]:
    return refusal(answer, status), answer.json()["message"]


def opened(world: World, **fields: Any) -> Body:
    return opening(in_patrimony(world.patrimony), **fields)


@pytest.mark.parametrize(
    "body",
    [b"", b"{", b'{"commandType":', b"nothing", b'{"commandType"}', b"{'a': 1}"],
)
def test_malformed_json_is_refused(body: bytes, user: User) -> None:
    code, message = problem(send(user, body, **JSON))
    assert code == "TicketGenericError"
    assert message.startswith("The body is not JSON")


def wrong(world: World, way: str, value: Any) -> Body:
    """An OpenTicket whose field at the end of the way has that value."""
    body = opened(world)
    inside: Any = body
    *steps, last = way.split(".")
    for step in steps:
        inside = inside[step]
    inside[last] = value
    return body


@pytest.mark.parametrize(
    ("way", "value", "path"),
    [
        ("ticket.caller.medium.phone", 33, "$.ticket.caller.medium.phone"),
        ("ticket.caller.name", "Jean", "$.ticket.caller.name"),
        ("ticket.address", [], "$.ticket.address"),
        ("ticket.additionalData", {"a": {"b": 1}}, "$.ticket.additionalData[...]"),
        ("ticket.altCallPurpose", {"a": ["b", 1]}, "$.ticket.altCallPurpose[...][1]"),
        ("ticket.request", None, "$.ticket.request"),
        ("openedDate", "2026-02-30T10:00:00Z", "$.openedDate"),
        ("openedDate", "2026-01-15T10:00:00", "$.openedDate"),
        ("openedDate", 1768467600, "$.openedDate"),
        ("processUid", "no uid", "$.processUid"),
        ("locationRef.patrimonyUid", "17ab7b5b", "$.locationRef.patrimonyUid"),
        ("locationRef.locationReferenceType", "Moon", "$.locationRef.locationReferenceType"),
        ("ticket.caller.callerType", "Robot", "$.ticket.caller.callerType"),
        ("commandType", "CloseEverything", "$.commandType"),
        ("commandType", 7, "$.commandType"),
    ],
)
def test_what_is_wrong_is_named_by_its_path(
    way: str, value: Any, path: str, world: World, user: User
) -> None:
    code, message = problem(user.send("POST", "tickets", wrong(world, way, value)))
    assert code == "TicketGenericError"
    assert message.endswith(f"at `{path}`")


@pytest.mark.parametrize("body", [[], "text", 1, None, True])
def test_a_body_that_is_no_object_is_refused(body: Any, user: User) -> None:
    code, message = problem(user.send("POST", "tickets", body))
    assert (code, message[-3:]) == ("TicketGenericError", "`$`")


def test_an_unknown_event_is_named(user: User) -> None:
    body = {"processUid": new_uid(), "eventType": "TicketEaten"}
    code, message = problem(user.send("POST", "tickets", body))
    assert (code, "`$.eventType`" in message) == ("TicketGenericError", True)


def test_a_body_over_the_limit_is_refused(world: World, user: User) -> None:
    long = json.dumps(opened(world, request="x" * (1 << 20))).encode()
    assert refusal(send(user, long, **JSON), 413) == "PayloadTooLarge"
    pieces = (long[start : start + 65_536] for start in range(0, len(long), 65_536))
    answer = user.http.post(
        "/api/vEvent/tickets", content=pieces, headers={**user._headers, **JSON}
    )
    assert refusal(answer, 413) == "PayloadTooLarge"


def test_a_body_just_under_the_limit_is_accepted(world: World, user: User) -> None:
    body = opened(world, request="x " * ((1 << 19) - 1000))
    answer = user.send("POST", "tickets", body)
    assert answer.status_code == 201
    uid = answer.json()["events"][0]["aggregateUid"]
    assert user.get(f"tickets/{uid}")["request"] == body["ticket"]["request"]


@pytest.mark.parametrize(
    ("content_type", "status"),
    [
        (None, 201),
        ("application/json", 201),
        ("application/json; charset=UTF-8", 201),
        ('Application/JSON; Charset="utf-8"', 201),
        ("application/json; charset=iso-8859-1", 400),
        ("application/json; charset=utf-16", 400),
        ("text/plain", 415),
        ("application/x-www-form-urlencoded", 415),
        ("multipart/form-data; boundary=x", 415),
        ("application/xml", 415),
    ],
)
def test_only_json_in_utf_8_is_taken(
    content_type: str | None, status: int, world: World, user: User
) -> None:
    headers = {"Content_Type": content_type} if content_type else {}
    answer = send(user, json.dumps(opened(world), ensure_ascii=False).encode(), **headers)
    assert answer.status_code == status, answer.text


@pytest.mark.parametrize("piece", [b"\xff", b"\xc3", b"\xe9t\xe9", b"\xed\xa0\x80", b"\xc0\x80"])
def test_bytes_that_are_no_utf_8_are_refused(piece: bytes, world: World, user: User) -> None:
    body = json.dumps(opened(world, request="@")).encode().replace(b"@", piece)
    code, message = problem(send(user, body, **JSON))
    assert (code, "UTF-8" in message) == ("TicketGenericError", True)


@pytest.mark.parametrize(
    "piece",
    [
        rb"\u0000",
        b"\x00",
        rb"\ud800",
        rb"\udc00\ud800",
        rb"\ud83d",
        rb"\x41",
        b"\n",
    ],
)
@pytest.mark.parametrize("field", ["request", "callPurposeLabel"])
def test_a_text_that_is_none_is_refused(field: str, piece: bytes, world: World, user: User) -> None:
    body = json.dumps(opened(world, **{field: "@"})).encode().replace(b"@", piece)
    assert refusal(send(user, body, **JSON)) == "TicketGenericError"


def test_a_backslash_before_u0000_is_a_text(world: World, user: User) -> None:
    body = opened(world, request=r"le chemin \u0000 et C:\\u0000")
    answer = user.send("POST", "tickets", body)
    assert answer.status_code == 201
    assert answer.json()["events"][0]["ticket"]["request"] == body["ticket"]["request"]


@pytest.mark.parametrize("depth", [2_000, 200_000])
@pytest.mark.parametrize("brackets", [(b"[", b"]"), (b'{"a":', b"}")])
def test_absurd_nesting_is_refused(depth: int, brackets: tuple[bytes, bytes], user: User) -> None:
    start, end = brackets
    nested = start * depth + b"1" + end * depth
    nested = nested[: 1 << 20]
    for body in (nested, b'{"eventType":"TicketOpened","x":' + nested[: (1 << 20) - 99] + b"}"):
        assert refusal(send(user, body, **JSON)) == "TicketGenericError"


@pytest.mark.parametrize("number", ["1" * 5000, "-1e99999", "1e400", "0.1" + "0" * 5000, "-0"])
def test_huge_numbers_are_refused_where_a_text_belongs(
    number: str, world: World, user: User
) -> None:
    body = json.dumps(opened(world, request="@")).replace('"@"', number).encode()
    assert refusal(send(user, body, **JSON)) == "TicketGenericError"
    body = json.dumps({**opened(world), "unknown": "@"}).replace('"@"', number).encode()
    assert send(user, body, **JSON).status_code < 500


def places(value: Any, way: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:
    """The way to each value inside a value."""
    found = [way] if way else []
    if isinstance(value, dict | list):
        inner = value.items() if isinstance(value, dict) else enumerate(value)
        for key, each in inner:
            found += places(each, (*way, key))
    return found


HERE = "74aa4bf3-8fde-4985-b16e-e3ba2788868f"
VALID: tuple[Body, ...] = (
    {"commandType": "AddMessage", "message": "m", "messageAddedDate": LATER},
    {"commandType": "CloseTicket", "stillOnSite": "No", "closingDate": LATER, "report": "r"},
    {
        "commandType": "EmitCallTo",
        "recipient": {
            "name": {"value": "X", "nameType": "PoorName"},
            "personaType": "UnClassifiedPersona",
        },
        "medium": {"mail": "a@b.fr", "contactMediumType": "Mail"},
        "date": LATER,
    },
    {
        "commandType": "IdentifyAssignee",
        "assignee": {
            "name": {"firstName": "A", "lastName": "B", "nameType": "CivilName"},
            "phones": ["1"],
            "fax": [],
            "emails": ["a@b.fr"],
            "assigneeType": "AnonymousAssignee",
        },
        "instructions": "i",
        "date": LATER,
    },
    {
        "commandType": "CorrectTicketInformations",
        "fieldsToCorrect": {"request": "?"},
        "date": LATER,
    },
    {
        "commandType": "UpdateTicket",
        "locationRef": {"patrimonyUid": HERE, "locationReferenceType": "PatrimonyLocation"},
        "ticket": infos(additionalData={"a": "b"}, altCallPurpose={"a": ["b"]}),
        "openedDate": LATER,
    },
    {"eventType": "MessageAdded", "message": "m", "messageAddedDate": LATER, "sentDate": LATER},
)
TEXTS = st.text(st.characters(), max_size=20) | st.sampled_from(
    ["", " ", "\x00", "\ud800", "'; --", "%s", "%(x)s", "{}", "\\", '"', "\u2028", "İ", "ﬃ", "𝟙"]
)
VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | TEXTS | st.just(LATER),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(TEXTS, inner, max_size=3),
    max_leaves=5,
)


@st.composite
def mutated(draw: st.DrawFn) -> tuple[Body, bytes, int]:
    """A valid body in which a few values are others; bytes to put into it, and where."""
    body = json.loads(json.dumps(draw(st.sampled_from(VALID))))
    for _ in range(draw(st.integers(1, 3))):
        way = draw(st.sampled_from(places(body)))
        inside = body
        for step in way[:-1]:
            inside = inside[step]
        match draw(st.sampled_from(["replace", "remove", "add"])):
            case "replace":
                inside[way[-1]] = draw(VALUES)
            case "remove":
                del inside[way[-1]]
            case "add" if isinstance(inside, dict):
                inside[draw(TEXTS)] = draw(VALUES)
        if not places(body):
            break
    return body, draw(st.just(b"") | st.binary(max_size=3)), draw(st.integers(0, 200))


@pytest.fixture(scope="module")
def victim(world: World, user: User) -> str:
    return open_ticket(user, in_patrimony(world.patrimony))


@settings(
    max_examples=300,
    deadline=None,
    derandomize=True,
    database=None,
    suppress_health_check=[HealthCheck.too_slow],
)
@given(mutated())
@example(({"commandType": "AddMessage", "message": "\x00", "messageAddedDate": LATER}, b"", 0))
def test_a_mutated_body_never_fails_the_server(
    victim: str, user: User, world: World, mutant: tuple[Body, bytes, int]
) -> None:
    body, noise, at = mutant
    text = json.dumps({"processUid": new_uid(), **body}).replace(HERE, world.patrimony).encode()
    answer = send(user, text[:at] + noise + text[at:], f"tickets/{victim}", **JSON)
    assert answer.status_code in (200, 400), answer.text
    if answer.status_code == 400:
        refusal(answer)


def test_what_was_stored_of_them_is_read_as_ever(victim: str, user: User) -> None:
    assert user.get(f"tickets/{victim}")["uid"] == victim
    for path in ("tickets", "tickets/export", "tickets/stats"):
        user.get(path)
    body = command("AddMessage", message="après", messageAddedDate=LATER)
    assert user.send("PATCH", f"tickets/{victim}", body).status_code == 200
