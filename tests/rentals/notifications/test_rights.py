"""An integrator is told of nothing that it could not read."""

from collections.abc import Iterator
from typing import Any

import psycopg
import pytest
from tests.living import on
from tests.rentals.conftest import estate, rentals_template
from tests.rentals.notifications.telling import Told, telling
from tests.rentals.test_samples import example

from gerance.kernel.identity.integrators import disable_integrator, enable_integrator
from gerance.kernel.identity.scope import Scope
from gerance.rentals.model.samples import SAMPLES
from gerance.rentals.notifications.entities import ENTITIES

__all__ = ["estate", "rentals_template"]

PLACE = {"company_no": 3, "division_no": 1}
"""Where the samples are."""
ELSEWHERE = Scope(places=({"company_no": 4}, {"company_no": 3, "division_no": 2}))
HERE = Scope(places=(PLACE,))
PLACED = [name for name in SAMPLES if ENTITIES[name].scope and name != "LedgerDivision"]

UPDATE = 1


@pytest.fixture(scope="module")
def told(estate: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Told]:
    with telling(estate, tmp_path_factory.mktemp("home")) as told:
        told.http.headers |= told.integrator("crm")
        yield told


@pytest.fixture(scope="module")
def here(told: Told) -> dict[str, str]:
    return told.integrator("here", HERE)


@pytest.fixture(scope="module")
def elsewhere(told: Told) -> dict[str, str]:
    return told.integrator("elsewhere", ELSEWHERE)


@pytest.fixture(autouse=True)
def nothing_subscribed(told: Told) -> None:
    told.forget()


def both_subscribe(
    told: Told, here: dict[str, str], elsewhere: dict[str, str], *entities: str
) -> None:
    told.subscribe(*entities, url=f"{told.url}/here", of=here)
    told.subscribe(*entities, url=f"{told.url}/elsewhere", of=elsewhere)


@pytest.mark.parametrize("name", PLACED)
def test_only_who_sees_the_place_is_told(
    name: str, told: Told, here: dict[str, str], elsewhere: dict[str, str]
) -> None:
    """Of rows that were deleted too, and of entities that do not show where they are."""
    both_subscribe(told, here, elsewhere, name)
    created = told.http.post(f"/api/{ENTITIES[name].set_name}", json=example(name, "ToCreate"))
    assert created.status_code == 201, created.text
    count = 1
    if not SAMPLES[name].permanent:
        place = created.headers["location"]
        assert told.http.patch(place, json=example(name, "ToChange")).status_code == 204
        assert told.http.delete(place).status_code == 204
        count = 3
    assert [each.path for each in told.calls()] == ["/hook/here"] * count


def test_entities_without_a_place_are_told_to_all_who_read_the_set(
    told: Told, here: dict[str, str], elsewhere: dict[str, str]
) -> None:
    both_subscribe(told, here, elsewhere, "Supplier")
    told.http.post("/api/Suppliers", json={"SupplierCode": "TOUS", "Name": "Tous"})
    assert {each.path for each in told.calls()} == {"/hook/here", "/hook/elsewhere"}


def test_the_log_knows_the_place_when_the_unit_is_gone_as_well(
    told: Told, here: dict[str, str], elsewhere: dict[str, str]
) -> None:
    both_subscribe(told, here, elsewhere, "UnavailableUnit")
    unit = told.http.post("/api/Units", json=example("Unit", "ToCreate")).json()["Id"]
    body = example("UnavailableUnit", "ToCreate") | {"UnitId": unit}
    closed = told.http.post("/api/UnavailableUnits", json=body).headers["location"]
    assert told.http.delete(closed).status_code == 204
    assert told.http.delete(f"/api/Units({unit})").status_code == 204
    assert [each.path for each in told.calls()] == ["/hook/here"] * 2


def test_who_saw_it_where_it_was_is_told_that_it_went_elsewhere(
    told: Told, here: dict[str, str], elsewhere: dict[str, str]
) -> None:
    body = example("UnavailableUnit", "ToCreate")
    closed = told.http.post("/api/UnavailableUnits", json=body).headers["location"]
    away = told.http.get(
        "/api/Units", params={"$filter": "CompanyNo eq 4 and OccupancyStatus eq 'V'", "$top": "1"}
    ).json()["value"][0]["Id"]
    both_subscribe(told, here, elsewhere, "UnavailableUnit")
    moved = told.http.patch(closed, json={"UnitId": away})
    assert moved.status_code == 204, moved.text
    assert {each.path for each in told.calls()} == {"/hook/here", "/hook/elsewhere"}
    told.http.patch(closed, json={"Reason": "Peinture"})
    assert [each.path for each in told.calls()] == ["/hook/elsewhere"]
    told.http.delete(closed)


def test_a_set_that_it_may_not_read_cannot_be_subscribed_to(told: Told) -> None:
    narrow = told.integrator("narrow", Scope(sets=("Buildings",)))
    told.subscribe("Building", of=narrow)
    answer = told.http.post(
        "/api/subscribe",
        json={"ResponseUrl": told.url, "Entities": ["unit"]},
        headers=narrow,
    )
    assert answer.status_code == 403
    assert answer.json()["error"]["code"] == "Forbidden"


def test_rights_count_as_they_are_when_the_call_is_made(told: Told) -> None:
    narrowed = told.integrator("narrowed")
    told.subscribe("Building", "Supplier", of=narrowed)
    told.http.patch("/api/Buildings(1)", json={"ManagerName": "Une autre"})
    told.http.patch("/api/Suppliers(1)", json={"ContactName": "Un autre"})
    with psycopg.connect(told.database) as connection:
        connection.execute(
            "UPDATE integrator SET sets = '{Suppliers}' WHERE user_name = 'narrowed'"
        )
    assert [each["Entity"] for each in told.messages()] == ["Supplier"]


def test_a_disabled_integrator_is_told_nothing(told: Told) -> None:
    told.subscribe("Supplier", of=told.integrator("dismissed"))
    on(told.database, lambda connection: disable_integrator(connection, "dismissed"))
    told.http.patch("/api/Suppliers(2)", json={"ContactName": "Personne"})
    assert told.messages() == []
    on(told.database, lambda connection: enable_integrator(connection, "dismissed"))
    assert told.messages() == []
    told.http.patch("/api/Suppliers(2)", json={"ContactName": "Quelqu'un"})
    assert [each["Status"] for each in told.messages()] == [UPDATE]
    with psycopg.connect(told.database) as connection:
        connection.execute("DELETE FROM endpoint WHERE owner = (SELECT uid::text FROM integrator"
                           " WHERE user_name = 'dismissed')")  # fmt: skip


def test_one_that_only_reads_may_subscribe(told: Told) -> None:
    reader = told.integrator("reader", Scope(read_only=True))
    told.subscribe("Supplier", of=reader)
    told.http.patch("/api/Suppliers(3)", json={"ContactName": "Lectrice"})
    assert len(told.messages()) == 1


@pytest.mark.parametrize(
    ("method", "path", "body"),
    [
        ("GET", "", None),
        ("PATCH", "", {"State": "paused"}),
        ("DELETE", "", None),
        ("POST", "/Rotate", {}),
        ("POST", "/Ping", None),
        ("POST", "/Replay", {"Failed": True}),
        ("POST", "/GiveUp", {"Position": 1}),
    ],
)
def test_an_address_of_somebody_else_is_not_there(
    method: str, path: str, body: Any, told: Told, here: dict[str, str]
) -> None:
    uid = told.subscribe("Supplier", of=here)["Uid"]
    answer = told.http.request(method, f"/api/Webhooks/{uid}{path}", json=body)
    assert answer.status_code == 404, answer.text
    assert answer.json()["error"]["code"] == "NotFound"
    assert [each["State"] for each in told.endpoints(headers=here)] == ["active"]
