"""Sessions: how users log in, what a client sends back, and when it is over."""

import asyncio
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from uuid import uuid4

import psycopg
import pytest
from argon2 import PasswordHasher
from starlette.testclient import TestClient
from tests.incidents.conftest import World, refusal
from tests.incidents.login import (
    PASSWORD,
    PREFIXES,
    cookie_of,
    log_in,
    new_login,
)
from tests.living import running

from gerance.app import endpoints
from gerance.kernel.identity.accounts import disable_user


@pytest.fixture(scope="module")
def login(world: World) -> str:
    return new_login(world)


def status(http: TestClient, *cookies: str, path: str = "/api/v1/tickets") -> int:
    """The status of a read with these Cookie headers."""
    return http.get(path, headers=[("Cookie", cookie) for cookie in cookies]).status_code


@pytest.mark.parametrize("prefix", PREFIXES)
def test_a_log_in_answers_the_cookie_and_nothing_else(
    prefix: str, world: World, login: str
) -> None:
    answer = log_in(world.http, login, prefix=prefix)
    assert (answer.status_code, answer.content) == (200, b"")
    cookie, *attributes = answer.headers["Set-Cookie"].split("; ")
    assert cookie.startswith("PI_SESSION=")
    assert len(cookie) > len("PI_SESSION=") + 32
    assert attributes == ["Path=/", "Max-Age=43200", "HttpOnly", "SameSite=Lax"]
    assert answer.headers["Cookie"] == cookie


@pytest.mark.parametrize("prefix", PREFIXES)
def test_one_session_is_for_both_prefixes(prefix: str, world: World, login: str) -> None:
    cookie = cookie_of(log_in(world.http, login, prefix=prefix))
    moments = "from=2026-01-01T00:00:00Z&to=2026-01-02T00:00:00Z"
    assert status(world.http, cookie) == 200
    assert status(world.http, cookie, path=f"/api/vEvent/tickets?{moments}") == 200


def test_a_login_is_told_apart_by_more_than_accents_and_case(world: World, login: str) -> None:
    other = login.upper().replace("É", "E").replace("Œ", "oe")
    assert other != login
    assert log_in(world.http, other).status_code == 200


def test_whatever_form_a_client_sends_its_cookie_back_in(world: World, login: str) -> None:
    answer = log_in(world.http, login)
    cookie, whole = cookie_of(answer), answer.headers["Set-Cookie"]
    value = cookie.partition("=")[2]
    for sent in (
        [cookie],
        [whole],
        [f'PI_SESSION="{value}"'],
        [f"a=b; {cookie}; c=d"],
        [f"{cookie};"],
        [f"  {cookie}  ; Path=/"],
        [f"a=b;{cookie}"],
        [f"PI_SESSION=old; {cookie}"],
        ["a=b", cookie],
        [whole, whole],
    ):
        assert status(world.http, *sent) == 200, sent


def test_other_cookies_are_no_session(world: World, login: str) -> None:
    value = cookie_of(log_in(world.http, login)).partition("=")[2]
    for sent in ("", "PI_SESSION", "PI_SESSION=", 'PI_SESSION=""', f"PI_SESSION={value}x",
                 f"PI_SESSION={value[:-1]}", f"X_PI_SESSION={value}", f"pi_session={value}", value,
                 "PI_SESSION=" + "x" * 10_000, "PI_SESSION=%00\u00e9"):  # fmt: skip
        raw: Any = [(b"Cookie", sent.encode("latin-1"))]
        answer = world.http.get("/api/v1/tickets", headers=raw)
        assert refusal(answer, 401) == "Unauthorized", sent


@pytest.mark.parametrize("prefix", PREFIXES)
def test_a_log_out_ends_this_session_alone(prefix: str, world: World, login: str) -> None:
    first, second = (cookie_of(log_in(world.http, login)) for _ in range(2))
    answer = world.http.post(f"{prefix}/logout", headers={"Cookie": first})
    world.http.cookies.clear()
    assert (answer.status_code, answer.content) == (200, b"")
    assert "Max-Age=0" in answer.headers["Set-Cookie"]
    assert (status(world.http, first), status(world.http, second)) == (401, 200)


def test_each_log_in_gives_a_new_id(world: World, login: str) -> None:
    given = cookie_of(log_in(world.http, login))
    credentials = {"login": login, "password": PASSWORD}
    answer = world.http.post("/api/v1/login", json=credentials, headers={"Cookie": given})
    world.http.cookies.clear()
    assert cookie_of(answer) != given


def age(world: World, cookie: str, column: str, interval: str) -> None:
    """Move a moment of the session back."""
    query = (
        f"UPDATE session SET {column} = {column} - %s::interval"
        " WHERE token_hash = sha256(%s::bytea) RETURNING account"
    )
    assert len(world.rows(query, interval, cookie.partition("=")[2].encode())) == 1


def test_a_session_ends_when_it_is_idle_for_an_hour(world: World, login: str) -> None:
    used, unused = (cookie_of(log_in(world.http, login)) for _ in range(2))
    age(world, unused, "seen", "61 minutes")
    assert status(world.http, unused) == 401
    for _ in range(3):
        age(world, used, "seen", "59 minutes")
        assert status(world.http, used) == 200


def test_a_session_ends_after_twelve_hours_however_much_it_is_used(
    world: World, login: str
) -> None:
    cookie = cookie_of(log_in(world.http, login))
    for column in ("created", "expires"):
        age(world, cookie, column, "11 hours 59 minutes")
    assert status(world.http, cookie) == 200
    age(world, cookie, "expires", "2 minutes")
    assert status(world.http, cookie) == 401


def test_a_disabled_user_is_out_and_stays_out(world: World) -> None:
    login = new_login(world)
    cookie = cookie_of(log_in(world.http, login))

    async def disable() -> None:
        async with await psycopg.AsyncConnection.connect(
            world.database, autocommit=True
        ) as connection:
            await disable_user(connection, login)

    asyncio.run(disable())
    assert status(world.http, cookie) == 401
    assert refusal(log_in(world.http, login)) == "AuthenticationFailed"


def test_a_user_that_is_disabled_is_out_even_if_its_session_is_still_there(world: World) -> None:
    manager = world.manager_of(world.company)
    world.rows("UPDATE account SET disabled = true WHERE uid = %s RETURNING uid", manager.uid)
    assert refusal(manager.read("tickets"), 401) == "Unauthorized"


def test_nobody_learns_which_logins_exist(
    world: World, login: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    disabled = new_login(world)
    world.rows("UPDATE account SET disabled = true WHERE login = %s RETURNING uid", disabled)
    verify, checked = PasswordHasher.verify, []

    def counting(hasher: PasswordHasher, password_hash: str, password: str) -> bool:
        checked.append(password_hash.partition("v=")[0])
        return verify(hasher, password_hash, password)

    monkeypatch.setattr(PasswordHasher, "verify", counting)
    answers = [
        log_in(world.http, login, "a wrong password"),
        log_in(world.http, f"nobody-{uuid4()}", PASSWORD),
        log_in(world.http, disabled, PASSWORD),
        log_in(world.http, login, ""),
        log_in(world.http, login, "x" * 5000),
    ]
    assert {refusal(answer) for answer in answers} == {"AuthenticationFailed"}
    assert len({answer.content for answer in answers}) == 1
    assert checked == ["$argon2id$"] * len(answers)
    assert not any("Set-Cookie" in answer.headers for answer in answers)


@pytest.mark.parametrize("prefix", PREFIXES)
@pytest.mark.parametrize(
    ("body", "where"),
    [
        (b"", "$"),
        (b"{", "$"),
        (b"[]", "$"),
        (b"{}", "login"),
        (b'{"login":"a"}', "password"),
        (b'{"login":1,"password":"x"}', "$.login"),
        (b'{"login":"a","password":null}', "$.password"),
        (b'{"login":"a\\u0000","password":"x"}', "$"),
        (b'{"login":"\\ud800","password":"x"}', ""),
        (b'{"login":"\xff","password":"x"}', ""),
    ],
)
def test_a_bad_body_is_refused(prefix: str, body: bytes, where: str, world: World) -> None:
    headers = {"Content-Type": "application/json"}
    answer = world.http.post(f"{prefix}/login", content=body, headers=headers)
    assert refusal(answer) == "BadRequest"
    assert where in answer.json()["message"]


@pytest.fixture
def behind_tls(world: World, tmp_path: Path) -> Iterator[TestClient]:
    with running(world.database, tmp_path, secure_cookies=True) as http:
        yield http


def test_cookies_are_secure_where_the_settings_or_the_connection_say_so(
    world: World, login: str, behind_tls: TestClient
) -> None:
    credentials = {"login": login, "password": PASSWORD}
    over_tls = world.http.post("https://testserver/api/v1/login", json=credentials)
    world.http.cookies.clear()
    for answer, secure in (
        (log_in(behind_tls, login), True),
        (over_tls, True),
        (log_in(world.http, login), False),
    ):
        assert ("Secure" in answer.headers["Set-Cookie"].split("; ")) is secure


def test_every_other_endpoint_needs_a_session_or_a_token(world: World) -> None:
    open_to_all = {
        each.path for each in endpoints() if each.public and each.scheme in (None, "apiKey")
    }
    assert open_to_all == {*(f"{prefix}/login" for prefix in PREFIXES), "/api/Token"}
    asked = [each for each in endpoints() if each.path not in open_to_all]
    assert len(asked) > 30
    for each in asked:
        path = each.path.replace("{", "").replace("}", "")
        for headers in ({}, {"Cookie": "PI_SESSION=unknown"}, {"Authorization": "Bearer unknown"}):
            answer = world.http.request(each.method, path, headers=headers)
            # Partners are first told that they have to come by HTTPS.
            expected = {401} if path.startswith("/api/") else {401, 403}
            assert answer.status_code in expected, (each.method, path, headers)
            if not each.public:
                assert refusal(answer, 401) == "Unauthorized"


def test_paths_are_read_without_case_under_both_names_and_with_a_last_slash(
    world: World, login: str
) -> None:
    cookie = cookie_of(log_in(world.http, login, prefix="/API/VEVENT"))
    agencies = f"/api/v1/companies/{world.company}/Agencies/"
    for path in (
        *("/api/v1/TICKETS", "/API/V1/tickets/", "/api/v1/Tickets/Export", "/api/v1/companies"),
        *("/api/v1/Companies/", "/api/v1/clientCompanies", "/api/v1/providerContacts/", agencies),
    ):
        assert status(world.http, cookie, path=path) == 200, path
    for path in ("/api/v1/ticket", "/api/v2/tickets", "/api/v1/tickets/export/x", "/tickets"):
        answer = world.http.get(path, headers={"Cookie": cookie})
        assert refusal(answer, 404) == "NotFound"
    answer = world.http.delete("/api/v1/tickets", headers={"Cookie": cookie})
    assert refusal(answer, 405) == "MethodNotAllowed"
