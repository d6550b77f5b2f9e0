"""Records that all companies share are read-only for a key that is limited to some of them.

The requests are generated from the model, so that a new set is covered as soon as it is declared.
"""

from collections.abc import Iterator
from typing import Any
from uuid import uuid4

import psycopg
import pytest
from starlette.testclient import TestClient
from tests.living import running
from tests.rentals.test_writing import integrator

from gerance.kernel.errors import Rejection
from gerance.kernel.identity.scope import Scope
from gerance.kernel.odata.access import Access
from gerance.kernel.odata.edm import EntityType
from gerance.odata_service import MODEL
from gerance.rentals.model.samples import SAMPLES, WRITE_ANNOTATIONS

WRITABLE = [each for each in MODEL.sets.values() if each.writes]
SHARED = [each for each in WRITABLE if not each.scope]
PLACES = {
    "a company": ({"company_no": 3},),
    "a division": ({"company_no": 3, "division_no": 1},),
    "nothing": (),
}
KEYED = {"Idempotency-Key": "shared-1"}
DRY = {"Prefer": "handling=dry-run"}


@pytest.fixture(scope="module")
def http(estate: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[TestClient]:
    with running(estate, tmp_path_factory.mktemp("home")) as client:
        yield client


@pytest.fixture(scope="module", params=PLACES)
def limited(http: TestClient, estate: str, request: pytest.FixtureRequest) -> dict[str, str]:
    """The headers of an integrator that is limited to places."""
    name = f"limited-{list(PLACES).index(request.param)}"
    return integrator(http, estate, name, Scope(places=PLACES[request.param]))


def changes(entity: EntityType) -> Iterator[tuple[str, str, Any]]:
    """Every way to write an entity of the type: method, path, body."""
    key = ",".join(f"{name}=1" for name in entity.key)
    one, sample = f"{entity.set_name}({key})", SAMPLES[entity.name]
    if "create" in entity.writes:
        yield "POST", entity.set_name, dict(sample.create)
        for owner in MODEL.sets.values():
            for navigation in owner.navigations:
                if navigation.many and navigation.target == entity.name:
                    yield "POST", f"{owner.set_name}(1)/{navigation.name}", dict(sample.create)
    if "delete" in entity.writes:
        yield "DELETE", one, None
    if "update" not in entity.writes:
        return
    yield "PATCH", one, dict(sample.change)
    yield "PUT", one, dict(sample.create)
    for declared in entity.properties:
        yield "PUT", f"{one}/{declared.name}", {"value": None}
        yield "DELETE", f"{one}/{declared.name}", None
    for navigation in WRITE_ANNOTATIONS.links(MODEL, entity):
        target = MODEL.target(navigation).set_name
        yield "PUT", f"{one}/{navigation.name}/$ref", {"@odata.id": f"{target}(1)"}
        yield "DELETE", f"{one}/{navigation.name}/$ref", None
        yield "PATCH", one, {f"{navigation.name}@odata.bind": f"{target}(1)"}
    if entity.media:
        yield "PUT", f"{one}/$value", {}


def test_the_shared_sets_are_those_that_the_documentation_names() -> None:
    assert {each.set_name for each in SHARED} == {"Suppliers", "Services", "HousingTypes"}


@pytest.mark.parametrize("entity", SHARED, ids=lambda each: each.set_name)
def test_a_limited_key_reads_shared_records_and_changes_none(
    http: TestClient, estate: str, limited: dict[str, str], entity: EntityType
) -> None:
    before = rows(estate, entity)
    assert http.get(f"/api/{entity.set_name}", headers=limited).status_code == 200
    for method, path, body in changes(entity):
        for more in ({}, KEYED, DRY, {"If-Match": "*"}):
            answer = http.request(method, f"/api/{path}", json=body, headers={**limited, **more})
            assert answer.status_code == 403, (method, path, answer.text)
            assert answer.json()["error"]["code"] == "OutsideYourPlaces", (method, path)
    assert rows(estate, entity) == before


def rows(estate: str, entity: EntityType) -> list[Any]:
    with psycopg.connect(estate) as connection:
        return connection.execute(f"SELECT * FROM {entity.source} ORDER BY 1".encode()).fetchall()


@pytest.mark.parametrize("entity", WRITABLE, ids=lambda each: each.set_name)
def test_every_type_has_a_place_or_is_shared(entity: EntityType) -> None:
    access = Access(key="limited", places=({"company_no": 3},))
    Access(key="all").require_change(entity)
    if entity.scope:
        access.require_change(entity)
        return
    with pytest.raises(Rejection, match="shared by all companies") as caught:
        access.require_change(entity)
    assert (caught.value.code, caught.value.status) == ("OutsideYourPlaces", 403)


def test_a_limited_key_refers_to_shared_records(http: TestClient, limited: dict[str, str]) -> None:
    body = {**SAMPLES["Invoice"].create, "InvoiceNo": uuid4().hex[:12]}
    answer = http.post("/api/Invoices", json=body, headers=limited)
    # Its own company's invoice of a shared supplier; one without places has no company at all.
    assert answer.status_code in (201, 400), answer.text
    assert answer.json().get("SupplierId") or "UnknownDivision" in answer.text
