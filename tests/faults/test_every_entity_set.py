"""Whatever fits the description of a request to an entity set, or just does not, is answered as
described."""

from collections.abc import Iterator
from typing import Any

import pytest
import schemathesis
from hypothesis import HealthCheck, Phase, given, seed, settings
from starlette.testclient import TestClient
from tests.living import on, running

from gerance.kernel.http.openapi import openapi
from gerance.kernel.identity.integrators import add_integrator
from gerance.kernel.identity.scope import Scope
from gerance.kernel.odata.describe.openapi import openapi_part
from gerance.odata_service import MODEL

EXAMPLES = 5
PASSWORD = "correct horse battery staple"
DOCUMENT = openapi((), [openapi_part(MODEL)], version="1")


@pytest.fixture(scope="module")
def http(database: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[TestClient]:
    with running(database, tmp_path_factory.mktemp("home")) as client:
        yield client


@pytest.fixture(scope="module")
def bearer(http: TestClient, database: str) -> dict[str, str]:
    scope = Scope(incidents=True, partners=True)
    key = on(
        database,
        lambda connection: add_integrator(
            connection, user_name="tester", password=PASSWORD, scope=scope
        ),
    )
    proof = {"UserName": "tester", "Password": PASSWORD}
    answer = http.post("/api/Token", json=proof, headers={"x-api-key": key})
    return {"Authorization": f"Bearer {answer.json()['token']}"}


def test_the_document_served_has_every_set(http: TestClient) -> None:
    served = http.get("/openapi.json").json()
    assert served["paths"].keys() >= DOCUMENT["paths"].keys()
    operations = [each for item in served["paths"].values() for each in item.values()]
    names = [each["operationId"] for each in operations]
    assert len(names) == len(set(names))
    tags = [each["name"] for each in served["tags"]]
    assert len(tags) == len(set(tags))
    assert {tag for each in operations for tag in each["tags"]} == set(tags)


@pytest.mark.parametrize("path", DOCUMENT["paths"])
@pytest.mark.parametrize("mode", schemathesis.GenerationMode, ids=lambda mode: mode.value)
def test_a_request_is_answered_as_described(
    mode: schemathesis.GenerationMode, path: str, http: TestClient, bearer: dict[str, str]
) -> None:
    operation = schemathesis.openapi.from_dict(DOCUMENT)[path]["GET"]
    responses = {int(status) for status in DOCUMENT["paths"][path]["get"]["responses"]}

    @seed(1)
    @settings(
        max_examples=EXAMPLES,
        deadline=None,
        database=None,
        phases=[Phase.generate],
        suppress_health_check=list(HealthCheck),
    )
    @given(operation.as_strategy(generation_mode=mode))
    def answered(case: schemathesis.Case) -> None:
        sent: dict[str, Any] = case.as_transport_kwargs(base_url="http://testserver")
        params = [(name, str(value)) for name, value in (sent["params"] or {}).items()]
        answer = http.get(sent["url"], params=params, headers=bearer)
        assert answer.status_code in responses, f"{answer.url} {answer.text}"
        assert answer.status_code in (501, 503) or answer.status_code < 500, answer.text
        if answer.status_code >= 400:
            error = answer.json()["error"]
            assert error["code"]
            assert error["message"]

    answered()
