"""Units are linked with lots of the incident side, and read together with them."""

from collections.abc import Iterator
from typing import Any
from uuid import uuid4

import pytest
from starlette.testclient import TestClient
from tests.incidents.conftest import ADDRESS, World
from tests.living import running
from tests.rentals.test_writing import error, integrator

from gerance.kernel.identity.scope import Scope

LINK = "/api/Units(1)/Lot/$ref"
HERE = ({"company_no": 4, "division_no": 1},)


@pytest.fixture(scope="module")
def http(estate: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[TestClient]:
    with running(estate, tmp_path_factory.mktemp("home")) as client:
        yield client


@pytest.fixture(scope="module")
def world(http: TestClient, estate: str) -> World:
    return World(http, estate)


@pytest.fixture(scope="module")
def key(http: TestClient, estate: str) -> dict[str, str]:
    """The headers of an integrator who may read the incident side too."""
    return integrator(http, estate, "crm", Scope(incidents=True))


@pytest.fixture
def lot(world: World) -> str:
    return world.root.created(
        "lots",
        "ReferenceLot",
        ref=f"L-{uuid4()}",
        lotNumber=str(uuid4()),
        patrimonyUid=world.patrimony,
        addresses=[ADDRESS],
        usage="Apartment",
    )


def read(http: TestClient, key: dict[str, str], path: str, **options: str) -> Any:
    params = {f"${name}": value for name, value in options.items()}
    answer = http.get(f"/api/{path}", params=params, headers=key)
    assert answer.status_code == 200, answer.text
    return answer.json()


def test_a_unit_is_linked_with_a_lot_and_unlinked(
    http: TestClient, key: dict[str, str], world: World, lot: str
) -> None:
    before = http.get("/api/Units(1)", headers=key).headers["etag"]
    linked = http.put(LINK, json={"@odata.id": f"Lots({lot})"}, headers=key)
    assert (linked.status_code, linked.headers["etag"] != before) == (204, True)
    shown = read(http, key, "Units(1)", expand="Lot($expand=Patrimony($select=Ref))")["Lot"]
    assert (shown["Uid"], shown["Usage"], shown["City"]) == (lot, "Apartment", "Lyon")
    assert shown["Patrimony"]["Ref"] == "P-001"
    found = read(http, key, "Units", filter=f"Lot/Uid eq {lot}", select="Id")["value"]
    assert [each["Id"] for each in found] == [1]
    assert http.delete(LINK, headers=key).status_code == 204
    assert read(http, key, "Units(1)", expand="Lot")["Lot"] is None
    assert read(http, key, "Units", filter="Lot ne null")["value"] == []


def test_a_unit_is_linked_where_it_is_written(
    http: TestClient, key: dict[str, str], lot: str
) -> None:
    for reference, uid in ((f"http://testserver/api/Lots({lot})", lot), (None, None)):
        bound = {"Lot@odata.bind": reference}
        assert http.patch("/api/Units(2)", json=bound, headers=key).status_code == 204
        assert (read(http, key, "Units(2)", expand="Lot")["Lot"] or {}).get("Uid") == uid
    place = {"CompanyNo": 4, "DivisionNo": 1, "BuildingCode": "IBERVILLE5", "UnitCode": "LOT"}
    body = {**place, "Lot@odata.bind": f"Lots({lot})"}
    made = http.post("/api/Units?$expand=Lot", json=body, headers=key)
    assert (made.status_code, made.json()["Lot"]["Uid"]) == (201, lot)


@pytest.mark.parametrize(
    "reference",
    ["Lots({unknown})", "Lots({deleted})", "Lots(7)", "Lots('')", "Patrimonies({patrimony})", ""],
)
def test_what_is_no_lot_is_refused(
    http: TestClient, key: dict[str, str], world: World, lot: str, reference: str
) -> None:
    world.root.events(f"lots/{lot}", "DeleteLot")
    named = reference.format(unknown=uuid4(), deleted=lot, patrimony=world.patrimony)
    assert error(http.put(LINK, json={"@odata.id": named}, headers=key))[0] == "BadReference"
    bound = http.patch("/api/Units(1)", json={"Lot@odata.bind": named}, headers=key)
    assert error(bound) == ("BadReference", "Lot")


def test_who_links_may_read_lots_and_write_the_unit(
    http: TestClient, key: dict[str, str], estate: str, lot: str
) -> None:
    body = {"@odata.id": f"Lots({lot})"}
    scopes = {
        "no incidents": Scope(),
        "one division": Scope(places=HERE),
        "other sets": Scope(incidents=True, sets=frozenset({"Units"})),
        "reading": Scope(incidents=True, read_only=True),
    }
    for name, scope in scopes.items():
        limited = integrator(http, estate, name, scope)
        linked = http.put("/api/Units(200)/Lot/$ref", json=body, headers=limited)
        assert linked.status_code in (403, 404), name
        unlinked = http.delete("/api/Units(200)/Lot/$ref", headers=limited)
        assert unlinked.status_code in (403, 404), name
        assert http.get(f"/api/Lots({lot})", headers=limited).status_code == (
            200 if name == "reading" else 403
        )
    assert read(http, key, "Units(200)", expand="Lot")["Lot"] is None


def test_a_patrimony_has_its_lots(
    http: TestClient, key: dict[str, str], world: World, lot: str
) -> None:
    found = read(http, key, f"Patrimonies({world.patrimony})/Lots", orderby="Ref,Uid")["value"]
    assert lot in {each["Uid"] for each in found}
    assert {each["PatrimonyUid"] for each in found} == {world.patrimony}
    listed = world.root.get("lots", patrimonyuid=world.patrimony, range="0-99")["result"]
    assert {each["uid"] for each in listed} == {each["Uid"] for each in found}


def test_a_lot_that_was_deleted_leads_nowhere(
    http: TestClient, key: dict[str, str], world: World, lot: str
) -> None:
    assert http.put(LINK, json={"@odata.id": f"Lots({lot})"}, headers=key).status_code == 204
    world.root.events(f"lots/{lot}", "DeleteLot")
    assert read(http, key, "Units(1)", expand="Lot")["Lot"] is None
    linked = read(http, key, "Units", filter="Lot ne null", select="Id")["value"]
    assert 1 not in {each["Id"] for each in linked}
