"""Every entity that is written gives its message when it is created, changed and deleted."""

from collections.abc import Iterator
from typing import Any
from urllib.parse import urlsplit

import pytest
from tests.living import on
from tests.rentals.conftest import NOW, estate, rentals_template
from tests.rentals.notifications.telling import Told, information, telling
from tests.rentals.test_samples import example

from gerance.rentals.model.rules import RULESET
from gerance.rentals.model.samples import SAMPLES
from gerance.rentals.notifications.entities import ENTITIES
from gerance.rentals.writing.daily_job import refresh

__all__ = ["estate", "rentals_template"]

UPDATE, DELETE, INSERT = 1, 2, 3


@pytest.fixture(scope="module")
def told(estate: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Told]:
    with telling(estate, tmp_path_factory.mktemp("home")) as told:
        told.http.headers |= told.integrator("crm")
        yield told


@pytest.fixture(autouse=True)
def nothing_subscribed(told: Told) -> None:
    told.forget()


def test_whatever_can_be_created_can_be_subscribed_to() -> None:
    assert set(SAMPLES) < set(ENTITIES)
    # Lines of invoices are written with them.
    assert set(ENTITIES) - set(SAMPLES) == {"InvoiceDetail"}


@pytest.mark.parametrize("name", SAMPLES)
def test_creating_changing_and_deleting_are_told(name: str, told: Told) -> None:
    told.subscribe(name)
    set_name = ENTITIES[name].set_name
    created = told.http.post(f"/api/{set_name}", json=example(name, "ToCreate"))
    assert created.status_code == 201, created.text
    wanted = [INSERT]
    if not SAMPLES[name].permanent:
        place = created.headers["location"]
        assert told.http.patch(place, json=example(name, "ToChange")).status_code == 204
        assert told.http.delete(place).status_code == 204
        wanted += [UPDATE, DELETE]
    messages = told.messages()
    assert [each["Status"] for each in messages] == wanted
    number = created.json().get("Id", messages[0]["Id"])
    assert {(each["Id"], each["Entity"]) for each in messages} == {(number, name)}
    assert [set(each) for each in messages] == [
        {"Id", "Entity", "Status", "DatabaseName", "AdditionalInformationJson"}
    ] * len(wanted)


def test_a_relation_says_what_it_relates_as_the_reference_writes_it(told: Told) -> None:
    told.subscribe("TenantParking")
    rental = told.http.post("/api/TenantParkings", json=example("TenantParking", "ToCreate")).json()
    place = f"/api/TenantParkings({rental['Id']})"
    assert told.http.patch(place, json={"Amount": 61}).status_code == 204
    assert told.http.delete(place).status_code == 204
    text = f'{{"tenantId": {rental["TenantId"]}, "parkingId": {rental["ParkingId"]}}}'
    assert [each["AdditionalInformationJson"] for each in told.messages()] == [text] * 3


def test_what_has_no_id_is_named_by_its_code(told: Told) -> None:
    told.subscribe("HousingType")
    code = "4½ & co"
    told.http.post("/api/HousingTypes", json={"Code": code, "Name": "Quatre et demi"})
    told.http.patch("/api/HousingTypes('4½ %26 co')", json={"Name": "4 1/2"})
    told.http.delete("/api/HousingTypes('4½ %26 co')")
    assert [information(each) for each in told.messages()] == [{"code": code}] * 3


def test_other_entities_say_nothing_beside_their_id(told: Told) -> None:
    told.subscribe("Unit")
    assert told.http.patch("/api/Units(1)", json={"BaseRent": 901}).status_code == 204
    (message,) = told.messages()
    name = urlsplit(told.database).path[1:]
    assert message == {
        "Id": 1, "Entity": "Unit", "Status": UPDATE, "DatabaseName": name,
        "AdditionalInformationJson": None,
    }  # fmt: skip


def test_the_lines_of_an_invoice_are_told_with_it(told: Told) -> None:
    told.subscribe("invoices", "invoicedetail")
    body = example("Invoice", "ToCreate") | {"InvoiceNo": "F-77001"}
    assert told.http.post("/api/Invoices", json=body).status_code == 201
    found = [(each["Entity"], each["Status"]) for each in told.messages()]
    assert sorted(found) == [
        ("Invoice", INSERT),
        *[("InvoiceDetail", INSERT)] * len(body["InvoiceDetails"]),
    ]


def test_a_day_that_begins_is_told_as_a_patch_is(told: Told) -> None:
    told.subscribe("Unit", "Tenant")
    day = NOW.date().replace(year=2028)

    async def act(connection: Any) -> dict[str, set[int]]:
        renewed = await refresh(connection, RULESET, day)
        return {name: set(ids) for name, (_, ids) in renewed.items()}

    changed = on(told.database, act)
    messages = told.messages()
    assert len(changed["Unit"]) > 5
    for name in ("Unit", "Tenant"):
        assert {each["Id"] for each in messages if each["Entity"] == name} == changed[name]
    assert {each["Status"] for each in messages} == {UPDATE}
