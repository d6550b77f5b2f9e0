"""Every route takes text in one way: a walk through the three APIs and the forms of the console."""

import gzip
import re
from collections.abc import Iterator
from typing import Any, NamedTuple

import httpx2
import pytest
from starlette.routing import Route
from starlette.testclient import TestClient
from tests.console.browser import Browser, add_operator
from tests.incidents.conftest import World
from tests.living import running
from tests.partners.calling import add, described
from tests.rentals.test_writing import integrator

from gerance.app import ENDPOINTS
from gerance.console.routes import console
from gerance.kernel.identity.scope import Scope
from gerance.odata_service import MODEL

MARK = b"\xef\xbb\xbf"
UID = "54d8b0fa-d592-4248-bf2f-54d8b0fad592"
SETS = sorted(each.set_name for each in MODEL.sets.values() if "create" in each.writes)
CHANGEABLE = sorted(each.set_name for each in MODEL.sets.values() if "update" in each.writes)
Door = tuple[str, str]
"""The method and path of a route."""

READS: list[Door] = [
    *{("GET", each.path) for each in ENDPOINTS if each.method == "GET"},
    *(("GET", f"/api/{name}") for name in SETS),
    ("GET", "/api/$metadata"),
    ("GET", "/console/proposals"),
]
JSON_DOORS: list[Door] = [
    *{(each.method, each.path) for each in ENDPOINTS if each.body is not None},
    *(("POST", f"/api/{name}") for name in SETS),
    *((method, f"/api/{name}(1)") for name in CHANGEABLE for method in ("PATCH", "PUT")),
]
FORMS: list[Door] = [
    ("POST", route.path)
    for route in console()
    if isinstance(route, Route) and "POST" in (route.methods or ())
    and not route.path.endswith(("/logout", "/sessions"))
]  # fmt: skip


class Doors(NamedTuple):
    """The application, and a client of each API."""

    http: TestClient
    incidents: dict[str, str]
    rentals: dict[str, str]
    partners: dict[str, str]
    console: dict[str, str]

    def send(self, door: Door, query: str = "", **request: Any) -> httpx2.Response:
        method, path = door
        path = re.sub(r"\{number\}", "1", path)
        path = re.sub(r"\{\w*\}", UID, path)
        headers = {**self._credentials(path), **request.pop("headers", {})}
        return self.http.request(method, path + query, headers=headers, **request)

    def _credentials(self, path: str) -> dict[str, str]:
        if path.startswith("/console"):
            return self.console
        if path.startswith(("/v1", "/users")):
            return self.partners
        if path.lower().startswith(("/api/v1", "/api/vevent")):
            return self.incidents
        return self.rentals


@pytest.fixture(scope="module")
def doors(database: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Doors]:
    home = tmp_path_factory.mktemp("home")
    settings = {"partners_plain_http": "allow", "requests_per_second": 0}
    with running(database, home, **settings) as http:
        token = add(database, "FOUSSIER", "Foussier")
        add_operator(database, "chef")
        origin = str(http.base_url).rstrip("/")
        browser = {"Cookie": Browser(http, "chef").cookie, "Origin": origin}
        http.cookies.clear()
        yield Doors(
            http,
            World(http, database).root._headers,
            {**integrator(http, database, "text", Scope(incidents=True, partners=True)),
             "x-api-key": "x"},
            {"Authorization": f'Token token="{token}"', "Accept-Language": "en"},
            {**browser, "Content-Type": "application/x-www-form-urlencoded"},
        )  # fmt: skip


JSON = {"Content-Type": "application/json"}


def test_no_route_replaces_what_is_not_utf_8_in_its_url(doors: Doors) -> None:
    for door in (*READS, *JSON_DOORS, *FORMS):
        for query in ("?fulltext=%E9vier", "?$filter=%ZZ", "?a=%C0%AF"):
            answer = doors.send(door, query)
            assert answer.status_code == 400, (door, query, answer.text[:200])
            shown = "percent-encoded byte" if "ZZ" in query else "The URL is not UTF-8"
            assert door[1].startswith("/console") or shown in answer.text, (door, answer.text)


def test_a_path_that_is_not_utf_8_is_rejected_too(doors: Doors) -> None:
    for path in ("/v1/customers/%E9", "/api/v1/tickets/%E9", "/api/Services(ServiceCode='%E9')"):
        assert "The URL is not UTF-8" in doors.send(("GET", path)).text


def test_no_route_reads_a_compressed_body(doors: Doors) -> None:
    for door in (*JSON_DOORS, *FORMS):
        bomb = {"content": gzip.compress(b"{}"), "headers": {"Content-Encoding": "gzip"}}
        if door not in FORMS:
            bomb["headers"] |= JSON
        answer = doors.send(door, **bomb)
        assert answer.status_code == 415, (door, answer.text[:200])
        assert answer.headers["Accept-Encoding"] == "identity"


def test_every_route_passes_over_a_byte_order_mark(doors: Doors) -> None:
    for door in JSON_DOORS:
        plain, marked = (
            doors.send(door, content=mark + b'{"zz": "x"}', headers=JSON) for mark in (b"", MARK)
        )
        assert (marked.status_code, marked.content) == (plain.status_code, plain.content), door
        assert "not JSON" not in marked.text, door


def test_every_route_rejects_a_member_that_is_given_twice(doors: Doors) -> None:
    for door in JSON_DOORS:
        answer = doors.send(door, content=b'{"zz": {"zzz": 1, "zzz": 2}}', headers=JSON)
        assert answer.status_code in (400, 403), (door, answer.text[:200])
        # Some first say which member is missing, or who may send it.
        assert re.search("zz|missing required|Expected `array`|BadKey|Forbidden", answer.text), (
            door,
            answer.text,
        )


def test_every_route_rejects_a_body_that_is_not_utf_8(doors: Doors) -> None:
    for door in JSON_DOORS:
        answer = doors.send(door, content=b'{"zz": "\xe9"}', headers=JSON)
        assert answer.status_code in (400, 403), (door, answer.text[:200])
    for door in FORMS:
        answer = doors.send(door, content=b"message=%E9&confirmed=1&state=off")
        assert answer.status_code == 400, (door, answer.status_code)


def test_both_spellings_of_a_letter_are_one_code(doors: Doors) -> None:
    rows = [{"Code": f"{letter}T1", "Name": "x"} for letter in ("\u00c9", "E\u0301")]
    answers = [doors.send(("POST", "/api/HousingTypes"), json=row) for row in rows]
    assert [answer.status_code for answer in answers] == [201, 400]
    counts = [
        doors.send(("GET", "/api/HousingTypes/$count"), f"?$filter=Code eq '{row['Code']}'").text
        for row in rows
    ]
    assert counts == ["1", "1"]


def test_both_spellings_of_a_letter_are_one_customer(doors: Doors) -> None:
    for spelling in ("caf\u00e9-1", "cafe\u0301-1"):
        body = described(
            client_id=spelling, lastname="E\u0301mile\u200e", phone_number1="0199001234"
        )
        answer = doors.send(("POST", "/v1/customers"), data=body)
        assert answer.status_code in (200, 409), answer.text
    found = doors.send(("GET", "/v1/customers/cafe\u0301-1")).json()["customer"]
    assert (found["client_id"], found["lastname"]) == ("caf\u00e9-1", "\u00c9mile")
    assert len(doors.send(("GET", "/v1/customers")).json()["customers"]) == 1


@pytest.mark.parametrize(
    ("door", "status"),
    [
        (("POST", "/v1/leads/"), 400),
        (("POST", "/v1//leads"), 400),
        (("GET", "//v1/customers//"), 200),
        (("POST", "/users/"), 400),
        (("POST", "/api/vEvent//login"), 400),
    ],
)
def test_slashes_too_many_do_not_lose_a_request(doors: Doors, door: Door, status: int) -> None:
    method, path = door
    # A URL that begins with two slashes names a host.
    url = httpx2.URL("http://testserver").copy_with(raw_path=path.encode())
    headers = {**doors.partners, **JSON}
    answer = doors.http.request(method, url, content=b"{}", headers=headers, follow_redirects=False)
    assert answer.status_code == status, answer.text
