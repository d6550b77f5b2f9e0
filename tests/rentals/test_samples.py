"""The bodies that the API pages and the Postman collection show: the demonstration takes them."""

from collections.abc import Iterator
from typing import Any

import pytest
from starlette.testclient import TestClient
from tests.living import running
from tests.rentals.conftest import estate, rentals_template
from tests.rentals.test_writing import integrator

from gerance.kernel.identity.scope import Scope
from gerance.kernel.odata.describe.openapi import openapi_part
from gerance.odata_service import MODEL
from gerance.rentals.model.samples import SAMPLES, WRITE_ANNOTATIONS

__all__ = ["estate", "rentals_template"]

SCHEMAS = openapi_part(MODEL, annotations=WRITE_ANNOTATIONS).schemas


@pytest.fixture(scope="module")
def http(estate: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[TestClient]:
    with running(estate, tmp_path_factory.mktemp("home")) as client:
        client.headers |= integrator(client, estate, "tester", Scope(incidents=True))
        yield client


def test_everything_that_may_be_created_has_a_sample() -> None:
    creatable = [each for each in MODEL.sets.values() if "create" in each.writes]
    assert set(SAMPLES) == {each.name for each in creatable}
    lasting = {name for name, each in SAMPLES.items() if each.permanent}
    assert lasting == {each.name for each in creatable if "delete" not in each.writes}


@pytest.mark.parametrize("name", SAMPLES)
def test_an_example_is_created_changed_replaced_and_deleted(name: str, http: TestClient) -> None:
    entity = MODEL.types[name]
    created = http.post(f"/api/{entity.set_name}", json=example(name, "ToCreate"))
    assert created.status_code == 201, created.text
    if SAMPLES[name].permanent:
        return
    place = created.headers["location"]
    changed = http.patch(place, json=example(name, "ToChange"))
    assert changed.status_code == 204, changed.text
    # It did change something: whoever tries it sees a difference.
    assert changed.headers["etag"] != created.headers["etag"]
    replaced = http.put(place, json=example(name, "ToReplace"))
    assert replaced.status_code == 204, replaced.text
    deleted = http.delete(place)
    assert deleted.status_code == 204, deleted.text


def example(name: str, kind: str) -> dict[str, Any]:
    """The example of a body in OpenAPI."""
    found: dict[str, Any] = SCHEMAS[f"Gerance.{name}{kind}"]["example"]
    return found
