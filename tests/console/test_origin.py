"""Forms are taken from our own pages only, however the browser reaches the server."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from starlette.testclient import TestClient
from tests.living import running

FROM_HERE, REFUSED = 303, 403

HTTP, HTTPS = "http://testserver", "https://testserver"


@pytest.fixture(scope="module")
def http(database: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[TestClient]:
    with running(database, Path(tmp_path_factory.mktemp("home"))) as client:
        yield client


@pytest.mark.parametrize(
    ("base", "headers", "status"),
    [
        (HTTP, {"Origin": HTTP}, FROM_HERE),
        (HTTP, {"Origin": "http://testserver:80"}, FROM_HERE),
        (HTTPS, {"Origin": HTTPS}, FROM_HERE),
        (HTTPS, {"Origin": HTTPS, "Host": "testserver:443"}, FROM_HERE),
        (HTTPS, {"Origin": "https://TestServer"}, FROM_HERE),
        (HTTP, {"Origin": "http://[::1]:8000", "Host": "[::1]:8000"}, FROM_HERE),
        (HTTP, {"Origin": "http://[::1]:8001", "Host": "[::1]:8000"}, REFUSED),
        (HTTPS, {"Origin": HTTP}, REFUSED),
        (HTTP, {"Origin": HTTPS}, REFUSED),
        (HTTP, {"Origin": "http://testserver:8080"}, REFUSED),
        (HTTP, {"Origin": "http://testserver.evil.example"}, REFUSED),
        (HTTP, {"Origin": "http://evil.example"}, REFUSED),
        (HTTP, {"Origin": "http://["}, REFUSED),
        (HTTP, {"Origin": "http://testserver:port"}, REFUSED),
        (HTTP, {"Origin": "null"}, REFUSED),
        (HTTP, {"Origin": ""}, REFUSED),
        (HTTP, {}, REFUSED),
        (HTTP, {"Sec-Fetch-Site": "same-origin"}, FROM_HERE),
        (HTTP, {"Sec-Fetch-Site": "same-origin", "Origin": HTTPS}, FROM_HERE),
        (HTTP, {"Sec-Fetch-Site": "none"}, FROM_HERE),
        (HTTP, {"Sec-Fetch-Site": "same-site", "Origin": HTTP}, REFUSED),
        (HTTP, {"Sec-Fetch-Site": "cross-site", "Origin": HTTP}, REFUSED),
        (HTTP, {"Sec-Fetch-Site": "", "Origin": HTTP}, REFUSED),
    ],
    ids=str,
)
def test_what_the_browser_says_decides(
    http: TestClient, base: str, headers: dict[str, str], status: int
) -> None:
    answer = http.post(f"{base}/console/logout", headers=headers, follow_redirects=False)
    assert answer.status_code == status


def test_pages_let_browsers_name_their_origin(http: TestClient) -> None:
    """Under `no-referrer` browsers post `Origin: null`, and every form is refused."""
    for path in ("/console/login", "/console/nothing"):
        assert http.get(path).headers["referrer-policy"] == "same-origin"
