"""Tokens: who gets one, in which form, and that nobody learns more than that."""

import asyncio
import json
import logging
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from uuid import uuid4

import httpx2
import psycopg
import pytest
import time_machine
from argon2 import PasswordHasher
from starlette.testclient import TestClient
from tests.app import all_at_once
from tests.living import on, running

from gerance.kernel.db import Connection, open_pool
from gerance.kernel.errors import Rejection
from gerance.kernel.identity import integrators, passwords, throttle
from gerance.kernel.identity.bad_tokens import PER_NETWORK, BadTokens
from gerance.kernel.identity.bearer import Bearers, Integrator
from gerance.kernel.identity.scope import Scope
from gerance.kernel.identity.throttle import LONGEST_SPACING_SECONDS, PER_LOGIN
from gerance.kernel.logging import configure_logging
from gerance.kernel.odata.versions import read_versions

PASSWORD = "correct horse battery staple"


class Known:
    """An integrator, and the requests it sends."""

    def __init__(self, http: TestClient, database: str) -> None:
        self.http, self.database = http, database
        self.user_name = f"Portail-Zoé-{uuid4()}"
        self.key = self.act(
            lambda connection: integrators.add_integrator(
                connection, user_name=self.user_name, password=PASSWORD, scope=Scope()
            )
        )

    def act(self, what: Any) -> Any:
        return on(self.database, what)

    def headers(self, **headers: str) -> dict[str, str]:
        return {"x-api-key": self.key} | {n.replace("_", "-"): v for n, v in headers.items()}

    def ask(self, body: Any = None, *, path: str = "/api/Token", **headers: str) -> httpx2.Response:
        asked = {"UserName": self.user_name, "Password": PASSWORD} if body is None else body
        return self.http.post(path, json=asked, headers=self.headers(**headers))

    def guess(self, password: str = "a wrong password") -> httpx2.Response:
        return self.ask({"UserName": self.user_name, "Password": password})

    def token(self) -> str:
        answer = self.ask()
        assert answer.status_code == 200, answer.text
        return str(answer.json()["token"])

    def whose(self, token: str) -> Integrator:
        """Whom the product takes the token for, now."""

        async def found() -> Integrator:
            async with open_pool(self.database, size=4, statement_timeout_ms=5000) as pool:
                async with pool.connection() as connection:
                    generation = (await read_versions(connection)).of("integrator")
                return await Bearers(pool).integrator(f"Bearer {token}", generation)

        return asyncio.run(found())


@pytest.fixture(scope="module")
def http(database: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[TestClient]:
    with running(database, tmp_path_factory.mktemp("home"), max_body_bytes=2000) as client:
        yield client


@pytest.fixture
def known(http: TestClient, database: str) -> Known:
    return Known(http, database)


@pytest.fixture(autouse=True)
def _nobody_failed_yet(database: str, http: TestClient) -> None:
    with psycopg.connect(database) as connection:
        connection.execute("DELETE FROM login_failure")
    http.app.state.instance_BadTokens = BadTokens()  # type: ignore[attr-defined]


def refusal(answer: httpx2.Response, status: int) -> str:
    """The code of a refused request, in OData's form."""
    assert answer.status_code == status, answer.text
    assert answer.headers["OData-Version"] == "4.0"
    body = answer.json()
    assert set(body) == {"error"}
    assert {"code", "message"} <= set(body["error"])
    return str(body["error"]["code"])


def test_a_token_is_given_for_a_day(known: Known) -> None:
    with time_machine.travel("2026-05-20T10:00:00.700Z", tick=False):
        answer = known.ask()
        token = answer.json()["token"]
        assert known.whose(token).user_name == known.user_name
    assert answer.status_code == 200
    assert list(answer.json()) == ["token", "tokenType", "expiresAt"]
    assert answer.json()["tokenType"] == "Bearer"
    assert answer.json()["expiresAt"] == "2026-05-21T10:00:00.000Z"
    assert answer.headers["Cache-Control"] == "no-store"
    with (
        time_machine.travel("2026-05-21T10:00:00Z", tick=False),
        pytest.raises(Rejection, match="expired at 2026-05-21T10:00:00"),
    ):
        known.whose(token)


@pytest.mark.parametrize(
    ("accept", "bare"),
    [
        ("text/plain", True),
        ("TEXT/PLAIN; charset=utf-8", True),
        ("text/*", True),
        ("text/plain, application/json;q=0.5", True),
        ("application/json;q=0, */*;q=0.5, text/plain;q=0.1", True),
        ("", False),
        ("*/*", False),
        ("application/json", False),
        ("application/json, text/plain, */*", False),
        ("text/plain;q=0.5, application/json", False),
        ("text/html", False),
        ("text/plain;q=nothing", False),
    ],
)
def test_the_bare_token_is_for_those_who_want_text(known: Known, accept: str, bare: bool) -> None:
    answer = known.ask(accept=accept)
    assert answer.status_code == 200
    if bare:
        assert answer.headers["Content-Type"].startswith("text/plain")
        assert known.whose(answer.text).user_name == known.user_name
    else:
        assert answer.headers["Content-Type"] == "application/json"
        assert set(answer.json()) == {"token", "tokenType", "expiresAt"}


@pytest.mark.parametrize("path", ["/api/Token", "/api/token", "/API/TOKEN", "/api/Token/"])
def test_the_path_is_read_without_case(known: Known, path: str) -> None:
    assert known.ask(path=path).status_code == 200


@pytest.mark.parametrize("names", [("username", "password"), ("USERNAME", "PassWord")])
def test_names_of_members_are_read_without_case(known: Known, names: tuple[str, str]) -> None:
    body = dict(zip(names, (known.user_name, PASSWORD), strict=True))
    assert known.ask(body).status_code == 200
    assert known.ask(body | {"Other": [1]}).status_code == 200


def test_a_user_name_is_told_apart_by_more_than_accents_and_case(known: Known) -> None:
    spelling = known.user_name.upper().replace("É", "E")
    assert known.ask({"UserName": spelling, "Password": PASSWORD}).status_code == 200


@pytest.mark.parametrize(
    ("content", "code", "status", "told"),
    [
        (b"", "BadRequest", 400, "not JSON"),
        (b"{", "BadRequest", 400, "not JSON"),
        (b"[]", "BadRequest", 400, "$"),
        (b"{}", "BadRequest", 400, "`UserName`"),
        (b'{"Password":"x"}', "BadRequest", 400, "`UserName`"),
        (b'{"username":"x"}', "BadRequest", 400, "`Password`"),
        (b'{"UserName":1,"Password":"x"}', "BadRequest", 400, "$.UserName"),
        (b'{"UserName":"x","password":null}', "BadRequest", 400, "$.Password"),
        (b'{"UserName":"x","username":"y","Password":"z"}', "BadRequest", 400, "UserName"),
        (b'{"UserName":"x\\u0000","Password":"z"}', "BadRequest", 400, "U+0000"),
        (b'{"UserName":"\xff","Password":"z"}', "BadRequest", 400, "UTF-8"),
        (b'{"UserName":"' + b"x" * 3000 + b'"}', "PayloadTooLarge", 413, "2000 bytes"),
    ],
)
def test_a_bad_body_is_refused(
    known: Known, content: bytes, code: str, status: int, told: str
) -> None:
    headers = known.headers(content_type="application/json")
    answer = known.http.post("/api/Token", content=content, headers=headers)
    assert refusal(answer, status) == code
    assert told in answer.json()["error"]["message"]


def test_another_media_type_is_refused(known: Known) -> None:
    headers = known.headers(content_type="application/xml")
    answer = known.http.post("/api/Token", content=b"<a/>", headers=headers)
    assert refusal(answer, 415) == "UnsupportedMediaType"


@pytest.mark.parametrize("headers", [{}, {"x-api-key": " "}])
def test_a_missing_key_is_named(http: TestClient, headers: dict[str, str]) -> None:
    answer = http.post("/api/Token", json={}, headers=headers)
    assert refusal(answer, 401) == "Unauthorized"
    assert "x-api-key" in answer.json()["error"]["message"]


def test_nobody_learns_which_of_the_three_was_wrong(
    known: Known, database: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    disabled, other = Known(known.http, database), Known(known.http, database)
    on(database, lambda c: integrators.disable_integrator(c, disabled.user_name))
    verify, checked = PasswordHasher.verify, []

    def counting(hasher: PasswordHasher, password_hash: str, password: str) -> bool:
        checked.append(password_hash.partition("v=")[0])
        return verify(hasher, password_hash, password)

    monkeypatch.setattr(PasswordHasher, "verify", counting)
    user_name = known.user_name
    answers = [
        known.guess(),
        known.guess(""),
        known.guess("x" * 1500),
        known.ask({"UserName": "nobody", "Password": PASSWORD}),
        known.ask({"UserName": other.user_name, "Password": PASSWORD}),
        known.ask({"UserName": "\ufb03" * 100, "Password": PASSWORD}),
        known.ask(x_api_key="gk_unknown"),
        known.ask(x_api_key=other.key),
        known.ask(x_api_key="x" * 5000),
        disabled.ask(),
        disabled.ask({"UserName": user_name, "Password": PASSWORD}),
    ]
    assert {refusal(answer, 401) for answer in answers} == {"Unauthorized"}
    assert len({answer.content for answer in answers}) == 1
    assert {answer.headers["WWW-Authenticate"] for answer in answers} == {"Bearer"}
    assert checked == ["$argon2id$"] * len(answers)


def test_a_key_of_any_bytes_is_refused_alike(known: Known) -> None:
    raw: Any = [(b"x-api-key", "clé\xff".encode("latin-1"))]
    body = {"UserName": known.user_name, "Password": PASSWORD}
    answer = known.http.post("/api/Token", json=body, headers=raw)
    assert refusal(answer, 401) == "Unauthorized"


def test_rotation_ends_the_key_and_every_token_at_once(known: Known) -> None:
    token, before = known.token(), known.key
    other = Known(known.http, known.database)
    kept = other.token()
    known.key = known.act(lambda c: integrators.rotate_integrator(c, known.user_name))
    with pytest.raises(Rejection, match="unknown"):
        known.whose(token)
    assert refusal(known.ask(x_api_key=before), 401) == "Unauthorized"
    assert known.whose(known.token()).user_name == known.user_name
    assert other.whose(kept).user_name == other.user_name


@pytest.mark.parametrize(
    "act", [integrators.rotate_integrator, integrators.disable_integrator], ids=lambda a: a.__name__
)
def test_the_next_request_after_an_act_is_refused(known: Known, act: Any) -> None:
    headers = {"Authorization": f"bearer {known.token()}"}
    assert known.http.get("/api/Buildings?$top=1", headers=headers).status_code == 200
    known.act(lambda c: act(c, known.user_name))
    answer = known.http.get("/api/Buildings?$top=1", headers=headers)
    assert refusal(answer, 401) == "Unauthorized"
    assert answer.headers["WWW-Authenticate"] == 'Bearer error="invalid_token"'
    answer = known.http.get("/api/Buildings?$top=1")
    assert refusal(answer, 401) == "Unauthorized"
    assert answer.headers["WWW-Authenticate"] == "Bearer"


def test_rotation_may_bring_a_new_password(known: Known) -> None:
    known.key = known.act(
        lambda c: integrators.rotate_integrator(c, known.user_name, password=PASSWORD + "!")
    )
    assert refusal(known.ask(), 401) == "Unauthorized"
    assert known.guess(PASSWORD + "!").status_code == 200


def test_a_disabled_integrator_is_out_and_its_tokens_stay_void(known: Known) -> None:
    token = known.token()
    known.act(lambda c: integrators.disable_integrator(c, known.user_name))
    assert refusal(known.ask(), 401) == "Unauthorized"
    known.act(lambda c: integrators.enable_integrator(c, known.user_name))
    with pytest.raises(Rejection, match="unknown"):
        known.whose(token)
    assert known.whose(known.token()).user_name == known.user_name


def test_each_act_is_written_down(known: Known) -> None:
    for act in (
        integrators.rotate_integrator,
        integrators.disable_integrator,
        integrators.enable_integrator,
    ):
        known.act(lambda c, act=act: act(c, known.user_name.upper(), actor="alice"))
    with psycopg.connect(known.database) as connection:
        rows = connection.execute(
            "SELECT actor, act FROM audit WHERE subject = %s ORDER BY id", [known.user_name]
        ).fetchall()
    assert rows == [
        ("operator", "integrator added"),
        ("alice", "integrator rotated"),
        ("alice", "integrator disabled"),
        ("alice", "integrator enabled"),
    ]


def test_an_act_that_is_refused_changes_nothing(known: Known) -> None:
    token = known.token()

    def again(connection: Connection) -> Any:
        return integrators.add_integrator(
            connection, user_name=known.user_name.lower(), password=PASSWORD, scope=Scope()
        )

    with pytest.raises(Rejection, match="already in use"):
        known.act(again)
    with pytest.raises(Rejection, match="10 to 1024"):
        known.act(lambda c: integrators.rotate_integrator(c, known.user_name, password="short"))
    assert known.whose(token).user_name == known.user_name


def assert_braked(answer: httpx2.Response) -> None:
    assert refusal(answer, 429) == "TooManyAttempts"
    assert int(answer.headers["Retry-After"]) > 0


def test_guessing_is_braked_for_this_key_alone(
    known: Known, database: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(throttle, "MOST_WAITING", 0)
    other = Known(known.http, database)
    for _ in range(PER_LOGIN):
        assert refusal(known.guess(), 401) == "Unauthorized"
    assert_braked(known.ask())
    assert other.ask().status_code == 200
    with psycopg.connect(database) as connection:
        connection.execute(
            "UPDATE login_failure SET at = at - make_interval(secs => %s)",
            [LONGEST_SPACING_SECONDS],
        )
    monkeypatch.undo()
    assert known.ask().status_code == 200


def test_the_right_password_succeeds_where_a_colleague_guesses(known: Known) -> None:
    for _ in range(PER_LOGIN):
        assert refusal(known.guess(), 401) == "Unauthorized"
    assert known.ask().status_code == 200


def test_failures_count_no_more_after_the_right_password(known: Known) -> None:
    for _ in range(2):
        for _ in range(PER_LOGIN - 1):
            known.guess()
        assert known.ask().status_code == 200


def test_wrong_keys_are_throttled_and_the_right_one_is_not(known: Known) -> None:
    for _ in range(PER_NETWORK):
        assert refusal(known.ask(x_api_key=f"gk_{uuid4()}"), 401) == "Unauthorized"
    assert_braked(known.ask(x_api_key=f"gk_{uuid4()}"))
    assert known.ask().status_code == 200


def test_a_right_guess_among_many_at_once_is_not_told(
    known: Known, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(throttle, "MOST_WAITING", 0)
    guesses = [
        httpx2.Request(
            "POST",
            "http://testserver/api/Token",
            json={"UserName": known.user_name, "Password": password},
            headers=known.headers(),
        )
        for password in ["a wrong password"] * 40 + [PASSWORD]
    ]
    statuses = [answer.status_code for answer in all_at_once(known.http, guesses)]
    assert statuses[-1] == 429
    assert set(statuses) == {401, 429}


def test_others_are_answered_while_a_password_is_checked(
    known: Known, monkeypatch: pytest.MonkeyPatch
) -> None:
    verify, meanwhile = passwords._verify, []

    def slowly(password_hash: str, password: str) -> bool:
        # From the thread of the check, while the check goes on.
        meanwhile.append(known.http.get("/api/Token").status_code)
        return verify(password_hash, password)

    monkeypatch.setattr(passwords, "_verify", slowly)
    assert known.ask().status_code == 200
    assert meanwhile == [405]


def test_secrets_are_in_no_log(
    known: Known, tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    level = logging.getLogger().level
    configure_logging("json", "debug")
    try:
        token = known.token()
        assert refusal(known.ask(x_api_key="gk_a_wrong_key"), 401) == "Unauthorized"
        logged = capfd.readouterr().err
    finally:
        configure_logging("console", "error")
        logging.getLogger().setLevel(level)
    lines = [json.loads(line) for line in logged.splitlines()]
    assert [line["status"] for line in lines if line.get("event") == "request"] == [200, 401]
    for secret in (known.key, "gk_a_wrong_key", PASSWORD, token):
        assert secret not in logged


def test_nothing_secret_is_kept_or_listed(known: Known) -> None:
    token = known.token()
    known.guess()
    with psycopg.connect(known.database) as connection:
        rows = connection.execute(
            "SELECT t::text FROM integrator t UNION ALL SELECT t::text FROM audit t"
            " UNION ALL SELECT t::text FROM login_failure t"
        ).fetchall()
    listed = known.act(integrators.list_integrators)
    assert known.user_name in {row["userName"] for row in listed}
    assert {key for row in listed for key in row} == {
        "uid", "name", "userName", "readOnly", "sets", "places", "incidents", "partners",
        "disabled", "created",
    }  # fmt: skip
    for secret in (known.key, known.key.encode().hex(), PASSWORD, token):
        assert secret not in str(rows)
        assert secret not in str(listed)


def test_the_documentation_says_how_to_ask(http: TestClient) -> None:
    document = http.get("/openapi.json").json()
    operation = document["paths"]["/api/Token"]["post"]
    assert operation["security"] == [{"apiKey": []}]
    scheme = {"type": "apiKey", "in": "header", "name": "x-api-key"}
    assert document["components"]["securitySchemes"]["apiKey"] == scheme
    assert {"200", "400", "401", "413", "415", "429"} <= set(operation["responses"])
    for status in ("400", "401"):
        content = operation["responses"][status]["content"]["application/json"]
        assert content["schema"] == {"$ref": "#/components/schemas/ODataError"}
        assert content["example"]["error"]["code"]
    assert list(document["components"]["schemas"]["TokenRequest"]["required"]) == [
        "UserName",
        "Password",
    ]
