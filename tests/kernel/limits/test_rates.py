"""Requests are limited by principal, and without one by network; each API says so in its form."""

from collections.abc import Iterator
from pathlib import Path

import httpx2
import pytest
from starlette.testclient import TestClient
from tests.incidents.conftest import World, refusal
from tests.living import on, running
from tests.rentals.office import EVERYWHERE, PASSWORD

from gerance.kernel.identity.accounts import add_user
from gerance.kernel.identity.integrators import add_integrator
from gerance.kernel.identity.sessions import open_session
from gerance.kernel.limits import rates
from gerance.kernel.limits.rates import RateLimits
from gerance.partners.programme.partners import add_partner

BURST = 4
CONSOLE = tuple((f"/console/{path}", "POST") for path in ("logout", "proposals", "account"))


@pytest.fixture
def http(database: str, tmp_path: Path) -> Iterator[TestClient]:
    with running(database, tmp_path, requests_per_second=0.001, requests_burst=BURST) as client:
        yield client


def assert_limited(answer: httpx2.Response) -> None:
    assert answer.status_code == 429, answer.text
    assert int(answer.headers["Retry-After"]) > 0
    assert answer.headers["RateLimit-Remaining"] == "0"


def test_a_principal_has_so_many_requests_whatever_others_send(
    http: TestClient, database: str
) -> None:
    world = World(http, database)
    user, other = world.login("superUser"), world.login("superUser")
    answers = [user.read("tickets") for _ in range(BURST)]
    assert [answer.headers["RateLimit-Remaining"] for answer in answers] == ["3", "2", "1", "0"]
    assert {answer.headers["RateLimit-Limit"] for answer in answers} == {str(BURST)}
    assert all(int(answer.headers["RateLimit-Reset"]) > 0 for answer in answers)
    limited = user.read("tickets")
    assert refusal(limited, 429) == "RateLimited"
    assert_limited(limited)
    assert other.read("tickets").headers["RateLimit-Remaining"] == "3"


def test_requests_without_a_valid_credential_count_for_their_network(
    http: TestClient, database: str
) -> None:
    user = World(http, database).login("superUser")
    for _ in range(BURST):
        assert http.get("/api/v1/tickets").status_code == 401
    forms = {
        "/api/v1/tickets": lambda answer: answer.json()["errorType"] == "RateLimited",
        "/api/Tenants": lambda answer: answer.json()["error"]["code"] == "RateLimited",
        "/v1/customers": lambda answer: "requêtes par seconde" in answer.json()["text"],
        "/console/login": lambda answer: "<html" in answer.text,
        "/openapi.json": lambda answer: answer.json()["errorType"] == "RateLimited",
    }
    for path, has_form in forms.items():
        answer = http.get(path)
        assert_limited(answer)
        assert has_form(answer), answer.text
    in_english = http.get("/v1/customers", headers={"Accept-Language": "en"})
    assert "requests per second" in in_english.json()["text"]
    for path, credential in (
        ("/api/v1/tickets", {"Cookie": "PI_SESSION=forged"}),
        ("/api/Tenants", {"Authorization": "Bearer forged"}),
    ):
        assert_limited(http.get(path, headers=credential))
    assert user.read("tickets").status_code == 200, "neighbours do not count"
    assert http.get("/live").status_code == 200
    assert http.get("/ready").status_code == 200


def test_a_forged_credential_is_refused_whatever_it_would_be_answered(
    http: TestClient, database: str
) -> None:
    """Also where the answer would be no error, as a redirection to the log-in; and nothing is
    written. Who logs in with the right password is answered, whatever its neighbours sent."""
    world = World(http, database)
    login = "superUser-logging-in"
    uid = on(database, lambda connection: add_user(connection, kind="superUser", login=login,
       password="a password for tests", first_name="Zoé", last_name="Testeur"))  # fmt: skip
    token = on(database, lambda connection: open_session(connection, uid, lifetime=3600))
    cookie = f"PI_SESSION={token}"
    key = on(database, lambda connection: add_integrator(
        connection, user_name="office", password=PASSWORD, scope=EVERYWHERE))  # fmt: skip
    proof = {"UserName": "office", "Password": PASSWORD}
    bearer = http.post("/api/Token", json=proof, headers={"x-api-key": key}).json()["token"]
    before = world.rows("SELECT count(*), (SELECT count(*) FROM event) FROM session")
    document = http.get("/openapi.json").json()
    while http.get("/api/v1/tickets").status_code != 429:
        pass
    forged = {
        "Cookie": "PI_SESSION=forged",
        "Authorization": "Bearer forged",
        "x-api-key": "forged",
        "Origin": "http://testserver",
    }
    operations = [
        (path, method.upper())
        for path, item in document["paths"].items()
        for method in item
        if method not in ("get", "parameters")
    ]
    assert len(operations) > 80
    for path, method in (*operations, *CONSOLE):
        answer = http.request(
            method, path.replace("{", "").replace("}", ""), headers=forged, follow_redirects=False
        )
        assert answer.status_code == 429, (method, path, answer.status_code)
    assert world.rows("SELECT count(*), (SELECT count(*) FROM event) FROM session") == before
    partner = on(database, lambda connection: add_partner(
        connection, code="LEV", name="Lévis", sources=["LEV"]))  # fmt: skip
    for valid in (
        {"Cookie": cookie},
        {"Authorization": f"Bearer {bearer}"},
        {"Authorization": f'Token token="{partner}"'},
    ):
        for path in ("/openapi.json", "/live", "/nowhere"):
            assert http.get(path, headers=valid).status_code != 429, (path, valid)
        answers = [http.get("/openapi.json", headers=valid).status_code for _ in range(BURST)]
        assert answers[-1] == 429, "they count for the principal"
    proof = {"login": login, "password": "a password for tests"}
    expired = {"Cookie": "PI_SESSION=expired", "Origin": "http://testserver"}
    assert http.post("/api/v1/login", json=proof, headers=expired).status_code == 200
    answer = http.post("/console/login", data=proof, headers=expired, follow_redirects=False)
    assert answer.status_code == 303
    assert "PI_SESSION=" in answer.headers["Set-Cookie"]
    proof = {"UserName": "office", "Password": PASSWORD}
    assert http.post("/api/Token", json=proof, headers={"x-api-key": key}).status_code == 200


def test_there_is_no_limit_without_a_rate(database: str, tmp_path: Path) -> None:
    with running(database, tmp_path, requests_per_second=0, requests_burst=1) as http:
        answers = [http.get("/api/v1/tickets") for _ in range(5)]
    assert {answer.status_code for answer in answers} == {401}
    assert "ratelimit-limit" not in answers[0].headers


def test_a_bucket_fills_again_and_their_number_is_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    now = 1_000.0
    monkeypatch.setattr(rates.time, "monotonic", lambda: now)
    monkeypatch.setattr(rates, "BUCKETS", 10)
    limits = RateLimits(rate=2, burst=3)
    assert [limits.take("a") is not None for _ in range(5)] == [True, True, True, False, False]
    now += 0.5
    assert [limits.take("a") is not None for _ in range(2)] == [True, False]
    now += 1_000
    assert limits.take("a") == (2, 1)
    for n in range(100):
        limits.take(str(n))
    assert len(limits._full_at) <= 10
