"""Where no route leads, each API's clients are told so in their own form."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from starlette.testclient import TestClient
from tests.partners.calling import serving


@pytest.fixture(scope="module")
def http(database: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[TestClient]:
    with serving(database, Path(tmp_path_factory.mktemp("home"))) as client:
        yield client


@pytest.mark.parametrize(
    ("method", "path", "status", "members"),
    [
        ("GET", "/v1/nothing", 404, {"response", "text"}),
        ("GET", "/v1/leads", 405, {"response", "text"}),
        ("GET", "/users", 405, {"response_code", "response_text"}),
        ("GET", "/api/v1/nothing", 404, {"errorType", "message"}),
        ("GET", "/api/vEvent/nothing/at/all", 404, {"errorType", "message"}),
        ("GET", "/API/V3/tickets", 404, {"errorType", "message"}),
        ("PUT", "/api/v1/tickets", 405, {"errorType", "message"}),
        ("GET", "/nothing", 404, {"errorType", "message"}),
        ("GET", "/v10/leads", 404, {"errorType", "message"}),
        ("GET", "/api/Token", 405, {"error"}),
        ("PUT", "/api/subscribe", 405, {"error"}),
        ("GET", "/api/Billing/nothing", 404, {"error"}),
    ],
)
def test_each_api_answers_in_its_form(
    http: TestClient, method: str, path: str, status: int, members: set[str]
) -> None:
    answer = http.request(method, path)
    assert answer.status_code == status
    assert set(answer.json()) == members


def test_partners_are_told_in_their_language(http: TestClient) -> None:
    french = http.get("/v1/nothing").json()
    assert french == {"response": 1, "text": "Il n'y a rien à /v1/nothing."}
    english = http.delete("/v1/leads", headers={"Accept-Language": "en"}).json()
    text = "/v1/leads does not accept DELETE. Use a method of the Allow header."
    assert english == {"response": 1, "text": text}


def test_the_console_answers_with_a_page(http: TestClient) -> None:
    answer = http.get("/console/<nothing>")
    assert answer.status_code == 404
    assert answer.headers["Content-Type"] == "text/html; charset=utf-8"
    assert "Il n&#39;y a rien à /console/&lt;nothing&gt;." in answer.text
    assert http.put("/console/login").headers["Allow"] == "GET, HEAD, POST"


@pytest.mark.parametrize("path", ["/v1/customers", "/api/subscribe", "/api/v1/subscriptions"])
def test_all_methods_of_a_path_are_named(http: TestClient, path: str) -> None:
    assert http.delete(path).headers["Allow"] == "GET, HEAD, POST"
