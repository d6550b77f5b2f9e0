"""Requests are limited by principal, and without one by network; each API says so in its form."""

from collections.abc import Iterator
from pathlib import Path

import httpx2
import pytest
from starlette.testclient import TestClient
from tests.incidents.conftest import World, refusal
from tests.living import running

from gerance.kernel.limits import rates
from gerance.kernel.limits.rates import RateLimits

BURST = 4


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
        "/v1/customers": lambda answer: "Trop de requêtes" in answer.json()["text"],
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
