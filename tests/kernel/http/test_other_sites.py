"""A page of another site changes nothing with the session of a visitor."""

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from starlette.testclient import TestClient
from tests.living import running

from gerance.app import endpoints

CHANGES = [
    (each.method, re.sub(r"\{\w+(:\w+)?\}", "5f0c4b52-7a59-4b8e-9d0f-0f3d1b2f7c11", each.path))
    for each in endpoints()
    if each.method not in ("GET", "HEAD") and each.scheme in (None, "session")
]
OTHERS = (
    {"Sec-Fetch-Site": "same-site"},
    {"Sec-Fetch-Site": "cross-site", "Origin": "http://testserver"},
    {"Origin": "http://testserver:8080"},
    {"Origin": "https://evil.example"},
    {"Origin": "null"},
)
OURS = ({}, {"Sec-Fetch-Site": "same-origin"}, {"Origin": "http://testserver"})


@pytest.fixture(scope="module")
def http(database: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[TestClient]:
    with running(database, Path(tmp_path_factory.mktemp("home"))) as client:
        yield client


def test_every_change_that_a_cookie_allows_is_among_them() -> None:
    paths = {path for _, path in CHANGES}
    assert {"/api/vEvent/login", "/api/vEvent/logout", "/api/v1/subscriptions"} <= paths
    assert len(CHANGES) > 25


@pytest.mark.parametrize(("method", "path"), CHANGES)
def test_only_programs_and_our_own_pages_send_changes(
    http: TestClient, method: str, path: str
) -> None:
    for headers in OTHERS:
        answer = http.request(method, path, content=b"{}", headers=headers)
        assert (answer.status_code, answer.json()["errorType"]) == (403, "OtherSite"), headers
    for headers in OURS:
        assert "OtherSite" not in http.request(method, path, content=b"{}", headers=headers).text
