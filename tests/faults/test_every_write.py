"""Whatever fits the description of a request that writes, or just does not, is answered as
described: with a status that it names, and a body of its schema."""

import json
from collections.abc import Iterator
from typing import Any

import jsonschema_rs
import pytest
import schemathesis
from hypothesis import HealthCheck, Phase, given, seed, settings
from starlette.testclient import TestClient
from tests.living import running
from tests.rentals.conftest import estate, rentals_template
from tests.rentals.test_writing import integrator

from gerance.kernel.http.openapi import openapi
from gerance.kernel.identity.scope import Scope
from gerance.kernel.odata.describe.openapi import openapi_part
from gerance.odata_service import MODEL
from gerance.rentals.model.samples import WRITE_ANNOTATIONS

__all__ = ["estate", "rentals_template"]

EXAMPLES = 4
DOCUMENT = openapi((), [openapi_part(MODEL, annotations=WRITE_ANNOTATIONS)], version="1")
SCHEMA = schemathesis.openapi.from_dict(DOCUMENT)
OPERATIONS = [
    (path, method.upper())
    for path, item in DOCUMENT["paths"].items()
    for method in item
    if method != "get"
]


@pytest.fixture(scope="module")
def http(estate: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[TestClient]:
    with running(estate, tmp_path_factory.mktemp("home")) as client:
        client.headers |= integrator(client, estate, "tester", Scope(incidents=True, partners=True))
        yield client


@pytest.mark.parametrize(("path", "method"), OPERATIONS)
@pytest.mark.parametrize("mode", schemathesis.GenerationMode, ids=lambda mode: mode.value)
def test_a_write_is_answered_as_described(
    mode: schemathesis.GenerationMode, path: str, method: str, http: TestClient
) -> None:
    described_answers = DOCUMENT["paths"][path][method.lower()]["responses"]

    @seed(1)
    @settings(
        max_examples=EXAMPLES,
        deadline=None,
        database=None,
        phases=[Phase.generate],
        suppress_health_check=list(HealthCheck),
    )
    @given(SCHEMA[path][method].as_strategy(generation_mode=mode))
    def answered(case: schemathesis.Case) -> None:
        answer = send(http, case)
        shown = f"{method} {answer.url} {answer.request.content!r}: {answer.text}"
        assert str(answer.status_code) in described_answers, shown
        assert answer.status_code != 503, shown
        described = described_answers[str(answer.status_code)]
        if "$ref" in described:
            described = DOCUMENT["components"]["responses"][described["$ref"].rpartition("/")[2]]
        content = described.get("content")
        if content is None:
            assert answer.content == b"", shown
        else:
            schema = content["application/json"]["schema"]
            whole = schema | {"components": DOCUMENT["components"]}
            jsonschema_rs.validator_for(whole, validate_formats=True).validate(answer.json())

    answered()


def send(http: TestClient, case: schemathesis.Case) -> Any:
    """The answer to a case. Numbers in its path are made so small that many entities are there."""
    numbers = {
        name: value % 40 if isinstance(value, int) else value
        for name, value in case.path_parameters.items()
    }
    case.path_parameters.update(numbers)
    sent: dict[str, Any] = case.as_transport_kwargs(base_url="http://testserver")
    headers = {
        name: value
        for name, value in (sent["headers"] or {}).items()
        if name.lower() in ("if-match", "prefer", "idempotency-key", "content-type")
    }
    params = [(name, str(value)) for name, value in (sent.get("params") or {}).items()]
    body = sent["data"] if sent.get("data") is not None else json.dumps(sent.get("json")).encode()
    return http.request(case.method, sent["url"], params=params, headers=headers, content=body)
