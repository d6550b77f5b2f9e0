"""Nobody makes the server wait for a position of the log before it is known who asks."""

from collections.abc import Iterator

import pytest
from starlette.testclient import TestClient
from tests.living import running

from gerance.app import ENDPOINTS

FAR = {"Gerance-Min-Position": "999999999999"}
READS = sorted({each.path for each in ENDPOINTS if each.method == "GET"})
SETS = ("/api/Units", "/api/$metadata", "/api/Units(1)", "/api/")


@pytest.fixture(scope="module")
def http(database: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[TestClient]:
    home = tmp_path_factory.mktemp("home")
    with running(database, home, min_position_wait_seconds=3600) as client:
        yield client


@pytest.mark.parametrize("path", [*READS, *SETS])
@pytest.mark.parametrize(
    "credentials",
    [{}, {"Authorization": "Bearer x.y.z"}, {"Authorization": 'Token token="x"'}],
    ids=["none", "a bad token", "a bad partner token"],
)
def test_a_stranger_is_refused_without_waiting(
    http: TestClient, path: str, credentials: dict[str, str]
) -> None:
    plain = http.get(path, headers=credentials)
    answer = http.get(path, headers={**credentials, **FAR})
    assert (answer.status_code, answer.content) == (plain.status_code, plain.content)
    assert answer.status_code != 503


@pytest.mark.parametrize("method", ["POST", "PATCH", "PUT", "DELETE"])
def test_writes_of_entity_sets_do_not_wait_for_strangers_either(
    http: TestClient, method: str
) -> None:
    assert http.request(method, "/api/Suppliers(1)", headers=FAR).status_code == 401
